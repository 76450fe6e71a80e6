# SPDX-License-Identifier: Apache-2.0
"""Calls of kernels as samples of tests/c/kernel_probe.c: one table for the sanitizers, QEMU and the RTL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from edgepar.kernels import KERNELS as TABLE
from edgepar.ops import Polynomial
from edgepar.passes.lower_rows import byte_rows
from tests.kernel_library import KERNELS, ROOT

SAMPLE_WORDS, ANSWER_WORDS = 4096, 160
PROBE = ROOT / "tests" / "c"
#: In the order of kernel_probe's table.
OPERATIONS = (
    "dense_fma", "gaussian_nb_fma", "gaussian_nb_shrunk_fma", "centroids_fma", "kmeans_fma",
    "dense_segments_fma", "distances_fma",
    "dense", "dense_combine", "gaussian_nb", "gaussian_nb_shrunk", "gaussian_nb_combine", "trees", "trees_wide",
    "scores", "scale", "normalize", "elementary", "activations", "distances", "byte_distances", "centroids",
    "centroids_combine", "kmeans", "coded_trees", "quadratic",
    "dense_segments", "similarity", "support_pairs", "neighbours", "columns", "categories", "coupling", "median",
)  # fmt: skip
#: Operations that need a processor, or a C library, with a fused multiply-add.
FUSED = tuple(name for name in OPERATIONS if name.endswith("_fma"))
#: Kernels with more than one variant, and the macro by which the probe chooses.
VARIED = {
    "ep_scale_f32": "PROBE_SCALE",
    "ep_dense_f32": "PROBE_DENSE",
    "ep_dense_fma_f32": "PROBE_DENSE_FMA",
    "ep_dense_segments_f32": "PROBE_DENSE_SEGMENTS",
    "ep_dense_segments_fma_f32": "PROBE_DENSE_SEGMENTS_FMA",
    "ep_dense_combine_f32": "PROBE_DENSE_COMBINE",
    "ep_sqeuclidean_f32": "PROBE_DISTANCES",
    "ep_sqeuclidean_fma_f32": "PROBE_DISTANCES_FMA",
    "ep_sqeuclidean_u8": "PROBE_BYTE_DISTANCES",
    "ep_gaussian_nb_f32": "PROBE_GAUSSIAN_NB",
    "ep_gaussian_nb_fma_f32": "PROBE_GAUSSIAN_NB_FMA",
    "ep_gaussian_nb_combine_f32": "PROBE_GAUSSIAN_NB_COMBINE",
    "ep_centroids_fma_f32": "PROBE_CENTROIDS_FMA",
    "ep_centroids_combine_f32": "PROBE_CENTROIDS",
    "ep_kmeans_assign_fma_f32": "PROBE_KMEANS_FMA",
    "ep_kmeans_add_f32": "PROBE_KMEANS",
    "ep_quadratic_f32": "PROBE_QUADRATIC",
    "ep_products_f32": "PROBE_PRODUCTS",
    "ep_trees_f32": "PROBE_TREES",
    "ep_codes_by_grid_f32": "PROBE_CODES",
    "ep_coded_trees_sum": "PROBE_CODED_TREES",
    "ep_sum_i32": "PROBE_SUMS",
    "ep_argmax_f32": "PROBE_ARGMAX",
    "ep_argmax_i32": "PROBE_ARGMAX_I32",
    "ep_softmax_exp_f32": "PROBE_SOFTMAX_EXP",
    "ep_softmax_divide_f32": "PROBE_SOFTMAX_DIVIDE",
}
F = np.float32
HARD = np.array(
    [0.0, -0.0, 1e-45, -1e-40, 1.1754944e-38, 1e-8, 0.5, -1.0, 1e6, -88.7, 88.72284, -103.9, 3.4e38,
     np.inf, -np.inf, np.nan],
    F,
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One call: the operation, its parameters, and what it reads."""

    operation: str
    parameters: tuple[int, ...]
    payload: tuple[np.ndarray, ...]

    def words(self) -> np.ndarray:
        """The sample as the probe reads it."""
        head = [OPERATIONS.index(self.operation), *self.parameters]
        data = [np.ascontiguousarray(part).reshape(-1).view(np.uint32) for part in self.payload]
        row = np.concatenate([np.array([*head, *[0] * (9 - len(head))], np.uint32), *data])
        assert len(row) <= SAMPLE_WORDS
        return np.pad(row, (0, SAMPLE_WORDS - len(row)))


