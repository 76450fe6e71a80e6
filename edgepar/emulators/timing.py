# SPDX-License-Identifier: Apache-2.0
"""Instruction timing tables, and what the QEMU plugin is told about an image.

A table is a TOML file in ``plugin/``: classes of instructions with their cycles, and parameters of the memories.
:func:`describe` decodes the image once, looks every instruction up and writes the lines that ``plugin/timing.c`` reads,
so that the plugin knows no instruction set.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from edgepar.emulators.elf import Image
from edgepar.emulators.instruction import Instruction, decode_arm, decode_riscv
from edgepar.errors import UsageError

PLUGIN_FOLDER = Path(__file__).parent / "plugin"

# Flags of an instruction line; timing.c has the same.
_LOAD, _STORE, _FPU, _PIPELINED, _UNKNOWN, _SERIAL_FPU, _ALWAYS = 1, 2, 4, 8, 16, 32, 64
_KIND_FLAGS = {"plain": 0, "load": _LOAD, "store": _STORE, "load_store": _LOAD | _STORE}


class InstructionClass(BaseModel):
    """One row of a timing table; the columns are explained in the TOML files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    mnemonics: tuple[str, ...]
    issue: int
    result: int | None = None
    result_address: int | None = None
    result_fpu: int | None = None
    taken: int = 0
    per_register: int = 0
    kind: Literal["plain", "load", "store", "load_store"] = "plain"
    fpu: bool = False
    serial: bool = False
    unconditional: bool = False
    pipelined: bool = False
    issue_in: Mapping[str, int] = {}

    def issue_at(self, function: str) -> int:
        """Cycles until the next instruction, in a function of that name."""
        return self.issue_in.get(function, self.issue)


class TimingTable(BaseModel):
    """A timing table: where its figures are from, the parameters of the memories, and the classes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    parameters: Mapping[str, int]
    classes: tuple[InstructionClass, ...]

    def find(self, mnemonic: str) -> InstructionClass | None:
        """Return the class of a mnemonic, or None when no row names it."""
        for row in self.classes:
            if any(fnmatch.fnmatchcase(mnemonic, pattern) for pattern in row.mnemonics):
                return row
        return None


@dataclass(frozen=True)
class Description:
    """The plugin's configuration for one image."""

    text: str
    parameters: Mapping[str, int]


def table_names() -> tuple[str, ...]:
    """Return the names of the timing tables."""
    return tuple(sorted(path.stem for path in PLUGIN_FOLDER.glob("*.toml")))


@cache
def load_table(name: str) -> TimingTable:
    """Read the timing table of that name."""
    path = PLUGIN_FOLDER / f"{name}.toml"
    if name not in table_names():
        raise UsageError(
            f"QEMU option timing: there is no table {name!r}; the tables are {', '.join(table_names())}."
        )
    raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return TimingTable(source=raw["source"], parameters=raw["parameters"], classes=tuple(raw["class"]))


def describe(
    image: Image, table_name: str, overrides: Mapping[str, int], max_cycles: int, output: str
) -> Description:
    """Write the configuration of the plugin for an image.

    ``overrides`` replace parameters of the table; a name that the table does not have is refused.
    """
    table = load_table(table_name)
    for name in overrides:
        if name not in table.parameters:
            allowed = ", ".join(sorted(table.parameters))
            raise UsageError(
                f"QEMU option {name}: the timing table {table_name} has no such parameter; it has {allowed}."
            )
    parameters = {**table.parameters, **overrides}
    start, end = image.code_span()
    lines = [
        f"output {output}",
        f"max_cycles {max_cycles}",
        f"region_begin {image.symbol('ep_roi_begin')}",
        f"region_end {image.symbol('ep_roi_end')}",
        f"wait_start {image.symbol('__ep_wait_start')}",
        f"wait_end {image.symbol('__ep_wait_end')}",
        f"code_start {start}",
        f"code_bytes {end - start}",
        *_memory_lines(image, parameters),
    ]
    rows: dict[str, InstructionClass | None] = {}
    for address, code in image.code_ranges():
        for instruction in _decode(image, address, code):
            if instruction.mnemonic not in rows:
                rows[instruction.mnemonic] = table.find(instruction.mnemonic)
            row = rows[instruction.mnemonic]
            # Names are looked up for the few instructions alone that ask for them.
            function = image.function(instruction.address) if row is not None and row.issue_in else ""
            lines.append(_instruction_line(instruction, row, function))
    return Description(text="\n".join(lines) + "\n", parameters=parameters)


