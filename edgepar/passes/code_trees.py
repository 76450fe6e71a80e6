# SPDX-License-Identifier: Apache-2.0
"""Trees -> tables of one word a node on features that are codes of 8 bits, busy nodes apart from the others.

The words are those of c_runtime/include/ep/coded_trees.h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.ops import Trees
from edgepar.ops.op import Array
from edgepar.ops.trees import Ints

Words = npt.NDArray[np.uint32]

END, COLD = 0x80000000, 0x40000000
CODE_SHIFT, STEP_SHIFT = 23, 11
#: Thresholds that one code tells apart, codes, and how far a right child may stand behind the left one.
MOST_CUTS, MOST_CODES, MOST_STEP = 255, 256, 0xFFF
#: Bits that a grid may drop, so that rounding up a float's integer does not overflow.
_MOST_SHIFT = 22
#: Cycles of a tree, of a decision in L1, and of one in L2, as the RTL of CV32E40P takes them; only ratios matter.
_TREE_COST, _HOT_COST, _COLD_COST = 25.0, 8.0, 26.0
_MOST_EXCHANGES = 2000
FEATURE = np.dtype([("feature", "<u2"), ("cuts", "<u2"), ("first", "<u4")])


@dataclass(frozen=True)
class Grid:
    """All thresholds are ``(base + i) << shift`` as integers in the order of floats."""

    shift: int
    base: int


@dataclass(frozen=True, eq=False)
class Ranks:
    """Sorted thresholds of each feature as such integers."""

    features: npt.NDArray[np.void]
    cuts: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Layout:
    """The nodes in the order of the device: a left child stands behind its parent, every other child further on.

    Attributes
    ----------
    node : Ints
        Which node of the operation stands at each place.
    right : Ints
        Place of the right child; of no meaning in a leaf.
    roots : Ints
        Place of each tree's root.
    """

    node: Ints
    right: Ints
    roots: Ints


@dataclass(frozen=True, eq=False)
class Questions:
    """How features become codes, and what each place of the layout asks.

    Attributes
    ----------
    n_codes : int
        Pairs of codes: the one for nodes that send NaN to the right, then the other.
    code, cut : Ints
        Which pair a place reads, and the index of its threshold. Of no meaning in a leaf.
    """

    how: Grid | Ranks
    n_codes: int
    code: Ints
    cut: Ints


@dataclass(frozen=True, eq=False)
class Coded:
    """Tables of words.

    Attributes
    ----------
    hot, cold : Words
        ``cold`` is empty where everything fits into ``hot``.
    roots : Ints
        Index of each tree's root in ``hot``.
    cost : Array
        Expected cycles of each tree.
    decisions, in_hot : float
        Expected decisions of a sample, and the share of them that the hot table answers.
    """

    hot: Words
    cold: Words
    roots: Ints
    cost: Array
    decisions: float
    in_hot: float


def float_order(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """An integer for each float, in the same order; -0.0 becomes 0.0 first."""
    bits = (values + np.float32(0.0)).view(np.int32)
    return np.where(bits < 0, bits ^ 0x7FFFFFFF, bits).astype(np.int32)


def ask(op: Trees, layout: Layout, thresholds: npt.NDArray[np.float32]) -> Questions | None:
    """Codes for all thresholds (one a place); None where there are too many of them."""
    inner = op.left[layout.node] >= 0
    feature = np.where(inner, op.feature[layout.node], 0)
    key = float_order(thresholds).astype(np.int64)
    if not inner.any():
        return None
    grid = _grid(key[inner], op.n_features)
    if grid is not None:
        cut = np.where(inner, (key >> grid.shift) - grid.base, 0)
        return Questions(grid, op.n_features, feature, cut)
    pairs, back = np.unique(np.stack([feature[inner], key[inner]]), axis=1, return_inverse=True)
    back = np.asarray(back).reshape(-1)
    starts = np.flatnonzero(np.concatenate([[True], pairs[0, 1:] != pairs[0, :-1]]))
    within = np.arange(pairs.shape[1]) - np.repeat(starts, np.diff([*starts, pairs.shape[1]]))
    # A feature of more thresholds counts as several.
    begins = np.flatnonzero(within % MOST_CUTS == 0)
    if len(begins) > MOST_CODES or int(feature.max()) > 0xFFFF:
        return None
    features = np.zeros(len(begins), dtype=FEATURE)
    features["feature"], features["first"] = pairs[0, begins], begins
    features["cuts"] = np.diff([*begins, pairs.shape[1]])
    code, cut = np.zeros(len(inner), dtype=np.int64), np.zeros(len(inner), dtype=np.int64)
    code[inner] = (np.cumsum(within % MOST_CUTS == 0) - 1)[back]
    cut[inner] = (within % MOST_CUTS)[back]
    return Questions(Ranks(features, pairs[1].astype(np.int32)), len(begins), code, cut)


def _grid(key: Ints, n_features: int) -> Grid | None:
    """The coarsest grid that holds all thresholds, if its codes reach them all."""
    if n_features > MOST_CODES:
        return None
    together = int(np.bitwise_or.reduce(key))
    shift = min((together & -together).bit_length() - 1 if together else _MOST_SHIFT, _MOST_SHIFT)
    low, high = int(key.min()) >> shift, int(key.max()) >> shift
    return Grid(shift, low) if high - low < MOST_CUTS else None


def expected_visits(op: Trees, layout: Layout) -> Array:
    """Share of samples that meet each place: by training where the Model knows, else half of the parent's."""
    places = np.arange(len(layout.node))
    inner = op.left[layout.node] >= 0
    share = np.zeros(len(places))
    share[layout.roots] = 1.0
    given = None if op.visits is None else op.visits[layout.node]
    if given is not None:
        tree = np.searchsorted(layout.roots, places, side="right") - 1
        given = given / np.maximum(given[layout.roots], 1e-30)[tree]
    level = layout.roots[inner[layout.roots]]
    while len(level):
        for child in (level + 1, layout.right[level]):
            told = share[level] / 2 if given is None else np.minimum(share[level], given[child])
            np.maximum.at(share, child, told)
        below = np.unique(np.concatenate([level + 1, layout.right[level]]))
        level = below[inner[below]]
    return share


