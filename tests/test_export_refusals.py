# SPDX-License-Identifier: Apache-2.0
"""What cannot be exported ends in one sentence of the right type, and no default option is refused."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

from edgepar import errors
from edgepar.export import ESTIMATORS, REFUSED_OPTIONS, export
from edgepar.export.support import suggestion
from tests.case import iris

X, y = iris()


class MyRegression(LinearRegression):
    """A subclass may compute anything."""


def sparse_logistic() -> Any:
    return LogisticRegression(max_iter=1000).fit(X, y).sparsify()


def text_categories() -> Any:
    table = pandas.DataFrame(X, columns=list("abcd")).assign(colour=np.array(["red", "green", "blue"])[y])
    return HistGradientBoostingClassifier(max_iter=2, categorical_features=["colour"]).fit(table, y)


METRICS_OPTION = next(row.option for row in REFUSED_OPTIONS if row.option.startswith("a metric other"))


def lgbm(**options: Any) -> Any:
    return LGBMRegressor(n_estimators=3, verbose=-1, **options)


# One trigger for each row of REFUSED_OPTIONS, by its option.
TRIGGERS: dict[str, Callable[[], Any]] = {
    "several outputs (a two-dimensional y)": lambda: DecisionTreeClassifier().fit(X, np.column_stack([y, y])),
    "multi-label targets (a two-dimensional y)": lambda: RidgeClassifier().fit(X, np.eye(3, dtype=int)[y]),
    "sparse coefficients (after sparsify)": sparse_logistic,
    "a probability or prior of 0 (alpha=0 and a count of 0, or class_prior with a 0)": lambda: MultinomialNB(
        class_prior=[0.0, 0.5, 0.5]
    ).fit(X, y),
    "features above 1 without binarize": lambda: BernoulliNB(binarize=None).fit(X, y),
    "a variance of 0 (var_smoothing=0 and a constant feature)": lambda: GaussianNB(var_smoothing=0).fit(
        X * [1, 1, 0, 1], y
    ),
    "novelty=False": lambda: LocalOutlierFactor().fit(X),
    "a class with a prior of 0": lambda: NearestCentroid(priors=[0.0, 0.5, 0.5]).fit(X, y),
    "a prior of 0": lambda: QuadraticDiscriminantAnalysis(priors=[0.0, 0.5, 0.5]).fit(X, y),
    "members that are no decision trees": lambda: BaggingClassifier(GaussianNB()).fit(X, y),
    "a single class": lambda: AdaBoostClassifier(n_estimators=2).fit(X, y * 0),
    "an init that answers differently to each sample": lambda: GradientBoostingClassifier(
        n_estimators=2, init=GaussianNB()
    ).fit(X, y),
    "categories that are no numbers": text_categories,
    "booster='gblinear'": lambda: XGBRegressor(n_estimators=2, booster="gblinear").fit(X, y),
    "booster='dart'": lambda: XGBRegressor(n_estimators=2, booster="dart").fit(X, y),
    "an objective whose prediction is not known": lambda: XGBRegressor(
        n_estimators=2, objective="binary:hinge"
    ).fit(X, y > 0),
    "leaves of several targets (multi_strategy='multi_output_tree')": lambda: XGBRegressor(
        n_estimators=2, multi_strategy="multi_output_tree", tree_method="hist"
    ).fit(X, X[:, :2]),
    "splits on categories (enable_categorical)": lambda: XGBRegressor(
        n_estimators=2, enable_categorical=True, feature_types=["c", "q", "q", "q"], min_child_weight=0
    ).fit(np.column_stack([y, X[:, :3]]), y),
    "a missing value other than NaN": lambda: XGBRegressor(n_estimators=2, missing=-1.0).fit(X, y),
    "an objective that is not for its classes, or several labels a sample": lambda: XGBClassifier(
        n_estimators=2, objective="reg:squarederror"
    ).fit(X, y > 0),
    "an objective that is not for its classes": lambda: LGBMClassifier(
        n_estimators=2, objective="regression", verbose=-1
    ).fit(X, y > 0),
    "pred_early_stop=True": lambda: lgbm(pred_early_stop=True).fit(X, y),
    "boosting='dart'": lambda: lgbm(boosting_type="dart").fit(X, y),
    "an objective or option (reg_sqrt) whose prediction is not known": lambda: lgbm(reg_sqrt=True).fit(X, y),
    "linear_tree=True": lambda: lgbm(linear_tree=True).fit(X, y),
    "splits on categories (categorical_feature)": lambda: lgbm(min_data_per_group=1, cat_smooth=0).fit(
        np.column_stack([y, X[:, :3]]), y, categorical_feature=[0]
    ),
    "zero_as_missing=True": lambda: lgbm(zero_as_missing=True).fit(X * (X > 3), y),
    "several labels a sample (a two-dimensional y)": lambda: OneVsRestClassifier(LogisticRegression()).fit(
        X, np.eye(3, dtype=int)[y] | np.eye(3, dtype=int)[0]
    ),
    "a member that is exported as a last step alone, such as KMeans": lambda: FeatureUnion(
        [("scaled", make_pipeline(StandardScaler(), KMeans(2))), ("all", "passthrough")]
    ).fit(X),
    "no column that is left": lambda: ColumnTransformer([("none", "drop", [0])]).fit(X),
    "a function": lambda: FunctionTransformer(np.sqrt).fit(X),
    "a category that is no number": lambda: OneHotEncoder().fit([["red"], ["blue"]]),
    "a category that is no float32, which is what a device sees": lambda: OrdinalEncoder().fit(X),
    "dtype=numpy.float32": lambda: KBinsDiscretizer(3, dtype=np.float32).fit(X),
    "drop and no category that is left": lambda: OneHotEncoder(drop="first").fit([[1.0], [1.0]]),
    "missing_values or a replacement that is no number": lambda: SimpleImputer(
        strategy="constant", fill_value="none"
    ).fit(np.array([["a"], [np.nan]], dtype=object)),
    "no feature that is left": lambda: MissingIndicator().fit(X),
    "a base score whose sum is not finite (targets that are all 0, or all 1)": lambda: XGBRegressor(
        n_estimators=2, objective="reg:logistic"
    ).fit(X, y * 0),
    "a precomputed kernel": lambda: OneVsOneClassifier(SVC(kernel="precomputed")).fit(X @ X.T, y),
    "a fold that has not seen every class": lambda: CalibratedClassifierCV(
        RidgeClassifier(), cv=[(np.arange(100), np.arange(150)), (np.arange(150), np.arange(150))]
    ).fit(X, y),
    "method='temperature' over a classifier without decision_function": lambda: CalibratedClassifierCV(
        GaussianNB(), method="temperature"
    ).fit(X, y),
    "a precomputed kernel or one of your own": lambda: SVR(kernel=lambda a, b: a @ b.T).fit(X, y),
    "sparse support vectors (fitted on a sparse matrix)": lambda: SVC().fit(sparse.csr_matrix(X), y),
    "break_ties=True and decision_function_shape='ovo'": lambda: SVC(
        break_ties=True, decision_function_shape="ovo"
    ).fit(X, y),
    "a sparse training set": lambda: KNeighborsRegressor().fit(sparse.csr_matrix(X), y),
    METRICS_OPTION: lambda: KNeighborsClassifier(metric="canberra").fit(X, y),
    "a weighted metric (metric_params with w)": lambda: KNeighborsClassifier(
        metric_params={"w": [1.0, 2.0, 1.0, 1.0]}
    ).fit(X, y),
    "weights that are a function": lambda: KNeighborsClassifier(weights=np.exp).fit(X, y),
    "more neighbours than training rows": lambda: KNeighborsRegressor(1000).fit(X, y),
    "classes in several columns (a two-dimensional y)": lambda: KNeighborsClassifier().fit(
        X, np.column_stack([y, y])
    ),
}


def row_of(name: str) -> Any:
    """The estimator's row of the table."""
    return next(row for row in ESTIMATORS if row.name == name)


