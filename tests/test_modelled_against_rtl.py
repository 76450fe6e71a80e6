# SPDX-License-Identifier: Apache-2.0
"""Modelled cycles of PULP against the RTL on one core: every kernel of the library, within 10 %.

The instruction timing was set by the probes of test_qemu_timing.py, none of which is one of these models. Both run
plain RISC-V code; the image for QEMU has F registers where the RTL has Zfinx, which is part of the error. The test
prints its table (``pytest -s``).
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from edgepar.run import Run
from tests.case import Case
from tests.images import cases, run_of

pytestmark = [pytest.mark.rtl, pytest.mark.qemu]

LARGEST_ERROR = 0.10
#: Cycles. Which lines of a sample's code take each other's place in the instruction cache is the linker's doing, and
#: differs between the two images; on a model of 350 cycles that is 10 %.
TWO_REFILLS = 36

MODELS = cases(
    "digits_forest", "digits_logistic", "digits_gaussian_nb", "iris_tree", "cancer_forest", "two_target_forest",
    "200_feature_forest", "nan_tree", "clipped_forest", "normalized_tree", "wine_logistic_max_norm",
    "cancer_logistic_l1_norm", "digits_logistic_min_max", "cancer_ridge_classifier", "digits_ridge_classifier",
    "two_target_ridge", "diabetes_linear", "iris_gaussian_nb", "14_class_gaussian_nb", "tiny_variance_gaussian_nb",
)  # fmt: skip


def _both(case: Case, target: str) -> tuple[Run, Run]:
    return tuple(
        run_of(case, target, cores=1, emulator=emulator, isa="plain", rows=3) for emulator in ("rtl", "qemu")
    )


@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("case", MODELS, ids=str)
def test_one_core_is_modelled_within_a_tenth(case: Case, target: str) -> None:
    rtl, modelled = _both(case, target)
    assert (rtl.provenance, modelled.provenance) == ("rtl", "modelled")
    error = modelled.cycles / rtl.cycles - 1.0
    sys.stdout.write(
        f"\n{target:>9} {case.name:28} rtl {int(np.median(rtl.cycles)):>8} "
        f"modelled {int(np.median(modelled.cycles)):>8} error {100 * float(np.median(error)):+6.1f} %\n"
    )
    allowed = np.maximum(LARGEST_ERROR * rtl.cycles, TWO_REFILLS)
    assert (np.abs(modelled.cycles - rtl.cycles) <= allowed).all(), error.tolist()
