# SPDX-License-Identifier: Apache-2.0
"""Model: answers in scikit-learn's shapes, checks of the input, and models that edgepar did not export."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from edgepar import errors
from edgepar.export import export
from edgepar.model import Model, listed
from tests.case import Case, digits, iris
from tests.cases import columns
from tests.estimators import CASES

BY_NAME = {case.name: case for case in CASES}


def model_of(name: str) -> Model:
    fitted = BY_NAME[name].fit()
    return export(fitted.estimator, fitted.X_test[:1])


def foreign(estimator: Any, X: np.ndarray, **options: Any) -> Model:
    """What other people's skl2onnx makes of an estimator."""
    from skl2onnx import to_onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Model(
            to_onnx(
                estimator,
                X[:1].astype(np.float32),
                target_opset={"": 18, "ai.onnx.ml": 3},
                options=options or None,
            )
        )


FOREIGN_CLASSIFIERS = {
    "logistic": LogisticRegression(max_iter=5000),
    "scaled logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(10, random_state=0),
    "tree": DecisionTreeClassifier(max_depth=3),
    "gaussian naive Bayes": GaussianNB(),
}


@pytest.mark.parametrize("names", [[0, 1, 2], [5, -1, 9], ["x", "y", "z"]], ids=["ints", "others", "strings"])
@pytest.mark.parametrize("zipmap", [True, False, "columns"], ids=["zipmap", "arrays", "columns"])
@pytest.mark.parametrize("what", FOREIGN_CLASSIFIERS)
def test_foreign_classifiers_answer_like_their_estimator(what: str, zipmap: Any, names: list[Any]) -> None:
    X, y = iris()
    estimator = FOREIGN_CLASSIFIERS[what].fit(X, np.array(names)[y])
    model = foreign(estimator, X, zipmap=zipmap)
    assert model.kind == "classifier"
    assert model.input_shape == (4,)
    seen = X.astype(np.float32).astype(np.float64)
    margin = np.sort(estimator.predict_proba(seen), axis=1)[:, [-2, -1]] @ [-1, 1]
    found, expected = model.predict(X), estimator.predict(seen)
    # These converters compute in float32, with float32 parameters: a thousand of its ulps.
    np.testing.assert_array_equal(found[margin > 1e-4], expected[margin > 1e-4])
    if zipmap != "columns":
        assert np.abs(model.predict_proba(X) - estimator.predict_proba(seen)).max() < 1e-4
    np.testing.assert_array_equal(model.labels, estimator.classes_)


@pytest.mark.parametrize(
    "estimator", [LinearRegression(), DecisionTreeRegressor(max_depth=3), RandomForestRegressor(5)], ids=str
)
def test_foreign_regressors_give_a_vector(estimator: Any) -> None:
    X, y = BY_NAME["diabetes_linear"].data()
    estimator.fit(X, y)
    model = foreign(estimator, X)
    assert model.kind == "regressor"
    assert model.labels is None
    expected = estimator.predict(X.astype(np.float32).astype(np.float64))
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5)


def test_foreign_model_with_a_batch_of_one_runs_row_by_row() -> None:
    X, y = iris()
    estimator = GaussianNB().fit(X, y)
    proto = onnx.ModelProto()
    proto.CopyFrom(export(estimator, X).proto)
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    model = Model(proto)
    np.testing.assert_array_equal(model.predict(X[::10]), estimator.predict(X[::10]))
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3
    with pytest.raises(errors.UnsupportedModelError, match="takes exactly 3 samples at once"):
        Model(proto).predict(X[::10])


def identity_model(
    element_type: int = TensorProto.FLOAT, shape: tuple[Any, ...] = (None, 2), outputs: int = 1
) -> Model:
    names = [f"Y{index}" for index in range(outputs)]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["X"], [name]) for name in names],
        "identity",
        [helper.make_tensor_value_info("X", element_type, shape)],
        [helper.make_tensor_value_info(name, element_type, shape) for name in names],
    )
    return Model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))


def test_inputs_that_are_no_vectors_keep_their_shape() -> None:
    model = identity_model(shape=(None, 3, 4, 5))
    X = np.arange(120.0).reshape(2, 3, 4, 5)
    assert model.input_shape == (3, 4, 5)
    np.testing.assert_array_equal(model.run(X)["Y0"], X)
    with pytest.raises(errors.InputDataError) as caught:
        model.run(np.zeros((2, 60)))
    assert str(caught.value) == (
        "Model identity: X has shape (2, 60), but the model takes samples of shape (3, 4, 5); "
        "pass an array of shape (n, 3, 4, 5)."
    )