@pytest.mark.parametrize("option", TRIGGERS)
def test_refused_option_is_named_with_a_way_out(option: str) -> None:
    row = next(row for row in REFUSED_OPTIONS if row.option == option)
    estimator = TRIGGERS[option]()
    name = type(estimator).__name__
    if row_of(name).role == "transformer":
        estimator = Pipeline([("step", estimator), ("last", LinearRegression())])
    with pytest.raises(errors.UnsupportedEstimatorError) as caught:
        export(estimator)
    assert str(caught.value) == f"{name} with {option} cannot be exported: {row.instead}."


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=2),
        LinearDiscriminantAnalysis(),
        RidgeClassifier(),
        OneVsRestClassifier(GaussianNB()),
        XGBClassifier(n_estimators=2),
        LGBMClassifier(n_estimators=2, verbose=-1),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_single_class_is_refused_where_two_are_told_apart(estimator: Any) -> None:
    with pytest.raises(errors.UnsupportedEstimatorError) as caught:
        export(estimator.fit(X, y * 0))
    assert str(caught.value) == (
        f"{type(estimator).__name__} with a single class cannot be exported: fit with two classes or more."
    )


@pytest.mark.parametrize(
    ("objective", "target"), [("reg:logistic", 1), ("count:poisson", 0), ("reg:tweedie", 0)]
)
def test_an_infinite_base_score_is_refused(objective: str, target: int) -> None:
    with pytest.raises(errors.UnsupportedEstimatorError, match="a base score whose sum is not finite"):
        export(XGBRegressor(n_estimators=2, objective=objective).fit(X, y * 0 + target))


