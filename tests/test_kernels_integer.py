# SPDX-License-Identifier: Apache-2.0
"""The variants for cores without FPU: comparisons answer as those of floats, sums keep the bound of float32 sums."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest

from edgepar.kernels import KERNELS as TABLE
from edgepar.passes.blocks import Cut
from tests.case import Case
from tests.images import BY_NAME, DEMO, image_of, run_of
from tests.kernel_library import ARITHMETIC, INCLUDE, KERNELS, WARNINGS, assert_same_bits, call, ranges
from tests.kernel_samples import HARD, PROBE
from tests.oracle import judge
from tests.softfp_programs import SOFTFP

F = np.float32
U32 = 2.0**-24
NAMES = tuple(name for name, row in TABLE.items() if "integer" in row.variants)
SOURCES = sorted(KERNELS.glob("*/integer.c"))
FLAGS = ("-O2", *WARNINGS, *ARITHMETIC, f"-I{SOFTFP}", f"-I{SOFTFP / 'rv32im'}")
#: Undefined behaviour ends the tests with a signal.
CHECKED = ("-fsanitize=undefined", "-fsanitize-undefined-trap-on-error")


@cache
def library() -> tuple[Any, Any]:
    folder = Path(tempfile.mkdtemp(prefix="edgepar-integer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shared = folder / "integer.so"
    sources = [*SOURCES, SOFTFP / "round.c"]
    subprocess.run(
        ["gcc", *FLAGS, *CHECKED, "-fPIC", "-shared", *map(str, sources), "-o", str(shared)], check=True
    )
    text = "\n".join(
        (INCLUDE / header).read_text() for header in sorted({TABLE[name].header for name in NAMES})
    )
    prototypes = re.findall(r"^(?:void|uint32_t) \w+__integer\([^;]*;", text, flags=re.M)
    assert len(prototypes) == len(NAMES)
    ffi = cffi.FFI()
    ffi.cdef(re.sub(r"ep_tree\w*_t \*", "void *", "\n".join(prototypes)))
    return ffi, ffi.dlopen(str(shared))


def integer(name: str, *arguments: object) -> Any:
    """The variant's answer."""
    ffi, lib = library()
    kinds = {"float32": "float *", "int32": "int32_t *", "uint32": "uint32_t *"}
    passed = [
        ffi.cast("void *" if a.dtype.names else kinds[a.dtype.name], a.ctypes.data)
        if isinstance(a, np.ndarray)
        else a
        for a in arguments
    ]
    return getattr(lib, f"{name}__integer")(*passed)


SPECIALS = np.concatenate([HARD, np.array([0xFFC00000, 0xFF800001, 0x7F800001], np.uint32).view(F)])


