# SPDX-License-Identifier: Apache-2.0
"""Cycles of single float routines on the RTL: ``python -m tests.bench_softfp``. Not a test.

The mean over 64 operands from the call to the return, both included, with a warm instruction cache.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.qemu_images import Platform
from tests.rtl_images import PROBES, Chip, build, regions
from tests.test_kernels_targets import helper_library

ROUTINES = (
    "add", "subtract", "multiply", "divide", "less than", "less or equal", "equal", "int to float", "float to int",
    "square root", "fused multiply-add",
)  # fmt: skip
#: The name, the instruction set, the float support.
COLUMNS = (
    ("libgcc", "plain", "libgcc"),
    ("softfp RV32IMC", "plain", "softfp"),
    ("softfp CORE-V", "corev", "softfp"),
)
LEN, CALL_AND_RETURN = 64, 4


def operands() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Two standard normal numbers; and a sum of some terms with its next one, a quarter of which are 0."""
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal((2, LEN)).astype(np.float32)
    term = rng.standard_normal(LEN).astype(np.float32)
    term[::4] = 0.0
    total = (8 * rng.standard_normal(LEN)).astype(np.float32)
    return {"normal numbers": (a, b), "a sum and its next term": (total, term)}


def cycles(isa: str, fp: str, a: np.ndarray, b: np.ndarray, folder: Path) -> list[float]:
    """Of each routine that the library has."""
    data = folder / "operands.c"
    tables = (("a", a), ("b", b))
    data.write_text(
        "\n".join(
            f"extern const float operands_{name}[{LEN}]; const float operands_{name}[{LEN}] = "
            f"{{{', '.join(float(v).hex() + 'f' for v in values)}}};"
            for name, values in tables
        )
    )
    library = helper_library(Platform("bench", "gap8", "rtl", isa, 1, fp=fp))
    defines = ("WITH_SOFTFP",) if fp == "softfp" else ()
    program = folder / "softfp.elf"
    chip = Chip("gap8", isa, fp)
    build(chip, [PROBES / "softfp_cycles.c", data, *library], program, defines)
    found = regions(chip, program, cores=1)
    warm = [region["cycles"] for region in found[len(found) // 2 :]]
    return [(region - warm[0]) / LEN + CALL_AND_RETURN for region in warm[1:]]


def main() -> None:
    """Print one table for each kind of operands."""
    for title, (a, b) in operands().items():
        with tempfile.TemporaryDirectory() as folder:
            columns = [cycles(isa, fp, a, b, Path(folder)) for _, isa, fp in COLUMNS]
        print(f"\n{title}:\n")  # noqa: T201
        print(f"| routine | {' | '.join(name for name, _, _ in COLUMNS)} |")  # noqa: T201
        print("|---|" + "---|" * len(COLUMNS))  # noqa: T201
        for i, routine in enumerate(ROUTINES):
            cells = [f"{column[i]:.0f}" if i < len(column) else "-" for column in columns]
            print(f"| {routine} | {' | '.join(cells)} |")  # noqa: T201


if __name__ == "__main__":
    main()
