# SPDX-License-Identifier: Apache-2.0
"""Decide which tables lie in L1."""

from __future__ import annotations

from dataclasses import replace

from edgepar.plan import Buffer, Table
from edgepar.target import Target


def place_tables(tables: tuple[Table, ...], buffers: tuple[Buffer, ...], target: Target) -> tuple[Table, ...]:
    """Smallest first into L1 as long as the target's share for tables lasts; the rest stay where constants are.

    A table is read about once a word and sample (a forest's nodes far less), so many small tables in L1
    save more waiting than one large one.
    """
    if target.scratch_in != "l1" or "l1" not in target.memories:
        return tables
    left = target.l1_table_bytes - sum(buffer.bytes for buffer in buffers if buffer.level == "l1")
    left -= sum(table.bytes for table in tables if table.level == "l1")
    in_l1 = set()
    for table in sorted(
        (table for table in tables if table.level != "l1"), key=lambda table: (table.bytes, table.name)
    ):
        if table.bytes > left:
            break
        left -= table.bytes
        in_l1.add(table.name)
    return tuple(replace(table, level="l1") if table.name in in_l1 else table for table in tables)
