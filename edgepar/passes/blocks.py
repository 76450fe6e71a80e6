# SPDX-License-Identifier: Apache-2.0
"""How a matrix is cut into blocks of rows and chunks of columns, by its shape alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.ops.op import Array

#: Cores that the cut is made for, whatever number runs: results must not depend on it.
CORES = 8
#: Words of a table that surely lies in L1, and of one unit of a larger one: eight of those, twice, fit into L1.
_RESIDENT_WORDS, _STREAMED_UNIT_WORDS = 8192, 256


@dataclass(frozen=True)
class Work:
    """Cycles that choose the cut: a block of r rows takes ``cell * r + column`` a column, ``unit`` once.

    ``combine`` is what one partial sum costs the second step; ``words`` the size of a matrix element in the table.
    """

    most_rows: int
    cell: float
    column: float
    unit: float
    combine: float
    words: int = 1
    even: bool = False


@dataclass(frozen=True)
class Cut:
    """Blocks of ``block`` rows, padded, times chunks of ``chunk_len`` columns, the last of which may be shorter."""

    rows: int
    cols: int
    block: int
    chunk_len: int

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.rows // self.block)

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.cols // self.chunk_len)

    @property
    def units(self) -> int:
        """Pairs of a block and a chunk, numbered block by block."""
        return self.blocks * self.chunks

    def cycles(self, work: Work) -> float:
        """Of the busiest of eight cores."""
        unit = self.chunk_len * (work.cell * self.block + work.column) + work.unit
        return -(-self.units // CORES) * unit + -(-self.rows // CORES) * self.chunks * work.combine

    def is_resident(self, work: Work) -> bool:
        """Whether the table surely lies in L1."""
        return self.rows * self.cols * work.words <= _RESIDENT_WORDS

    def table(self, matrix: Array) -> Array:
        """``[rows, cols, ...]`` as ``[units, chunk_len, block, ...]``, padded with zeros."""
        padded = np.zeros((self.blocks * self.block, self.chunks * self.chunk_len, *matrix.shape[2:]))
        padded[: self.rows, : self.cols] = matrix
        parts = padded.reshape(self.blocks, self.block, self.chunks, self.chunk_len, *matrix.shape[2:])
        return np.asarray(np.moveaxis(parts, 1, 3))

    def describe(self, what: str, of: str) -> str:
        """For the notes of a plan."""
        return (
            f"{self.rows} {what} of {self.cols} {of} as {self.units} units: {self.blocks} blocks of {self.block} times "
            f"{self.chunks} chunks of {self.chunk_len}, which eight cores finish first"
        )


def cut(rows: int, cols: int, work: Work) -> Cut:
    """The cut that eight cores finish first; of a table larger than L1's share, one with small enough units."""
    step = 2 if work.even else 1
    found = []
    for block in range(step, min(work.most_rows, rows + rows % step) + 1, step):
        for chunks in _chunk_counts(rows, cols, block, work):
            length = -(-cols // chunks)
            found.append(Cut(rows, cols, block, length))
    return min(found, key=lambda one: (one.cycles(work), one.units, one.block))


def _chunk_counts(rows: int, cols: int, block: int, work: Work) -> range:
    least = 1
    if rows * cols * work.words > _RESIDENT_WORDS:
        longest = max(1, _STREAMED_UNIT_WORDS // (block * work.words))
        least = -(-cols // longest)
    return range(least, max(least, min(cols, 4 * CORES)) + 1)
