# SPDX-License-Identifier: Apache-2.0
"""What the emulators read from an image: symbols, code and which instruction set it is."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from edgepar.errors import EmulatorError

_MACHINES: dict[str, Literal["riscv", "arm"]] = {"EM_RISCV": "riscv", "EM_ARM": "arm"}
_EXECUTABLE = 4
_RISCV_FLOAT_ABI = 6


@dataclass(frozen=True)
class Image:
    """An ELF file for an emulator.

    Attributes
    ----------
    soft_float_abi : bool
        Floats are passed in integer registers; with F instructions in the code, that is Zfinx.
    symbols : dict[str, int]
        Values of the named symbols (Thumb bit removed).
    code : tuple[tuple[int, bytes], ...]
        Executable sections: address and bytes.
    marks : tuple[tuple[int, bool], ...]
        Mapping symbols in order of address: from here on instructions (True) or data (False).
    """

    path: Path
    machine: Literal["riscv", "arm"]
    soft_float_abi: bool
    symbols: dict[str, int]
    code: tuple[tuple[int, bytes], ...]
    marks: tuple[tuple[int, bool], ...]
    _functions: tuple[tuple[int, str], ...] = field(repr=False)

    def symbol(self, name: str) -> int:
        """Return the value of a symbol that every image has."""
        if name not in self.symbols:
            raise EmulatorError(
                f"{self.path.name}: no symbol {name}; link it with the harness and its platform's link.ld."
            )
        return self.symbols[name]

    def where(self, address: int) -> str:
        """Return an address with the function it lies in: ``0x80001234 (ep_model_infer+0x10)``."""
        found = self._function(address)
        if found is None or not any(start <= address < start + len(code) for start, code in self.code):
            return f"0x{address:08x}"
        start, name = found
        return f"0x{address:08x} ({name}+0x{address - start:x})"

    def function(self, address: int) -> str:
        """Return the name of the function that an instruction belongs to; empty before the first one."""
        found = self._function(address)
        return "" if found is None else found[1]

    def _function(self, address: int) -> tuple[int, str] | None:
        position = bisect.bisect_right(self._functions, (address, "\uffff")) - 1
        return None if position < 0 else self._functions[position]

    def code_span(self) -> tuple[int, int]:
        """Return the lowest address of code and the one after the highest."""
        if not self.code:
            raise EmulatorError(f"{self.path.name}: the image holds no code.")
        return min(start for start, _ in self.code), max(start + len(code) for start, code in self.code)

    def code_ranges(self) -> Iterator[tuple[int, bytes]]:
        """Yield the stretches of instructions, without the data between them."""
        for start, code in self.code:
            end = start + len(code)
            inside = [mark for mark in self.marks if start <= mark[0] < end]
            if not inside or inside[0][0] > start:
                inside.insert(0, (start, True))
            bounds = [address for address, _ in inside[1:]] + [end]
            for (address, instructions), stop in zip(inside, bounds, strict=True):
                if instructions and stop > address:
                    yield address, code[address - start : stop - start]


def load_image(path: Path) -> Image:
    """Read an ELF file; a file that is none, or for another machine, is an EmulatorError."""
    try:
        with path.open("rb") as stream:
            elf = ELFFile(stream)
            machine = _MACHINES.get(elf["e_machine"])
            soft_float_abi = elf["e_flags"] & _RISCV_FLOAT_ABI == 0
            table = elf.get_section_by_name(".symtab")
            if machine is None or not isinstance(table, SymbolTableSection):
                raise EmulatorError(
                    f"{path.name}: expected a RISC-V or Arm image with symbols, found {elf['e_machine']}."
                )
            symbols: dict[str, int] = {}
            marks: dict[int, bool] = {}
            functions: list[tuple[int, str]] = []
            for entry in table.iter_symbols():
                function = entry["st_info"]["type"] == "STT_FUNC"
                value = entry["st_value"] & ~1 if machine == "arm" and function else entry["st_value"]
                if entry.name[:2] in ("$x", "$t", "$a", "$d"):
                    index = entry["st_shndx"]
                    if isinstance(index, int) and elf.get_section(index)["sh_flags"] & _EXECUTABLE:
                        marks[value] = entry.name[1] != "d"
                    continue
                if entry["st_shndx"] == "SHN_UNDEF":
                    continue
                symbols[entry.name] = value
                if function:
                    functions.append((value, entry.name))
            code = tuple(
                (section["sh_addr"], section.data())
                for section in elf.iter_sections()
                if section["sh_flags"] & _EXECUTABLE and section["sh_type"] == "SHT_PROGBITS"
            )
    except (OSError, ELFError, KeyError, ValueError) as error:
        raise EmulatorError(f"{path.name}: not a readable ELF image ({error}).") from error
    return Image(
        path, machine, soft_float_abi, symbols, code, tuple(sorted(marks.items())), tuple(sorted(functions))
    )
