# SPDX-License-Identifier: Apache-2.0
"""Decide which tables lie in the target's fast memory: L1, or the RAM of a microcontroller with flash."""

from __future__ import annotations

from dataclasses import replace

from edgepar.plan import Buffer, Table
from edgepar.target import Target


def place_tables(tables: tuple[Table, ...], buffers: tuple[Buffer, ...], target: Target) -> tuple[Table, ...]:
    """Smallest first as long as ``target.fast_bytes`` lasts; the rest stay where constants are.

    A table is read about once a word and sample (a forest's nodes far less), so many small tables in fast memory
    save more waiting than one large one.
    """
    fast = target.fast_level
    if fast is None:
        return tables
    left = target.fast_bytes - sum(buffer.bytes for buffer in buffers if buffer.level == fast)
    left -= sum(table.bytes for table in tables if table.level == fast)
    chosen = set()
    for table in sorted(
        (table for table in tables if table.level != fast), key=lambda table: (table.bytes, table.name)
    ):
        if table.bytes > left:
            break
        left -= table.bytes
        chosen.add(table.name)
    return tuple(replace(table, level=fast) if table.name in chosen else table for table in tables)
