# SPDX-License-Identifier: Apache-2.0
"""Emulators: an artefact and samples in, outputs and cycles out; one module each, chosen by target.toml."""