def choice(kernel: str, variants: tuple[str, ...]) -> str:
    """The first of ``variants`` that the kernel has, else the reference."""
    return TABLE[kernel].choose(variants)


def variant_sources(*variants: str) -> list[str]:
    """C files of all kernels, with those of ``variants`` where they exist."""
    found = set(KERNELS.glob("*/ref.c"))
    found |= {KERNELS / TABLE[name].folder / f"{choice(name, variants)}.c" for name in VARIED}
    return sorted(map(str, found))


def variant_defines(*variants: str, fused: bool = True) -> list[str]:
    """Compiler arguments that make the probe call the first of ``variants`` that exists, else the reference."""
    chosen = {macro: choice(kernel, variants) for kernel, macro in VARIED.items()}
    return [*(f"-D{macro}={name}" for macro, name in chosen.items()), f"-DPROBE_FUSED={int(fused)}"]


def _float_bits(value: float) -> int:
    return int(F(value).view(np.uint32))


def _tree_payload(rng: np.random.Generator, trees: int, rows: int, outputs: int, features: int, wide: bool):
    """Full trees of three levels with random thresholds, missing bits and leaves."""
    missing = 0x80000000 if wide else 0x8000
    nodes = []

    def add(depth: int) -> None:
        at = len(nodes)
        if depth == 0:
            nodes.append([int(rng.integers(rows)), 0, 0])
            return
        feature = int(rng.integers(features)) | (missing if rng.random() < 0.5 else 0)
        nodes.append([_float_bits(rng.choice([0.0, 0.5, rng.standard_normal()])), feature, 0])
        add(depth - 1)
        nodes[at][2] = len(nodes) - at
        add(depth - 1)

    roots = []
    for depth in rng.integers(0, 5, trees):
        roots.append(len(nodes))
        add(int(depth))
    table = np.array([node if wide else [node[0], node[1] | node[2] << 16] for node in nodes], np.uint32)
    leaves = rng.integers(-(2**24), 2**24, (rows, outputs)).astype(np.int32)
    return len(nodes), (table, np.array(roots, np.uint32), leaves)


def _normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(F)


