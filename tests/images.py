# SPDX-License-Identifier: Apache-2.0
"""Models, images and runs of the test cases, each made once a process; images go to the user's cache, by content."""

from __future__ import annotations

from functools import cache

import numpy as np

import edgepar
from edgepar.image import Image
from edgepar.model import Model
from edgepar.run import Run
from edgepar.target import get_target
from tests.case import Case
from tests.estimators import CASES

BY_NAME = {case.name: case for case in CASES}
DEMO = tuple(case for case in CASES if case.demo)

#: Core counts that divide the work evenly and unevenly.
CORES = (1, 2, 3, 5, 8)


def cases(*names: str) -> list[Case]:
    """Rows of the table by name."""
    return [BY_NAME[name] for name in names]


@cache
def model_of(case: Case) -> Model:
    """The exported case."""
    fitted = case.fit()
    return edgepar.export(fitted.estimator, fitted.X_test[:1], name=f"case_{case.name}")


@cache
def image_of(
    case: Case,
    target: str,
    cores: int | None = None,
    emulator: str | None = None,
    isa: str | None = None,
    fp: str | None = None,
) -> Image:
    """The compiled case."""
    return edgepar.compile(model_of(case), target, cores=cores, emulator=emulator, isa=isa, fp=fp)


@cache
def run_of(
    case: Case,
    target: str,
    cores: int | None = None,
    emulator: str | None = None,
    isa: str | None = None,
    rows: int | None = None,
    l2_latency_cycles: int | None = None,
    fp: str | None = None,
    max_cycles: int | None = None,
) -> Run:
    """The answers to the first ``rows`` test rows (all of them by default)."""
    image = image_of(case, target, cores, emulator, isa, fp)
    rows_of_test = case.fit().X_test[:rows]
    return image.run(rows_of_test, l2_latency_cycles=l2_latency_cycles, max_cycles=max_cycles)


def counterpart_of(
    case: Case, target: str, emulator: str | None = None, isa: str | None = None, fp: str | None = None
) -> Run:
    """All rows in the arithmetic of the target's build, on the plainest machine that has it.

    That is the host, fused or not; of kernels that compute in integers, one core of RISC-V without extensions.
    """
    build = get_target(target).build(emulator, isa, fp)
    if build.fp == "emulation-free":
        # One core may take longer than what usually counts as hanging.
        return run_of(case, target, cores=1, emulator="qemu", isa="plain", fp=build.fp, max_cycles=10**9)
    return run_of(case, "host", isa="fused" if build.fused else "native")


def assert_same_bits(found: Run, wanted: Run) -> None:
    """The runs answered with the same bytes, sample by sample, for as many samples as both have."""
    record_bytes = found.manifest.output_bytes
    assert record_bytes == wanted.manifest.output_bytes
    ours, theirs = found.measurement.outputs, wanted.measurement.outputs
    shared = min(len(ours), len(theirs))
    assert shared >= record_bytes
    if ours[:shared] == theirs[:shared]:
        return
    for name, values in found.outputs.items():
        rows = shared // record_bytes
        np.testing.assert_array_equal(values[:rows], wanted.outputs[name][:rows], err_msg=name)
    raise AssertionError("the values are equal and their bits are not: a zero's sign or a NaN's payload")
