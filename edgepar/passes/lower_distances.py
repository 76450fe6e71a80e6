# SPDX-License-Identifier: Apache-2.0
"""SquaredDistances and Root -> partial sums over (chunk, centroid) pairs, their combination and its roots."""

from __future__ import annotations

from dataclasses import replace

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Root, SquaredDistances
from edgepar.passes.blocks import Work, cut
from edgepar.passes.draft import Draft
from edgepar.passes.lower_linear import LARGEST
from edgepar.passes.rewrite import consumers
from edgepar.plan import Argument, Named, Null, Unsigned

#: Cycles of the fused kernel on CV32E40P (docs/kernels.md), for choosing the cut alone.
CENTROID_WORK = Work(most_rows=10, cell=3.0, column=1.0, unit=40.0, combine=3.0)


def lower_squared_distances(draft: Draft, op: SquaredDistances) -> None:
    """Blocks of centroids times chunks over cores, then centroids over cores; a Root behind comes with them."""
    rows, cols = op.centroids.shape
    if abs(op.centroids).max() > LARGEST:
        raise UnsupportedModelError(
            f"{op.origin}: a centroid of {abs(op.centroids).max():.3g} cannot be held as float32, the limit is "
            f"{LARGEST:.3g}; scale the features."
        )
    shape = cut(rows, cols, CENTROID_WORK)
    partial = draft.buffer("partial_sums", "float", shape.units * shape.block, op)
    table = draft.floats("centroids", shape.table(op.centroids), op)
    draft.phase(
        "squared distances",
        draft.split(
            draft.multiply_add("ep_centroids"), draft.read(op),
            replace(table, unit_stride=shape.block * shape.chunk_len), replace(partial, unit_stride=shape.block),
            Unsigned(cols), Unsigned(shape.block), Unsigned(shape.chunk_len), Named("first"), op=op,
            unit="chunk of a block of centroids", units=shape.units,
        ),
    )  # fmt: skip
    squares = draft.write(op)
    root = next((reader for reader in consumers(draft.graph, op.output) if isinstance(reader, Root)), None)
    distances: Argument = Null() if root is None else draft.write(root)
    draft.phase(
        "squared distances: combine",
        draft.split(
            "ep_centroids_combine_f32", partial, squares, distances, Unsigned(shape.block),
            Unsigned(shape.chunks), op=op, unit="centroid", units=rows,
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {shape.describe('centroids', 'squares')}")


def lower_root(draft: Draft, op: Root) -> None:
    """Elements over cores, unless the operation before has made the roots on its way."""
    if op.output in draft.place:
        return
    n = draft.graph.values[op.output].len
    call = draft.split("ep_root_f32", draft.read(op), draft.write(op), op=op, unit="element", units=n)
    draft.phase("roots", call)
