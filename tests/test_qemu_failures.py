# SPDX-License-Identifier: Apache-2.0
"""How QEMU runs go wrong, each way with the text a user reads; and the protocol of the harness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgepar.emulators import plugin_build, qemu
from edgepar.errors import EdgeparError, EmulatorError, MissingToolError, ToolchainError, UsageError
from tests.qemu_images import CORTEX_M, HOST, PROGRAMS, VIRT, Platform, build, job, run

pytestmark = pytest.mark.qemu

(
    ECHO,
    READ_NOWHERE,
    WRITE_NOWHERE,
    RUN_OVER,
    LOOP,
    DEADLOCK,
    EXIT,
    ILLEGAL,
    TOO_MANY_CORES,
    WORKER_READS,
    CALL_NOWHERE,
) = range(11)

FAILURES = [
    (VIRT, (READ_NOWHERE, 0), r"core 0 at pc 0x8\w+ \(ep_model_infer\+0x\w+\): load from nowhere, address 0x002"),
    (VIRT, (WRITE_NOWHERE, 0), r"trapped on core 0 at pc .*store to nowhere, address 0x00200000"),
    (VIRT, (RUN_OVER, 0), r"trapped on core 0 at pc .*\(run_over\+0x\w+\): store to nowhere, address 0x83ff\w+"),
    (VIRT, (ILLEGAL, 0), r"trapped on core 0 at pc .*illegal instruction"),
    (VIRT, (CALL_NOWHERE, 0), r"trapped on core 0 at pc 0x00200000: instruction fetch from nowhere"),
    (VIRT, (WORKER_READS, 0), r"trapped on core 3 at pc 0x8\w+ \(worker_reads\+0x\w+\): load from nowhere"),
    (VIRT, (EXIT, 5), r"ended with status 5; the last console output was: the model gives up"),
    (VIRT, (TOO_MANY_CORES, 0), r"pal\.h does not allow \(more cores than it has\?\)"),
    (VIRT, (LOOP, 0), r"sample 1 took more than 100000 cycles, core 0 at pc 0x8\w+ \(ep_model_infer\+"),
    (CORTEX_M, (READ_NOWHERE, 0), r"core 0 at pc 0x\w+ \(ep_model_infer\+0x\w+\): access to nowhere, address 0x7"),
    (CORTEX_M, (RUN_OVER, 0), r"trapped on core 0 at pc an unknown pc: stack overflow, address 0x1fff\w+"),
    (CORTEX_M, (ILLEGAL, 0), r"trapped on core 0 at pc 0x\w+ \(ep_model_infer\+0x\w+\): undefined instruction"),
    (CORTEX_M, (EXIT, 5), r"ended with status 5; the last console output was: the model gives up"),
    (CORTEX_M, (TOO_MANY_CORES, 0), r"pal\.h does not allow \(more cores than it has\?\)"),
    (CORTEX_M, (LOOP, 0), r"sample 1 took more than 100000 cycles, core 0 at pc 0x\w+ \(ep_model_infer\+"),
]  # fmt: skip


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("misbehave")
    # Recursion without end is what one of the cases is about.
    lenient = "-Wno-infinite-recursion"
    return {
        p.name: build(p, folder / f"{p.name}.elf", [PROGRAMS / "misbehave.c"], lenient)
        for p in (VIRT, CORTEX_M)
    }


def requests(*rows: tuple[int, int]) -> np.ndarray:
    return np.array(rows, dtype=np.uint32)


@pytest.mark.parametrize(
    ("platform", "request_row", "text"), FAILURES, ids=lambda value: getattr(value, "name", None)
)
def test_failure(
    platform: Platform, request_row: tuple[int, int], text: str, images: dict[str, Path]
) -> None:
    asked = job(
        platform, images[platform.name], requests((ECHO, 1), request_row), 8, max_cycles=100_000, timeout_s=30
    )
    with pytest.raises(EmulatorError, match=text) as caught:
        run(platform, asked)
    assert caught.value.exit_code == 12
    assert images[platform.name].name in str(caught.value)


def test_timeout_says_what_was_going_on(images: dict[str, Path]) -> None:
    asked = job(VIRT, images[VIRT.name], requests((ECHO, 1), (ECHO, 2), (DEADLOCK, 0)), 8, timeout_s=2)
    with pytest.raises(
        EmulatorError, match=r"after 2 s, in sample 2, core 0 near 0x8\w+ \(ep_\w+\+0x\w+\); raise"
    ):
        run(VIRT, asked)


def test_timeout_before_the_first_sample(images: dict[str, Path]) -> None:
    asked = job(VIRT, images[VIRT.name], requests((DEADLOCK, 0)), 8, timeout_s=0.5)
    with pytest.raises(EmulatorError, match=r"not done after 0\.5 s, before the first sample"):
        run(VIRT, asked)


#: What tests/qemu/conformance.c answers.
REPLY_BYTES = 36


@pytest.mark.parametrize("platform", [VIRT, CORTEX_M], ids=lambda platform: platform.name)
def test_samples_come_back_in_order(platform: Platform, images: dict[str, Path]) -> None:
    rows = requests(*((ECHO, value) for value in range(50)))
    measurement = run(platform, job(platform, images[platform.name], rows, 8))
    replies = np.frombuffer(measurement.outputs, dtype=np.uint32).reshape(-1, 2)
    assert replies.tolist() == [[ECHO, 3 * value] for value in range(50)]
    assert measurement.cycles.shape == (50,)
    assert measurement.cold_cycles is not None
    assert measurement.cold_cycles > measurement.cycles[1] > 0
    assert measurement.provenance == "modelled"
    assert len(measurement.activity) == platform.cores
    assert measurement.activity[0].active_cycles == measurement.cycles.sum()


def test_samples_that_do_not_fit_run_in_parts(images: dict[str, Path], tmp_path: Path) -> None:
    extra = ("-Wno-infinite-recursion", "-Wl,--defsym,__ep_l2_bytes=0x1400")
    small = build(VIRT, tmp_path / "small.elf", [PROGRAMS / "misbehave.c"], *extra)
    rows = requests(*((ECHO, value) for value in range(300)))
    parts = run(VIRT, job(VIRT, small, rows, 8))
    whole = run(VIRT, job(VIRT, images[VIRT.name], rows, 8))
    assert parts.outputs == whole.outputs
    # Each part starts with a cold pass of its own; its first warm sample alone may still meet a cold line.
    assert np.count_nonzero(parts.cycles != whole.cycles) == 1
    assert [core.instructions for core in parts.activity] == [core.instructions for core in whole.activity]


def test_image_without_room_for_a_sample(tmp_path: Path) -> None:
    image = build(VIRT, tmp_path / "a.elf", [PROGRAMS / "split.c"], "-Wl,--defsym,__ep_l2_bytes=0x1000")
    with pytest.raises(EmulatorError, match=r"no sample of 8000 \+ 8 bytes fits into the \d+ bytes"):
        run(VIRT, job(VIRT, image, np.zeros((1, 2000), dtype=np.uint32), 8))


@pytest.mark.parametrize("platform", [VIRT, CORTEX_M], ids=lambda platform: platform.name)
def test_modelled_cycles_are_the_same_in_every_run(platform: Platform, tmp_path: Path) -> None:
    image = build(platform, tmp_path / "a.elf", [PROGRAMS / "conformance.c"])
    rows = np.array([(platform.cores, units) for units in range(0, 400, 25)], dtype=np.uint32)
    first, *others = (run(platform, job(platform, image, rows, REPLY_BYTES)) for _ in range(3))
    for other in others:
        assert other.cycles.tolist() == first.cycles.tolist()
        assert other.cold_cycles == first.cold_cycles
        assert other.activity == first.activity


def test_latency_of_l2_is_a_parameter(tmp_path: Path) -> None:
    image = build(VIRT, tmp_path / "a.elf", [PROGRAMS / "conformance.c"])
    rows = np.array([(8, 400)], dtype=np.uint32)
    near, far = (
        run(VIRT, job(VIRT, image, rows, REPLY_BYTES, l2_latency_cycles=cycles)).cycles[0]
        for cycles in (15, 30)
    )
    assert far > near


def test_idle_cores_sleep(tmp_path: Path) -> None:
    image = build(VIRT, tmp_path / "a.elf", [PROGRAMS / "conformance.c"])
    activity = run(VIRT, job(VIRT, image, np.array([(2, 400)] * 3, dtype=np.uint32), REPLY_BYTES)).activity
    assert [core.active_cycles == 0 for core in activity] == [False, False] + [True] * 6
    total = activity[0].active_cycles + activity[0].asleep_cycles
    assert all(core.active_cycles + core.asleep_cycles == total for core in activity)


OPTIONS = [
    ({"machine": "vax"}, UsageError, r"option machine: found 'vax', allowed are virt, mps2-an386"),
    ({"timing": "z80"}, UsageError, r"option timing: there is no table 'z80'; the tables are cortex-m4, cv32e40p"),
    ({"l2_latncy": 3}, UsageError, r"option l2_latncy: the timing table cv32e40p has no such .*l2_latency_cycles"),
    ({"l2_latency_cycles": -1}, UsageError, r"option l2_latency_cycles: found -1, allowed are whole numbers from 0"),
    ({"machine": "mps2-an386"}, EmulatorError, r"an image for riscv cannot run on the machine mps2-an386"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "error", "text"), OPTIONS, ids=lambda value: str(value)[:30])
def test_wrong_options(
    options: dict[str, int | str], error: type[EdgeparError], text: str, images: dict[str, Path]
) -> None:
    with pytest.raises(error, match=text):
        run(VIRT, job(VIRT, images[VIRT.name], requests((ECHO, 1)), 8, **options))


def test_not_an_image(tmp_path: Path) -> None:
    bad = tmp_path / "bad.elf"
    bad.write_bytes(b"\x7fELF and then nothing of use")
    for platform in (VIRT, HOST):
        with pytest.raises(
            EmulatorError, match=r"bad\.elf: (not a readable ELF image|cannot be loaded as a host image)"
        ):
            run(platform, job(platform, bad, requests((ECHO, 1)), 8))


def test_missing_tools_name_the_package(
    images: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = job(VIRT, images[VIRT.name], requests((ECHO, 1)), 8)
    monkeypatch.setattr(plugin_build, "user_cache_path", lambda name: tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(plugin_build.shutil, "which", lambda name: None)
        with pytest.raises(MissingToolError, match=r"install it with: sudo apt-get install qemu-system-misc"):
            qemu.run(asked)
        with pytest.raises(
            MissingToolError, match=r"no C compiler was found; install one with: sudo apt-get install gcc"
        ):
            plugin_build.build_plugin()
    with monkeypatch.context() as patch:
        patch.setattr(plugin_build, "_FLAGS", ("-no-such-flag",))
        with pytest.raises(ToolchainError, match=r"gcc -no-such-flag .* failed:\n"):
            plugin_build.build_plugin()
    assert plugin_build.build_plugin() == plugin_build.build_plugin()
    assert [path.suffix for path in (tmp_path / "qemu-plugin").iterdir()] == [".so"]
