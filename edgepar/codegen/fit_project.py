# SPDX-License-Identifier: Apache-2.0
"""The files of a fit's Project, by relative path."""

from __future__ import annotations

from edgepar.codegen.build_files import cmake_lists, toolchain_file
from edgepar.codegen.fit_source import fit_glue, fit_header, fit_readme, fit_source
from edgepar.codegen.project import manifest, runtime_files
from edgepar.fit_plan import FitPlan
from edgepar.manifest import FILE_NAME


def fit_project(fit: FitPlan) -> dict[str, bytes]:
    """Relative path -> content of every file; the same plan gives the same bytes."""
    runtime = runtime_files(fit.plan)
    texts = {
        "model.h": fit_header(fit),
        "model.c": fit_source(fit),
        "model_glue.c": fit_glue(fit),
        "CMakeLists.txt": cmake_lists(fit.plan, sorted(runtime)),
        "toolchain.cmake": toolchain_file(fit.plan),
        "README.md": fit_readme(fit),
        FILE_NAME: manifest(fit.plan).to_text(),
    }
    files = {name: text.encode("utf-8") for name, text in texts.items()}
    files.update({name: path.read_bytes() for name, path in runtime.items()})
    return dict(sorted(files.items()))
