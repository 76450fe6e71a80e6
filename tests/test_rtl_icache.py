# SPDX-License-Identifier: Apache-2.0
"""The shared instruction cache: straight code of a known length, cold and warm, on one core and on eight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rtl_images import COREV, build, regions

pytestmark = pytest.mark.rtl

LINE_BYTES = 16
STEP = """
    .option norelax
    .text
    .globl main
    .type main, @function
main:
    .rept 2
    li a0, {cores}
    la a1, step
    li a2, 0
    call ep_team_fork
    .endr
    li a0, 0
    call ep_exit

    .type step, @function
step:
    addi sp, sp, -16
    sw ra, 0(sp)
    sw s0, 4(sp)
    mv s0, a1
    call ep_team_barrier
    bnez s0, 1f
    call ep_roi_begin
1:  .option push
    .option norvc
    .balign 16
    .rept {instructions}
    addi a3, a3, 1
    .endr
    .option pop
    call ep_team_barrier
    bnez s0, 1f
    call ep_roi_end
1:  lw s0, 4(sp)
    lw ra, 0(sp)
    addi sp, sp, 16
    ret
"""


def run(folder: Path, lines: int, cores: int, **options: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cold and the warm region of ``lines`` cache lines of straight code."""
    source = folder / "code.S"
    source.write_text(STEP.format(cores=cores, instructions=lines * LINE_BYTES // 4), encoding="ascii")
    cold, warm = regions(COREV, build(COREV, [source], folder / "code.elf"), cores=cores, **options)
    return cold, warm


@pytest.mark.parametrize("cores", [1, 8])
def test_cores_share_the_refills(cores: int, tmp_path: Path) -> None:
    cold, warm = run(tmp_path, 64, cores, icache_bytes=16384)
    # The code, and the few lines of marks and barrier around it, however many cores execute it.
    assert 64 <= cold["refills"] <= 64 + 6
    assert warm["refills"] == 0
    assert all(core["fetch_stalls"] == 0 for core in warm["cores"])
    assert all(core["fetch_stalls"] > 64 * 10 for core in cold["cores"])


@pytest.mark.parametrize(("icache_bytes", "fits"), [(4096, False), (8192, True)])
def test_code_larger_than_the_cache_misses_again(icache_bytes: int, fits: bool, tmp_path: Path) -> None:
    _, warm = run(tmp_path, 320, 1, icache_bytes=icache_bytes)  # 5 KiB
    assert warm["refills"] == 0 if fits else warm["refills"] >= 320


@pytest.mark.parametrize(("latency", "extra"), [(15, 3), (30, 3), (15, 10)])
def test_a_refill_costs_l2_and_what_comes_on_top(latency: int, extra: int, tmp_path: Path) -> None:
    settings = {"l2_latency_cycles": latency, "icache_refill_extra_cycles": extra, "icache_bytes": 16384}
    pairs = [run(tmp_path, lines, 1, **settings) for lines in (16, 48)]
    more = [cold["cycles"] - warm["cycles"] for cold, warm in pairs]
    # The prefetcher asks for a line's first word while up to three instructions before it are still to execute.
    assert latency + extra - 4 <= (more[1] - more[0]) / 32 <= latency + extra
