# SPDX-License-Identifier: Apache-2.0
"""PULP images through the emulator interface: the platform's conformance, and programs that go wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgepar.emulators.elf import load_image
from edgepar.emulators.job import Job, Measurement
from edgepar.emulators.verilator import run
from edgepar.errors import EmulatorError, UsageError
from tests.rtl_images import COREV, GAP8, PLAIN, PROBES, Chip, build

pytestmark = pytest.mark.rtl

CORES, WORDS = 8, 64
INPUT_WORDS = 2 + WORDS
OUTPUT_WORDS = 3 * CORES + 3 + WORDS
CHIPS = {"corev": COREV, "plain": PLAIN, "gap8": GAP8, "gap8-plain": Chip("gap8", "plain")}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pal")
    return {
        name: build(chip, [PROBES / "pal_conformance.c"], folder / f"{name}.elf", harness=True)
        for name, chip in CHIPS.items()
    }


def inputs(samples: list[tuple[int, int]]) -> np.ndarray:
    """One row a sample: cores, words, and data that tells the samples apart."""
    rows = np.zeros((len(samples), INPUT_WORDS), dtype="<u4")
    for i, (cores, words) in enumerate(samples):
        rows[i, :2] = cores, words
        rows[i, 2:] = 1000 * i + np.arange(WORDS)
    return rows


def expected(row: np.ndarray) -> np.ndarray:
    cores, words = int(row[0]), int(row[1])
    out = np.zeros(OUTPUT_WORDS, dtype="<u4")
    core = np.arange(cores)
    out[core] = cores
    out[CORES + core] = 100 + (core + 1) % cores
    out[2 * CORES + core] = 200 + (core + 1) % cores
    out[3 * CORES] = cores + cores * (cores + 1) // 2
    out[3 * CORES + 1] = 0x12345678
    place = np.arange(words)
    out[3 * CORES + 3 + place] = row[2 + place] + place % cores
    return out


def job(image: Path, rows: np.ndarray, chip: Chip, cores: int = CORES, **options: int | float | str) -> Job:
    return Job(
        artefact=image,
        inputs=rows.tobytes(),
        n_samples=len(rows),
        input_bytes=INPUT_WORDS * 4,
        output_bytes=OUTPUT_WORDS * 4,
        cores=cores,
        options={**chip.options, **options},
        max_cycles=100_000,
    )


@pytest.mark.parametrize("name", CHIPS)
def test_fork_barrier_and_dma_conform_on_every_number_of_cores(name: str, images: dict[str, Path]) -> None:
    rows = inputs([(cores, words) for cores in range(1, CORES + 1) for words in (0, 1, WORDS - 1, WORDS)])
    found = run(job(images[name], rows, CHIPS[name]))
    outputs = np.frombuffer(found.outputs, dtype="<u4").reshape(len(rows), OUTPUT_WORDS)
    np.testing.assert_array_equal(outputs, [expected(row) for row in rows])
    assert found.cycles.shape == (len(rows),)
    assert (found.cycles > 0).all()


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_cores_that_are_not_used_are_not_started(cores: int, images: dict[str, Path]) -> None:
    rows = inputs([(cores, WORDS)])
    found = run(job(images["corev"], rows, COREV, cores=cores))
    np.testing.assert_array_equal(np.frombuffer(found.outputs, dtype="<u4"), expected(rows[0]))
    assert len(found.activity) == cores


def total(found: Measurement, name: str) -> int:
    return sum(getattr(core, name) for core in found.activity)


def test_measurement_says_what_the_cores_did(images: dict[str, Path]) -> None:
    rows = inputs([(CORES, WORDS)] * 3)
    corev = run(job(images["corev"], rows, COREV))
    plain = run(job(images["plain"], rows, PLAIN))
    for found in (corev, plain):
        assert found.provenance == "rtl"
        assert found.provenance_note.startswith("CV32E40P RTL, modelled cluster: 8 cores with FPU")
        assert found.cold_cycles is not None
        assert found.cold_cycles > found.cycles[0]
        assert all(
            core.active_cycles + core.asleep_cycles == int(found.cycles.sum()) for core in found.activity
        )
        assert total(found, "l2_stall_cycles") > 0
    assert total(corev, "asleep_cycles") > 0
    assert total(plain, "asleep_cycles") == 0


def test_l2_latency_is_an_option_of_the_run(images: dict[str, Path]) -> None:
    rows = inputs([(CORES, WORDS)])
    cycles = [
        int(run(job(images["corev"], rows, COREV, l2_latency_cycles=latency)).cycles[0])
        for latency in (8, 15, 30)
    ]
    assert cycles[0] < cycles[1] < cycles[2]


def test_samples_that_do_not_fit_at_once_take_several_runs(tmp_path: Path) -> None:
    # 48 KiB of L2 hold the image and some twenty samples.
    small = {"__ep_l2_bytes": 48 * 1024}
    image = build(COREV, [PROBES / "pal_conformance.c"], tmp_path / "small.elf", harness=True, **small)
    rows = inputs([(1 + i % CORES, i % 3) for i in range(70)])
    found = run(job(image, rows, COREV, l2_bytes=48 * 1024))
    outputs = np.frombuffer(found.outputs, dtype="<u4").reshape(len(rows), OUTPUT_WORDS)
    np.testing.assert_array_equal(outputs, [expected(row) for row in rows])


def test_a_sample_that_does_not_fit_is_an_error(tmp_path: Path, images: dict[str, Path]) -> None:
    used_bytes = load_image(images["corev"]).symbol("__ep_samples_start") - 0x1C000000
    small = {"__ep_l2_bytes": used_bytes + 256}
    image = build(COREV, [PROBES / "pal_conformance.c"], tmp_path / "small.elf", harness=True, **small)
    with pytest.raises(
        EmulatorError, match=r"a call needs 628 bytes of L2 for samples and answers and 240 are free"
    ):
        run(job(image, inputs([(1, 1)]), COREV))


# FAULT of tests/rtl/faults.c, the core that does it, and what the error says.
FAULTS = [
    (1, 3, r"core 3 trapped at 0x1c00[0-9a-f]{4} \(culprit\+0x0\) with mcause 2 \(illegal instruction\)"),
    (
        2,
        0,
        r"core 0 made a store at 0x20000000 from 0x1c00[0-9a-f]{4} \(culprit\+0x[0-9a-f]+\): .*nothing answers",
    ),
    (
        3,
        7,
        r"core 7 made a load at 0x1c080000 from 0x1c00[0-9a-f]{4} \(culprit\+0x[0-9a-f]+\): .*nothing answers",
    ),
    (
        4,
        2,
        r"did not end within \d+ cycles .*core 0 asleep at .*core 2 running at 0x1c00[0-9a-f]{4} \(culprit\+",
    ),
    (5, 0, r"the program ended with status 3"),
    (6, 1, r"core 1 made a store at 0x10204400 .*\(ep_dma_copy_in\+.*L2 range outside L2"),
    (7, 0, r"core 0 made a store at 0x0ffffffc from .*\(culprit\+"),
    (8, 4, r"core 4 trapped at 0x1c07fff0 with mcause 2"),
]


@pytest.mark.parametrize(("fault", "core", "text"), FAULTS)
def test_a_program_that_goes_wrong_is_reported_with_its_pc(
    fault: int, core: int, text: str, tmp_path: Path
) -> None:
    image = build(
        COREV, [PROBES / "faults.c"], tmp_path / "faults.elf", (f"FAULT={fault}", f"CORE={core}u"), True
    )
    wrong = Job(image, bytes(4), 1, 4, 4, CORES, dict(COREV.options), max_cycles=20_000)
    with pytest.raises(EmulatorError, match=text) as caught:
        run(wrong)
    assert caught.value.exit_code == 12


def test_a_program_that_never_ends_is_stopped_by_the_clock_too(tmp_path: Path) -> None:
    image = build(COREV, [PROBES / "faults.c"], tmp_path / "faults.elf", ("FAULT=4", "CORE=0u"), True)
    endless = Job(image, bytes(4), 1, 4, 4, CORES, dict(COREV.options), timeout_s=2.0, max_cycles=10**12)
    with pytest.raises(EmulatorError, match=r"did not end .*core 0 running at .*\(culprit\+"):
        run(endless)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"l3_bytes": 1}, "'l3_bytes' is not known; use one of"),
        ({"icache_bytes": "4K"}, "give a whole number"),
    ],
)
def test_an_option_that_is_not_known_is_refused(
    options: dict[str, int | float | str], text: str, images: dict[str, Path]
) -> None:
    with pytest.raises(UsageError, match=text):
        run(job(images["corev"], inputs([(1, 1)]), COREV, **options))


def test_an_option_that_the_simulator_refuses_is_an_error(images: dict[str, Path]) -> None:
    with pytest.raises(EmulatorError, match="--icache-bytes takes a power of two"):
        run(job(images["corev"], inputs([(1, 1)]), COREV, icache_bytes=1000))
