# SPDX-License-Identifier: Apache-2.0
"""Have tables that are read in order, and do not fit L1, come from L2 in tiles while the cores work."""

from __future__ import annotations

from dataclasses import replace

from edgepar.plan import Buffer, Call, Phase, Ref, Stream, Table
from edgepar.target import Target

#: Units a core gets of a tile, where they fit: what the blocks of kernels divide.
_UNITS_OF_A_CORE = 4
#: A tile is about this part of its table, so that little is waited for at both ends, but not smaller than this: a
#: barrier and a call stand against each tile.
_PARTS_OF_A_TABLE, _LEAST_TILE_BYTES = 32, 4096


def stream_tables(
    phases: tuple[Phase, ...],
    tables: tuple[Table, ...],
    buffers: tuple[Buffer, ...],
    target: Target,
    cores: int,
) -> tuple[tuple[Phase, ...], tuple[Buffer, ...], tuple[str, ...]]:
    """The phases with their streams, the buffers with those of the tiles, and notes.

    A table streams when a split call reads it by units (``Ref.unit_stride``) and it was left in L2. Two tiles of it
    take what is left of the target's share of L1 for tables; where not even one unit a core fits twice, the cores go on
    reading L2. Retries of a phase (attempts) are rare and read L2 as well.
    """
    if target.scratch_in != "l1" or "l1" not in target.memories:
        return phases, buffers, ()
    left = target.l1_table_bytes
    left -= sum(table.bytes for table in tables if table.level == "l1")
    left -= sum(buffer.bytes for buffer in buffers if buffer.level == "l1")
    by_name = {table.name: table for table in tables}
    made: list[Buffer] = []
    notes: list[str] = []
    out = []
    for phase in phases:
        calls = []
        for call in phase.calls:
            found = _streamed(call, by_name) if phase.attempt == 0 else []
            unit_bytes = sum(ref.unit_stride * by_name[ref.name].data.itemsize for ref in found)
            units = tile_units(call.units, unit_bytes, left, cores) if found else 0
            if units == 0:
                calls.append(call)
                continue
            pairs = []
            for ref in found:
                table = by_name[ref.name]
                buffer = Buffer(
                    f"{table.name}_tiles", table.ctype, 2 * units * ref.unit_stride, "l1",
                    f"two tiles of {table.name}", table.data.itemsize,
                )  # fmt: skip
                made.append(buffer)
                pairs.append((table.name, buffer.name))
                left -= buffer.bytes
            calls.append(replace(call, stream=Stream(units, tuple(pairs))))
            names, total = ", ".join(name for name, _ in pairs), call.units * unit_bytes
            notes.append(
                f"{call.origin}: {names} of {total} bytes come from L2 in {-(-call.units // units)} tiles of {units} "
                f"units, the next one while one is worked on; not below {total // 8} cycles, the time DMA takes"
            )
        out.append(replace(phase, calls=tuple(calls)))
    return tuple(out), (*buffers, *made), tuple(notes)


def _streamed(call: Call, tables: dict[str, Table]) -> list[Ref]:
    """Tables of L2 that the call reads by units, where DMA can bring whole units of all of them."""
    if call.who != "split":
        return []
    found = {
        argument.name: argument
        for argument in call.apply.arguments
        if isinstance(argument, Ref) and argument.unit_stride > 0 and argument.name in tables
    }
    refs = [ref for ref in found.values() if tables[ref.name].level == "l2"]
    whole = all(ref.unit_stride * tables[ref.name].data.itemsize % 4 == 0 for ref in refs)
    covered = all(ref.unit_stride * call.units == len(tables[ref.name].data) for ref in refs)
    return refs if whole and covered else []


def tile_units(units: int, unit_bytes: int, left_bytes: int, cores: int) -> int:
    """Units of a tile, a multiple of the cores; 0 where two tiles do not fit into ``left_bytes``."""
    most = left_bytes // 2 // unit_bytes
    step = cores * _UNITS_OF_A_CORE
    if most < step:
        step = cores
    if most < step or units <= step:
        return 0
    wanted = max(_LEAST_TILE_BYTES, units * unit_bytes // _PARTS_OF_A_TABLE) // unit_bytes
    return min(most // step, max(1, wanted // step)) * step
