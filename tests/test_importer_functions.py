# SPDX-License-Identifier: Apache-2.0
"""Edited parameters of functions of `ai.edgepar`: each a sentence, never a traceback or a wrong answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from sklearn.ensemble import AdaBoostRegressor
from sklearn.naive_bayes import BernoulliNB, CategoricalNB
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import SVC

from edgepar.errors import EdgeparError
from edgepar.export import export
from tests.onnx_models import imported

Change = Callable[[np.ndarray], np.ndarray]


def codes() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 3, (60, 3)), np.arange(60) % 3


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "categories": lambda: CategoricalNB().fit(*codes()),
    "probabilities": lambda: SVC(probability=True).fit(*codes()),
    "outliers": lambda: LocalOutlierFactor(5, novelty=True).fit(codes()[0] + np.linspace(0, 1, 60)[:, None]),
    "median": lambda: AdaBoostRegressor(n_estimators=4, random_state=0).fit(
        np.random.default_rng(2).normal(size=(60, 3)), np.arange(60.0) % 7
    ),
    "flags": lambda: BernoulliNB(binarize=1.5).fit(*codes()),
}


def with_nan(array: np.ndarray) -> np.ndarray:
    array.flat[0] = np.nan
    return array


#: Estimator, function, parameter, what is done to it, and a part of the sentence.
EDITS: dict[str, tuple[str, str, str, Change, str]] = {
    "rows missing": (
        "categories", "CategoricalNB", "log_prob", lambda a: a[1:],
        "9 columns, categories [9], logarithms [8, 3] and priors [3] for samples of shape [3]",
    ),
    "columns in another order": (
        "categories", "CategoricalNB", "columns", lambda a: a[::-1],
        "the columns stand in another order; they ascend from the first to the last",
    ),
    "a column beyond the features": (
        "categories", "CategoricalNB", "columns", lambda a: a + 1,
        "the columns stand in another order; they ascend from the first to the last",
    ),
    "other categories": (
        "categories", "CategoricalNB", "categories", lambda a: a + 1,
        "the categories of a column are others; they are 0, 1, 2 and so on",
    ),
    "a logarithm of NaN": (
        "categories", "CategoricalNB", "log_prior", with_nan,
        "a logarithm is not finite; parameters are finite numbers",
    ),
    "slopes missing": (
        "probabilities", "PairwiseProba", "prob_a", lambda a: a[1:], "input 1 has shape [2] for samples of shape [3]",
    ),
    "a shift that is infinite": (
        "probabilities", "PairwiseProba", "prob_b", lambda a: a * np.inf, "input 2 is not finite",
    ),
    "pairs in another order": (
        "probabilities", "CoupledProba", "first", lambda a: a[::-1],
        "the classes of the pairs stand in another order; the order is (0, 1), (0, 2), ..., (1, 2), ...",
    ),
    "sides of fewer classes": (
        "probabilities", "CoupledProba", "first", lambda a: a[:, :2], "3 scores for the pairs of 2 classes",
    ),
    "densities missing": (
        "outliers", "OutlierFactor", "density", lambda a: a[1:],
        "reaches [60] and densities [59] for distances of shape [60]",
    ),
    "a reach of NaN": ("outliers", "OutlierFactor", "reach", with_nan, "a reach or density is not finite"),
    "no neighbours": ("outliers", "OutlierFactor", "k", lambda a: a * 0, "[0] neighbours of 60 rows"),
    "a large exponent": (
        "outliers", "OutlierFactor", "exponent", lambda a: a + 70, "the exponent is 70.5; it may be up to 64, above 0",
    ),
    "a weight below 0": (
        "median", "WeightedMedian", "weights", lambda a: -a - 1, "a weight is below 0; weights are 0 or more",
    ),
    "a weight missing": (
        "median", "WeightedMedian", "weights", lambda a: a[1:], "[3] weights for samples of shape [4]",
    ),
    "a threshold of NaN": (
        "flags", "Binarize", "threshold", lambda a: a * np.nan, "a threshold of shape []; give one finite number",
    ),
}  # fmt: skip


@cache
def exported(name: str) -> bytes:
    return export(ESTIMATORS[name](), np.zeros((1, 3))).to_bytes()


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_parameter_is_named(what: str) -> None:
    estimator, function, parameter, change, sentence = EDITS[what]
    proto = onnx.ModelProto.FromString(exported(estimator))
    node = next(node for node in proto.graph.node if node.op_type == function)
    name = next(name for name in node.input if name.startswith(parameter))
    initializer = next(init for init in proto.graph.initializer if init.name == name)
    array = np.array(numpy_helper.to_array(initializer))
    initializer.CopyFrom(numpy_helper.from_array(np.array(change(array), order="C"), name))
    with pytest.raises(EdgeparError) as raised:
        imported(proto)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("Node")
