# SPDX-License-Identifier: Apache-2.0
"""What an exported file looks like: vocabulary, types, metadata, the same bytes every time."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, numpy_helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from edgepar.export import ESTIMATORS, export
from edgepar.functions import DOMAIN, FUNCTIONS
from edgepar.model import Model
from tests.case import Case, digits
from tests.estimators import CASES, TWINS

BY_NAME = {case.name: case for case in CASES}

EXPECTED_NODES = {
    "digits_forest": ["Cast", "TreeEnsembleClassifier", "Cast", "Div"],
    "cancer_forest": ["Cast", "TreeEnsembleClassifier", "Cast", "Div", "ArgMaxLabel"],
    "diabetes_tree": ["Cast", "TreeEnsembleRegressor", "Squeeze", "Cast", "Div"],
    "two_target_forest": ["Cast", "TreeEnsembleRegressor", "Cast", "Div"],
    "standard_forest": ["Cast", "StandardScale", "Cast", "Cast", "TreeEnsembleClassifier", "Cast", "Div"],
    "clipped_forest": [
        "Cast",
        "MinMaxScale",
        "Clip",
        "Cast",
        "Cast",
        "TreeEnsembleClassifier",
        "Cast",
        "Div",
    ],
    "digits_logistic": ["Cast", "StandardScale", "Linear", "ArgMaxLabel", "Softmax"],
    "cancer_logistic": ["Cast", "StandardScale", "Linear", "SignLabel", "LogisticProba"],
    "cancer_logistic_l1_norm": ["Cast", "NormalizeL1", "Linear", "SignLabel", "LogisticProba"],
    "cancer_ridge_classifier": ["Cast", "MaxAbsScale", "Linear", "SignLabel"],
    "diabetes_linear": ["Cast", "Linear"],
    "digits_gaussian_nb": ["Cast", "GaussianNB", "Posterior", "ArgMaxLabel"],
}

DOUBLE, INT64, STRING = TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING

EXPECTED_OUTPUTS = {
    "digits_logistic": [("label", INT64, []), ("probabilities", DOUBLE, [10]), ("decision", DOUBLE, [10])],
    "cancer_logistic": [("label", INT64, []), ("probabilities", DOUBLE, [2]), ("decision", DOUBLE, [])],
    "cancer_ridge_classifier": [("label", INT64, []), ("decision", DOUBLE, [])],
    "string_labels_forest": [("label", STRING, []), ("probabilities", DOUBLE, [3])],
    "digits_gaussian_nb": [("label", INT64, []), ("probabilities", DOUBLE, [10])],
    "diabetes_forest": [("value", DOUBLE, [])],
    "two_target_linear": [("value", DOUBLE, [2])],
}


def model_of(case: Case) -> Model:
    fitted = case.fit()
    return export(fitted.estimator, fitted.X_test[:1])


def edited(model: Model, stem: str, change: float) -> Model:
    """The same model with one initializer multiplied."""
    proto = onnx.ModelProto()
    proto.CopyFrom(model.proto)
    tensor = next(tensor for tensor in proto.graph.initializer if tensor.name.startswith(stem))
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * change, tensor.name))
    return Model(proto)


@pytest.mark.parametrize("name", EXPECTED_NODES)
def test_nodes_are_one_per_kernel(name: str) -> None:
    found = [node.op_type for node in model_of(BY_NAME[name]).proto.graph.node]
    assert sorted(found) == sorted(EXPECTED_NODES[name])


@pytest.mark.parametrize("name", EXPECTED_OUTPUTS)
def test_outputs_have_the_types_and_shapes_of_scikit_learn(name: str) -> None:
    graph = model_of(BY_NAME[name]).proto.graph
    found = []
    for output in graph.output:
        tensor = output.type.tensor_type
        assert not tensor.shape.dim[0].HasField("dim_value")
        found.append((output.name, tensor.elem_type, [dim.dim_value for dim in tensor.shape.dim][1:]))
    assert found == EXPECTED_OUTPUTS[name]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_file_is_valid_and_self_contained(case: Case) -> None:
    proto = model_of(case).proto
    onnx.checker.check_model(proto, full_check=True)
    called = {node.op_type for node in proto.graph.node if node.domain == DOMAIN}
    assert [function.name for function in proto.functions] == sorted(called)
    for function in proto.functions:
        assert {node.domain for node in function.node} == {""}
    (graph_input,) = proto.graph.input
    assert graph_input.name == "X"
    assert graph_input.type.tensor_type.elem_type == TensorProto.FLOAT
    assert all(tensor.data_type in (DOUBLE, INT64, STRING) for tensor in proto.graph.initializer)


@pytest.mark.parametrize("optimized", [False, True], ids=["plain", "optimized"])
def test_plain_onnxruntime_runs_a_file_without_edgepar(optimized: bool) -> None:
    case = BY_NAME["digits_gaussian_nb"]
    fitted = case.fit()
    options = onnxruntime.SessionOptions()
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model_of(case).to_bytes(), options)
    label, _ = session.run(None, {"X": fitted.X_test.astype(np.float32)})
    np.testing.assert_array_equal(label, fitted.estimator.predict(fitted.X_device))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_exports_are_the_same_bytes(case: Case) -> None:
    assert model_of(case).to_bytes() == model_of(case).to_bytes()


def test_another_process_exports_the_same_bytes() -> None:
    """Hash randomisation, which orders sets differently, must not show."""
    program = (
        "from tests.estimators import CASES, TWINS; from edgepar.export import export\n"
        "fitted = next(case for case in CASES if case.name == 'clipped_forest').fit()\n"
        "print(export(fitted.estimator).sha256)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert found.strip() == model_of(BY_NAME["clipped_forest"]).sha256


@pytest.mark.parametrize(
    ("name", "stem", "change", "method"),
    [
        ("digits_gaussian_nb", "theta", 1.01, "predict_proba"),
        ("digits_gaussian_nb", "var", 2.0, "predict_proba"),
        ("prior_gaussian_nb", "log_prior", 2.0, "predict_proba"),
        ("cancer_logistic", "coef", 0.5, "decision_function"),
        ("cancer_logistic", "mean", 1.5, "decision_function"),
        ("digits_logistic", "scale", 2.0, "predict_proba"),
        ("diabetes_linear", "intercept", 2.0, "predict"),
        ("diabetes_forest", "n_trees", 2.0, "predict"),
    ],
)
def test_an_edited_initializer_changes_the_answer(name: str, stem: str, change: float, method: str) -> None:
    case = BY_NAME[name]
    model, X = model_of(case), case.fit().X_test
    changed = edited(model, stem, change)
    assert np.abs(getattr(model, method)(X) - getattr(changed, method)(X)).max() > 1e-6


def test_metadata_say_what_the_model_is() -> None:
    model = model_of(BY_NAME["boolean_labels_forest"])
    assert {prop.key: prop.value for prop in model.proto.metadata_props} == {
        "ai.edgepar.estimator": "RandomForestClassifier",
        "ai.edgepar.kind": "classifier",
        "ai.edgepar.label_type": "bool",
        "ai.edgepar.missing_values": "allowed",
    }
    assert model.proto.producer_name == "edgepar"


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler(), MaxAbsScaler()], ids=str)
def test_training_range_is_an_attribute_and_holds_the_training_data(scaler: object) -> None:
    X, y = digits()
    model = export(make_pipeline(scaler, DecisionTreeClassifier(max_depth=2)).fit(X, y), X)
    node = next(node for node in model.proto.graph.node if node.op_type.endswith("Scale"))
    low, high = (
        np.array(next(a.floats for a in node.attribute if a.name == name))
        for name in ("range_low", "range_high")
    )
    assert low.shape == high.shape == (64,)
    assert (low <= X.min(axis=0)).all()
    assert (X.max(axis=0) <= high).all()


def test_weighted_samples_leave_no_training_range() -> None:
    """Their number is not known, and the range follows from it."""
    X, y = digits()
    scaler = StandardScaler().fit(X, sample_weight=np.full(len(X), 1e-3))
    model = export(make_pipeline(scaler, DecisionTreeClassifier(max_depth=2).fit(X, y)), X)
    node = next(node for node in model.proto.graph.node if node.op_type.endswith("Scale"))
    assert not [a.name for a in node.attribute if a.name.startswith("range")]


def test_a_forest_of_1000_trees_exports_in_seconds() -> None:
    X, y = digits()
    estimator = RandomForestClassifier(1000, random_state=0, n_jobs=2).fit(X[:900], y[:900])
    start = time.process_time()
    model = export(estimator, X[:1])
    assert time.process_time() - start < 10
    seen = X[900:].astype(np.float32).astype(np.float64)
    # One job adds the trees in order, as the model does; two add them as they come.
    np.testing.assert_array_equal(model.predict(X[900:]), estimator.set_params(n_jobs=1).predict(seen))


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (GaussianNB(), "gaussian_nb"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "logistic_regression"),
        (DecisionTreeClassifier(), "decision_tree_classifier"),
    ],
)
def test_default_name_comes_from_the_last_step(estimator: object, name: str) -> None:
    X = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 4.0]])
    fitted = estimator.fit(X, [0, 0, 1, 1])
    assert export(fitted, X).name == name
    assert export(fitted, X, name="digits").name == "digits"


def test_every_function_is_used_by_some_case_and_every_estimator_has_one() -> None:
    protos = [model_of(case).proto for case in CASES + TWINS]
    assert {node.op_type for proto in protos for node in proto.graph.node if node.domain == DOMAIN} == set(
        FUNCTIONS
    )
    steps = {
        step
        for proto in protos
        for prop in proto.metadata_props
        if prop.key == "ai.edgepar.estimator"
        for step in prop.value.split(" | ")
    }
    # A native Booster has no scikit-learn methods that a case could ask; tests/test_export_boosters.py has them.
    assert steps == {row.name for row in ESTIMATORS if not row.name.endswith(".Booster")}