def _hard(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.choice(HARD, shape).astype(F)


#: cols, block, chunk_len, first, begin, end: every block, odd and even chunks, the short last one, and ranges that
#: begin inside a block's chunks.
_RANGES = [
    (1, 1, 1, 0, 0, 2), (64, 1, 9, 0, 0, 8), (13, 1, 4, 3, 1, 7), (3, 2, 3, 0, 0, 1), (17, 2, 4, 2, 0, 8),
    (2, 3, 2, 0, 0, 3), (21, 3, 8, 0, 0, 3), (2, 4, 2, 0, 0, 1), (31, 4, 7, 4, 0, 6), (64, 5, 16, 0, 1, 5),
    (9, 5, 1, 9, 0, 9), (17, 6, 16, 0, 0, 4), (13, 7, 5, 1, 1, 5), (21, 8, 100, 5, 0, 2), (33, 9, 11, 0, 0, 3),
    (64, 10, 8, 0, 0, 8), (65, 10, 13, 2, 1, 4), (1, 10, 1, 0, 0, 1),
]  # fmt: skip


def _matrix_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for sizes in _RANGES:
        cols, block, chunk_len, end = *sizes[:3], sizes[5]
        shape = (end * chunk_len * block,)
        for x in (_normal(rng, cols), _hard(rng, cols)):
            for name in ("dense", "dense_fma"):
                yield Sample(name, sizes, (x, _normal(rng, *shape)))
        yield Sample("dense", sizes, (_normal(rng, cols), _hard(rng, *shape)))
        yield Sample("dense_fma", sizes, (_normal(rng, cols), _hard(rng, *shape)))
        if 3 * shape[0] + cols + 9 > SAMPLE_WORDS:
            continue
        high, low, r = _normal(rng, *shape), _normal(rng, *shape) * F(1e-7), np.abs(_normal(rng, *shape))
        apart, fused = np.stack([high, low, r], axis=1), np.stack([high, r, -low * r], axis=1)
        for x in (_normal(rng, cols), _hard(rng, cols)):
            yield Sample("gaussian_nb", sizes, (x, apart))
            if block % 2 == 0:
                yield Sample("gaussian_nb_fma", sizes, (x, fused))
        far = _normal(rng, cols) * F(1e30)
        r = np.full(shape, 1e30, F)
        for shrink in (2.0**-56, 2.0**-110):
            parameters = (*sizes, _float_bits(shrink))
            yield Sample("gaussian_nb_shrunk", parameters, (far, np.stack([high, low, r], axis=1)))
            yield Sample("gaussian_nb_shrunk_fma", parameters, (far, np.stack([high, r, -low * r], axis=1)))
    for rows, block, chunks in [(1, 1, 1), (10, 5, 4), (26, 9, 3), (7, 10, 5)]:
        size = (rows, block, chunks)
        partials = -(-rows // block) * block * chunks
        yield Sample("dense_combine", size, (_normal(rng, partials), _normal(rng, rows)))
        yield Sample("gaussian_nb_combine", size, (np.abs(_hard(rng, partials)), _normal(rng, rows)))


def _centroid_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for sizes in _RANGES:
        cols, block, chunk_len, end = *sizes[:3], sizes[5]
        for x in (_normal(rng, cols), _hard(rng, cols)):
            for name in ("centroids", "centroids_fma"):
                yield Sample(name, sizes, (x, _normal(rng, end * chunk_len * block)))
    for rows, block, chunks in [(1, 1, 1), (10, 5, 4), (26, 9, 3), (7, 10, 5)]:
        partials = -(-rows // block) * block * chunks
        yield Sample("centroids_combine", (rows, block, chunks), (np.abs(_hard(rng, partials)),))


#: cols, stride, begin, end: blocks of four rows and every rest, odd and even columns, one column.
_DISTANCE_RANGES = [
    (1, 1, 0, 6),
    (2, 3, 1, 8),
    (3, 3, 0, 3),
    (8, 9, 2, 4),
    (64, 65, 0, 9),
    (31, 31, 3, 16),
    (7, 7, 2, 2),
]


def _distance_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for cols, stride, begin, end in _DISTANCE_RANGES:
        for x in (_normal(rng, cols), _hard(rng, cols)):
            for power in (3, 1):
                sizes = (cols, stride, begin, end, power, _float_bits(1.5))
                yield Sample("distances", sizes, (x, _normal(rng, end, stride)))
            yield Sample("distances_fma", sizes, (x, _normal(rng, end, stride)))
        yield Sample("distances", sizes, (_normal(rng, cols), _hard(rng, end, stride)))


def byte_sample(rng: np.random.Generator, rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers of a byte: a sample, and rows as words with the sum of their squares at the end."""
    table = rng.choice([0, 1, 17, 128, 255], (rows, cols)).astype(float)
    return rng.integers(0, 256, cols).astype(F), byte_rows(table)


def _byte_distance_samples(rng: np.random.Generator) -> Iterator[Sample]:
    # cols, begin, end: blocks of four rows and every rest, one word, and a last word that is not full.
    for sizes in [(1, 0, 6), (4, 1, 8), (13, 0, 3), (64, 2, 17), (31, 3, 5), (7, 2, 2)]:
        cols, _, end = sizes
        x, table = byte_sample(rng, end, cols)
        for other in (x, x + F(0.5), _hard(rng, cols)):
            yield Sample("byte_distances", sizes, (other, table))


def _kmeans_samples(rng: np.random.Generator) -> Iterator[Sample]:
    # samples, rows, cols, stride, begin, end: pairs and a lone sample, blocks of centroids and single ones.
    for sizes in [
        (1, 1, 1, 1, 0, 1),
        (2, 5, 4, 5, 0, 2),
        (5, 10, 7, 7, 1, 4),
        (4, 7, 2, 3, 0, 4),
        (7, 12, 3, 3, 0, 7),
    ]:
        samples, rows, cols, stride = sizes[:4]
        labels = rng.integers(-1, rows, samples).astype(np.int32)
        for x in (_normal(rng, samples, cols), _normal(rng, samples, cols) * F(1e20)):
            for name in ("kmeans", "kmeans_fma"):
                yield Sample(name, sizes, (x, _normal(rng, rows, stride), labels, _normal(rng, rows, cols)))


def _quadratic_samples(rng: np.random.Generator) -> Iterator[Sample]:
    # components, features, begin, end: rows that stand alone, pairs, and ranges that begin inside a component.
    for components, features, begin, end in [
        (1, 1, 0, 1),
        (2, 2, 0, 2),
        (3, 5, 1, 8),
        (2, 8, 0, 8),
        (2, 13, 3, 12),
    ]:
        pairs = (features + 1) // 2
        for scale in (1.0, 1e20):
            means = _normal(rng, components, features), _normal(rng, components, features) * F(1e-7)
            table = _normal(rng, components * pairs, features + 1)
            x = _normal(rng, features) * F(scale)
            yield Sample(
                "quadratic", (components, features, begin, end), (x, *means, table, _normal(rng, components))
            )


def _support_samples(rng: np.random.Generator) -> Iterator[Sample]:
    # block, blocks, starts, begin, end: segments of one column and of many, ranges that begin inside a block.
    for block, blocks, starts, begin, end in [
        (1, 1, [0, 1], 0, 1), (4, 2, [0, 1, 4, 9], 2, 5), (9, 1, [0, 31, 32, 64], 0, 3), (2, 3, [0, 2, 20], 1, 6),
        (10, 1, [0, 17], 0, 1), (7, 2, [0, 3, 8], 0, 4),
    ]:  # fmt: skip
        cols = starts[-1]
        sizes = (block, cols, blocks, len(starts) - 1, begin, end)
        for numbers in (_hard, _normal):
            for name in ("dense_segments", "dense_segments_fma"):
                weights = numbers(rng, blocks, cols, block)
                yield Sample(name, sizes, (np.array(starts, np.uint32), _normal(rng, cols), weights))
    for n, gamma, degree in [(1, 0.5, 0), (7, 0.01, 3), (16, 3.0, 1), (33, 0.3, 2)]:
        for x in (np.abs(_hard(rng, n)), np.abs(_normal(rng, n)) * F(30)):
            yield Sample("similarity", (n, _float_bits(gamma), degree), (x,))
    for classes, first, block in [(2, [0, 1, 3], 1), (3, [0, 2, 2, 5], 2), (8, list(range(9)), 4)]:
        n_pairs = classes * (classes - 1) // 2
        partial = _normal(rng, -(-(classes - 1) // block) * first[-1] * block)
        intercepts = rng.choice([0.0, -0.5, 0.7], n_pairs).astype(F)
        yield Sample(
            "support_pairs", (classes, first[-1], block), (np.array(first, np.uint32), partial, intercepts)
        )
    for n, k, lists, outputs, exponent in [
        (1, 1, 1, 1, 0.5),
        (40, 5, 8, 3, 1.0),
        (17, 17, 3, 4, 0.5),
        (30, 4, 2, 2, 0.3),
    ]:
        classes = np.resize(rng.integers(0, outputs, n).astype(np.uint16), 2 * ((n + 1) // 2))
        for d in (np.abs(_normal(rng, n)), rng.integers(0, 3, n).astype(F)):
            sizes = (n, k, lists, outputs, _float_bits(exponent))
            yield Sample("neighbours", sizes, (d, _normal(rng, n, outputs), classes))


def _median_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for n in (1, 2, 9, 50):
        weights = rng.integers(0, 2**31 // n, n).astype(np.uint32)
        for x in (_normal(rng, n), rng.integers(0, 4, n).astype(F)):
            yield Sample("median", (n, int(weights.sum(dtype=np.int64)) // 2), (x, weights))


def _coupling_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for classes in (2, 3, 8):
        pairs = classes * (classes - 1) // 2
        for scale in (0.1, 3.0, 40.0):
            scores = (_normal(rng, pairs) * F(scale), -np.abs(_normal(rng, pairs)), _normal(rng, pairs))
            yield Sample("coupling", (classes, _float_bits(0.005 / classes)), scores)


def _category_samples(rng: np.random.Generator) -> Iterator[Sample]:
    # features, columns, chunk_len, begin, end: a short last chunk, ranges that begin inside.
    for sizes in [(1, 1, 1, 0, 1), (16, 3, 5, 1, 4), (33, 10, 4, 0, 9)]:
        starts = np.concatenate([[0], np.cumsum(rng.integers(1, 5, sizes[0]))]).astype(np.uint32)
        table = _normal(rng, starts[-1], sizes[1])
        for x in (_hard(rng, sizes[0]), rng.uniform(-2, 6, sizes[0]).astype(F)):
            parameters = (*sizes, int(starts[-1]))
            yield Sample("categories", parameters, (x, starts, table))


def _tree_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for name, wide in (("trees", False), ("trees_wide", True)):
        for trees, outputs, features in [(1, 1, 1), (9, 10, 7), (12, 3, 64), (30, 2, 5)]:
            count, parts = _tree_payload(rng, trees, 6, outputs, features, wide)
            sizes = (count, trees, 6, outputs, features, trees // 3, trees)
            for x in (_normal(rng, features), _hard(rng, features)):
                yield Sample(name, sizes, (*parts, x))
    for n in (1, 8):
        acc = rng.integers(-(2**31), 2**31, n).astype(np.int32)
        yield Sample("scores", (n, _float_bits(1e-9)), (acc, _normal(rng, n)))


def _coded_words(
    rng: np.random.Generator, cold_nodes: int, codes: int, leaf: int
) -> tuple[np.ndarray, list[int]]:
    """Complete trees of random depth one after another, words as in ep/coded_trees.h, and where they begin."""
    words: list[int] = []

    def add(depth: int) -> None:
        if depth == 0:
            away = cold_nodes and rng.random() < 0.4
            words.append(
                0xC0000000 | int(rng.integers(cold_nodes)) if away else 0x80000000 | int(rng.integers(leaf))
            )
            return
        at = len(words)
        words.append(int(rng.integers(255)) << 23 | int(rng.integers(2 * codes)) << 2)
        add(depth - 1)
        words[at] |= (len(words) - at - 1) << 11
        add(depth - 1)

    starts = []
    for depth in rng.integers(0, 5, 9):
        starts.append(len(words))
        add(int(depth))
    return np.array(words, np.uint32), starts


def _coded_samples(rng: np.random.Generator) -> Iterator[Sample]:
    outputs, features = 5, 7
    for begin, end in [(0, 9), (2, 7), (4, 4), (0, 1)]:
        cold, cold_roots = _coded_words(rng, 0, features, outputs)
        hot, hot_roots = _coded_words(rng, cold_roots[1], features, outputs)
        roots = np.array([at << 8 | int(rng.integers(outputs)) for at in hot_roots], np.uint32)
        leaves = rng.integers(-(2**24), 2**24, (outputs, outputs)).astype(np.int32)
        cuts = np.sort(rng.integers(-(2**31), 2**31, (features, 5)), axis=1).astype(np.int32)
        table = np.array([[i | 5 << 16, 5 * i] for i in range(features)], np.uint32)
        sizes = (len(hot), len(cold), begin, end, features)
        for x in (_normal(rng, features), _hard(rng, features)):
            yield Sample("coded_trees", sizes, (hot, cold, roots, leaves, table, cuts, x))


def _vector_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for n in (1, 2, 3, 16, 33):
        small, large = _normal(rng, n) * F(1e-8), _normal(rng, n) * F(1e3)
        yield Sample("scale", (n,), (_hard(rng, n), _normal(rng, n), small, large))
        yield Sample("scale", (n,), (_normal(rng, n), *_hard(rng, 3, n)))
        for scale in (1e-30, 1.0, 1e30):
            yield Sample("normalize", (n,), (_normal(rng, n) * F(scale),))
    for _ in range(6):
        any_bits = rng.integers(0, 2**32, 50, dtype=np.uint64).astype(np.uint32)
        yield Sample("elementary", (50,), (any_bits.view(F),))
    yield Sample("elementary", (len(HARD),), (HARD,))
    for n, scale in [(1, 1.0), (2, 5.0), (10, 30.0), (25, 60.0)]:
        yield Sample("activations", (n,), (_normal(rng, n) * F(scale),))
    for special in (
        [0.0, np.nan, 1.0], [0.0, 1e-9, -np.inf, -5.0], [-2.0, -0.0, 0.0], [1.0, 3.0, 3.0, 3.0, 2.0],
        [-1.0, np.inf, 0.0], [np.nan, 1.0], [0.0, -103.9, -104.1, -np.nan],
    ):  # fmt: skip
        yield Sample("activations", (len(special),), (np.array(special, F),))


def _column_samples(rng: np.random.Generator) -> Iterator[Sample]:
    for n, terms, degree in [(1, 1, 1), (5, 30, 3), (8, 45, 2), (6, 28, 6)]:
        starts = np.concatenate([[0], np.cumsum(rng.integers(0, 6, n))]).astype(np.uint32)
        rows = [np.sort(_normal(rng, b - a)) for a, b in itertools.pairwise(starts)]
        edges = np.concatenate([*rows, [0]]).astype(F)
        codes = rng.integers(0, 4, len(edges)).astype(F)
        every = [*itertools.combinations_with_replacement(range(n + 1), degree)][::-1]
        op = Polynomial(("x",), "y", "test", np.array(every[:terms])[:, ::-1])
        run_starts, factors = op.device_runs(n)
        factors = np.resize(factors.astype(np.uint16), 2 * ((factors.size + 1) // 2))
        some = np.array([rng.choice(row) if len(row) else 0.5 for row in rows], F)
        for x in (some, _normal(rng, n), _hard(rng, n)):
            sizes = (n, len(edges), len(run_starts) - 1, degree)
            tables = (starts, edges, run_starts.astype(np.uint32), factors, codes)
            yield Sample("columns", sizes, (x, _normal(rng, n), *tables))


@cache
def samples() -> tuple[Sample, ...]:
    """All calls, the same on every machine."""
    rng = np.random.default_rng(23)
    return (
        *_matrix_samples(rng),
        *_kmeans_samples(rng),
        *_quadratic_samples(rng),
        *_tree_samples(rng),
        *_coded_samples(rng),
        *_vector_samples(rng),
        *_distance_samples(rng),
        *_byte_distance_samples(rng),
        *_centroid_samples(rng),
        *_support_samples(rng),
        *_column_samples(rng),
        *_category_samples(rng),
        *_coupling_samples(rng),
        *_median_samples(rng),
    )


def sample_words() -> np.ndarray:
    """All samples, one a row."""
    return np.stack([sample.words() for sample in samples()])
