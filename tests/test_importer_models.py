# SPDX-License-Identifier: Apache-2.0
"""edgepar's own Models: parameters come from the file alone, labels and roles are right, nothing is computed twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler

import edgepar
from edgepar.exactness import near_ties, output_bounds
from edgepar.export import export
from edgepar.functions import FUNCTIONS
from edgepar.importer.functions import HANDLERS
from edgepar.model import Model
from edgepar.ops import Activation, Classify, Elementwise, Linear, Trees
from edgepar.ops import GaussianNB as GaussianOp
from edgepar.passes.canonicalize import canonicalize
from tests.onnx_models import assert_agrees, by_graph, by_onnxruntime, imported

X, Y = load_digits(return_X_y=True)
X, Y = X[:500].astype(np.float32), Y[:500]
FOREST = {"n_estimators": 8, "random_state": 0}

# estimator, target, kinds of operations after the passes, roles of the outputs
MODELS = [
    (RandomForestClassifier(**FOREST), Y, [Trees, Classify], ["label", "probabilities"]),
    (RandomForestClassifier(max_depth=2, **FOREST), Y > 4, [Trees, Classify], ["label", "probabilities"]),
    (make_pipeline(StandardScaler(), RandomForestClassifier(**FOREST)), Y, [Trees, Classify],
     ["label", "probabilities"]),
    (make_pipeline(MinMaxScaler(clip=True), ExtraTreesRegressor(**FOREST)), Y, [Trees], ["value"]),
    (make_pipeline(StandardScaler(), LogisticRegression(max_iter=50)), Y,
     [Elementwise, Linear, Activation, Classify], ["label", "probabilities", "decision"]),
    (make_pipeline(MaxAbsScaler(), LogisticRegression(max_iter=50)), Y > 4, [Linear, Activation, Classify],
     ["label", "probabilities", "decision"]),
    (RidgeClassifier(), Y * 2 - 5, [Linear, Classify], ["label", "decision"]),
    (LinearRegression(), np.stack([Y, X.sum(axis=1)], axis=1), [Linear], ["value"]),
    (GaussianNB(), np.array(["even", "odd"])[Y % 2], [GaussianOp, Activation, Classify], ["label", "probabilities"]),
]  # fmt: skip


def name_of(value: object) -> str:
    """Class names, joined."""
    steps = getattr(value, "steps", None) or [("", value)]
    return "+".join(type(step).__name__ for _, step in steps)


@pytest.mark.parametrize(
    ("estimator", "y", "kinds", "roles"), MODELS, ids=[name_of(row[0]) for row in MODELS]
)
def test_own_models_become_few_operations(estimator, y, kinds, roles):
    model = export(estimator.fit(X, y), X[:1])
    graph = imported(model.proto)
    final = canonicalize(graph)
    assert sorted(type(op).__name__ for op in final.ops) == sorted(kind.__name__ for kind in kinds)
    assert [output.role for output in final.outputs] == roles
    assert [output.name for output in final.outputs] == roles
    if hasattr(estimator, "classes_"):
        assert [str(label) for label in final.labels] == [str(label) for label in model.labels.astype(
            estimator.classes_.dtype if estimator.classes_.dtype.kind != "b" else int)]  # fmt: skip
    assert final.accepts_nan == model.allows_nan
    assert final.sha256 == graph.sha256
    assert_agrees(graph, model.proto, X)
    assert_agrees(final, model.proto, X)


def test_every_function_of_the_domain_has_a_handler():
    assert set(HANDLERS) == set(FUNCTIONS)


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalizers_leave_small_rows_alone(norm):
    pipeline = make_pipeline(Normalizer(norm), LinearRegression()).fit(X, Y)
    model = export(pipeline, X[:1])
    rows = X[:20].copy()
    rows[3] = 0.0
    rows[5] *= 1e-18
    assert_agrees(imported(model.proto), model.proto, rows)


def test_a_scaler_in_two_places_of_a_pipeline_is_one_operation():
    model = export(make_pipeline(StandardScaler(), MinMaxScaler(), LinearRegression()).fit(X, Y), X[:1])
    graph = imported(model.proto)
    assert [type(op) for op in graph.ops] == [Elementwise, Linear]
    assert [step.function for step in graph.ops[0].steps] == ["sub", "div", "mul", "add"]
    assert_agrees(graph, model.proto, X)


def test_missing_values_follow_the_file():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(300, 4))
    target = (np.isnan(np.where(rng.uniform(size=300) < 0.3, np.nan, 0)) | (data[:, 1] > 0)).astype(int)
    data[rng.uniform(size=data.shape) < 0.2] = np.nan
    model = export(RandomForestClassifier(**FOREST).fit(data, target), data[:1])
    assert imported(model.proto).accepts_nan
    assert_agrees(canonicalize(imported(model.proto)), model.proto, data.astype(np.float32))


def change_initializer(
    stem: str, change: Callable[[np.ndarray], np.ndarray]
) -> Callable[[onnx.ModelProto], None]:
    """Edits the first initializer whose name starts with ``stem``."""

    def edit(proto: onnx.ModelProto) -> None:
        tensor = next(t for t in proto.graph.initializer if t.name.startswith(stem))
        tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor).copy()), tensor.name))

    return edit


def change_attribute(
    name: str, change: Callable[[np.ndarray], np.ndarray]
) -> Callable[[onnx.ModelProto], None]:
    """Edits a tensor attribute of the first node that has it."""

    def edit(proto: onnx.ModelProto) -> None:
        attribute = next(a for node in proto.graph.node for a in node.attribute if a.name == name)
        attribute.t.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(attribute.t).copy()), name))

    return edit


EDITS = {
    "coefficients": (RidgeClassifier(), change_initializer("coef", lambda a: a * 3 + 1)),
    "an intercept": (RidgeClassifier(), change_initializer("intercept", lambda a: a + np.arange(len(a)))),
    "class labels": (RidgeClassifier(), change_initializer("classes", lambda a: a[::-1] - 40)),
    "a mean": (make_pipeline(StandardScaler(), RidgeClassifier()), change_initializer("mean", lambda a: a + 5)),
    "a scale": (make_pipeline(StandardScaler(), RidgeClassifier()), change_initializer("scale", lambda a: a * -2)),
    "class means": (GaussianNB(), change_initializer("theta", lambda a: a[::-1])),
    "variances": (GaussianNB(), change_initializer("var", lambda a: a * 1e6 + 1)),
    "priors": (GaussianNB(), change_initializer("log_prior", lambda a: a - 500.0 * np.arange(len(a)))),
    "thresholds": (RandomForestClassifier(**FOREST), change_attribute("nodes_values_as_tensor", lambda a: a + 4)),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_file_changes_onnxruntime_and_the_graph_alike(what):
    estimator, edit = EDITS[what]
    model = export(estimator.fit(X, Y), X[:1])
    proto = onnx.ModelProto.FromString(model.proto.SerializeToString())
    edit(proto)
    output = proto.graph.output[-1].name
    before, after = by_onnxruntime(model.proto, X)[output], by_onnxruntime(proto, X)[output]
    if what == "class labels":
        before, after = by_onnxruntime(model.proto, X)["label"], by_onnxruntime(proto, X)["label"]
    assert not np.array_equal(before, after)
    assert_agrees(canonicalize(imported(proto)), proto, X)


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_file_changes_the_c_code_as_onnxruntime(what):
    estimator, edit = EDITS[what]
    proto = onnx.ModelProto.FromString(export(estimator.fit(X, Y), X[:1]).proto.SerializeToString())
    edit(proto)
    model = Model(proto)
    image = edgepar.compile(model, "host")
    run, wanted, bounds = image.run(X), model.run(X), output_bounds(image.graph, X)
    sure = ~near_ties(image.graph, X)
    assert sure.any()
    np.testing.assert_array_equal(run.predict()[sure], model.predict(X)[sure])
    for name in set(run.outputs) - {"label"}:
        assert (np.abs(run.outputs[name] - wanted[name]) <= bounds[name].reshape(wanted[name].shape)).all()


def test_metadata_changes_nothing():
    model = export(RandomForestClassifier(**FOREST).fit(X, Y), X[:1])
    proto = onnx.ModelProto.FromString(model.proto.SerializeToString())
    for entry in proto.metadata_props:
        entry.value = "something else"
    proto.doc_string = proto.graph.doc_string = "weights: 1, 2, 3"
    found, wanted = by_graph(imported(proto), X), by_graph(imported(model.proto), X)
    for name, value in wanted.items():
        np.testing.assert_array_equal(found[name].reference, value.reference)
    assert imported(proto).dump() == imported(model.proto).dump()
