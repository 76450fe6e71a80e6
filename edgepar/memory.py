# SPDX-License-Identifier: Apache-2.0
"""What an image takes of each memory, read from its ELF file, and a bound on its stack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection

from edgepar.errors import ToolchainError

_ALLOC = 0x2


@dataclass(frozen=True)
class MemoryUse:
    """Bytes; None where the target has no such memory.

    ``flash_bytes`` is what has to be stored while the power is off: code, constants and start values. ``ram_bytes`` is
    everything that is writable or executed from RAM, stacks included. ``stack_bytes`` bounds the deepest core.
    """

    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    l1_bytes: int | None
    l2_bytes: int | None


@dataclass(frozen=True)
class _Function:
    name: str
    start: int
    end: int


def memory_use(artefact: Path, platform: str, stack_figures: dict[str, int]) -> MemoryUse:
    """Read section sizes; ``stack_figures`` are frame sizes by function name."""
    with artefact.open("rb") as file:
        elf = ELFFile(file)
        sections = [s for s in elf.iter_sections() if s["sh_flags"] & _ALLOC and s["sh_size"]]
        stored = sum(s["sh_size"] for s in sections if s["sh_type"] != "SHT_NOBITS")
        l1 = sum(s["sh_size"] for s in sections if s.name.startswith((".l1", ".ep_l1")))
        writable = sum(s["sh_size"] for s in sections if s["sh_flags"] & 0x1)
        symbols = _symbols(elf)
        if platform == "host":
            return MemoryUse(stored, writable, stack_bound(elf, stack_figures), None, None)
        stack = symbols["__ep_stack_bytes"]
        if platform == "cortex_m":
            ram = sum(s["sh_size"] for s in sections if s["sh_addr"] >= 0x20000000) + stack
            return MemoryUse(stored, ram, stack_bound(elf, stack_figures), None, None)
        stacks = symbols["__ep_stacks_end"] - symbols["__ep_l1_origin"]
        load_image = sum(
            s["sh_size"]
            for s in sections
            if s.name.startswith((".l1", ".ep_l1")) and s["sh_type"] != "SHT_NOBITS"
        )
        l2 = sum(s["sh_size"] for s in sections if not s.name.startswith((".l1", ".ep_l1"))) + load_image
        return MemoryUse(stored, l1 + stacks + l2, stack_bound(elf, stack_figures), l1 + stacks, l2)


def _symbols(elf: ELFFile) -> dict[str, int]:
    table = elf.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return {}
    return {symbol.name: int(symbol["st_value"]) for symbol in table.iter_symbols()}


def read_stack_figures(build: Path, artefact: Path) -> dict[str, int]:
    """Frame sizes as the compiler states them: GCC's .su files, clang's .stack_sizes section."""
    figures: dict[str, int] = {}
    for path in sorted(build.rglob("*.su")):
        for line in path.read_text(encoding="utf-8").splitlines():
            where, frame, kind = line.split("\t")
            if "dynamic" in kind and "bounded" not in kind:
                raise ToolchainError(
                    f"{path}: {where} has a stack frame without a bound; the C code must not have one."
                )
            name = where.rsplit(":", 1)[1]
            figures[name] = max(figures.get(name, 0), int(frame))
    with artefact.open("rb") as file:
        elf = ELFFile(file)
        by_address = {function.start: function.name for function in _functions(elf)}
        for section in elf.iter_sections():
            if section.name != ".stack_sizes":
                continue
            data, position, width = section.data(), 0, elf.elfclass // 8
            while position < len(data):
                address = int.from_bytes(data[position : position + width], "little")
                position += width
                size = shift = 0
                while True:
                    byte = data[position]
                    position += 1
                    size |= (byte & 0x7F) << shift
                    shift += 7
                    if not byte & 0x80:
                        break
                owner = by_address.get(address & ~1)
                if owner is not None:
                    figures[owner] = max(figures.get(owner, 0), size)
    return figures


def _functions(elf: ELFFile) -> list[_Function]:
    table = elf.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return []
    found = []
    for symbol in table.iter_symbols():
        if symbol["st_info"]["type"] == "STT_FUNC":
            start = int(symbol["st_value"]) & ~1
            found.append(_Function(symbol.name, start, start + max(int(symbol["st_size"]), 2)))
    return sorted(found, key=lambda function: function.start)


def call_graph(elf: ELFFile) -> dict[str, set[str]]:
    """Function -> functions it refers to, from the relocations that the linker kept.

    Whoever takes a function's address counts as its caller; the platform's fork, which calls through a pointer,
    counts as a caller of every function whose address is taken.
    """
    functions = _functions(elf)
    by_start = {function.start: function.name for function in functions}
    graph: dict[str, set[str]] = {function.name: set() for function in functions}
    taken: set[str] = set()
    for section in elf.iter_sections():
        if not isinstance(section, RelocationSection):
            continue
        patched = elf.get_section(section["sh_info"])
        if not patched["sh_flags"] & _ALLOC:
            continue
        symbols = elf.get_section(section["sh_link"])
        if not isinstance(symbols, SymbolTableSection):
            continue
        for relocation in section.iter_relocations():
            symbol = symbols.get_symbol(relocation["r_info_sym"])
            address = int(symbol["st_value"]) & ~1
            callee = by_start.get(address)
            if callee is None or symbol["st_shndx"] == "SHN_UNDEF":
                continue
            caller = _enclosing(functions, int(relocation["r_offset"]))
            kind = int(relocation["r_info_type"])
            if caller is None:
                continue
            if callee != caller:
                graph[caller].add(callee)
            if kind not in _CALLS.get(elf["e_machine"], frozenset()):
                taken.add(callee)
    if "ep_team_fork" in graph:
        graph["ep_team_fork"] |= taken - {"ep_team_fork"}
    return graph


#: Relocation types of direct calls and jumps: RISC-V BRANCH, JAL, CALL, CALL_PLT, RVC_BRANCH, RVC_JUMP; Arm THM_CALL,
#: THM_JUMP24, THM_JUMP19, CALL, JUMP24 (ELF psABI of each).
_CALLS = {
    "EM_RISCV": frozenset({16, 17, 18, 19, 44, 45}),
    "EM_ARM": frozenset({10, 28, 29, 30, 51}),
}


def _enclosing(functions: list[_Function], address: int) -> str | None:
    for function in functions:
        if function.start <= address < function.end:
            return function.name
    return None


def stack_bound(elf: ELFFile, figures: dict[str, int]) -> int:
    """Bytes of the deepest chain of calls, each function with the compiler's frame size.

    Library routines come without figures; each counts with ``_LIBRARY_FRAME_BYTES``. ToolchainError on recursion.
    """
    graph = call_graph(elf)
    depth: dict[str, int] = {}

    def deepest(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            chain = " -> ".join((*path[path.index(name) :], name))
            raise ToolchainError(
                f"the C code calls itself: {chain}; a stack bound needs code without recursion."
            )
        if name not in depth:
            below = max((deepest(callee, (*path, name)) for callee in sorted(graph.get(name, ()))), default=0)
            depth[name] = figures.get(name, _LIBRARY_FRAME_BYTES) + below
        return depth[name]

    return max((deepest(name, ()) for name in sorted(graph)), default=0)


#: More than the deepest frame of any libgcc routine that floats need (32 bytes on RV32, 40 on Arm, by disassembly).
_LIBRARY_FRAME_BYTES = 64
