# SPDX-License-Identifier: Apache-2.0
"""What ep/pal.h and ep/split.h promise, on every platform: one program, its samples are a table of cores and units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.qemu_images import CORTEX_M, HOST, PROGRAMS, RTL, VIRT, VIRT_SOFT, Platform, build, job, run

UNITS = [*range(18), 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 399, 400]
REPLY = [
    "visited_once",
    "taken_once",
    "cores_seen",
    "team_errors",
    "barrier_errors",
    "largest",
    "smallest",
    "placed_errors",
    "sum",
]


def check_platform(platform: Platform, folder: Path, cases: list[tuple[int, int]]) -> None:
    image = build(platform, folder / "conformance.elf", [PROGRAMS / "conformance.c"])
    samples = np.array(cases, dtype=np.uint32)
    measurement = run(platform, job(platform, image, samples, 4 * len(REPLY)))
    replies = np.frombuffer(measurement.outputs, dtype=np.uint32).reshape(len(cases), len(REPLY))
    for (cores, units), row in zip(cases, replies.tolist(), strict=True):
        expected = {
            "visited_once": units,
            "taken_once": units,
            "cores_seen": (1 << cores) - 1,
            "team_errors": 0,
            "barrier_errors": 0,
            "largest": -(-units // cores),
            "smallest": units // cores,
            "placed_errors": 0,
            "sum": cores * (cores + 1) // 2,
        }
        assert dict(zip(REPLY, row, strict=True)) == expected, f"{cores} cores, {units} units"


def test_host(tmp_path: Path) -> None:
    check_platform(HOST, tmp_path, [(cores, units) for cores in range(1, 10) for units in UNITS])


@pytest.mark.qemu
@pytest.mark.parametrize("platform", [VIRT, VIRT_SOFT], ids=lambda platform: platform.name)
def test_virt(platform: Platform, tmp_path: Path) -> None:
    check_platform(platform, tmp_path, [(cores, units) for cores in range(1, 9) for units in UNITS])


@pytest.mark.qemu
def test_cortex_m(tmp_path: Path) -> None:
    check_platform(CORTEX_M, tmp_path, [(1, units) for units in UNITS])


@pytest.mark.rtl
def test_pulp(tmp_path: Path) -> None:
    check_platform(RTL, tmp_path, [(8, 400), (1, 7), (2, 7), (3, 400), (5, 3), (7, 129), (8, 8), (8, 1)])


def test_split_is_exact_and_even_for_every_number_of_units_and_cores(tmp_path: Path) -> None:
    image = build(HOST, tmp_path / "split.so", [PROGRAMS / "split.c"])
    cases = [(units, cores, core) for cores in range(1, 10) for units in range(401) for core in range(cores)]
    cases += [(0xFFFFFFFF, cores, core) for cores in range(1, 10) for core in range(cores)]
    measurement = run(HOST, job(HOST, image, np.array(cases, dtype=np.uint32), 8))
    ranges = np.frombuffer(measurement.outputs, dtype=np.uint32).reshape(-1, 2).astype(np.int64)
    previous_end = 0
    for (units, cores, core), (begin, end) in zip(cases, ranges.tolist(), strict=True):
        assert begin == (0 if core == 0 else previous_end), (units, cores, core)
        assert end - begin == units // cores + (1 if core < units % cores else 0), (units, cores, core)
        assert core < cores - 1 or end == units, (units, cores, core)
        previous_end = end
