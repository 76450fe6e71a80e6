# SPDX-License-Identifier: Apache-2.0
"""The Plan: which kernels run, how their units are split over cores, where every byte lies. Codegen decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgepar.graph import Graph
from edgepar.manifest import Field
from edgepar.target import Build, Target

Level = Literal["l1", "l2", "ram", "flash"]
Spread = Literal["units", "samples"]

#: What arrays of copies of a buffer begin with.
COPIES_OF = "copies_of_"


@dataclass(frozen=True, eq=False)
class Table:
    """A constant array of the generated program; ``data`` is 1-D, structured for C structs."""

    name: str
    ctype: str
    data: npt.NDArray[np.generic]
    level: Level
    origin: str

    @property
    def bytes(self) -> int:
        """Size on the device."""
        return int(self.data.nbytes)


@dataclass(frozen=True)
class Buffer:
    """A zero-initialised array of the generated program.

    ``copies`` above 0: so many of them, each core's own or used in turn; which one is meant, the generated step says.
    Copies of structs are not ``padded``.
    """

    name: str
    ctype: str
    len: int
    level: Level
    origin: str
    element_bytes: int = 4
    copies: int = 0
    padded: bool = True

    @property
    def copies_name(self) -> str:
        """Of the array that holds the copies."""
        return f"{COPIES_OF}{self.name}"

    @property
    def stride(self) -> int:
        """Elements from one copy to the next; odd where padded, so that copies begin in different banks of L1."""
        return self.len | 1 if self.copies and self.padded else self.len

    @property
    def bytes(self) -> int:
        """Size on the device."""
        return self.element_bytes * self.stride * max(self.copies, 1)


@dataclass(frozen=True)
class Ref:
    """Address of a table or buffer, ``offset`` and ``core * core_stride`` elements in.

    ``unit_stride`` is the number of elements that belong to one unit of a split call, 0 where all units share the
    array. A call whose tables say so works on any run of units, wherever the run's part of each table lies.
    """

    name: str
    core_stride: int = 0
    unit_stride: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Element:
    """One element of an array, by value."""

    array: Ref | Result | Named
    index: int = 0


@dataclass(frozen=True)
class Unsigned:
    """A uint32 literal."""

    value: int


@dataclass(frozen=True)
class Signed:
    """An int32 literal."""

    value: int


@dataclass(frozen=True)
class Float:
    """A float32 literal."""

    value: float


@dataclass(frozen=True)
class Null:
    """A pointer to nothing."""


@dataclass(frozen=True)
class Named:
    """What every generated step knows: the sample, ``offset`` elements in, the units of this core, the answer.

    ``first`` is the number of the first unit of the run of units that the call works on, where ``begin`` and ``end``
    start to count.
    """

    name: Literal["input", "begin", "end", "first", "output"]
    offset: int = 0


@dataclass(frozen=True)
class Result:
    """A field of the result record, by address; ``unit_stride`` as in ``Ref``."""

    field: str
    unit_stride: int = 0


@dataclass(frozen=True)
class Apply:
    """The answer of a kernel, by value."""

    function: str
    header: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Stream:
    """How a split call gets tables that do not fit L1: tile by tile, the next ones arriving while one is worked on.

    Attributes
    ----------
    tile_units : int
        Units of a tile; the last tile may have fewer.
    tables : tuple[tuple[str, str], ...]
        Each table that streams, and the buffer in L1 that takes its place.
    depth : int
        Tiles that the buffer holds.
    first_unit : int
        Units of the operation that another call has done, from tables in L1: those of the tables that stream, and of
        this call, follow them.
    """

    tile_units: int
    tables: tuple[tuple[str, str], ...]
    depth: int
    first_unit: int


Argument = Ref | Element | Unsigned | Signed | Float | Null | Named | Result | Apply


@dataclass(frozen=True)
class Call:
    """One kernel call of a phase.

    Attributes
    ----------
    cycles : float | None
        Expected on one core, of the whole call, where sizes of tables do not tell.
    who : str
        ``split``: each core on its own range of ``units``; ``every``: each the same; ``first``, ``last``: core 0 or
        the last core alone.
    unit, units : str, int
        What is split, for the reader and the tests.
    stored_in : Ref | Result | None
        Whose first element takes the kernel's answer.
    stream : Stream | None
        Of a split call whose tables come in tiles.
    then : tuple[Apply, ...]
        Kernels that each core of a split call goes on with, on the units that it has just worked on.
    free_units : int
        The last of the units, which whoever is free takes one by one.
    flags : Ref | None
        ``free_units`` + 1 words in L1 that tell which are taken, zero before.
    """

    apply: Apply
    who: Literal["split", "every", "first", "last"]
    origin: str
    unit: str = ""
    units: int = 0
    stored_in: Ref | Result | None = None
    stream: Stream | None = None
    then: tuple[Apply, ...] = ()
    cycles: float | None = None
    free_units: int = 0
    flags: Ref | None = None

    @property
    def applies(self) -> tuple[Apply, ...]:
        """All kernels of the call, in order."""
        return (self.apply, *self.then)


@dataclass(frozen=True)
class Phase:
    """Calls that need no barrier between them; a barrier stands between two phases.

    A phase with a guard belongs to an attempt (1, 2, ...): attempt k runs when the guard answers 1 after attempt k - 1.
    Every core asks for itself and hears the same. Phases of attempt 0 have no guard and always run.
    Phases before the one of ``whole_sample`` read the sample's head alone, where the Plan has one.
    """

    title: str
    calls: tuple[Call, ...]
    guard: Apply | None = None
    attempt: int = 0
    whole_sample: bool = False


@dataclass(frozen=True)
class CopyOut:
    """A field of the record that is made in L1 and copied to L2.

    Attributes
    ----------
    field, buffer : str
        What, and where it is made.
    after : int
        Index of the phase with which it is whole; the copy starts behind that phase's barrier.
    """

    field: str
    buffer: str
    after: int


def is_shared(phases: tuple[Phase, ...]) -> bool:
    """Whether any call is more than core 0's."""
    return any(call.who != "first" for phase in phases for call in phase.calls)


