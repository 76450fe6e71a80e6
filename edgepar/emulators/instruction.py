# SPDX-License-Identifier: Apache-2.0
"""Decoding for the timing model: mnemonic, size and the registers that an instruction reads and writes.

Registers are bits of a set: the integer registers are bits 0 to 31, the F registers (single-precision on Arm) bits 32
to 63, the flags of Arm bit 31.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import capstone
from capstone import arm, riscv

_FLAGS_BIT = 31
_RISCV_NO_RESULT = re.compile(r"(c\.)?(s[bhw]|fsw|swsp|fswsp|b(eq|ne|lt|ge|ltu|geu|eqz|nez)|jr|j)$")
_RISCV_READS_RESULT = re.compile(r"c\.(add|addi|addi16sp|sub|and|andi|or|xor|slli|srli|srai)$")
_ARM_NAMES = {"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14, "pc": 15}
_ARM_PC = 1 << 15
_ARM_LISTS = ("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop")


@dataclass(frozen=True)
class Instruction:
    """One instruction, as far as timing needs it.

    ``addresses`` are the registers of ``reads`` that form a memory address, ``list_length`` the words of a list (load
    multiple and the like), ``loads_pc`` whether it jumps by loading the program counter.
    """

    address: int
    size_bytes: int
    mnemonic: str
    reads: int
    addresses: int
    writes: int
    list_length: int = 0
    loads_pc: bool = False


def _disassembler(architecture: int, mode: int) -> capstone.Cs:
    engine = capstone.Cs(architecture, mode)
    engine.detail = True
    return engine


def _sweep(engine: capstone.Cs, address: int, code: bytes) -> Iterator[tuple[int, Any]]:
    """Decode in address order; yield None where nothing decodes, and go on after the bytes the encoding claims."""
    offset = 0
    while offset < len(code):
        for found in engine.disasm(code[offset:], address + offset):
            yield found.address, found
            offset = found.address + found.size - address
        if offset < len(code):
            yield address + offset, None
            wide = engine.arch == capstone.CS_ARCH_RISCV and code[offset] & 3 == 3
            offset += 4 if wide else 2


def decode_riscv(address: int, code: bytes, zfinx: bool = False) -> Iterator[Instruction]:
    """Decode RV32IMAFC code; with Zfinx the F instructions work on the integer registers."""
    engine = _disassembler(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32 | capstone.CS_MODE_RISCVC)
    for at, found in _sweep(engine, address, code):
        if found is None:
            yield Instruction(at, 4 if code[at - address] & 3 == 3 else 2, "?", 0, 0, 0)
            continue
        mnemonic = engine.insn_name(found.id)
        reads = addresses = writes = 0
        for position, operand in enumerate(found.operands):
            if operand.type == riscv.RISCV_OP_MEM:
                bit = _riscv_bit(engine, operand.mem.base)
                reads |= bit
                addresses |= bit
            elif operand.type == riscv.RISCV_OP_REG:
                bit = _riscv_bit(engine, operand.reg)
                if position == 0 and not _RISCV_NO_RESULT.match(mnemonic):
                    writes |= bit
                    reads |= bit if _RISCV_READS_RESULT.match(mnemonic) else 0
                else:
                    reads |= bit
        if zfinx:
            reads, writes = _fold(reads), _fold(writes)
        yield Instruction(at, found.size, mnemonic, reads, addresses, writes)


def _fold(registers: int) -> int:
    return (registers | registers >> 32) & 0xFFFFFFFE


_RISCV_INTEGER = ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", *(f"a{n}" for n in range(8))]
_RISCV_INTEGER += [*(f"s{n}" for n in range(2, 12)), "t3", "t4", "t5", "t6"]
_RISCV_FLOAT = [*(f"ft{n}" for n in range(8)), "fs0", "fs1", *(f"fa{n}" for n in range(8))]
_RISCV_FLOAT += [*(f"fs{n}" for n in range(2, 12)), "ft8", "ft9", "ft10", "ft11"]
_RISCV_BITS = {name: 1 << bit for bit, name in enumerate(_RISCV_INTEGER + _RISCV_FLOAT)} | {
    "zero": 0,
    "fp": 1 << 8,
}


def _riscv_bit(engine: capstone.Cs, register: int) -> int:
    return _RISCV_BITS.get(engine.reg_name(register) or "zero", 0)


def decode_arm(address: int, code: bytes) -> Iterator[Instruction]:
    """Decode Thumb-2 code with the single-precision FPU."""
    engine = _disassembler(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    for at, found in _sweep(engine, address, code):
        if found is None:
            yield Instruction(at, 2, "?", 0, 0, 0)
            continue
        mnemonic = engine.insn_name(found.id)
        read_names, written_names = found.regs_access()
        reads = _arm_set(engine, read_names)
        written = _arm_set(engine, written_names)
        addresses = 0
        for operand in found.operands:
            if operand.type == arm.ARM_OP_MEM:
                addresses |= _arm_set(engine, (operand.mem.base, operand.mem.index))
        listed = 0
        if mnemonic.startswith(_ARM_LISTS):
            registers = [operand.reg for operand in found.operands if operand.type == arm.ARM_OP_REG]
            if mnemonic not in ("push", "pop", "vpush", "vpop"):
                registers = registers[1:]
            listed = sum(_arm_set(engine, (register,)).bit_count() for register in registers)
        elif mnemonic in ("ldrd", "strd"):
            listed = 2
        loads_pc = mnemonic in ("ldr", "pop", "ldm", "ldmdb") and bool(written & _ARM_PC)
        reads, addresses, writes = reads & ~_ARM_PC, addresses & ~_ARM_PC, written & ~_ARM_PC
        yield Instruction(at, found.size, mnemonic, reads, addresses, writes, listed, loads_pc)


def _arm_set(engine: capstone.Cs, registers: tuple[int, ...] | list[int]) -> int:
    bits = 0
    for register in registers:
        name = engine.reg_name(register) if register else None
        if not name:
            continue
        if name in _ARM_NAMES:
            bits |= 1 << _ARM_NAMES[name]
        elif name in ("cpsr", "apsr_nzcv", "fpscr", "fpscr_nzcv"):
            bits |= 1 << _FLAGS_BIT
        elif name[0] in "rs" and name[1:].isdigit():
            bits |= 1 << (int(name[1:]) + (32 if name[0] == "s" else 0))
        elif name[0] == "d" and name[1:].isdigit() and int(name[1:]) < 16:
            bits |= 3 << (32 + 2 * int(name[1:]))
    return bits
