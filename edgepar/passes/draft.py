# SPDX-License-Identifier: Apache-2.0
"""A Plan while the lowering of each operation adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgepar.graph import Graph
from edgepar.identifier import identifier
from edgepar.kernels import KERNELS
from edgepar.manifest import Field
from edgepar.ops import Op
from edgepar.plan import COPIES_OF, Apply, Argument, Buffer, Call, Named, Phase, Ref, Result, Table, Unsigned
from edgepar.target import Build, Target

Place = Ref | Result | Named

#: Names that the generated text uses itself; names of values come from model files and may be any of them.
_GENERATED = frozenset(
    [
        "answers", "arg", "call", "core", "first", "free", "i", "input", "kept", "latest", "mine", "next", "output",
        "range", "result", "results", "row", "slot", "taken", "team", "tile", "unit", "units", "x",
    ]
)  # fmt: skip
#: What names end in that are derived from those of tables and buffers.
_DERIVED = ("_copy", "_near", "_tiles")


@dataclass
class Draft:
    """Grows while operations are lowered in order; ``place`` says where each value of the graph lies.

    ``copies`` of each buffer are made, where several samples are under way at a time. Where the sample ``may_part``,
    the operation that reads it first may set ``head_len`` (see Plan).
    """

    graph: Graph
    target: Target
    build: Build
    cores: int
    record: tuple[Field, ...]
    staged: bool
    copies: int = 0
    may_part: bool = False
    head_len: int = 0
    place: dict[str, Place] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    buffers: list[Buffer] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    early: list[Call] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sources: dict[str, None] = field(default_factory=dict)
    sums: dict[str, Ref] = field(default_factory=dict)
    """Values whose exact integer sums also exist, by value name."""
    leaf_values: dict[str, tuple[Ref, npt.NDArray[np.float32]]] = field(default_factory=dict)
    """Values that are rows of a table, by value name: where the number of the row lies, and the table."""

    def _unique(self, name: str) -> str:
        taken = {table.name for table in self.tables} | {buffer.name for buffer in self.buffers}
        base, model = identifier(name), identifier(self.graph.name)
        if base in _GENERATED or base == model or base.startswith((f"{model}_", COPIES_OF)):
            base = f"value_{base}"
        if base.endswith(_DERIVED):
            base = f"{base}_value"
        unique = base
        count = 2
        while unique in taken:
            unique = f"{base}_{count}"
            count += 1
        return unique

    def table(
        self, name: str, ctype: str, data: npt.NDArray[np.generic], op: Op, *, fast: bool = False
    ) -> Ref:
        """A new constant table; a ``fast`` one, for which ``fast_table_bytes`` has room, lies in fast memory."""
        unique = self._unique(name)
        level = self.target.fast_level if fast else None
        self.tables.append(
            Table(
                unique,
                ctype,
                np.ascontiguousarray(data).reshape(-1),
                level or self.target.constants_in,
                op.origin,
            )
        )
        return Ref(unique)

    def fast_table_bytes(self) -> int | None:
        """What is left in fast memory for one more table, if all small ones go there, too; None without any."""
        if self.target.fast_level is None:
            return None
        taken = sum(table.bytes for table in self.tables) + sum(buffer.bytes for buffer in self.buffers)
        return max(self.target.fast_bytes - taken, 0)

    def floats(self, name: str, data: npt.NDArray[np.float64], op: Op) -> Ref:
        """A new table of float32; the caller has checked the range."""
        return self.table(name, "float", data.astype(np.float32), op)

    def buffer(
        self,
        name: str,
        ctype: Literal["float", "int32_t", "uint32_t"],
        length: int,
        origin: Op | str,
        copies: int | None = None,
    ) -> Ref:
        """A new scratch array; of a batch in as many ``copies`` as are used at a time."""
        unique = self._unique(name)
        text = origin if isinstance(origin, str) else origin.origin
        copies = self.copies if copies is None else copies
        self.buffers.append(Buffer(unique, ctype, length, self.target.scratch_in, text, copies=copies))
        return Ref(unique)

    def read(self, op: Op) -> Place:
        """Where the operation's one input lies."""
        return self.place[op.inputs[0]]

    def write(self, op: Op) -> Ref | Result:
        """Where the operation's output goes: its field of the result record, or a new buffer."""
        value = self.graph.values[op.output]
        found: Ref | Result | None = None
        for output in self.graph.outputs:
            if output.value == op.output:
                found = Result(identifier(output.name))
                break
        if found is None:
            found = self.buffer(op.output, "float" if value.dtype == "float32" else "int32_t", value.len, op)
        self.place[op.output] = found
        return found

    def apply(self, name: str, *arguments: Argument) -> Apply:
        """A kernel in the best variant that the build has."""
        kernel = KERNELS[name]
        variant = kernel.choose(self.build.kernels)
        self.sources[f"{kernel.folder}/{variant}.c"] = None
        for folder in kernel.needs:
            self.sources[f"{folder}/ref.c"] = None
        return Apply(f"{name}__{variant}", kernel.header, arguments)

    def multiply_add(self, family: str) -> str:
        """``ep_dense_fma_f32`` for ``ep_dense`` where the build fuses products and sums, else ``ep_dense_f32``."""
        return f"{family}_fma_f32" if self.build.fused else f"{family}_f32"

    def split(self, name: str, *arguments: Argument, op: Op, unit: str, units: int) -> Call:
        """A call whose last two arguments are the range of this core; a single unit is core 0's."""
        if units == 1:
            return self.first(name, *arguments, Unsigned(0), Unsigned(1), op=op)
        return Call(
            self.apply(name, *arguments, Named("begin"), Named("end")),
            "split",
            op.origin,
            unit=unit,
            units=units,
        )

    def first(self, name: str, *arguments: Argument, op: Op, stored_in: Ref | Result | None = None) -> Call:
        """A call on core 0 alone."""
        return Call(self.apply(name, *arguments), "first", op.origin, stored_in=stored_in)

    def clear(self, sums: Ref, length: int, op: Op) -> None:
        """Have each core set integers of its own to zero, before the first phase."""
        self.early.append(Call(self.apply("ep_zero_i32", sums, Unsigned(length)), "every", op.origin))

    def leave_free(self, call: Call, count: int) -> Call:
        """The call with its last units for whoever is free; their flags are cleared before the first phase."""
        each = -(-(count + 1) // self.cores)
        flags = self.buffer("taken_units", "int32_t", self.cores * each, call.origin)
        zero = self.apply("ep_zero_i32", replace(flags, core_stride=each), Unsigned(each))
        self.early.append(Call(zero, "every", call.origin))
        return replace(call, free_units=count, flags=flags)

    def phase(
        self,
        title: str,
        *calls: Call,
        guard: Apply | None = None,
        attempt: int = 0,
        whole_sample: bool = False,
    ) -> None:
        """Add calls behind a barrier, or to the previous phase where core 0 simply goes on."""
        previous = self.phases[-1] if self.phases else None
        if (
            previous is not None
            and previous.guard is None
            and guard is None
            and all(call.who == "first" for call in (*previous.calls, *calls))
        ):
            self.phases[-1] = Phase(f"{previous.title}, {title}", (*previous.calls, *calls))
        else:
            self.phases.append(Phase(title, calls, guard, attempt, whole_sample))

    def go_on(self, title: str, source: Place, call: Call, *before: Call) -> None:
        """Add a call that works on the units of ``source``, behind calls of ``before``.

        Where the last phase ends in a call that makes them, each core goes on with those that it has just made.
        """
        previous = self.phases[-1] if self.phases else None
        if (
            previous is not None
            and previous.guard is None
            and isinstance(source, Ref)
            and call.who == "split"
        ):
            last = previous.calls[-1]
            made = {argument.name for argument in last.applies[-1].arguments if isinstance(argument, Ref)}
            if last.who == "split" and last.units == call.units and source.name in made:
                calls = (*previous.calls[:-1], *before, replace(last, then=(*last.then, call.apply)))
                self.phases[-1] = replace(previous, title=f"{previous.title}, {title}", calls=calls)
                return
        self.phase(title, *before, call)