@pytest.mark.parametrize(
    "estimator",
    [DecisionTreeClassifier(), RandomForestClassifier(2), GaussianNB(), KNeighborsClassifier()],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_single_class_is_exported_where_each_class_has_a_score(estimator: Any) -> None:
    np.testing.assert_array_equal(export(estimator.fit(X, y * 0)).predict_proba(X), np.ones((len(X), 1)))


def test_every_refused_option_has_a_trigger() -> None:
    assert {row.option for row in REFUSED_OPTIONS} == {*TRIGGERS, DEPTH_OPTION}


DEPTH_OPTION = "a tree deeper than 4096 levels"


def test_a_tree_too_deep_is_refused() -> None:
    (row,) = (row for row in REFUSED_OPTIONS if row.option == DEPTH_OPTION)

    class Tree:
        max_depth = 4096

    class Estimator:
        tree_ = Tree()

    assert row.applies(Estimator())
    Tree.max_depth = 4095
    assert not row.applies(Estimator())


#: What estimators made of others cannot do without.
MEMBERS: dict[str, tuple[Any, ...]] = {
    "VotingClassifier": ([("tree", DecisionTreeClassifier()), ("nb", GaussianNB())],),
    "VotingRegressor": ([("ols", LinearRegression()), ("again", LinearRegression())],),
    "OneVsRestClassifier": (GaussianNB(),),
    "OneVsOneClassifier": (GaussianNB(),),
    "ColumnTransformer": ([("scaled", StandardScaler(), [0, 1])],),
    "FeatureUnion": ([("scaled", StandardScaler())],),
    "SelectFromModel": (LinearRegression(),),
    "RFE": (LinearRegression(),),
    "RFECV": (LinearRegression(),),
    "SequentialFeatureSelector": (LinearRegression(),),
}


#: What estimators of special samples are fitted on.
SAMPLES_OF: dict[str, np.ndarray] = {
    "OneHotEncoder": np.round(X),
    "OrdinalEncoder": np.round(X),
    "MissingIndicator": np.where(X > 5, np.nan, X),
}


# A Booster holds what its training was asked for, and has no defaults.
@pytest.mark.parametrize(
    "row", [row for row in ESTIMATORS if not row.path.endswith(".Booster")], ids=lambda row: row.name
)
def test_defaults_are_never_refused(row: Any) -> None:
    module, _, name = row.path.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target = y[:, None] if name.startswith("MultiTask") else y + 1  # GammaRegressor takes numbers above 0
        target = y if name.startswith("XGB") else target  # classes from 0
        samples = SAMPLES_OF.get(name, X)
        # Without novelty a LocalOutlierFactor has no predict at all.
        options = {"novelty": True} if name == "LocalOutlierFactor" else {}
        build = getattr(importlib.import_module(module), name)
        estimator = build(*MEMBERS.get(name, ()), **options).fit(samples, target)
    assert not [r.option for r in REFUSED_OPTIONS if name in r.names and r.applies(estimator)]


UNSUPPORTED = {
    "another estimator": (
        lambda: MLPClassifier(max_iter=2000).fit(X, y),
        f"sklearn's MLPClassifier cannot be exported; {suggestion('MLPClassifier')}",
    ),
    "a subclass": (
        lambda: MyRegression().fit(X, y),
        f"tests's MyRegression cannot be exported; {suggestion('MyRegression')}",
    ),
    "a class": (
        lambda: GaussianNB,
        "GaussianNB is a class, not a fitted estimator: make one and call fit before the export.",
    ),
    "no estimator at all": (
        lambda: {"a": 1},
        f"builtins's dict cannot be exported; {suggestion('dict')}",
    ),
    "another transformer": (
        lambda: make_pipeline(SplineTransformer(), LogisticRegression(max_iter=9999)).fit(X, y),
        f"sklearn's SplineTransformer cannot be exported; {suggestion('SplineTransformer')}",
    ),
    "scalers only": (
        lambda: make_pipeline(StandardScaler()).fit(X),
        (
            "Pipeline ends in no classifier or regressor, and a Model has to predict something: "
            "export a Pipeline whose last step is one."
        ),
    ),
    "a classifier in the middle": (
        lambda: Pipeline([("a", GaussianNB().fit(X, y)), ("b", GaussianNB().fit(X, y))]),
        "Pipeline has GaussianNB before its last step, where only transformers are allowed: export it alone.",
    ),
    "votes of a regressor": (
        lambda: OneVsOneClassifier(LinearRegression()).fit(X, y),
        (
            "LinearRegression has to give label inside another estimator, but gives value alone: "
            "put a classifier in its place."
        ),
    ),
    "soft votes of a Pipeline without probabilities": (
        lambda: VotingClassifier(
            [("nb", GaussianNB()), ("svc", make_pipeline(StandardScaler(), SVC()))], voting="soft"
        ).fit(X, y),
        (
            "SVC has to give probabilities inside another estimator, but gives label and decision alone: "
            "put a classifier with predict_proba in its place."
        ),
    ),
    "one vs rest of hard votes": (
        lambda: OneVsRestClassifier(VotingClassifier([("nb", GaussianNB())])).fit(X, y),
        (
            "VotingClassifier has to give probabilities inside another estimator, but gives label alone: "
            "put a classifier with predict_proba in its place."
        ),
    ),
    "a clusterer before the last step of a member": (
        lambda: VotingClassifier([("nb", make_pipeline(KMeans(2), GaussianNB()))]).fit(X, y),
        (
            "KMeans has to give scaled inside another estimator, but gives label and transformed alone: "
            "put a transformer in its place."
        ),
    ),
    "labels beyond 64 bits": (
        lambda: GaussianNB().fit(X, np.array([1, 2, 2**63], dtype=np.uint64)[y]),
        (
            "GaussianNB has class labels of type uint64, such as 9223372036854775808: "
            "labels may be integers of 64 bits, booleans, whole floats or strings."
        ),
    ),
}


def test_a_refusal_names_the_nearest_estimators_and_where_all_are_listed() -> None:
    ending = f"'edgepar export --list' names all {len(ESTIMATORS)}, which may stand in Pipelines too."
    assert suggestion("dict") == ending
    assert suggestion("GausianNB").startswith("the nearest ")
    assert "GaussianNB" in suggestion("GausianNB")
    assert suggestion("GausianNB").endswith(f"; {ending}")


@pytest.mark.parametrize("what", UNSUPPORTED)
def test_unsupported_estimators_are_named(what: str) -> None:
    build, text = UNSUPPORTED[what]
    with pytest.raises(errors.UnsupportedEstimatorError) as caught:
        export(build(), X[:1])
    assert str(caught.value) == text
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (RandomForestClassifier(), "RandomForestClassifier"),
        (make_pipeline(StandardScaler(), GaussianNB()), "StandardScaler"),
        (make_pipeline(StandardScaler().fit(X), GaussianNB()), "GaussianNB"),
    ],
)
def test_unfitted_estimators_are_named(estimator: Any, name: str) -> None:
    with pytest.raises(errors.NotFittedError) as caught:
        export(estimator, X[:1])
    assert str(caught.value) == (
        f"This {name} is not fitted: call fit with the training data before the export."
    )
    assert caught.value.exit_code == 4


