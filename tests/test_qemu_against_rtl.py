# SPDX-License-Identifier: Apache-2.0
"""Modelled cycles against the RTL on whole models, which were not used to tune the timing table.

The instructions of the two images differ a little: QEMU runs RV32IMAFC, the RTL plain code with Zfinx.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

import edgepar

pytestmark = [pytest.mark.qemu, pytest.mark.rtl]

ESTIMATORS = {
    "forest": RandomForestClassifier(10, random_state=0),
    "scaled logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
    "normalised regression": make_pipeline(Normalizer(), LinearRegression()),
    "naive Bayes": GaussianNB(),
}
# One core within 10 %; of more cores the model knows no bank conflicts and no contention for L2.
LIMITS = {1: 0.10, 8: 0.15}


@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("cores", LIMITS)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_modelled_cycles_are_near_those_of_the_rtl(
    name: str, cores: int, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # A division of zero is quicker than the table says, and half of the pixels of the digits are zero.
    features, labels = (load_breast_cancer if name == "normalised regression" else load_digits)(
        return_X_y=True
    )
    estimator: BaseEstimator = ESTIMATORS[name]
    model = edgepar.export(estimator.fit(features[:400], labels[:400]), features[:1])
    rows = features[500:503].astype(np.float32)
    modelled = edgepar.compile(model, target=target, cores=cores, emulator="qemu").run(rows)
    measured = edgepar.compile(model, target=target, cores=cores, emulator="rtl", isa="plain").run(rows)
    assert modelled.provenance == "modelled"
    assert measured.provenance == "rtl"
    error = float(modelled.cycles.mean() / measured.cycles.mean()) - 1.0
    with capsys.disabled():
        found = f"RTL {measured.cycles.mean():.0f} cycles, modelled {100 * error:+.1f} %"
        sys.stdout.write(f"\n{name} on {target}, {cores} cores: {found} ")
    assert abs(error) <= LIMITS[cores]