def test_inputs_of_other_types_are_fed_what_the_device_sees() -> None:
    X = np.array([[0.1, 1e8 + 1], [2.0, 3.0]])
    seen = identity_model(TensorProto.DOUBLE).run(X)["Y0"]
    np.testing.assert_array_equal(seen, X.astype(np.float32).astype(np.float64))
    whole = identity_model(TensorProto.INT64)
    np.testing.assert_array_equal(whole.run(X[1:])["Y0"], [[2, 3]])
    with pytest.raises(errors.InputDataError, match="the input X takes int64"):
        whole.run(X)


def test_input_without_a_fixed_width_is_refused() -> None:
    with pytest.raises(errors.UnsupportedModelError, match="has a shape that is not fixed"):
        identity_model(shape=(None, None)).run(np.zeros((1, 2)))


BAD_INPUTS: dict[str, tuple[Any, str]] = {
    "too few features": (
        np.zeros((3, 63)),
        "X has 63 features, but the model takes 64 features; pass an array of shape (n, 64).",
    ),
    "one sample as a vector": (
        np.zeros(64),
        "X has shape (64,), but the model takes 64 features; pass an array of shape (n, 64).",
    ),
    "no rows": (np.zeros((0, 64)), "X has no rows; pass at least one."),
    "strings": (np.full((1, 64), "a"), "X has type <U1; pass a dense array of real numbers."),
    "complex": (
        np.zeros((1, 64), dtype=complex),
        "X has type complex128; pass a dense array of real numbers.",
    ),
    "None": (None, "X has type object; pass a dense array of real numbers."),
    "infinity": (
        np.full((2, 64), np.inf),
        "row 0 of X holds infinity or a value beyond float32; pass finite values.",
    ),
    "beyond float32": (
        np.vstack([np.zeros((1, 64)), np.full((1, 64), -1e39)]),
        "row 1 of X holds infinity or a value beyond float32; pass finite values.",
    ),
}


@pytest.mark.parametrize("what", BAD_INPUTS)
@pytest.mark.parametrize("name", ["digits_forest", "digits_logistic"])
def test_bad_inputs_are_described(name: str, what: str) -> None:
    X, text = BAD_INPUTS[what]
    model = model_of(name)
    with pytest.raises(errors.InputDataError) as caught:
        model.predict(X)
    assert str(caught.value) == f"Model {model.name}: {text}"
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nan_is_taken_exactly_where_scikit_learn_takes_it(case: Case) -> None:
    fitted = case.fit()
    X = fitted.X_test[:3].astype(np.float64)
    X[1] = np.nan
    model = export(fitted.estimator, X)
    try:
        expected = fitted.estimator.predict(X.astype(np.float32).astype(np.float64))
    except ValueError:
        assert not model.nan_features.all()
        with pytest.raises(errors.InputDataError) as caught:
            model.predict(X)
        found = "which only trees, imputers and encoders take"
        if model.allows_nan:
            feature = int(np.argmin(model.nan_features))
            found = f"and only {listed(np.flatnonzero(model.nan_features))} may be missing"
            assert f"NaN in feature {feature}, " in str(caught.value)
        assert str(caught.value).startswith(f"Model {model.name}: row 1 of X holds NaN")
        assert str(caught.value).endswith(f", {found}; fill missing values first.")
    else:
        assert model.nan_features.all()
        # XGBoost itself adds up to 100 trees in float32.
        rtol = 100 * 2.0**-24 if type(fitted.estimator).__module__.startswith("xgboost") else 1e-7
        np.testing.assert_allclose(model.predict(X), expected, rtol=rtol) if case.kind == "regressor" else (
            np.testing.assert_array_equal(model.predict(X), expected)
        )


@pytest.mark.parametrize("case", columns.CASES + columns.TWINS, ids=str)
def test_nan_is_taken_in_the_features_where_scikit_learn_takes_it(case: Case) -> None:
    fitted = case.fit()
    model = export(fitted.estimator)
    for feature in range(fitted.X_test.shape[1])[:16]:
        X = fitted.X_device[:1].copy()
        X[0, feature] = np.nan
        try:
            fitted.estimator.predict(X)
        except ValueError:
            assert not model.nan_features[feature]
            with pytest.raises(errors.InputDataError, match="row 0 of X holds NaN"):
                model.predict(X)
        else:
            assert model.nan_features[feature]


def test_nan_where_others_may_be_missing_is_described() -> None:
    X, y = iris()
    # The second feature has seen no NaN, which is an unknown category then.
    X = np.round(X)
    X[::9, [0, 3]] = np.nan
    model = export(make_pipeline(OneHotEncoder(sparse_output=False), GaussianNB()).fit(X, y))
    np.testing.assert_array_equal(model.nan_features, [True, False, False, True])
    with pytest.raises(errors.InputDataError) as caught:
        model.predict([[5.0, 3.0, 4.0, np.nan], [5.0, np.nan, 4.0, np.nan]])
    assert str(caught.value) == (
        "Model gaussian_nb: row 1 of X holds NaN in feature 1, and only features 0, 3 may be missing; "
        "fill missing values first."
    )


