# SPDX-License-Identifier: Apache-2.0
"""Categories: codes and flags of them, and sets that only trees ask for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.functions.features import grouped, row, samples
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Flagged, Symbol
from edgepar.ops import CategoryCodes, PlaceFlags


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


def category_codes(builder: Builder, node: Node) -> Symbol:
    """Codes of categories; a category NaN is one that nothing equals."""
    node.only_attributes()
    x = samples(node)
    columns, categories = grouped(node, x)
    codes, unknown, missing = node.numbers(3), node.numbers(4), node.numbers(5)
    if codes.shape != columns.shape or unknown.shape != (x.len,) or missing.shape != (x.len,):
        raise node.damaged(f"{len(columns)} categories and codes of shape {list(codes.shape)} do not fit")
    if not np.isfinite(codes).all():
        raise node.unsupported("a code is not finite", "codes of categories are finite numbers")
    chosen, values = [], []
    for f in range(x.len):
        own = (columns == f) & ~np.isnan(categories)
        found, at = np.unique(categories[own], return_index=True)
        if len(found) < np.count_nonzero(own):
            raise node.unsupported("a category occurs twice in a column", "give each its one code")
        chosen.append(found)
        values.append(codes[own][at])
    op = CategoryCodes(
        (x.value,), builder.fresh(), node.where, tuple(chosen), tuple(values), unknown.copy(), missing.copy()
    )
    return row(builder, op)


def place_flags(builder: Builder, node: Node) -> Symbol:
    """Flags of codes."""
    node.only_attributes()
    x = samples(node)
    columns, places = np.array(node.integers(1), dtype=np.int64), node.numbers(2)
    widths = np.bincount(columns[(columns >= 0) & (columns < x.len)], minlength=x.len)
    in_order = np.concatenate([np.arange(width) for width in widths])
    if not (
        np.array_equal(columns, np.repeat(np.arange(x.len), widths)) and np.array_equal(places, in_order)
    ):
        raise node.unsupported("places are not in order", "columns ascend, places of each are 0, 1, 2, ...")
    return row(builder, PlaceFlags((x.value,), builder.fresh(), node.where, tuple(map(int, widths))))


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "CategoryFlags": category_flags,
    "CategoryCodes": category_codes,
    "PlaceFlags": place_flags,
}
