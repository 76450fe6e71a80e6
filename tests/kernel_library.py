# SPDX-License-Identifier: Apache-2.0
"""The C kernels as a shared object of this computer, declared by their own headers."""

from __future__ import annotations

import atexit
import itertools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cffi
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "c_runtime" / "include"
KERNELS = ROOT / "c_runtime" / "kernels"
FOLDERS = (
    "math_f32",
    "scale_f32",
    "normalize_f32",
    "dense_f32",
    "distances_f32",
    "distances_u8",
    "similarity_f32",
    "support_f32",
    "coupling_f32",
    "neighbours_f32",
    "gaussian_nb_f32",
    "categories_f32",
    "centroids_f32",
    "kmeans_f32",
    "quadratic_f32",
    "trees_f32",
    "coded_trees",
    "activation_f32",
    "one_vs_rest_f32",
    "argmax",
    "compose_f32",
    "median_f32",
    "columns_f32",
)
HEADERS = tuple(INCLUDE / "ep" / f"{'math' if name == 'math_f32' else name}.h" for name in FOLDERS)
REFERENCES = tuple(KERNELS / name / "ref.c" for name in FOLDERS)
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror")
ARITHMETIC = ("-std=c11", "-ffp-contract=off", "-fno-math-errno", f"-I{INCLUDE}")

#: Ways to cut n units into ranges: even cuts for several numbers of cores, and uneven ones.
CORES = (1, 2, 3, 5, 8)


def ranges(units: int) -> Iterator[list[tuple[int, int]]]:
    """Lists of ranges that cover 0 .. units: as ep_split makes them, with empty ones, and one unit at a time."""
    for cores in CORES:
        cuts = [core * (units // cores) + min(core, units % cores) for core in range(cores + 1)]
        yield list(itertools.pairwise(cuts))
    yield [(i, i + 1) for i in range(units)]
    yield [(0, units // 3), (units // 3, units // 3), (units // 3, units)]


def declarations() -> str:
    """What cffi needs of the headers: no preprocessor lines, comments, inline functions, or prototypes of variants."""
    text = "\n".join(header.read_text() for header in HEADERS)
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r"^static inline .*?^\}", "", text, flags=re.S | re.M)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    return re.sub(r"[a-z0-9_ ]+__(?!ref\b)\w+\([^;]*;", "", text)


@cache
def library() -> tuple[Any, Any]:
    """The (ffi, lib) pair of all reference kernels, compiled once a test session."""
    folder = tempfile.mkdtemp(prefix="edgepar-kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shared = Path(folder) / "kernels.so"
    command = [
        "gcc",
        "-O3",
        *WARNINGS,
        *ARITHMETIC,
        "-fPIC",
        "-shared",
        *map(str, REFERENCES),
        "-lm",
        "-o",
        str(shared),
    ]
    subprocess.run(command, check=True)
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    return ffi, ffi.dlopen(str(shared))


def call(name: str, *arguments: object) -> Any:
    """Call a kernel; arrays pass as pointers (they must be contiguous), numbers as they are."""
    ffi, lib = library()
    kinds = {"float32": "float *", "int32": "int32_t *", "uint32": "uint32_t *", "uint16": "uint16_t *"}
    passed = []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            assert argument.flags.c_contiguous
            kind = "void *" if argument.dtype.names else kinds[argument.dtype.name]
            passed.append(ffi.cast(kind, argument.ctypes.data))
        else:
            passed.append(ffi.NULL if argument is None else argument)
    return getattr(lib, name)(*passed)


def fused(a: object, b: object, c: object) -> np.ndarray:
    """a * b + c rounded once to float32: the product is exact in float64, the sum rounded to odd there."""
    product = np.asarray(a, dtype=np.float64) * np.asarray(b, dtype=np.float64)
    other = np.broadcast_to(np.asarray(c, dtype=np.float64), np.broadcast_shapes(product.shape, np.shape(c)))
    with np.errstate(all="ignore"):
        total = np.asarray(product + other)
        seen = total - product
        lost = (product - (total - seen)) + (other - seen)
        even = total.view(np.uint64) % 2 == 0
        odd = np.nextafter(total, np.where(lost > 0, np.inf, -np.inf))
        return np.where(np.isfinite(total) & even & (lost != 0), odd, total).astype(np.float32)


def bits(array: object) -> np.ndarray:
    """The bits of float32 numbers, every NaN as one pattern (its sign and payload are the processor's affair)."""
    values = np.atleast_1d(np.asarray(array, dtype=np.float32))
    return np.where(np.isnan(values), np.uint32(0x7FC00000), values.view(np.uint32))


def assert_same_bits(got: object, wanted: object) -> None:
    """Equality of float32 arrays bit by bit, -0 and +0 told apart."""
    np.testing.assert_array_equal(bits(got), bits(wanted))