@dataclass(frozen=True, eq=False)
class Plan:
    """All decisions about one Graph on one Target.

    Attributes
    ----------
    record : tuple[Field, ...]
        The result record, in order.
    sources : tuple[str, ...]
        Kernel files below c_runtime/kernels that the calls need.
    staged : bool
        Whether the sample comes to L1 by DMA, and the result goes to L2.
    early : tuple[Call, ...]
        Calls of every core that need no sample, made while it is on its way.
    copies : tuple[CopyOut, ...]
        Of a staged plan; a field that is not among them is written to L2 by the cores.
    notes : tuple[str, ...]
        Decisions in words, for the Project's README and the reader.
    command : str
        What makes the project again, where that is no `edgepar compile`.
    batch : int
        Samples that one call takes.
    spread : str
        What the cores share: ``units`` of one sample after another, or the ``samples`` of a call, each computed by one
        core from begin to end.
    head_len : int
        Of a staged plan: elements at the sample's begin that come to L1 by themselves, so that work begins before the
        others have come; 0 where the sample comes as one.
    near_sample : bool
        Of a staged plan: whether samples come to L1; if not, they are read where they lie.
    answers : Buffer | None
        Answers of a batch in L1, before DMA copies them to L2.
    """

    graph: Graph
    target: Target
    build: Build
    cores: int
    tables: tuple[Table, ...]
    buffers: tuple[Buffer, ...]
    phases: tuple[Phase, ...]
    record: tuple[Field, ...]
    sources: tuple[str, ...]
    staged: bool
    notes: tuple[str, ...]
    command: str = ""
    early: tuple[Call, ...] = ()
    copies: tuple[CopyOut, ...] = ()
    batch: int = 1
    spread: Spread = "units"
    answers: Buffer | None = None
    near_sample: bool = True
    head_len: int = 0

    @property
    def team(self) -> int:
        """Cores that run a step: one where there is nothing to share, since the others would only be waited for."""
        return self.cores if self.spread == "samples" or is_shared(self.phases) else 1

    @property
    def items(self) -> tuple[Table | Buffer, ...]:
        """Everything that takes memory."""
        return (*self.tables, *self.buffers, *(() if self.answers is None else (self.answers,)))

    def bytes_by_level(self) -> Mapping[str, int]:
        """Bytes of tables and buffers in each memory; tables of fast memory also lie where they are copied from."""
        total: dict[str, int] = {}
        for item in self.items:
            total[item.level] = total.get(item.level, 0) + item.bytes
        stored = self.target.constants_in
        copied = sum(table.bytes for table in self.tables if table.level != stored)
        if copied:
            total[stored] = total.get(stored, 0) + copied
        return total

    def dump(self) -> str:
        """Readable text: memories, then one line a call."""
        where = f"{self.target.name}, {self.cores} cores, isa {self.build.isa}, fp {self.build.fp}"
        where += ", products and sums fused" if self.build.fused else ""
        where += f", {self.batch} samples a call, cores share {self.spread}" if self.batch > 1 else ""
        lines = [f"plan {self.graph.name} for {where}"]
        lines += [
            f"  table {t.name}: {t.ctype}[{len(t.data)}] in {t.level}, {t.bytes} bytes" for t in self.tables
        ]
        lines += [
            f"  buffer {b.name}: {b.ctype}[{b.len}] in {b.level}"
            + (f", {b.copies} copies" if b.copies else "")
            for b in self.items[len(self.tables) :]
            if isinstance(b, Buffer)
        ]
        lines += [f"  early {call.apply.function} on {call.who}    # {call.origin}" for call in self.early]
        for at, phase in enumerate(self.phases):
            lines.append(f"  phase {phase.title}")
            for call in phase.calls:
                split = f" over {call.units} units ({call.unit})" if call.who == "split" else ""
                if call.free_units:
                    split += f", the last {call.free_units} to whoever is free"
                if call.stream is not None:
                    split += f" in tiles of {call.stream.tile_units}"
                functions = ", then ".join(apply.function for apply in call.applies)
                lines.append(f"    {functions} on {call.who}{split}    # {call.origin}")
            lines += [f"    then {copy.buffer} to L2" for copy in self.copies if copy.after == at]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)
