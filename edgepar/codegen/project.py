# SPDX-License-Identifier: Apache-2.0
"""The files of a Project: generated text and the parts of c_runtime it needs, by relative path."""

from __future__ import annotations

from pathlib import Path

from edgepar.codegen.build_files import cmake_lists, readme, toolchain_file
from edgepar.codegen.model_header import model_header
from edgepar.codegen.model_source import model_glue, model_source
from edgepar.data import data_folder
from edgepar.manifest import FILE_NAME, Manifest, MemoryNeed
from edgepar.plan import Plan
from edgepar.version import VERSION


def manifest(plan: Plan) -> Manifest:
    """What edgepar.json says of the plan."""
    return Manifest(
        edgepar_version=VERSION,
        name=plan.graph.name,
        model_sha256=plan.graph.sha256,
        kind=plan.graph.kind,
        target=plan.target.name,
        emulator=plan.build.emulator,
        isa=plan.build.isa,
        fp=plan.build.fp,
        cores=plan.cores,
        batch=plan.batch,
        input_shape=plan.graph.input.shape,
        accepts_nan=plan.graph.accepts_nan,
        labels=plan.graph.labels,
        record=plan.record,
        needs=tuple(MemoryNeed(name=item.name, level=item.level, bytes=item.bytes) for item in plan.items),
    )


def runtime_files(plan: Plan) -> dict[str, Path]:
    """Files of c_runtime by their path in the Project: headers, kernels, float routines, platform, harness."""
    root = data_folder("c_runtime")
    wanted = [root / "kernels" / source for source in plan.sources]
    wanted += sorted((root / "include" / "ep").glob("*.h"))
    for source in plan.sources:
        wanted += sorted((root / "kernels" / source).parent.glob("*.h"))
    if plan.build.float_routines is not None:
        softfp = root / "softfp"
        wanted += [*sorted(softfp.glob("*.[ch]")), *sorted((softfp / plan.build.float_routines).glob("*.h"))]
    platform = root / "pal" / plan.build.platform
    wanted += [path for path in sorted(platform.iterdir()) if path.suffix in (".c", ".h", ".S", ".ld")]
    harness = sorted((root / "harness").iterdir())
    wanted += [
        path
        for path in harness
        if path.suffix == ".h" or (path.suffix == ".c" and plan.build.platform != "host")
    ]
    return {f"runtime/{path.relative_to(root).as_posix()}": path for path in dict.fromkeys(wanted)}


def project(plan: Plan) -> dict[str, bytes]:
    """Relative path -> content of every file; the same plan gives the same bytes."""
    runtime = runtime_files(plan)
    texts = {
        "model.h": model_header(plan),
        "model.c": model_source(plan),
        "model_glue.c": model_glue(plan),
        "CMakeLists.txt": cmake_lists(plan, sorted(runtime)),
        "toolchain.cmake": toolchain_file(plan),
        "README.md": readme(plan),
        FILE_NAME: manifest(plan).to_text(),
    }
    files = {name: text.encode("utf-8") for name, text in texts.items()}
    files.update({name: path.read_bytes() for name, path in runtime.items()})
    return dict(sorted(files.items()))