def code(op: Trees, layout: Layout, questions: Questions, leaf: Ints, hot_words: int | None) -> Coded | None:
    """The tables; ``leaf`` holds 30 bits for each leaf's place, ``hot_words`` is what ``hot`` may take.

    None where a right child stands too far away.
    """
    inner = op.left[layout.node] >= 0
    places = np.arange(len(inner))
    share = expected_visits(op, layout)
    hot = _choose_hot(layout, inner, share, hot_words)
    by_hot, by_cold = _has_parent(layout, inner & hot), _has_parent(layout, inner & ~hot)
    by_hot[layout.roots] = True
    in_cold = (inner & ~hot) | (~inner & by_cold)
    hot_place, cold_place = np.cumsum(by_hot | hot) - 1, np.cumsum(in_cold) - 1
    word = np.zeros(len(inner), dtype=np.uint64)
    step = np.zeros(len(inner), dtype=np.int64)
    for table, place in ((inner & hot, hot_place), (inner & ~hot, cold_place)):
        step[table] = place[layout.right[table]] - place[table] - 1
    if int(step.max(initial=0)) > MOST_STEP:
        return None
    # Two codes a question: the second is for nodes that send NaN to the left.
    index = 2 * questions.code + np.where(inner, op.missing_left[layout.node], False)
    word[inner] = (
        (questions.cut << CODE_SHIFT) | (step << STEP_SHIFT) | (index << 2)
    )[inner].astype(np.uint64)  # fmt: skip
    word[~inner] = (END | (leaf & (COLD - 1)))[~inner].astype(np.uint64)
    out = (END | COLD | cold_place).astype(np.uint64)
    cost = np.where(inner, np.where(hot, _HOT_COST, _COLD_COST) * share, 0.0)
    tree = np.searchsorted(layout.roots, places, side="right") - 1
    decisions = float(share[inner].sum())
    return Coded(
        hot=np.where(inner & ~hot, out, word)[by_hot | hot].astype(np.uint32),
        cold=word[in_cold].astype(np.uint32),
        roots=hot_place[layout.roots],
        cost=np.asarray(_TREE_COST + np.bincount(tree, cost, len(layout.roots)), dtype=np.float64),
        decisions=decisions,
        in_hot=float(share[inner & hot].sum()) / max(decisions, 1e-30),
    )


def _has_parent(layout: Layout, parents: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Places with one of these as parent."""
    found = np.zeros(len(parents), dtype=np.bool_)
    found[1:] = parents[:-1]
    found[layout.right[parents]] = True
    return found


def _choose_hot(
    layout: Layout, inner: npt.NDArray[np.bool_], share: Array, hot_words: int | None
) -> npt.NDArray[np.bool_]:
    """The most visited nodes that fit; each takes its own word and that of a child, each tree one for its root."""
    everything = len(inner)
    if hot_words is None or everything <= hot_words:
        return np.ones(len(inner), dtype=np.bool_)
    count = max((hot_words - len(layout.roots)) // 2, 0)
    chosen = np.zeros(len(inner), dtype=np.bool_)
    asked = np.flatnonzero(inner)
    chosen[asked[np.argsort(-share[asked], kind="stable")[:count]]] = True
    # No path may come back, so a node of several parents is hot where all of them are.
    while True:
        lost = chosen & _has_parent(layout, inner & ~chosen)
        if not lost.any():
            return chosen
        chosen &= ~lost


def order_for_cores(cost: Array, cores: int, free: int = 0) -> Ints:
    """The trees so that equal cuts of the list cost each core about the same; last the ``free`` cheapest ones.

    The dearest first to whoever has least, then exchanges between the core that has most and the others.
    """
    dearest = np.argsort(-cost, kind="stable")
    trees = len(cost) - free
    room = [trees // cores + (core < trees % cores) for core in range(cores)]
    given: list[list[int]] = [[] for _ in range(cores)]
    load = np.zeros(cores)
    for tree in dearest[:trees].tolist():
        core = min((c for c in range(cores) if len(given[c]) < room[c]), key=lambda c: (load[c], c))
        given[core].append(tree)
        load[core] += float(cost[tree])
    for _ in range(_MOST_EXCHANGES):
        if not _exchange(cost, given, load):
            break
    return np.array([*(tree for mine in given for tree in sorted(mine)), *dearest[trees:]], dtype=np.int64)


def _exchange(cost: Array, given: list[list[int]], load: Array) -> bool:
    """Swap two trees so that the core that has most has less, and the other one not as much; whether there are two."""
    most = int(np.argmax(load))
    for other in np.argsort(load, kind="stable").tolist():
        apart = load[most] - load[other]
        if other == most or not given[most] or not given[other] or apart <= 0.0:
            continue
        gain = cost[given[most]][:, None] - cost[given[other]][None, :]
        # After the swap the two are |apart - 2 gain| apart.
        left = np.where((gain > 0.0) & (gain < apart), np.abs(apart - 2 * gain), np.inf)
        i, j = np.unravel_index(int(np.argmin(left)), left.shape)
        if np.isfinite(left[i, j]):
            change = float(gain[i, j])
            given[most][i], given[other][j] = given[other][j], given[most][i]
            load[most] -= change
            load[other] += change
            return True
    return False
