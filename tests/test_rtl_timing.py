# SPDX-License-Identifier: Apache-2.0
"""The timing of single instructions on the core's RTL: the user manual's table and the points measured on RI5CY.

Every figure is a slope: the cycles of a long row of the instruction less those of a short one, both with a warm cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rtl_images import COREV, GAP8, Chip, build, regions

pytestmark = pytest.mark.rtl

SHORT, LONG = 16, 48


@dataclass(frozen=True)
class Row:
    """``cycles`` are those of one ``body``; ``setup`` runs before the region."""

    name: str
    body: str
    cycles: int
    setup: str = ""
    fpu: bool = False


# A 32-bit instruction at a half-word address: one compressed instruction shifts the rest of the body.
MISALIGNED = ".option rvc; c.nop; .option norvc"
HALF_ALIGNED_BRANCH = f"beq zero, zero, 1f; {MISALIGNED}; 1: addi a1, a1, 0; {MISALIGNED}"
HALF_ALIGNED_JUMP = f"j 1f; {MISALIGNED}; 1: addi a1, a1, 0; {MISALIGNED}"

ROWS = [
    Row("add", "add a1, a2, a3", 1),
    Row("add, dependent", "add a1, a1, a2", 1),
    Row("mul", "mul a1, a2, a3", 1),
    Row("mulh", "mulh a1, a2, a3", 5),
    Row("mulhsu", "mulhsu a1, a2, a3", 5),
    Row("mulhu", "mulhu a1, a2, a3", 5),
    Row("div by 0x9876", "div a1, a2, a3", 19, "li a2, 0x12345678; li a3, 0x9876"),
    Row("div by 1", "div a1, a2, a3", 34, "li a2, 0x12345678; li a3, 1"),
    Row("div by 0x40000000", "div a1, a2, a3", 4, "li a2, 0x12345678; li a3, 0x40000000"),
    Row("div by 0", "div a1, a2, a3", 35, "li a2, 0x12345678; li a3, 0"),
    Row("divu by 0x9876", "divu a1, a2, a3", 19, "li a2, 0x12345678; li a3, 0x9876"),
    Row("rem by 0x40000000", "rem a1, a2, a3", 4, "li a2, 0x12345678; li a3, 0x40000000"),
    Row("remu by 1", "remu a1, a2, a3", 34, "li a2, 0x12345678; li a3, 1"),
    Row("lw", "lw a1, 0(s0)", 1),
    Row("lw and its use", "lw a1, 0(s0); addi a1, a1, 1", 3),
    Row("lw at a half-word address", "lw a1, 2(s0)", 2),
    Row("lh across words", "lh a1, 3(s0)", 2),
    Row("sw", "sw a1, 0(s0)", 1),
    Row("cv.lw, post-increment", "cv.lw a1, (a4), 4", 1, "mv a4, s0"),
    Row("cv.sw, post-increment", "cv.sw a1, (a4), 4", 1, "mv a4, s0"),
    Row("cv.mac", "cv.mac a1, a2, a3", 1),
    Row("cv.sdotsp.b", "cv.sdotsp.b a1, a2, a3", 1),
    Row("cv.add.h", "cv.add.h a1, a2, a3", 1),
    Row("cv.max", "cv.max a1, a2, a3", 1),
    Row("cv.elw, event there", "cv.elw a1, 0x38(s1)", 4),
    Row("jump", "j 1f; nop; 1:", 2),
    Row("jump to half word", HALF_ALIGNED_JUMP, 3 + 1 + 1),
    Row("branch not taken", "bne zero, zero, 1f; 1:", 1),
    Row("branch taken", "beq zero, zero, 1f; nop; 1:", 3),
    Row("branch to half word", HALF_ALIGNED_BRANCH, 4 + 1 + 1),
    Row("csr mscratch", "csrr a1, mscratch", 1),
    Row("csr mstatus", "csrr a1, mstatus", 4),
    Row("csr mcycle", "csrr a1, mcycle", 4),
    Row("fadd", "fadd.s a1, a2, a3", 1, fpu=True),
    Row("fsub", "fsub.s a1, a2, a3", 1, fpu=True),
    Row("fmul", "fmul.s a1, a2, a3", 1, fpu=True),
    Row("fadd, dependent", "fadd.s a1, a1, a2", 2, fpu=True),
    Row("fmadd, dependent", "fmadd.s a1, a2, a3, a1", 2, fpu=True),
    Row("fmul and its use", "fmul.s a1, a2, a3; addi a4, a1, 0", 3, fpu=True),
    Row("lw and fadd of it", "lw a1, 0(s0); fadd.s a4, a1, a2", 3, fpu=True),
]
# L2 loads wait for their answer one by one.
L2_ROW = Row("lw from L2", "lw a1, 0(s2)", 15)


def program(rows: list[Row]) -> str:
    """Assembly of all rows, each in both lengths and each length twice: the second finds a warm cache."""
    lines = [".option norelax", ".text", ".globl main", ".type main, @function", "main:"]
    for index in range(len(rows)):
        lines += [f"call probe_{index}_{count}" for count in (SHORT, SHORT, LONG, LONG)]
    lines += ["li a0, 0", "call ep_exit"]
    for index, row in enumerate(rows):
        for count in (SHORT, LONG):
            lines += [
                f".balign 16\n.type probe_{index}_{count}, @function\nprobe_{index}_{count}:",
                "addi sp, sp, -16; sw ra, 0(sp)",
                # An event that is there and enabled, for cv.elw; it is left in the buffer.
                "li s1, 0x10204000; li a1, 0x10001; sw a1, 0(s1); li a1, 1; sw a1, 0x100(s1)",
                "la s0, probe_data; la s2, probe_l2_data; li a1, 0; li a2, 3; li a3, 5",
                row.setup.replace(";", "\n"),
                ".option push\n.option norvc\n.balign 16",
                "call ep_roi_begin",
                f".rept {count}\n{row.body.replace(';', chr(10))}\n.endr",
                "call ep_roi_end",
                ".option pop",
                "lw ra, 0(sp); addi sp, sp, 16; ret",
            ]
    lines += ['.section .ep_l1_bss, "aw", @nobits', ".balign 16", "probe_data: .zero 1024"]
    lines += ['.section .ep_l2_rodata, "a", @progbits', ".balign 16", "probe_l2_data: .word 1, 2, 3, 4"]
    return "\n".join(line.replace("; ", "\n") if not line.startswith(".") else line for line in lines) + "\n"


def slopes(chip: Chip, rows: list[Row], folder: Path, **options: int) -> dict[str, float]:
    """Cycles of one body by row name."""
    source = folder / "probes.S"
    source.write_text(program(rows), encoding="ascii")
    elf = build(chip, [source], folder / "probes.elf")
    # A cache that holds the longest row, so that the second pass is warm.
    found = regions(chip, elf, cores=1, **{"icache_bytes": 65536, **options})
    assert len(found) == 4 * len(rows)
    warm = [(found[4 * i + 1]["cycles"], found[4 * i + 3]["cycles"]) for i in range(len(rows))]
    return {row.name: (long - short) / (LONG - SHORT) for row, (short, long) in zip(rows, warm, strict=True)}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Slopes of all rows on both kinds of core."""
    return {
        "pulp-open": slopes(COREV, ROWS, tmp_path_factory.mktemp("fpu")),
        "gap8": slopes(GAP8, [row for row in ROWS if not row.fpu], tmp_path_factory.mktemp("nofpu")),
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_instruction_takes_its_cycles(row: Row, measured: dict[str, dict[str, float]]) -> None:
    assert measured["pulp-open"][row.name] == row.cycles
    if not row.fpu:
        assert measured["gap8"][row.name] == row.cycles


@pytest.mark.parametrize("divide", ["fdiv.s a1, a2, a3", "fsqrt.s a1, a2"])
def test_float_division_takes_1_to_19_cycles(divide: str, tmp_path: Path) -> None:
    row = Row(divide, divide, 19, "li a2, 0x40490fdb; li a3, 0x402df854", fpu=True)
    assert 1 <= slopes(COREV, [row], tmp_path)[divide] <= row.cycles


@pytest.mark.parametrize("body_len", [3, 8])
def test_hardware_loop_costs_nothing_an_iteration(body_len: int, tmp_path: Path) -> None:
    setup = f".balign 4; .4byte 0x472b | (11 << 15) | ({body_len + 1} << 20)"
    counts = [
        Row(f"{n}", f"li a1, {n}; {setup}" + "; addi a2, a2, 1" * body_len, n * body_len + 2) for n in (4, 12)
    ]
    found = slopes(COREV, counts, tmp_path)
    assert found["12"] - found["4"] == 8 * body_len


def test_hardware_loops_nest_two_deep(tmp_path: Path) -> None:
    """The inner loop is set up once a pass of the outer one, and the outer ends two instructions after it."""
    passes = 5
    inner = ".4byte 0x472b | (12 << 15) | (4 << 20)" + "; addi a4, a4, 1" * 3
    outer = f".balign 4; .4byte 0x47ab | (11 << 15) | (7 << 20); {inner}" + "; addi a3, a3, 1" * 2
    counts = [Row(f"{n}", f"li a1, {passes}; li a2, {n}; {outer}", 0) for n in (4, 12)]
    found = slopes(COREV, counts, tmp_path)
    assert found["12"] - found["4"] == passes * 8 * 3


@pytest.mark.parametrize("latency", [8, 15, 30])
def test_l2_load_takes_the_latency(latency: int, tmp_path: Path) -> None:
    found = slopes(COREV, [L2_ROW], tmp_path, l2_latency_cycles=latency)
    assert found[L2_ROW.name] == latency