@pytest.mark.parametrize("text", ["4", "0 -1", "99999999999999999999", "x y", ""])
def test_damaged_numbers_of_features_allow_nothing_else(text: str) -> None:
    X, y = iris()
    model = export(DecisionTreeClassifier().fit(X, y))
    (prop,) = (p for p in model.proto.metadata_props if p.key == "ai.edgepar.missing_values")
    prop.value = text
    np.testing.assert_array_equal(
        Model(model.proto).nan_features, [text.startswith("0"), False, False, False]
    )


def test_foreign_trees_take_nan_and_foreign_arithmetic_does_not() -> None:
    X, y = iris()
    assert foreign(RandomForestClassifier(3).fit(X, y), X, zipmap=True).allows_nan
    assert not foreign(LogisticRegression(max_iter=5000).fit(X, y), X, zipmap=True).allows_nan
    assert not foreign(make_pipeline(Normalizer(), DecisionTreeClassifier()).fit(X, y), X).allows_nan


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("cancer_ridge_classifier", "predict_proba"),
        ("digits_forest", "decision_function"),
        ("digits_gaussian_nb", "decision_function"),
        ("diabetes_forest", "predict_proba"),
        ("diabetes_linear", "decision_function"),
    ],
)
def test_methods_that_the_estimator_lacks_are_refused(name: str, method: str) -> None:
    model = model_of(name)
    assert not hasattr(BY_NAME[name].fit().estimator, method)
    with pytest.raises(errors.UsageError) as caught:
        getattr(model, method)(BY_NAME[name].fit().X_test)
    assert (
        str(caught.value)
        == f"Model {model.name} has no {method}: its outputs are {', '.join(model.outputs)}."
    )


def test_run_gives_every_output_by_name() -> None:
    model = model_of("cancer_logistic")
    X = BY_NAME["cancer_logistic"].fit().X_test
    found = model.run(X)
    assert {name: array.shape for name, array in found.items()} == {
        "label": (114,),
        "probabilities": (114, 2),
        "decision": (114,),
    }
    np.testing.assert_array_equal(found["label"], model.predict(X))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("digits_forest", "i"),
        ("string_labels_forest", "U"),
        ("boolean_labels_forest", "b"),
        ("float_labels_ridge_classifier", "f"),
        ("negative_labels_logistic", "i"),
        ("string_labels_gaussian_nb", "U"),
    ],
)
def test_labels_are_the_users_own(name: str, kind: str) -> None:
    model, fitted = model_of(name), BY_NAME[name].fit()
    np.testing.assert_array_equal(model.labels, fitted.estimator.classes_)
    assert model.labels.dtype.kind == kind
    assert model.predict(fitted.X_test).dtype.kind == kind


def test_labels_follow_the_file_and_not_the_estimator() -> None:
    model = model_of("iris_gaussian_nb")
    tensor = next(t for t in model.proto.graph.initializer if t.name.startswith("classes"))
    tensor.CopyFrom(numpy_helper.from_array(np.array([10, 20, 30]), tensor.name))
    changed = Model(model.proto)
    np.testing.assert_array_equal(changed.labels, [10, 20, 30])
    assert set(changed.predict(BY_NAME["iris_gaussian_nb"].fit().X_test)) == {10, 20, 30}


@pytest.mark.parametrize("name", ["digits_forest", "string_labels_logistic", "two_target_ridge"])
def test_saved_loaded_and_pickled_models_are_the_same(name: str, tmp_path: Path) -> None:
    model, X = model_of(name), BY_NAME[name].fit().X_test
    expected = model.predict(X)  # opens the session, which must not be pickled
    model.save(tmp_path / "m.onnx")
    for other in (Model.load(tmp_path / "m.onnx"), pickle.loads(pickle.dumps(model))):
        assert (other.sha256, other.name, other.kind) == (model.sha256, model.name, model.kind)
        np.testing.assert_array_equal(other.predict(X), expected)
        assert other.estimator is None
    assert model.estimator is BY_NAME[name].fit().estimator
    assert len(model.sha256) == 64


def test_answers_do_not_depend_on_the_rows_beside() -> None:
    """One sample at a time is what a device computes."""
    X, y = digits()
    for estimator in (GaussianNB(), RandomForestClassifier(10, max_depth=4, random_state=0)):
        model = export(estimator.fit(X, y), X)
        alone = np.concatenate([model.predict_proba(row[None]) for row in X[:20]])
        np.testing.assert_array_equal(model.predict_proba(X[:20]), alone)


def test_repr_says_what_it_is() -> None:
    assert repr(model_of("digits_gaussian_nb")) == (
        "<Model gaussian_nb: classifier, input (64,), outputs label, probabilities>"
    )
