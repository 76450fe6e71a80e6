# SPDX-License-Identifier: Apache-2.0
"""Every variant of every kernel on every processor: the same bits as the reference on this computer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgepar.target import get_target
from edgepar.toolchain import toolchains
from tests.kernel_library import assert_same_bits, call
from tests.kernel_samples import (
    ANSWER_WORDS,
    FUSED,
    OPERATIONS,
    PROBE,
    sample_words,
    samples,
    variant_defines,
    variant_sources,
)
from tests.qemu_images import CORTEX_M, HOST, VIRT, VIRT_LIBGCC, VIRT_SOFT, Platform, build, job, run

XPULP = Platform("rtl with CORE-V", "pulp-open", "rtl", "corev", 1)
GAP8 = Platform("rtl without FPU", "gap8", "rtl", "corev", 1)
IMAGE = [PROBE / "kernel_probe.c", PROBE / "kernel_probe_image.c"]


def helper_library(platform: Platform) -> list[Path]:
    """Float routines for cores without FPU, where the toolchain takes them from another compiler."""
    helper = toolchains()[
        get_target(platform.target).build(platform.emulator, platform.isa, platform.fp).toolchain
    ].helper
    if helper is None:
        return []
    command = [helper.commands[0], *helper.library_arguments]
    return [Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())]


def has_fma(platform: Platform) -> bool:
    """Whether the processor, or the C library of the host, adds products without rounding them."""
    return platform is HOST or get_target(platform.target).build(platform.emulator, platform.isa).fused


def answerable(platform: Platform) -> np.ndarray:
    """Rows of the table that the platform can answer."""
    return np.array([has_fma(platform) or sample.operation not in FUSED for sample in samples()])


def answers(platform: Platform, variants: tuple[str, ...], folder: Path, words: np.ndarray) -> np.ndarray:
    sources = [*IMAGE, *map(Path, variant_sources(*variants)), *helper_library(platform)]
    defines = variant_defines(*variants, fused=has_fma(platform))
    image = build(platform, folder / "probe.elf", sources, *defines)
    measurement = run(platform, job(platform, image, words, 4 * ANSWER_WORDS, cores=1))
    return np.frombuffer(measurement.outputs, np.float32).reshape(len(words), ANSWER_WORDS)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return answers(HOST, (), tmp_path_factory.mktemp("probe"), sample_words())


def test_every_operation_is_asked_and_answers(reference: np.ndarray) -> None:
    table = samples()
    assert {sample.operation for sample in table} == set(OPERATIONS)
    for name in OPERATIONS:
        rows = [row for row, sample in zip(reference, table, strict=True) if sample.operation == name]
        assert any(np.count_nonzero(row) > 3 for row in rows), name


def test_the_probe_passes_its_parameters_on(reference: np.ndarray) -> None:
    for row, sample in zip(reference, samples(), strict=True):
        if sample.operation == "dense":
            x, weights = sample.payload
            partial = np.zeros(ANSWER_WORDS, np.float32)
            call("ep_dense_f32__ref", x, weights, partial, *sample.parameters)
            assert_same_bits(row, partial)


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("platform", "variant"),
    [(VIRT, "ref"), (VIRT_SOFT, "ref"), (VIRT_LIBGCC, "ref"), (CORTEX_M, "ref"), (CORTEX_M, "armv7em")],
    ids=["virt", "virt-soft", "virt-libgcc", "cortex-m", "cortex-m-armv7em"],
)
def test_qemu(platform: Platform, variant: str, tmp_path: Path, reference: np.ndarray) -> None:
    rows = answerable(platform)
    assert rows.all() == has_fma(platform)
    assert_same_bits(answers(platform, (variant,), tmp_path, sample_words()[rows]), reference[rows])


@pytest.mark.rtl
def test_rtl_xpulp(tmp_path: Path, reference: np.ndarray) -> None:
    assert_same_bits(answers(XPULP, ("xpulp", "corev"), tmp_path, sample_words()), reference)


@pytest.mark.rtl
def test_rtl_without_fpu(tmp_path: Path, reference: np.ndarray) -> None:
    """Every fourth call: the float routines themselves are those that QEMU runs above."""
    rows = answerable(GAP8)
    some, wanted = sample_words()[rows][::4], reference[rows][::4]
    assert_same_bits(answers(GAP8, ("corev",), tmp_path, some), wanted)
