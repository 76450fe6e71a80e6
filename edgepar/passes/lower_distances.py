# SPDX-License-Identifier: Apache-2.0
"""SquaredDistances and Root -> partial sums over (chunk, centroid) pairs, their combination and its roots."""

from __future__ import annotations

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Root, SquaredDistances
from edgepar.passes.draft import Draft
from edgepar.passes.lower_linear import LARGEST, chunk_len, padded
from edgepar.passes.rewrite import consumers
from edgepar.plan import Argument, Null, Unsigned

#: Cycles of a difference, its square and their sum, for choosing the chunks only.
_SQUARE_CYCLES = 4.2


def lower_squared_distances(draft: Draft, op: SquaredDistances) -> None:
    """Centroids times chunks over cores, then centroids over cores; a Root behind them comes with the combination."""
    rows, cols = op.centroids.shape
    if abs(op.centroids).max() > LARGEST:
        raise UnsupportedModelError(
            f"{op.origin}: a centroid of {abs(op.centroids).max():.3g} cannot be held as float32, the limit is "
            f"{LARGEST:.3g}; scale the features."
        )
    length = chunk_len(rows, cols, _SQUARE_CYCLES)
    chunks = -(-cols // length)
    table, stride = padded(op.centroids)
    partial = draft.buffer("partial_sums", "float", chunks * rows, op)
    draft.phase(
        "squared distances",
        draft.split(
            "ep_centroids_f32", draft.read(op), draft.floats("centroids", table, op), partial, Unsigned(rows),
            Unsigned(cols), Unsigned(stride), Unsigned(length), op=op, unit="chunk of a centroid",
            units=chunks * rows,
        ),
    )  # fmt: skip
    squares = draft.write(op)
    root = next((reader for reader in consumers(draft.graph, op.output) if isinstance(reader, Root)), None)
    distances: Argument = Null() if root is None else draft.write(root)
    draft.phase(
        "squared distances: combine",
        draft.split(
            "ep_centroids_combine_f32", partial, squares, distances, Unsigned(rows), Unsigned(chunks), op=op,
            unit="centroid", units=rows,
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {rows} centroids of {cols} squares in {chunks} chunks of {length}")


def lower_root(draft: Draft, op: Root) -> None:
    """Elements over cores, unless the operation before has made the roots on its way."""
    if op.output in draft.place:
        return
    n = draft.graph.values[op.output].len
    call = draft.split("ep_root_f32", draft.read(op), draft.write(op), op=op, unit="element", units=n)
    draft.phase("roots", call)