SAMPLES = {
    "too many features": (
        np.zeros((1, 5)),
        (
            "X_sample has shape (1, 5), but GaussianNB was fitted on 4 features: "
            "pass an array of shape (n, 4), for example X[:1]."
        ),
    ),
    "one row as a vector": (
        np.zeros(4),
        (
            "X_sample has shape (4,), but GaussianNB was fitted on 4 features: "
            "pass an array of shape (n, 4), for example X[:1]."
        ),
    ),
    "strings": (
        np.array([["a", "b", "c", "d"]]),
        "X_sample has type <U1, but GaussianNB takes numbers: pass rows of the training data.",
    ),
    "an object": (
        object(),
        "X_sample has type object, but GaussianNB takes numbers: pass rows of the training data.",
    ),
    "ragged rows": ([[1, 2, 3, 4], [1]], "X_sample is no array ("),
}


@pytest.mark.parametrize("what", SAMPLES)
def test_wrong_samples_are_described(what: str) -> None:
    sample, text = SAMPLES[what]
    with pytest.raises(errors.InputDataError) as caught:
        export(GaussianNB().fit(X, y), sample)
    assert str(caught.value).startswith(text)
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "é", "x" * 64, "../m"])
def test_names_that_are_no_c_identifier_are_refused(name: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        export(GaussianNB().fit(X, y), X, name=name)
    assert str(caught.value) == (
        f"The model name {name!r} is no C identifier: use letters, digits and underscores, a letter first."
    )


@pytest.mark.parametrize(
    "steps",
    [
        [("none", "passthrough"), ("nb", GaussianNB())],
        [("inner", make_pipeline(StandardScaler(), "passthrough")), ("nb", GaussianNB())],
    ],
    ids=["passthrough", "nested"],
)
def test_pipelines_with_passthrough_or_pipelines_inside_are_flattened(steps: list[Any]) -> None:
    estimator = Pipeline(steps).fit(X, y)
    np.testing.assert_array_equal(export(estimator, X).predict(X), estimator.predict(X))


def test_the_sample_may_be_left_out() -> None:
    estimator = GaussianNB().fit(X, y)
    assert export(estimator).sha256 == export(estimator, X[:1]).sha256


def test_a_damaged_estimator_gives_no_model() -> None:
    """An estimator from a file may claim anything; its arrays are checked like a file's."""
    estimator = DecisionTreeClassifier(max_depth=2).fit(X, y)
    estimator.tree_.children_left[0] = 77
    with pytest.raises(errors.UnsupportedEstimatorError) as caught:
        export(estimator)
    assert str(caught.value) == (
        "DecisionTreeClassifier gives no valid model: TreeEnsembleClassifier has a node whose child does not exist; "
        "fit it again."
    )