def _decode(image: Image, address: int, code: bytes) -> Iterator[Instruction]:
    if image.machine == "riscv":
        return decode_riscv(address, code, image.soft_float_abi)
    return decode_arm(address, code)


def _memory_lines(image: Image, parameters: Mapping[str, int]) -> Iterator[str]:
    yield f"misaligned_cycles {parameters['misaligned_cycles']}"
    if image.machine == "riscv":
        latency = parameters["l2_latency_cycles"]
        yield f"wide_target_cycles {parameters['wide_target_cycles']}"
        for name in (
            "barrier_cycles",
            "fork_cycles",
            "dma_start_cycles",
            "dma_latency_cycles",
            "dma_wait_cycles",
        ):
            yield f"{name} {parameters[name]}"
        for name in (
            "ep_release_barrier",
            "ep_release_fork",
            "__ep_dma_start",
            "__ep_dma_end",
            "ep_release_dma",
        ):
            # One that the linker dropped is never executed.
            yield f"{name.removeprefix('__').removeprefix('ep_')} {image.symbols.get(name, 0)}"
        start = image.symbol("__ep_l2_origin")
        size_bytes = image.symbol("__ep_l2_end") - start
        yield f"l2_start {start}"
        yield f"l2_bytes {size_bytes}"
        yield f"l2_load_cycles {latency - 1}"
        yield f"l2_store_cycles {parameters['l2_store_cycles']}"
        fetch = _cache(parameters["icache_bytes"], parameters["icache_line_bytes"], parameters["icache_ways"])
        miss = latency + parameters["icache_refill_cycles"]
        yield f"fetch_cache {start} {size_bytes} {fetch} {miss} 0"
        return
    start = image.symbol("__ep_flash_start")
    flash = f"{start} {image.symbol('__ep_flash_end') - start}"
    line_bytes, ways = parameters["flash_line_bytes"], parameters["flash_cache_ways"]
    wait = parameters["flash_wait_cycles"]
    yield f"fetch_cache {flash} {_cache(parameters['flash_fetch_cache_bytes'], line_bytes, ways)} {wait} 1"
    yield f"data_cache {flash} {_cache(parameters['flash_data_cache_bytes'], line_bytes, ways)} {wait} 0"


def _cache(size_bytes: int, line_bytes: int, ways: int) -> str:
    return f"{line_bytes} {ways} {size_bytes // (line_bytes * ways)}"


def _instruction_line(instruction: Instruction, row: InstructionClass | None, function: str) -> str:
    if row is None:
        cycles, flags = (1, 0, 1, 1, 1), _UNKNOWN
    else:
        issue = row.issue_at(function) + row.per_register * instruction.list_length
        result = row.result if row.result is not None else issue
        address = row.result_address if row.result_address is not None else result
        fpu = row.result_fpu if row.result_fpu is not None else result
        taken = 2 if instruction.loads_pc else row.taken
        flags = _KIND_FLAGS[row.kind]
        flags |= _FPU if row.fpu else 0
        flags |= _PIPELINED if row.pipelined and not instruction.loads_pc else 0
        flags |= _SERIAL_FPU if row.serial else 0
        flags |= _ALWAYS if row.unconditional else 0
        cycles = (issue, taken, result, address, fpu)
    issue, taken, result, address, fpu = cycles
    return (
        f"insn {instruction.address} {instruction.size_bytes} {issue} {taken} {flags} {result} {address} {fpu} "
        f"{instruction.reads:x} {instruction.addresses:x} {instruction.writes:x}"
    )
