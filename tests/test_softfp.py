# SPDX-License-Identifier: Apache-2.0
"""The float routines for cores without FPU: the bits of the hardware, on the host, in QEMU and on the RTL."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.case import Case
from tests.images import DEMO, assert_same_bits, cases, image_of, run_of
from tests.kernel_library import WARNINGS
from tests.oracle import judge
from tests.qemu_images import VIRT_SOFT, Platform
from tests.softfp_programs import (
    ROUTINES,
    SOFTFP,
    SOURCES,
    differences,
    hardware_hashes,
    host_program,
    image_hashes,
)
from tests.test_kernels_build import compiler
from tests.test_kernels_targets import helper_library

GAP8_XPULP = Platform("rtl with CORE-V", "gap8", "rtl", "corev", 1)
MILLION = 1_000_000


def test_a_million_operands_of_every_routine() -> None:
    assert differences(host_program(), "binary", 0, MILLION, 1) == (MILLION, {})


def test_a_spread_of_the_single_operands() -> None:
    """An odd step visits every exponent and every low bit pattern."""
    assert differences(host_program(), "unary", 0, 4099, MILLION, 1) == (MILLION, {})


@pytest.mark.deep
def test_a_thousand_million_operands_of_every_routine() -> None:
    assert differences(host_program(), "binary", MILLION, 1000 * MILLION, 2) == (1000 * MILLION, {})


@pytest.mark.deep
def test_all_single_operands() -> None:
    assert differences(host_program(), "unary", 0, 1, 2**32, 2) == (2**32, {})


def test_sanitizers_find_nothing() -> None:
    """Shifts by the width and signed overflow among them."""
    program = host_program(("-g", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"))
    assert differences(program, "binary", 7 * MILLION, MILLION // 10, 1) == (MILLION // 10, {})
    assert differences(program, "unary", 11, 42949, MILLION // 10, 1) == (MILLION // 10, {})


MUTATIONS = [
    ("add.c", "distance > FAR + 1", "distance > FAR - 3", "add"),
    ("add.c", "#define LEAST_EXPONENT 25u", "#define LEAST_EXPONENT 2u", "sub"),
    ("multiply.c", "lower == 0 ? up & ~1u : up", "lower == 1 ? up & ~1u : up", "mul"),
    ("divide.c", "rest << 1 >= by", "rest << 1 > by + 1", "div"),
    ("square_root.c", "root -= (uint32_t)(left < 0)", "root -= (uint32_t)(left < -0x1000000)", "sqrt"),
    ("fused.c", "(uint64_t)(cut != 0)", "(uint64_t)(cut == 1)", "fma"),
    ("convert.c", "top << 24", "top << 25", "floatsi"),
    ("round.c", "rest + (whole & 1u)", "rest", "add"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "routine"), MUTATIONS, ids=lambda value: str(value)[:24])
def test_small_mistakes_are_found(name: str, right: str, wrong: str, routine: str, tmp_path: Path) -> None:
    """The operands reach the rare paths: a slip in one of them shows."""
    text = (SOFTFP / name).read_text()
    assert text.count(right) == 1
    (tmp_path / name).write_text(text.replace(right, wrong))
    program = host_program(instead=tmp_path / name)
    _, binary = differences(program, "binary", 0, MILLION, 1)
    _, unary = differences(program, "unary", 0, 4099, MILLION, 1)
    assert routine in {**binary, **unary}


def test_the_program_refuses_a_wrong_call() -> None:
    done = subprocess.run(
        [str(host_program()), "unary", "0", "1", "1", "0"], check=False, capture_output=True
    )
    assert done.returncode == 2
    assert b"THREADS is 0, allowed are 1 to 64" in done.stderr


@pytest.mark.qemu
def test_a_million_operands_in_qemu(tmp_path: Path) -> None:
    blocks, block_len = 1000, 1000
    found = image_hashes(VIRT_SOFT, tmp_path, 0, block_len, blocks, helper_library(VIRT_SOFT))
    wanted = hardware_hashes(0, block_len, blocks)
    assert [
        name for name, same in zip(ROUTINES, (found == wanted).all(axis=0), strict=True) if not same
    ] == []


@pytest.mark.rtl
def test_ten_thousand_operands_on_the_rtl(tmp_path: Path) -> None:
    """The form with CORE-V operations."""
    blocks, block_len = 10, 1000
    found = image_hashes(GAP8_XPULP, tmp_path, 500_000, block_len, blocks, helper_library(GAP8_XPULP))
    wanted = hardware_hashes(500_000, block_len, blocks)
    assert [
        name for name, same in zip(ROUTINES, (found == wanted).all(axis=0), strict=True) if not same
    ] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
@pytest.mark.parametrize("name", ["gcc", "clang"])
def test_no_warnings(source: Path, name: str, tmp_path: Path) -> None:
    flags = ["-O3", "-std=c11", *WARNINGS, "-Wpedantic", "-Wstrict-prototypes", "-Wmissing-prototypes"]
    flags += [
        "-ffreestanding",
        f"-I{SOFTFP / 'rv32im'}",
        "-c",
        str(source),
        "-o",
        str(tmp_path / "routine.o"),
    ]
    done = subprocess.run([compiler(name), *flags], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.rtl
@pytest.mark.parametrize("case", [*DEMO, *cases("cancer_logistic_l1_norm")], ids=str)
def test_softfp_and_libgcc_give_the_same_bits_and_softfp_is_faster(case: Case) -> None:
    """The same kernels on the same core; and the bits are those of the host's FPU."""
    softfp, libgcc = (run_of(case, "gap8", fp=fp, rows=1) for fp in ("softfp", "libgcc"))
    assert_same_bits(softfp, libgcc)
    assert_same_bits(softfp, run_of(case, "host"))
    assert softfp.cycles[0] < libgcc.cycles[0]


@pytest.mark.parametrize(
    ("target", "emulator", "isa"),
    [
        ("pulp-open", "rtl", "corev"),
        ("pulp-open", "rtl", "plain"),
        ("pulp-open", "qemu", "plain"),
        ("gap8", "rtl", "plain"),
    ],
)
def test_softfp_builds_give_the_bits_of_the_host(target: str, emulator: str, isa: str) -> None:
    case = DEMO[1]
    run = run_of(case, target, emulator=emulator, isa=isa, fp="softfp", rows=2)
    assert_same_bits(run, run_of(case, "host"))
    judge(
        image_of(case, target, emulator=emulator, isa=isa, fp="softfp"),
        run,
        case.fit().estimator,
        case.fit().X_test[:2],
    )
