# SPDX-License-Identifier: Apache-2.0
"""What the cluster does between the cores: banks, barrier, sleep, DMA and the shared path to L2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.rtl_images import COREV, GAP8, PLAIN, PROBES, Chip, build, outcome_of, regions

pytestmark = pytest.mark.rtl

# The cases of tests/rtl/cluster.c: name and the two lengths.
CASES = [
    ("one bank", 64, 128),
    ("one word", 64, 128),
    ("own banks", 64, 128),
    ("barrier", 8, 24),
    ("late core", 100, 500),
    ("copy in", 2048, 6144),
    ("copy out", 2048, 6144),
    ("copy and loads", 2048, 6144),
    ("L2", 64, 128),
]


@dataclass(frozen=True)
class Pair:
    """The warm regions of one case in both lengths."""

    lengths: tuple[int, int]
    short: dict[str, Any]
    long: dict[str, Any]

    @property
    def slope(self) -> float:
        return (self.long["cycles"] - self.short["cycles"]) / (self.lengths[1] - self.lengths[0])


def measure(chip: Chip, folder: Any, **options: int) -> dict[str, Pair]:
    elf = build(chip, [PROBES / "cluster.c"], folder / "cluster.elf")
    found = regions(chip, elf, **{"icache_bytes": 65536, **options})
    assert len(found) == 4 * len(CASES)
    return {
        name: Pair((short, long), found[4 * i + 1], found[4 * i + 3])
        for i, (name, short, long) in enumerate(CASES)
    }


@pytest.fixture(scope="module")
def corev(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    return measure(COREV, tmp_path_factory.mktemp("corev"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    return measure(PLAIN, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def gap8(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    return measure(GAP8, tmp_path_factory.mktemp("gap8"))


@pytest.mark.parametrize(("case", "cycles"), [("one bank", 8), ("one word", 8), ("own banks", 1)])
def test_a_bank_serves_one_core_a_cycle(case: str, cycles: int, corev: dict[str, Pair]) -> None:
    # The cores end in any order, which is worth a cycle of the region, not one of each load.
    assert abs(corev[case].slope - cycles) <= 1 / 64
    stalls = [core["conflict_stalls"] for core in corev[case].long["cores"]]
    # In turn: every core waits for the seven others at each of its 128 loads.
    assert (min(stalls) > 7 * 120) if cycles == 8 else (max(stalls) <= 8)


def test_eight_cores_on_one_bank_take_what_the_open_simulator_takes(corev: dict[str, Pair]) -> None:
    # 501 to 513 cycles for 64 loads, where 64 without conflicts take 64; the rest of the region is the same.
    more = corev["one bank"].short["cycles"] - corev["own banks"].short["cycles"]
    assert 501 - 64 <= more <= 513 - 64


@pytest.mark.parametrize("image", ["corev", "plain", "gap8"])
def test_barrier_of_cores_that_arrive_together_takes_10_cycles_at_most(
    image: str, request: pytest.FixtureRequest
) -> None:
    found: dict[str, Pair] = request.getfixturevalue(image)
    assert 4 <= found["barrier"].slope <= 10


@pytest.mark.parametrize("image", ["corev", "gap8"])
def test_cores_that_wait_for_a_late_one_sleep(image: str, request: pytest.FixtureRequest) -> None:
    pair: Pair = request.getfixturevalue(image)["late core"]
    for index, (short, long) in enumerate(zip(pair.short["cores"], pair.long["cores"], strict=True)):
        longer = pair.long["cycles"] - pair.short["cycles"]
        assert longer > 3 * 350
        assert long["asleep"] - short["asleep"] == (0 if index == 1 else longer)
        assert long["active"] + long["asleep"] == pair.long["cycles"]


def test_plain_images_wait_awake(plain: dict[str, Pair]) -> None:
    for pair in plain.values():
        used = 1 if pair.lengths[0] == 2048 else 8
        assert all(core["asleep"] == 0 for core in pair.long["cores"][:used])
        assert all(core["active"] == pair.long["cycles"] for core in pair.long["cores"][:used])


@pytest.mark.parametrize("image", ["corev", "plain", "gap8"])
@pytest.mark.parametrize("case", ["copy in", "copy out"])
def test_dma_moves_8_bytes_a_cycle(case: str, image: str, request: pytest.FixtureRequest) -> None:
    found: dict[str, Pair] = request.getfixturevalue(image)
    assert found[case].slope == 1 / 8


@pytest.mark.parametrize("case", ["copy in", "copy out"])
def test_the_completion_event_wakes_the_core_that_sleeps(case: str, corev: dict[str, Pair]) -> None:
    core = corev[case].long["cores"][0]
    # Asleep for the transfer, awake for the commands before and the clean-up after it.
    assert corev[case].long["cycles"] - 70 < core["asleep"] < corev[case].long["cycles"] - 10


def test_dma_and_cores_meet_at_the_banks(corev: dict[str, Pair]) -> None:
    pair = corev["copy and loads"]
    assert pair.slope > 1 / 8
    assert sum(core["conflict_stalls"] for core in pair.long["cores"][1:]) > 0


def test_the_path_to_l2_takes_one_request_a_cycle(corev: dict[str, Pair]) -> None:
    # Eight cores and 15 cycles of latency leave the path half empty: nobody waits much for the others.
    assert 15 <= corev["L2"].slope <= 16
    for core in corev["L2"].long["cores"]:
        assert 14 * 128 <= core["l2_stalls"] <= 16 * 128


@pytest.mark.parametrize(("latency", "slope"), [(4, 8), (30, 30)])
def test_another_l2_latency_changes_the_cycles(
    latency: int, slope: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # With 4 cycles it is the path itself that limits: one request a cycle for eight cores.
    found = measure(COREV, tmp_path_factory.mktemp("latency"), l2_latency_cycles=latency)
    assert slope <= found["L2"].slope <= slope + 1
    assert abs(found["own banks"].slope - 1) <= 1 / 64


@pytest.mark.parametrize("chip", [COREV, PLAIN, GAP8], ids=["corev", "plain", "gap8"])
def test_memory_map(chip: Chip, tmp_path_factory: pytest.TempPathFactory) -> None:
    elf = build(chip, [PROBES / "peripherals.c"], tmp_path_factory.mktemp("map") / "peripherals.elf")
    outcome = outcome_of(chip, elf, cores=8)
    assert (outcome.stats["status"], outcome.stats.get("code")) == ("exit", 0)
    assert outcome.console == "edgepar says hello\n"