def vectors(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(12).astype(F)
    at = rng.integers(0, 12, rng.integers(0, 6))
    x[at] = rng.choice(SPECIALS, len(at))
    return np.where(rng.random(12) < 0.3, x[0], x).astype(F)


def test_bytes_of_a_sample_are_those_of_floats() -> None:
    """Found numbers always, bytes and squares where all features are bytes."""
    rng = np.random.default_rng(5)
    whole = np.array([0, -0.0, 1, 2, 127, 128, 254, 255], F)
    others = np.concatenate([SPECIALS, np.array([0.5, 255.5, 256, -1, 1e9, 254.99998], F)])
    for cols in (1, 4, 7, 16):
        for kind in (whole, np.concatenate([whole, others])):
            for _ in range(40):
                x = rng.choice(kind, cols).astype(F)
                words = (cols + 3) // 4
                found = []
                for name in (integer, lambda kernel, *rest: call(f"{kernel}__ref", *rest)):
                    narrow, sums = np.zeros(words, np.uint32), np.zeros(2, np.uint32)
                    name("ep_narrow_u8", x, narrow, sums, cols, 0, words)
                    found.append([sums[0]] if sums[0] else [*sums, *narrow])
                assert found[0] == found[1], x.tolist()


@pytest.mark.parametrize("name", ["ep_argmax_f32", "ep_argmin_f32"])
def test_first_best(name: str) -> None:
    for seed in range(2000):
        x = vectors(seed)
        for n in (1, 2, 12):
            assert integer(name, x, n) == call(f"{name}__ref", x, n), x.tolist()


def test_positive() -> None:
    for score in SPECIALS:
        for threshold in SPECIALS:
            arguments = (float(score), float(threshold))
            assert integer("ep_positive_f32", *arguments) == call("ep_positive_f32__ref", *arguments)


@pytest.mark.parametrize("wide", ["", "_wide"])
def test_a_node_decides_as_with_floats(wide: str) -> None:
    """Every pair of a value and a threshold, with NaN sent left and right. Lowering makes no threshold of -0."""
    kind = [("word", "<u4"), ("feature", "<u4" if wide else "<u2"), ("right", "<u4" if wide else "<u2")]
    thresholds = [t for t in SPECIALS if not np.isnan(t) and t.view(np.uint32) != 0x80000000]
    roots, leaves = np.zeros(1, np.uint32), np.array([[5], [9]], np.int32)
    seen = set()
    for missing in (0, 0x80000000 if wide else 0x8000):
        for threshold in thresholds:
            nodes = np.zeros(3, kind)
            nodes[0] = (threshold.view(np.uint32), missing, 2)
            nodes[2] = (1, 0, 0)
            for value in np.concatenate([SPECIALS, thresholds, np.nextafter(thresholds, F(1))]):
                x = np.array([value], F)
                answers = []
                for ask in (call, integer):
                    suffix = "__ref" if ask is call else ""
                    acc, rows = np.zeros(1, np.int32), np.zeros(1, np.uint32)
                    ask(f"ep_trees{wide}_f32{suffix}", nodes, roots, leaves, x, acc, 1, 0, 1)
                    ask(f"ep_trees{wide}_leaf_f32{suffix}", nodes, roots, x, rows, 0, 1)
                    answers.append((int(acc[0]), int(rows[0])))
                assert answers[0] == answers[1], (threshold, value, missing)
                seen.add(answers[0])
    assert seen == {(5, 0), (9, 1)}


def numbers(rng: np.random.Generator, kind: str, *shape: int) -> np.ndarray:
    x = rng.standard_normal(shape)
    if kind == "spread":
        x *= 2.0 ** rng.integers(-30, 30, shape)
    if kind == "tiny":
        x *= 2.0 ** rng.integers(-75, -55, shape)
    if kind == "near":
        x = 1e6 + x
    x = x.astype(F)
    x[rng.random(shape) < 0.2] = 0.0
    return x


def total(terms: np.ndarray) -> np.ndarray:
    """Sums over the last axis with 64 bits of precision."""
    return terms.astype(np.longdouble).sum(axis=-1)


def sweep(folder: Path, first: int, step: int, count: int, threads: int = 1) -> dict[str, Any]:
    """Errors of the exponential in units in the last place, as tests/test_math_f32.py measures the reference's."""
    reference, program = folder / "reference.o", folder / "sweep"
    subprocess.run(
        ["gcc", *FLAGS, "-Dep_exp_f32=reference_exp", "-c", str(KERNELS / "math_f32" / "ref.c"), "-o", str(reference)],
        check=True,
    )  # fmt: skip
    sources = [str(PROBE / "exponential.c"), str(PROBE / "math_sweep.c"), str(SOFTFP / "round.c")]
    subprocess.run(
        ["gcc", *FLAGS, *sources, str(reference), "-lm", "-pthread", "-o", str(program)], check=True
    )
    command = [str(program), *map(str, (first, step, count, threads))]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    assert found["inputs"] == count
    return dict(found["exp"])


LARGEST_EXP_ULP = 0.54


def test_exponential_of_a_spread_of_all_floats(tmp_path: Path) -> None:
    assert sweep(tmp_path, 0, 1021, 2**22)["ulp"] <= LARGEST_EXP_ULP


@pytest.mark.parametrize(
    "value", [0.0, 2.0**-26, 0.34657359, 1.0, 88.72284, 89.0, -87.33655, -103.97208, -104.0]
)
def test_every_exponential_around(value: float, tmp_path: Path) -> None:
    centre = int(F(value).view(np.uint32))
    assert sweep(tmp_path, (centre - 20000) % 2**32, 1, 40000)["ulp"] <= LARGEST_EXP_ULP


@pytest.mark.deep
def test_exponential_of_all_floats(tmp_path: Path) -> None:
    assert sweep(tmp_path, 0, 1, 2**32, threads=2)["ulp"] <= LARGEST_EXP_ULP


def test_softmax_exponentials_are_those_of_the_difference_to_the_largest() -> None:
    for seed in range(500):
        x = vectors(seed)
        e, wanted, alone = np.zeros(12, F), np.zeros(12, F), np.zeros(12, F)
        integer("ep_softmax_exp_f32", x, e, 12, 0, 12)
        call("ep_softmax_exp_f32__ref", x, wanted, 12, 0, 12)
        largest = x[0]
        for value in x[1:]:
            largest = value if value > largest else largest
        with np.errstate(all="ignore"):
            integer("ep_exponential_f32", x - largest, alone, 12)
        assert_same_bits(e, alone)
        # Both are within 1 ulp of the exact value.
        finite = np.isfinite(wanted)
        assert (np.isfinite(e) == finite).all()
        assert (np.abs(e - wanted)[finite] <= 2 * np.spacing(wanted[finite])).all()


#: What docs/exactness.md derives for n terms: cut sums, cut products, and the rounding of the result.
def sum_error(n: int) -> float:
    return (0.4 * n + 1.05) * U32


KINDS = ["plain", "spread", "tiny", "near"]
#: Odd blocks, padded blocks, short last chunks.
CUTS = [Cut(1, 1, 1, 1), Cut(3, 7, 3, 3), Cut(10, 64, 4, 16), Cut(7, 130, 2, 33), Cut(3, 784, 2, 400)]


def every_split(
    name: str, shape: Cut, x: np.ndarray, table: np.ndarray, sizes: tuple[int, ...]
) -> np.ndarray:
    """The partial sums, which are the same bits for every split over cores."""
    first = None
    for split in ranges(shape.units):
        partial = np.full(shape.units * shape.block, 7.0, F)
        for begin, end in split:
            integer(name, x, table, partial, *sizes, begin, end)
        first = partial if first is None else first
        assert_same_bits(partial, first)
    assert first is not None
    return first


@pytest.mark.parametrize("shape", CUTS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_dense(kind: str, shape: Cut) -> None:
    rng = np.random.default_rng(shape.rows + shape.cols)
    x, weights = numbers(rng, kind, shape.cols), numbers(rng, kind, shape.rows, shape.cols)
    table = np.ascontiguousarray(shape.table(weights), dtype=F)
    products = shape.table(weights.astype(np.longdouble) * x.astype(np.longdouble)).astype(np.longdouble)
    sizes = (shape.cols, shape.block, shape.chunk_len, 0)
    partial = every_split("ep_dense_f32", shape, x, table, sizes)
    wanted, size = (total(np.moveaxis(terms, -2, -1)).reshape(-1) for terms in (products, np.abs(products)))
    assert (np.abs(partial - wanted) <= sum_error(shape.chunk_len) * size + 2.0**-149).all()


@pytest.mark.parametrize(
    ("block", "blocks", "starts"), [(1, 1, [0, 5]), (4, 1, [0, 1, 9]), (5, 2, [0, 3, 7])]
)
def test_dense_segments_are_chunks(block: int, blocks: int, starts: list[int]) -> None:
    rng = np.random.default_rng(block)
    cols, n = starts[-1], len(starts) - 1
    x, weights = numbers(rng, "plain", cols), numbers(rng, "plain", blocks, cols, block)
    partial, wanted = np.zeros((blocks, n, block), F), np.zeros((blocks, n, block), F)
    for begin, end in next(ranges(blocks * n)):
        integer(
            "ep_dense_segments_f32", x, weights, np.array(starts, np.uint32), partial, block, n, begin, end
        )
    for b in range(blocks):
        for s in range(n):
            part = slice(starts[s], starts[s + 1])
            columns = np.ascontiguousarray(x[part]), np.ascontiguousarray(weights[b, part])
            length = len(columns[0])
            integer("ep_dense_f32", *columns, wanted[b, s], length, block, length, 0, 0, 1)
    assert_same_bits(partial.reshape(-1), wanted.reshape(-1))


@pytest.mark.parametrize("shape", CUTS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_squared_distances(kind: str, shape: Cut) -> None:
    rng = np.random.default_rng(shape.rows + shape.cols)
    x, centroids = numbers(rng, kind, shape.cols), numbers(rng, kind, shape.rows, shape.cols)
    centroids[:, : shape.cols // 3] = x[: shape.cols // 3]
    squares = (x.astype(np.longdouble) - centroids.astype(np.longdouble)) ** 2
    # The rows that pad a block are centroids at 0.
    padding = np.broadcast_to(
        x.astype(np.longdouble) ** 2, (shape.blocks * shape.block - shape.rows, shape.cols)
    )
    padded = Cut(shape.blocks * shape.block, shape.cols, shape.block, shape.chunk_len)
    terms = padded.table(np.concatenate([squares, padding])).astype(np.longdouble)
    wanted = total(np.moveaxis(terms, -2, -1)).reshape(-1)
    table = np.ascontiguousarray(shape.table(centroids), dtype=F)
    sizes = (shape.cols, shape.block, shape.chunk_len, 0)
    partial = every_split("ep_centroids_f32", shape, x, table, sizes)
    assert (np.abs(partial - wanted) <= (sum_error(shape.chunk_len) + U32 / 4) * wanted + 2.0**-149).all()
    out = np.full(shape.rows, 7.0, F)
    integer("ep_sqeuclidean_f32", x, centroids, out, shape.cols, shape.cols, 0, shape.rows)
    assert (
        np.abs(out - total(squares)) <= (sum_error(shape.cols) + U32 / 4) * total(squares) + 2.0**-149
    ).all()


@pytest.mark.parametrize("kind", KINDS)
def test_assignment_to_centroids(kind: str) -> None:
    """Nearest by the distances that the sums have within their error; all ranges alike."""
    samples, rows, cols, stride = 9, 10, 64, 65
    rng = np.random.default_rng(4)
    x, centroids = numbers(rng, kind, samples, cols), numbers(rng, kind, rows, stride)
    distances = total(
        (x[:, None].astype(np.longdouble) - centroids[None, :, :cols].astype(np.longdouble)) ** 2
    )
    before = rng.integers(-1, rows, samples).astype(np.int32)
    error = sum_error(cols) + U32 / 4
    for cuts in ranges(samples):
        labels, nearest = before.copy(), np.zeros(samples, F)
        inertia, changed = np.zeros(1, F), np.zeros(1, np.uint32)
        for begin, end in cuts:
            sizes = (rows, cols, stride, begin, end)
            integer("ep_kmeans_assign_f32", x, centroids, labels, nearest, inertia, changed, *sizes)
        chosen = distances[np.arange(samples), labels]
        assert (chosen * (1 - error) <= distances.min(axis=1) * (1 + error) + 2.0**-148).all()
        assert (np.abs(nearest - chosen) <= error * chosen + 2.0**-149).all()
        assert changed[0] == (labels != before).sum()
        assert_same_bits(inertia, np.add.accumulate(nearest, dtype=F)[-1])


@pytest.mark.parametrize("shape", CUTS, ids=str)
@pytest.mark.parametrize("kind", ["plain", "near", "narrow"])
def test_gaussian_nb(kind: str, shape: Cut) -> None:
    """Means as pairs of floats: at 1e6, and where only the low part is left, the digits of the difference stay."""
    rng = np.random.default_rng(shape.rows + shape.cols)
    theta = (1e6 if kind == "near" else 1.0) + rng.standard_normal((shape.rows, shape.cols))
    high = theta.astype(F)
    low = (theta - high).astype(F)
    x = (high[0] + F(0.0 if kind == "narrow" else 1.0) * rng.integers(-3, 4, shape.cols)).astype(F)
    r = np.exp(rng.uniform(-3, 12, theta.shape)).astype(F)
    table = np.ascontiguousarray(shape.table(np.stack([high, low, r], axis=2)), dtype=F)
    exact = [part.astype(np.longdouble) for part in (x, high, low, r)]
    d = ((exact[0] - exact[1]) - exact[2]) * exact[3]
    slack = 2.0**-50 * np.abs(exact[1]) * exact[3]
    partial = every_split(
        "ep_gaussian_nb_f32", shape, x, table, (shape.cols, shape.block, shape.chunk_len, 0)
    )
    parts = [d**2, (2 * np.abs(d) + slack) * slack]
    wanted, off = (total(np.moveaxis(shape.table(terms), -2, -1)).reshape(-1) for terms in parts)
    error = (sum_error(shape.chunk_len) + U32) * wanted + 1.01 * off + 2.0**-149
    assert (np.abs(partial - wanted) <= error).all()


def test_sums_that_overflow_are_infinite_and_extremes_are_defined() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        x, weights = rng.choice(SPECIALS[~np.isnan(SPECIALS)], (2, 5))
        partial = np.zeros(1, F)
        integer("ep_dense_f32", x, weights, partial, 5, 1, 5, 0, 0, 1)
        integer("ep_sqeuclidean_f32", x, weights, partial, 5, 5, 0, 1)
        table = np.stack([weights, x, np.abs(weights) + F(1)], axis=1)
        integer("ep_gaussian_nb_f32", x, table, partial, 5, 1, 5, 0, 0, 1)
    big = np.full(4, 3e38, F)
    partial = np.zeros(1, F)
    integer("ep_dense_f32", big, big, partial, 4, 1, 4, 0, 0, 1)
    assert partial[0] == np.inf
    integer("ep_dense_f32", big, -big, partial, 4, 1, 4, 0, 0, 1)
    assert partial[0] == -np.inf
    integer("ep_gaussian_nb_f32", big, np.stack([-big, big * 0, big], axis=1), partial, 4, 1, 4, 0, 0, 1)
    assert partial[0] == np.inf


@pytest.mark.rtl
@pytest.mark.parametrize(
    "case",
    [*DEMO, *(BY_NAME[name] for name in ("nan_forest", "offset_gaussian_nb", "wine_logistic_max_norm"))],
    ids=str,
)
def test_emulation_free_answers_within_the_bounds_and_is_faster(case: Case) -> None:
    """As the estimator does; and on 1 and 8 cores with the same bits."""
    fitted = case.fit()
    free, soft = (run_of(case, "gap8", fp=fp, rows=2) for fp in ("emulation-free", "softfp"))
    judge(image_of(case, "gap8", fp="emulation-free"), free, fitted.estimator, fitted.X_test[:2])
    assert (free.cycles < soft.cycles).all()
    one = run_of(case, "gap8", cores=1, fp="emulation-free", rows=1)
    record_bytes = one.manifest.output_bytes
    assert one.measurement.outputs[:record_bytes] == free.measurement.outputs[:record_bytes]


@pytest.mark.qemu
@pytest.mark.parametrize("case", DEMO, ids=str)
def test_emulation_free_on_plain_risc_v(case: Case) -> None:
    """All test rows; the bits are those of the RTL, whose form has CORE-V operations."""
    fitted = case.fit()
    run = run_of(case, "gap8", emulator="qemu", fp="emulation-free")
    judge(image_of(case, "gap8", emulator="qemu", fp="emulation-free"), run, fitted.estimator, fitted.X_test)
    rtl = run_of(case, "gap8", fp="emulation-free", rows=2).measurement.outputs
    assert run.measurement.outputs[: len(rtl)] == rtl
