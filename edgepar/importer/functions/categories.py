# SPDX-License-Identifier: Apache-2.0
"""Sets of categories, which only trees ask for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Flagged, Symbol


def category_flags(builder: Builder, node: Node) -> Symbol:  # noqa: ARG001 - as every handler
    """Features and flags, kept as the sets that the flags stand for."""
    node.only_attributes()
    x = double(node)
    columns, categories, sets = np.array(node.integers(1), dtype=np.int64), node.numbers(2), node.numbers(3)
    if (
        len(x.shape) != 1 or sets.ndim != 2 or categories.shape != columns.shape or sets.shape[:1] != columns.shape
        or not sets.shape[1]
    ):  # fmt: skip
        raise node.damaged(
            f"{len(columns)} columns, categories {list(categories.shape)} and sets {list(sets.shape)} do not fit"
        )
    if not ((columns >= 0) & (columns < x.len)).all():
        raise node.damaged(f"columns {columns.min()} to {columns.max()}, the input has 0 to {x.len - 1}")
    if not (np.isfinite(categories).all() and np.isin(sets, (0.0, 1.0)).all()):
        raise node.unsupported(
            "categories are not finite or a set holds something else than 0 and 1", "say 1 for its members"
        )
    found = []
    for chosen in sets.T.astype(np.bool_):
        column = np.unique(columns[chosen])
        if len(column) > 1:
            raise node.unsupported("a set has categories of two columns", "give each column sets of its own")
        # An empty set is never met, in whatever column.
        found.append((int(column[0]) if len(column) else 0, np.unique(categories[chosen])))
    return Flagged(x, tuple(found))


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {"CategoryFlags": category_flags}
