# SPDX-License-Identifier: Apache-2.0
"""Modelled cycles, instruction class by instruction class, and RISC-V against the RTL of the core."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.qemu_images import CORTEX_M, RTL, VIRT_ZFINX
from tests.qemu_probes import Probe, measure

WIDE = ".option push\n.option norvc\n{}\n.option pop"

# a0: memory in L1, a1: memory in L2. Cycles are those of the RTL, which test_risc_v_against_rtl compares.
RISCV = [
    Probe("integer ALU", "addi a3, a3, 1", 1),
    Probe("mul", "mul a3, a3, a4", 1),
    Probe("mulh", "mulh a3, a3, a4", 5),
    Probe("div by 8", "div a3, a4, a4", 31, setup="li a4, 8"),
    Probe("load", "lw a3, 0(a0)", 1),
    Probe("load, use", "lw a3, 0(a0)\naddi a4, a3, 1", 3),
    Probe("load, other, use", "lw a3, 0(a0)\naddi a5, a5, 1\naddi a4, a3, 1", 3),
    Probe("load, use as address", "lw a3, 0(a0)\nlw a4, 0(a3)", 3, setup="sw a0, 0(a0)"),
    Probe("load, store it", "lw a3, 0(a0)\nsw a3, 4(a0)", 3),
    Probe("load, FPU use", "lw a3, 0(a0)\nfadd.s a4, a3, a3", 3),
    Probe("store", "sw a3, 0(a0)", 1),
    Probe("misaligned load", "lw a3, 1(a0)", 2),
    Probe("misaligned store", "sw a3, 1(a0)", 2),
    Probe("half-word across words", "lh a3, 3(a0)", 2),
    Probe("half-word in a word", "lh a3, 1(a0)", 1),
    Probe("load from L2", "lw a3, 0(a1)", 15),
    Probe("loads from L2", "lw a3, 0(a1)\nlw a4, 4(a1)\nlw a5, 8(a1)", 45),
    Probe("load from L2, use", "lw a3, 0(a1)\naddi a4, a3, 1", 17),
    Probe("load from L2, others", "lw a3, 0(a1)\naddi a4, a4, 1\naddi a4, a4, 1", 17),
    Probe("load from L2, load", "lw a3, 0(a1)\nlw a4, 0(a0)", 16),
    Probe("misaligned load from L2", "lw a3, 1(a1)", 30),
    Probe("store to L2", "sw a3, 0(a1)", 15),
    Probe("store to L2, others", "sw a3, 0(a1)\naddi a4, a4, 1\naddi a4, a4, 1", 17),
    Probe("jump", "j 1f\n1:", 2),
    Probe(
        "jump to a wide one across words",
        WIDE.format("j 1f") + "\nc.nop\n1:\n" + WIDE.format("addi a3, a3, 1") + "\nc.nop",
        5,
    ),
    Probe("call and return", "jal ra, 1f\nj 2f\n1: ret\n2:", 6),
    Probe("branch taken", WIDE.format("beq a0, a0, 1f\naddi a3, a3, 1\n1:"), 3),
    Probe("branch not taken", "bne a0, a0, 1f\n1:", 1),
    Probe("load, branch on it", "lw a3, 0(a0)\nbnez a3, 1f\n1:", 3, setup="sw zero, 0(a0)"),
    Probe("fadd", "fadd.s a3, a4, a5", 1),
    Probe("fadd, dependent", "fadd.s a3, a3, a5", 2),
    Probe("fmul, integer use", "fmul.s a3, a4, a5\naddi a6, a3, 1", 3),
    Probe("fmul, other, use", "fmul.s a3, a4, a5\naddi a7, a7, 1\naddi a6, a3, 1", 3),
    Probe("fmul, store", "fmul.s a3, a4, a5\nsw a3, 0(a0)", 3),
    Probe("fmul, fadd", "fmul.s a3, a4, a5\nfadd.s a6, a6, a3", 3),
    Probe("fmadd, dependent", "fmadd.s a3, a4, a5, a3", 2),
    Probe("loads, fmul, fadd", "lw a3, 0(a0)\nlw a4, 4(a0)\nfmul.s a3, a3, a4\nfadd.s a6, a6, a3", 6),
    Probe("fcvt, dependent", "fcvt.s.w a3, a3", 2),
    Probe("fmin, dependent", "fmin.s a3, a3, a5", 2),
    Probe("fsgnj, dependent", "fsgnj.s a3, a3, a5", 2),
    Probe("fle, branch on it", "fle.s a3, a4, a5\nbeqz a3, 1f\n1:", 3),
    Probe("fdiv", "fdiv.s a3, a4, a5", 19, setup="li a4, 0x40490fdb\nli a5, 0x402df854"),
    Probe(
        "fdiv, fadd", "fdiv.s a3, a4, a5\nfadd.s a6, a4, a5", 21, setup="li a4, 0x40490fdb\nli a5, 0x402df854"
    ),
    Probe("fdiv, use", "fdiv.s a3, a4, a5\naddi a6, a3, 1", 20, setup="li a4, 0x40490fdb\nli a5, 0x402df854"),
    Probe(
        "fdiv, integers",
        "fdiv.s a3, a4, a5\n.rept 24\naddi a6, a6, 1\n.endr",
        26,
        # Short and in one page, since the model forgets a division where QEMU ends a block.
        setup="li a4, 0x40490fdb\nli a5, 0x402df854\nj 9f\n.balign 2048\n9:",
        few=1,
        many=4,
    ),
    Probe("fsqrt", "fsqrt.s a3, a4", 19, setup="li a4, 0x40490fdb"),
    Probe("CSR read", "csrr a3, mhartid", 1),
    Probe("fence", "fence", 4),
]

# r0: memory in RAM, r2: constants in flash.
ARM = [
    Probe("ALU", "add r3, r3, #1", 1),
    Probe("mul", "mul r3, r3, r4", 1),
    Probe("mla", "mla r3, r4, r5, r3", 1),
    Probe("umull", "umull r3, r4, r5, r6", 1),
    Probe("smlad", "smlad r3, r4, r5, r3", 1),
    Probe("udiv, the middle", "udiv r3, r4, r5", 7, setup="mov r5, #3"),
    Probe("loads in a row", "ldr r3, [r0]", 1),
    Probe("load, ALU", "ldr r3, [r0]\nadd r4, r4, #1", 3),
    Probe("load, use", "ldr r3, [r0]\nadd r4, r3, #1", 3),
    Probe("load, use as address", "ldr r3, [r0]\nldr r4, [r3]", 3, setup="str r0, [r0]"),
    Probe("address from the ALU", "add r3, r0, #4\nldr r4, [r3]", 4),
    Probe("address from the ALU, other between", "add r3, r0, #4\nadd r5, r5, #1\nldr r4, [r3]", 4),
    Probe("store", "str r3, [r0]", 1),
    Probe("ldrd", "ldrd r4, r5, [r0]", 3),
    Probe("strd", "strd r4, r5, [r0]", 3),
    Probe("ldm of 3", "ldm r0, {r4, r5, r6}", 4),
    Probe("stm of 3", "stm r0, {r4, r5, r6}", 4),
    Probe("push and pop of 3", "push {r4, r5, r6}\npop {r4, r5, r6}", 8),
    Probe("branch", "b 1f\nnop\n1:", 3),
    Probe("branch not taken", "bne 1f\n1:", 1, setup="cmp r0, r0"),
    Probe("branch taken", "beq 1f\nnop\n1:", 3, setup="cmp r0, r0"),
    Probe("call and return", "bl 1f\nb 2f\n1: bx lr\n2:", 9),
    Probe(
        "return by pop",
        "push {r4, lr}\nadr lr, 1f\norr lr, lr, #1\npush {r4, lr}\npop {r4, pc}\n.balign 4\n1: pop {r4, lr}",
        16,
        many=24,
    ),
    Probe("table branch", "tbb [pc, r12]\n.byte 1, 1", 6, setup="mov r12, #0", many=24),
    Probe("misaligned load", "ldr r3, [r0, #1]\nnop", 4),
    Probe("vadd", "vadd.f32 s0, s1, s2", 1),
    Probe("vadd, dependent", "vadd.f32 s0, s0, s2", 2),
    Probe("vmul, vadd", "vmul.f32 s0, s1, s2\nvadd.f32 s3, s3, s0", 3),
    Probe("vmul, other, vadd", "vmul.f32 s0, s1, s2\nadd r3, r3, #1\nvadd.f32 s3, s3, s0", 3),
    Probe("vmla, dependent", "vmla.f32 s0, s1, s2", 4),
    Probe("vmla, independent", "vmla.f32 s0, s1, s2\nvmla.f32 s3, s1, s2", 6),
    Probe("vdiv", "vdiv.f32 s0, s1, s2", 14),
    Probe("vsqrt", "vsqrt.f32 s0, s1", 14),
    Probe("vcvt", "vcvt.f32.s32 s0, s1", 1),
    Probe("vcmp, vmrs", "vcmp.f32 s0, s1\nvmrs APSR_nzcv, fpscr", 2),
    Probe("vmov", "vmov s0, r3", 1),
    Probe("vmov of a constant", "vmov.f32 s0, #1.0", 1),
    Probe("vldr", "vldr s0, [r0]", 2),
    Probe("vstr", "vstr s0, [r0]", 2),
    Probe("vldm of 4", "vldm r0, {s0-s3}", 5),
    Probe("constant in the flash buffer", "ldr r3, [r2]", 1),
    # 48 and 96 lines of 8 bytes do not fit into 256 bytes: each is read from flash, 4 wait states.
    Probe("constants streamed from flash", "ldr r3, [r2], #8", 6, few=48, many=96),
    # Code of 2 and 4 KiB runs through the 1 KiB cache: two instructions a line, a line every 5 cycles.
    Probe("code streamed from flash", "add.w r3, r3, #1", 2.5, few=512, many=1024),
]


@pytest.fixture(scope="module")
def riscv_cycles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    found = measure(VIRT_ZFINX, RISCV, tmp_path_factory.mktemp("riscv"))
    return {probe.name: float(cycles) for probe, cycles in zip(RISCV, found, strict=True)}


@pytest.fixture(scope="module")
def arm_cycles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    found = measure(CORTEX_M, ARM, tmp_path_factory.mktemp("arm"))
    return {probe.name: float(cycles) for probe, cycles in zip(ARM, found, strict=True)}


@pytest.mark.qemu
@pytest.mark.parametrize("probe", RISCV, ids=lambda probe: probe.name)
def test_risc_v_class(probe: Probe, riscv_cycles: dict[str, float]) -> None:
    assert riscv_cycles[probe.name] == pytest.approx(probe.cycles, abs=0.04)


@pytest.mark.qemu
@pytest.mark.parametrize("probe", ARM, ids=lambda probe: probe.name)
def test_cortex_m4_class(probe: Probe, arm_cycles: dict[str, float]) -> None:
    assert arm_cycles[probe.name] == pytest.approx(probe.cycles, abs=0.04)


@pytest.mark.rtl
def test_risc_v_against_rtl(tmp_path: Path) -> None:
    found = measure(RTL, RISCV, tmp_path)
    wrong = {
        p.name: (p.cycles, float(c)) for p, c in zip(RISCV, found, strict=True) if abs(p.cycles - c) > 0.04
    }
    assert wrong == {}
    assert np.all(found > 0)
