# SPDX-License-Identifier: Apache-2.0
"""The Python interface: the names that users and the command line call."""

from __future__ import annotations

from pathlib import Path

from edgepar.bench import bench_peers, bench_seed
from edgepar.compare import compare
from edgepar.compiler import compile, plan, to_graph  # noqa: A004  the name users expect
from edgepar.export import export
from edgepar.fit import fit_kmeans
from edgepar.model import Model

__all__ = [
    "bench_peers",
    "bench_seed",
    "compare",
    "compile",
    "export",
    "fit_kmeans",
    "load",
    "plan",
    "to_graph",
]


def load(path: Path | str) -> Model:
    """A Model from an ONNX file; ModelFileError when the file is damaged or not allowed."""
    return Model.load(path)
