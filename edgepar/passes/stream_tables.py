# SPDX-License-Identifier: Apache-2.0
"""Have tables that are read in order, and do not fit L1, come from L2 in tiles while the cores work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from edgepar.plan import Buffer, Call, Phase, Ref, Stream, Table
from edgepar.target import Target

#: Units a core gets of a tile, where they fit: what the blocks of kernels divide.
_UNITS_OF_A_CORE = 4
#: A tile is about this large: a barrier, a call and the start of a copy stand against each.
_TILE_BYTES = 6144
#: A third tile in L1 lets DMA go on while the cores are late with the second; it pays where a table is this many times
#: what is left of L1. Elsewhere its place is better taken by units that stay there.
_THIRD_TILE_FROM = 2.25


@dataclass(frozen=True)
class Tiling:
    """Tiles of ``units``, ``depth`` of them in L1 at a time, after ``resident`` units that stay in L1."""

    units: int
    depth: int
    resident: int


def stream_tables(
    phases: tuple[Phase, ...],
    tables: tuple[Table, ...],
    buffers: tuple[Buffer, ...],
    target: Target,
    cores: int,
) -> tuple[tuple[Phase, ...], tuple[Table, ...], tuple[Buffer, ...], tuple[str, ...]]:
    """The phases with their streams, the tables, the buffers with those of the tiles, and notes.

    A table streams when a split call reads it by units (``Ref.unit_stride``) and it was left in L2. Tiles of it take
    what is left of the target's share of L1 for tables, and so does its first part, which stays there and is worked
    on while the first tiles come. Where not even two tiles of one unit a core fit, the cores go on reading L2.
    Retries of a phase (attempts) are rare and read L2 as well.
    """
    if target.scratch_in != "l1" or "l1" not in target.memories:
        return phases, tables, buffers, ()
    left = target.fast_bytes
    left -= sum(table.bytes for table in tables if table.level == "l1")
    left -= sum(buffer.bytes for buffer in buffers if buffer.level == "l1")
    by_name = {table.name: table for table in tables}
    readers = Counter(
        name for phase in phases for call in phase.calls for name in {ref.name for ref in _refs(call)}
    )
    to_come = sum(
        bool(_streamed(call, by_name)) for phase in phases for call in phase.calls if not phase.attempt
    )
    cut: dict[str, tuple[Table, Table]] = {}
    made: list[Buffer] = []
    notes: list[str] = []
    out = []
    for phase in phases:
        calls: list[Call] = []
        for call in phase.calls:
            found = _streamed(call, by_name) if phase.attempt == 0 else []
            if not found:
                calls.append(call)
                continue
            unit_bytes = sum(ref.unit_stride * by_name[ref.name].data.itemsize for ref in found)
            alone = all(readers[ref.name] == 1 for ref in found)
            tiles = tiling(call.units, unit_bytes, left // to_come, cores, alone)
            to_come -= 1
            if tiles is None:
                calls.append(call)
                continue
            if tiles.resident:
                cut |= {ref.name: _cut(by_name[ref.name], tiles.resident * ref.unit_stride) for ref in found}
                calls.append(
                    _resident(call, {ref.name: cut[ref.name][0].name for ref in found}, tiles.resident)
                )
                left -= tiles.resident * unit_bytes
            pairs = []
            for ref in found:
                table = by_name[ref.name]
                buffer = Buffer(
                    f"{table.name}_tiles", table.ctype, tiles.depth * tiles.units * ref.unit_stride, "l1",
                    f"{tiles.depth} tiles of {table.name}", table.data.itemsize,
                )  # fmt: skip
                made.append(buffer)
                pairs.append((table.name, buffer.name))
                left -= buffer.bytes
            units = call.units - tiles.resident
            stream = Stream(tiles.units, tuple(pairs), tiles.depth, tiles.resident)
            calls.append(replace(call, units=units, stream=stream))
            names, total = ", ".join(name for name, _ in pairs), units * unit_bytes
            notes.append(
                f"{call.origin}: {units} units of {names}, {total} bytes, come from L2 in "
                f"{-(-units // tiles.units)} tiles of {tiles.units}, the next ones while one is worked on, and "
                f"{tiles.resident} stay in L1; not below {total // 8} cycles, the time DMA takes"
            )
        out.append(replace(phase, calls=tuple(calls)))
    parts = tuple(part for table in tables for part in cut.get(table.name, (table,)))
    return tuple(out), parts, (*buffers, *made), tuple(notes)


def _refs(call: Call) -> list[Ref]:
    return [argument for apply in call.applies for argument in apply.arguments if isinstance(argument, Ref)]


def _streamed(call: Call, tables: dict[str, Table]) -> list[Ref]:
    """Tables of L2 that the call reads by units, where DMA can bring whole units of all of them."""
    if call.who != "split":
        return []
    found = {
        ref.name: ref
        for ref in call.apply.arguments
        if isinstance(ref, Ref) and ref.unit_stride > 0 and ref.name in tables
    }
    refs = [ref for ref in found.values() if tables[ref.name].level == "l2"]
    whole = all(ref.unit_stride * tables[ref.name].data.itemsize % 4 == 0 for ref in refs)
    covered = all(ref.unit_stride * call.units == len(tables[ref.name].data) for ref in refs)
    return refs if whole and covered else []


def _cut(table: Table, length: int) -> tuple[Table, Table]:
    """The part that stays in L1, and the rest."""
    near = replace(table, name=f"{table.name}_near", data=table.data[:length], level="l1")
    return near, replace(table, data=table.data[length:])


def _resident(call: Call, near: dict[str, str], units: int) -> Call:
    """The call on the units whose tables lie in L1."""
    arguments = tuple(
        replace(argument, name=near[argument.name])
        if isinstance(argument, Ref) and argument.name in near
        else argument
        for argument in call.apply.arguments
    )
    return replace(call, apply=replace(call.apply, arguments=arguments), units=units)


def tiling(units: int, unit_bytes: int, left_bytes: int, cores: int, may_stay: bool) -> Tiling | None:
    """Tiles of a multiple of the cores, and what stays; None where two tiles do not fit into ``left_bytes``."""
    most = left_bytes // unit_bytes
    step = cores * _UNITS_OF_A_CORE
    if 2 * step > most:
        step = cores
    if 2 * step > most or units <= step:
        return None
    wanted = max(1, round(_TILE_BYTES / (step * unit_bytes))) * step
    tile = min(wanted, most // 2 // step * step)
    depth = 3 if 3 * tile <= most and units > _THIRD_TILE_FROM * most else 2
    resident = (most - depth * tile) // step * step if may_stay else 0
    return Tiling(tile, depth, min(resident, (units - 1) // step * step))
