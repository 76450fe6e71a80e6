# SPDX-License-Identifier: Apache-2.0
"""Every case on every target with all its rows (RTL: eight), and the demo models on every core count."""

from __future__ import annotations

import pytest

from tests.case import Case
from tests.estimators import CASES
from tests.images import DEMO, assert_same_bits, counterpart_of, image_of, run_of
from tests.oracle import judge

pytestmark = pytest.mark.deep


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("target", "fp"), [("cortex-m4", None), ("pulp-open", None), ("gap8", "softfp"), ("gap8", None)]
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_rows_in_qemu(case: Case, target: str, fp: str | None) -> None:
    fitted = case.fit()
    run = run_of(case, target, emulator="qemu", fp=fp)
    assert_same_bits(run, counterpart_of(case, target, "qemu", fp=fp))
    verdict = judge(image_of(case, target, emulator="qemu", fp=fp), run, fitted.estimator, fitted.X_test)
    assert not verdict.differing


@pytest.mark.rtl
@pytest.mark.parametrize("isa", ["corev", "plain"])
@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_eight_rows_on_rtl(case: Case, target: str, isa: str) -> None:
    assert_same_bits(run_of(case, target, isa=isa, rows=8), counterpart_of(case, target, isa=isa))


@pytest.mark.rtl
@pytest.mark.parametrize("cores", range(1, 9))
@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("case", DEMO, ids=str)
def test_every_number_of_cores_on_rtl(case: Case, target: str, cores: int) -> None:
    assert_same_bits(run_of(case, target, cores=cores, rows=4), counterpart_of(case, target))
