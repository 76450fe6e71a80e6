# SPDX-License-Identifier: Apache-2.0
"""Imports go down the list of docs/design.md, never up."""

from __future__ import annotations

import ast
from pathlib import Path

import edgepar

PACKAGE = Path(edgepar.__file__).parent

#: From the top down; modules of one row may import each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__", "cli", "doctor"),
    ("__init__",),
    ("api",),
    ("bench",),
    ("workloads",),
    ("compare",),
    ("report",),
    ("energy", "exactness"),
    ("compiler", "fit"),
    ("image", "run"),
    ("build", "memory"),
    ("emulators",),
    ("codegen",),
    ("toolchain",),
    ("passes",),
    ("importer",),
    ("export",),
    ("model", "model_file", "model_checks"),
    ("plan", "fit_plan", "manifest", "kernels", "graph", "ops", "functions"),
    ("target", "identifier", "array_file", "fashion_mnist"),
    ("data", "version", "errors", "whole_number"),
)
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = (
                [f"edgepar.{alias.name}" for alias in node.names]
                if node.module == "edgepar"
                else [node.module]
            )
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("edgepar.")}
    return found


def test_every_module_has_its_place() -> None:
    assert {module_of(path) for path in PACKAGE.rglob("*.py")} == set(RANK)


def test_imports_go_down() -> None:
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in sorted(imports(path))
        if RANK[name] < RANK[module_of(path)]
    ]
    assert upward == []
