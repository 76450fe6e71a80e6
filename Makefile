# SPDX-License-Identifier: Apache-2.0
# make demo and make test set up what is missing first; see README.md.

MAKEFLAGS += --no-print-directory
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

.PHONY: help setup setup-tests demo test test-deep bench tables lint format clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1#/p' $(MAKEFILE_LIST) | column -t -s '#'

setup: ## set up what running needs: Debian packages, .venv
	@$(PYTHON) toolchains/setup.py

setup-tests:
	@$(PYTHON) toolchains/setup.py --tests

demo: setup ## train, export, compile for four targets, run, compare; writes build/demo/
	@$(VENV_PYTHON) models/demo.py

test: setup-tests ## all tests but the deep ones
	@$(VENV_PYTHON) -m pytest -q -n 2

test-deep: setup-tests ## the tests that take minutes
	@$(VENV_PYTHON) -m pytest -q -n 2 -m deep

bench: setup-tests ## speed of the emulators and of the generated code on this computer
	@$(VENV_PYTHON) models/bench.py
	@$(VENV_PYTHON) -m tests.bench_rtl

tables: setup-tests ## the seed paper's kernels, and the same models by other tools; writes build/bench/
	@$(VENV_PYTHON) -m edgepar bench seed --json build/bench/seed.json --html build/bench/seed.html
	@$(VENV_PYTHON) -m edgepar bench peers --json build/bench/peers.json --html build/bench/peers.html

lint: setup-tests ## format, rules and types
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m mypy

format: setup-tests ## rewrite the Python sources in the project's format
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m ruff check --fix-only .

clean: ## remove what was built (not .venv, not the user's cache)
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
