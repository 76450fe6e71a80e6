# SPDX-License-Identifier: Apache-2.0
"""The step of the generated program: what every core does of one sample, phase by phase."""

from __future__ import annotations

from itertools import groupby

from edgepar.codegen import literals
from edgepar.codegen.names import Names
from edgepar.codegen.writer import Writer
from edgepar.plan import (
    Apply,
    Argument,
    Call,
    Element,
    Float,
    Named,
    Null,
    Phase,
    Plan,
    Ref,
    Result,
    Signed,
    Stream,
    Unsigned,
)


class Step:
    """Writes the body that every core runs."""

    def __init__(self, writer: Writer, plan: Plan) -> None:
        self.writer = writer
        self.plan = plan
        self.names = Names(plan)
        self.ctypes = {buffer.name: buffer.ctype for buffer in plan.buffers}
        self.tables = {table.name: table for table in plan.tables}
        #: Buffers that stand in for tables, in the tile that is being written.
        self.tiles: dict[str, str] = {}
        # A core that computes a whole sample is alone with it.
        self.alone = plan.spread == "samples"
        self.core = "0u" if self.alone else "core"

    def result(self, place: Result) -> str:
        """Address of a field of the record."""
        for field in self.plan.record:
            if self.names.field(field.name) == place.field:
                scalar = field.flat or field.role == "label"
                return f"&result->{place.field}" if scalar else f"result->{place.field}"
        raise KeyError(place.field)

    def element(self, place: Ref | Result | Named, index: int) -> str:
        """One element as an lvalue."""
        address = self.result(place) if isinstance(place, Result) else place.name
        if address.startswith("&"):
            return address[1:]
        return f"{address}[{index}]"

    def expression(self, argument: Argument) -> str:
        """C text of an argument."""
        match argument:
            case Ref():
                return self.address(argument)
            case Element(place, index):
                return self.element(place, index)
            case Unsigned(value):
                return literals.u32(value)
            case Signed(value):
                return literals.i32(value)
            case Float(value):
                return literals.f32(value)
            case Null():
                return "0"
            case Named("first"):
                return "first" if self.tiles else literals.u32(0)
            case Named("begin" | "end" as bound):
                return f"range.{bound}"
            case Named(name, offset):
                return f"{name} + {literals.u32(offset)}" if offset else name
            case Result():
                first = f" + first * {literals.u32(argument.unit_stride)}" if argument.unit_stride else ""
                return self.result(argument) + (first if self.tiles else "")
            case Apply():
                return self.apply(argument)

    def address(self, ref: Ref) -> str:
        """C text of the address of a table or buffer."""
        if self.tiles and ref.name in self.tiles:
            return self.tiles[ref.name]
        parts = [ref.name]
        if ref.offset:
            parts.append(literals.u32(ref.offset))
        if self.tiles and ref.unit_stride:
            parts.append(f"first * {literals.u32(ref.unit_stride)}")
        if ref.core_stride and not self.alone:
            parts.append(f"core * {literals.u32(ref.core_stride)}")
        return " + ".join(parts)

    def apply(self, call: Apply) -> str:
        """A kernel call as an expression."""
        return f"{call.function}({', '.join(self.expression(argument) for argument in call.arguments)})"

    def call(self, call: Call) -> None:
        """One statement, with a range or a condition around it as its core rule asks."""
        if call.stream is not None and not self.tiles:
            self.stream(call, call.stream)
            return
        statement = f"{self.apply(call.apply)};"
        if call.stored_in is not None:
            ctype = "int32_t" if isinstance(call.stored_in, Result) else self.ctypes[call.stored_in.name]
            statement = f"{self.element(call.stored_in, 0)} = ({ctype}){statement}"
        if call.who == "split":
            with self.writer.block(""):
                units, cores = literals.u32(call.units - call.free_units), self.cores
                self.writer.line(
                    f"const ep_range_t range = ep_split({units}, {cores}, {self.core}); // unit: {call.unit}"
                )
                self.writer.line(statement)
                for apply in call.then:
                    self.writer.line(f"{self.apply(apply)};")
            if call.flags is not None:
                self.free_units(call, call.flags, statement)
        else:
            self.writer.line(statement)

    def free_units(self, call: Call, flags: Ref, statement: str) -> None:
        """A loop over the units that this core gets because it is free."""
        first, free = call.units - call.free_units, literals.u32(call.free_units)
        ask = f"ep_take_unit(team, core, {flags.name}, {free}, taken)"
        self.writer.line(f"// {call.free_units} more, each for whoever is free")
        with self.writer.block(""):
            self.writer.line("uint32_t taken = 0;")
            with self.writer.block(f"for (uint32_t unit = {ask}; unit < {free}; unit = {ask})"):
                self.writer.line(
                    f"const ep_range_t range = {{{literals.u32(first)} + unit, {literals.u32(first + 1)} + unit}};"
                )
                self.writer.line(statement)
                self.writer.line("++taken;")

    def streams(self) -> list[tuple[Call, Stream]]:
        """Calls whose tables come in tiles."""
        return [(call, call.stream) for phase in self.plan.phases for call in phase.calls if call.stream]

    def stride(self, call: Call, table: str) -> int:
        """Elements of a table that belong to one unit."""
        return next(a.unit_stride for a in call.apply.arguments if isinstance(a, Ref) and a.name == table)

    def copies(self) -> None:
        """The copies under way, of each tile in L1."""
        for _, stream in self.streams():
            for _, buffer in stream.tables:
                self.writer.line(f"ep_dma_t {buffer}_copy[{stream.depth}] = {{0u}};")

    def start_stream(self, number: int) -> None:
        """As many tiles of a stream as L1 holds, as early as can be; nothing where there is no such stream."""
        for call, stream in self.streams()[number : number + 1]:
            for tile in range(min(stream.depth, -(-call.units // stream.tile_units))):
                units = min(stream.tile_units, call.units - tile * stream.tile_units)
                for table, buffer in stream.tables:
                    stride = self.stride(call, table)
                    at = literals.u32(tile * stream.tile_units * stride)
                    bytes_ = literals.u32(units * stride * self.tables[table].data.itemsize)
                    self.writer.line(
                        f"{buffer}_copy[{tile}] = ep_dma_start_in({buffer} + {at}, {table} + {at}, {bytes_});"
                    )

    def stream(self, call: Call, stream: Stream) -> None:
        """A loop over tiles: all cores work on one while the next arrive; one barrier a tile."""
        tiles = -(-call.units // stream.tile_units)
        n, depth = stream.tile_units, stream.depth
        rest = call.units - (tiles - 1) * n
        names = ", ".join(table for table, _ in stream.tables)
        self.writer.line(
            f"// {names}: {tiles} tiles from L2, {depth} of them in L1, the next arrive meanwhile"
        )
        with self.writer.block(f"for (uint32_t tile = 0, slot = 0; tile < {tiles}u; ++tile)"):
            begin = f"{literals.u32(stream.first_unit)} + " if stream.first_unit else ""
            self.writer.line(f"const uint32_t first = {begin}tile * {literals.u32(n)};")
            self.writer.line(
                f"const uint32_t units = tile + 1u < {tiles}u ? {literals.u32(n)} : {literals.u32(rest)};"
            )
            with self.writer.block("if (core == 0u)"):
                for _, buffer in stream.tables:
                    self.writer.line(f"ep_dma_wait({buffer}_copy[slot]);")
            self.barrier()
            if tiles > depth:
                with self.writer.block(f"if (core == 0u && tile > 0u && tile + {depth - 1}u < {tiles}u)"):
                    self.writer.line("// the buffer of the tile before is free")
                    self.writer.line(f"const uint32_t free = slot == 0u ? {depth - 1}u : slot - 1u;")
                    self.writer.line(f"const uint32_t next = tile + {depth - 1}u;")
                    for table, buffer in stream.tables:
                        stride = self.stride(call, table)
                        tile_len = literals.u32(n * stride)
                        size = self.tables[table].data.itemsize * stride
                        whole, last = literals.u32(n * size), literals.u32(rest * size)
                        self.writer.line(
                            f"{buffer}_copy[free] = ep_dma_start_in({buffer} + free * {tile_len}, "
                            f"{table} + next * {tile_len}, next + 1u < {tiles}u ? {whole} : {last});"
                        )
            self.tiles = {
                table: f"{buffer} + slot * {literals.u32(n * self.stride(call, table))}"
                for table, buffer in stream.tables
            }
            self.writer.line(
                f"const ep_range_t range = ep_split(units, {self.cores}, core); // unit: {call.unit}"
            )
            for apply in call.applies:
                self.writer.line(f"{self.apply(apply)};")
            self.writer.line(f"slot = slot + 1u < {depth}u ? slot + 1u : 0u;")
            self.tiles = {}
        number = [each for each, _ in self.streams()].index(call)
        if number + 1 < len(self.streams()):
            with self.writer.block("if (core == 0u)"):
                self.start_stream(number + 1)

    @property
    def cores(self) -> str:
        """The number of cores that share a sample, as a macro where they do."""
        return "1u" if self.alone else f"{self.names.macro}_CORES"

    def phase(self, phase: Phase) -> None:
        """The calls of one phase."""
        origins = dict.fromkeys(call.origin for call in phase.calls)
        self.writer.line(f"// {literals.comment(phase.title)}: {literals.comment('; '.join(origins))}")
        for who, calls in groupby(phase.calls, key=lambda call: call.who):
            if who in ("first", "last") and not self.alone:
                core = "0u" if who == "first" else f"{self.cores} - 1u"
                with self.writer.block(f"if (core == {core})"):
                    for call in calls:
                        self.call(call)
            else:
                for call in calls:
                    self.call(call)

    def body(self) -> None:
        """All phases with the barriers between them."""
        plan = self.plan
        self.copies()
        for copy in plan.copies:
            self.writer.line(f"ep_dma_t {copy.buffer}_copy = 0u;")
        for call in plan.early:
            self.call(call)
        if plan.staged:
            first = (
                ", and behind it the first tiles of the table that streams first" if self.streams() else ""
            )
            self.writer.line(f"// the sample is on its way to L1{first}")
            with self.writer.block("if (core == 0u)"):
                if self.streams():
                    self.start_stream(0)
                self.writer.line("ep_dma_wait(call->sample_copy);")
            self.barrier()
        self.phases()
        done = len(plan.phases)
        if plan.copies:
            if any(copy.after == done - 1 for copy in plan.copies):
                self.barrier()
                self.start_copies(done - 1)
            self.writer.line("// what was copied to L2 has arrived")
            with self.writer.block(f"if (core == {self.copier})"):
                for copy in plan.copies:
                    self.writer.line(f"ep_dma_wait({copy.buffer}_copy);")

    def phases(self) -> None:
        """What is computed of one sample, with the barriers in between."""
        plan = self.plan
        done = 0
        for retried, found in groupby(plan.phases, key=lambda phase: phase.attempt > 0):
            group = list(found)
            if retried:
                self.barrier()
                self.attempts(group, 1)
            for at, phase in enumerate([] if retried else group, done):
                # A retry ends with its own barrier.
                if phase.whole_sample:
                    self.writer.line("// the rest of the sample has come")
                    with self.writer.block("if (core == 0u)"):
                        self.writer.line("ep_dma_wait(call->rest_copy);")
                if at and not plan.phases[at - 1].attempt:
                    self.barrier()
                self.start_copies(at - 1)
                self.phase(phase)
            done += len(group)

    def attempts(self, phases: list[Phase], attempt: int) -> None:
        """Nested conditions: the next attempt is inside the one before. Who has nothing to do passes no barrier."""
        now = [phase for phase in phases if phase.attempt == attempt]
        later = [phase for phase in phases if phase.attempt > attempt]
        guard = now[0].guard
        if guard is None:
            raise ValueError(f"{now[0].title}: an attempt needs a guard")
        with self.writer.block(f"if ({self.apply(guard)} != 0u)"):
            self.barrier()
            for number, phase in enumerate(now):
                if number:
                    self.barrier()
                self.phase(phase)
            self.barrier()
            if later:
                self.attempts(later, attempt + 1)

    def start_copies(self, after: int) -> None:
        """Send off what is whole since a phase."""
        copies = [copy for copy in self.plan.copies if copy.after == after]
        if copies:
            with self.writer.block(f"if (core == {self.copier})"):
                for copy in copies:
                    self.writer.line(
                        f"{copy.buffer}_copy = ep_dma_start_out({self.result(Result(copy.field))}, {copy.buffer}, "
                        f"(uint32_t)sizeof {copy.buffer});"
                    )

    @property
    def copier(self) -> str:
        """The core that copies answers: neither the first, which is alone in some phases, nor the last."""
        return f"{self.cores} / 2u"

    def barrier(self) -> None:
        """The visible line, where there is more than one core."""
        if self.plan.team > 1 and not self.alone:
            self.writer.line("ep_team_barrier(team);")


def reads_input(plan: Plan) -> bool:
    """Whether a call reads the sample where it lies."""
    return any(
        isinstance(argument, Named) and argument.name == "input"
        for phase in plan.phases
        for call in phase.calls
        for outer in call.applies
        for apply in (outer, *(a for a in outer.arguments if isinstance(a, Apply)))
        for argument in apply.arguments
    )
