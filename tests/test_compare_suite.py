# SPDX-License-Identifier: Apache-2.0
"""`edgepar compare` with every model of the suite of `edgepar bench seed`, on all four targets."""

from __future__ import annotations

import pytest

import edgepar
from edgepar.bench.measure import default_store, train
from edgepar.workloads import suite

TARGETS = ["host", "cortex-m4", "pulp-open", "gap8"]


@pytest.mark.deep
@pytest.mark.qemu
@pytest.mark.rtl
@pytest.mark.parametrize("name", suite("seed"))
def test_every_model_agrees_on_every_target(name: str) -> None:
    trained = train(suite("seed")[name], default_store())
    model = edgepar.export(trained.estimator, trained.X_test[:1], name=name)
    rows = {"host": 360, "cortex-m4": 20, "pulp-open": 2, "gap8": 2}
    report = edgepar.compare(
        model, trained.X_test, trained.y_test, targets=TARGETS, samples=rows, estimator=trained.estimator
    )
    assert [row.target for row in report.rows] == TARGETS
    for row in report.rows:
        assert row.samples == min(rows[row.target], len(trained.X_test))
        assert row.agreement == row.agreement_estimator == 1.0, row
        assert row.cycles_per_inference > 0
