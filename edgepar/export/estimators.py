# SPDX-License-Identifier: Apache-2.0
"""The table of estimators that can be exported, and the table of their options that cannot.

Code, tests, docs and `edgepar export --list` read these two tables and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, cast

import numpy as np

from edgepar.export import (
    bayes,
    boosting,
    clusters,
    columns,
    composition,
    encoders,
    expansion,
    features,
    isolation,
    lightgbm_models,
    linear,
    missing,
    mixtures,
    nan_features,
    neighbours,
    scalers,
    svm,
    trees,
    xgboost_models,
)
from edgepar.graph import METHODS
from edgepar.graph import Role as Output
from edgepar.model_checks import MAX_TREE_DEPTH

Role = Literal["classifier", "regressor", "clusterer", "outlier_detector", "transformer"]
#: Roles that answer with a label, and can stand at the end of a Pipeline like a regressor.
LABELLED: tuple[Role, ...] = ("classifier", "clusterer", "outlier_detector")

#: Files of converters -> the families of estimators, in the order in which lists show them.
FAMILIES: dict[str, str] = {
    "linear": "linear models",
    "svm": "support vector machines",
    "bayes": "naive Bayes",
    "neighbours": "nearest neighbours",
    "trees": "trees",
    "boosting": "trees",
    "isolation": "trees",
    "xgboost_models": "trees",
    "lightgbm_models": "trees",
    "clusters": "clusters",
    "mixtures": "Gaussian components",
    "scalers": "scalers",
    "features": "features",
    "expansion": "features",
    "encoders": "categories",
    "missing": "missing values",
    "columns": "made of others",
    "composition": "made of others",
}


@dataclass(frozen=True)
class EstimatorRow:
    """One estimator: where its class is, what it gives and who converts it.

    Attributes
    ----------
    path
        Public dotted path of the class. Subclasses do not match: they may compute something else.
    role
        What the estimator is in a Pipeline; transformers come before one of the others.
    convert
        Writes the nodes. Those that answer with labels take (emitter, estimator, classes), the others
        (emitter, estimator).
    outputs
        The ONNX outputs in the order in which `convert` produces them. A fitted estimator has those of them whose
        method it has: no probabilities, for instance, without predict_proba.
    classes
        The labels of a fitted estimator in the order of its class indices.
    row_shape
        Shape of one row of an output by its name, for a fitted estimator; None where classes, n_outputs_ or coef_ tell.
    members
        The fitted estimators inside one, which are exported with it.
    parts
        The members of a transformer with the columns they read.
    n_features
        Number of features that a fitted estimator takes.
    width
        Number of features that a fitted transformer answers with; None where only what it is made of can say.
    nan
        Where NaN goes in a fitted transformer that takes it at all, by `nan_features`.
    """

    path: str
    role: Role
    convert: Callable[..., None]
    outputs: tuple[str, ...]
    classes: Callable[[Any], Any] = attrgetter("classes_")
    row_shape: Callable[[str, Any], tuple[int, ...] | None] = lambda *_: None
    members: Callable[[Any], Sequence[Any]] = lambda _: ()
    parts: Callable[[Any], Sequence[columns.Part]] | None = None
    n_features: Callable[[Any], int] = attrgetter("n_features_in_")
    width: Callable[[Any], int | None] = attrgetter("n_features_in_")
    nan: Callable[[Any, nan_features.Origins], nan_features.Passed] = nan_features.passed

    @property
    def name(self) -> str:
        """Class name, as users write it; with the package where two have one of that name."""
        return self.path if self.path.endswith(".Booster") else self.path.rpartition(".")[2]

    @property
    def family(self) -> str:
        """Key of FAMILIES: the file of its converter."""
        return self.convert.__module__.rpartition(".")[2]

    def outputs_of(self, estimator: Any) -> tuple[str, ...]:
        """The outputs that this fitted estimator has."""
        if self.role == "transformer":
            return self.outputs
        return tuple(output for output in self.outputs if hasattr(estimator, METHODS[cast(Output, output)]))


@dataclass(frozen=True)
class RefusedOption:
    """A fitted option that is not exported; none is a default of its estimator.

    Attributes
    ----------
    names
        Class names of the table that the row is about.
    option
        The option, as the error names it.
    applies
        True for a fitted estimator that uses it.
    instead
        What to do.
    """

    names: tuple[str, ...]
    option: str
    applies: Callable[[Any], bool]
    instead: str


def _classifier(
    path: str,
    convert: Callable[..., None],
    *outputs: str,
    members: Callable[[Any], Sequence[Any]] = lambda _: (),
) -> EstimatorRow:
    return EstimatorRow(path, "classifier", convert, ("label", *outputs), members=members)


def _clusterer(
    path: str, convert: Callable[..., None], n_clusters: Callable[[Any], int], *outputs: str
) -> EstimatorRow:
    """Answers with the index of a cluster."""
    return EstimatorRow(
        path, "clusterer", convert, ("label", *outputs), classes=lambda fitted: np.arange(n_clusters(fitted))
    )


def _outlier_detector(path: str, convert: Callable[..., None]) -> EstimatorRow:
    """Answers 1 for an inlier and -1 for an outlier."""
    outputs = ("label", "decision", "score")
    return EstimatorRow(path, "outlier_detector", convert, outputs, classes=lambda _: np.array([-1, 1]))


def _regressor(
    path: str, convert: Callable[..., None], members: Callable[[Any], Sequence[Any]] = lambda _: ()
) -> EstimatorRow:
    return EstimatorRow(path, "regressor", convert, ("value",), members=members)


def _transformer(
    path: str,
    convert: Callable[..., None],
    width: Callable[[Any], int] = attrgetter("n_features_in_"),
    nan: Callable[[Any, nan_features.Origins], nan_features.Passed] = nan_features.passed,
) -> EstimatorRow:
    return EstimatorRow(path, "transformer", convert, ("scaled",), width=width, nan=nan)


#: Those that answer with the sign or the largest of their sums, and nothing else.
_LINEAR_CLASSIFIERS = (
    "sklearn.linear_model.RidgeClassifier",
    "sklearn.linear_model.RidgeClassifierCV",
    "sklearn.linear_model.Perceptron",
    "sklearn.linear_model.PassiveAggressiveClassifier",
    "sklearn.svm.LinearSVC",
)
#: Those that answer with the sums.
_LINEAR_REGRESSORS = (
    "sklearn.linear_model.LinearRegression",
    "sklearn.linear_model.Ridge",
    "sklearn.linear_model.RidgeCV",
    "sklearn.linear_model.Lasso",
    "sklearn.linear_model.LassoCV",
    "sklearn.linear_model.ElasticNet",
    "sklearn.linear_model.ElasticNetCV",
    "sklearn.linear_model.MultiTaskLasso",
    "sklearn.linear_model.MultiTaskLassoCV",
    "sklearn.linear_model.MultiTaskElasticNet",
    "sklearn.linear_model.MultiTaskElasticNetCV",
    "sklearn.linear_model.Lars",
    "sklearn.linear_model.LarsCV",
    "sklearn.linear_model.LassoLars",
    "sklearn.linear_model.LassoLarsCV",
    "sklearn.linear_model.LassoLarsIC",
    "sklearn.linear_model.OrthogonalMatchingPursuit",
    "sklearn.linear_model.OrthogonalMatchingPursuitCV",
    "sklearn.linear_model.BayesianRidge",
    "sklearn.linear_model.ARDRegression",
    "sklearn.linear_model.HuberRegressor",
    "sklearn.linear_model.TheilSenRegressor",
    "sklearn.linear_model.QuantileRegressor",
    "sklearn.linear_model.SGDRegressor",
    "sklearn.linear_model.PassiveAggressiveRegressor",
    "sklearn.svm.LinearSVR",
)
_ESTIMATORS = attrgetter("estimators_")


def _numbers_of(n_targets: Callable[[Any], int]) -> Callable[[str, Any], tuple[int, ...] | None]:
    """Shape of a row of `value` of a library whose models do not say it in scikit-learn's words."""

    def row_shape(output: str, model: Any) -> tuple[int, ...] | None:
        if output != "value":
            return None
        return () if n_targets(model) == 1 else (n_targets(model),)

    return row_shape


def _of_xgboost(name: str, role: Role) -> EstimatorRow:
    """A model of XGBoost, or a Booster, which answers with numbers alone."""
    outputs = ("label", "probabilities") if role == "classifier" else ("value",)
    convert = xgboost_models.classifier if role == "classifier" else xgboost_models.regressor
    return EstimatorRow(
        f"xgboost.{name}",
        role,
        convert,
        outputs,
        n_features=xgboost_models.n_features,
        row_shape=_numbers_of(xgboost_models.n_targets),
    )


def _of_lightgbm(name: str, role: Role) -> EstimatorRow:
    """A model of LightGBM, or a Booster, which answers with numbers alone."""
    outputs = ("label", "probabilities", "decision") if role == "classifier" else ("value",)
    convert = lightgbm_models.classifier if role == "classifier" else lightgbm_models.regressor
    return EstimatorRow(
        f"lightgbm.{name}",
        role,
        convert,
        outputs,
        n_features=lightgbm_models.n_features,
        row_shape=_numbers_of(lightgbm_models.n_targets),
    )


def _made_of_transformers(
    path: str, convert: Callable[..., None], parts: Callable[[Any], Sequence[columns.Part]]
) -> EstimatorRow:
    """A transformer whose answer is that of several ones."""
    return EstimatorRow(
        path,
        "transformer",
        convert,
        ("scaled",),
        members=lambda fitted: columns.transformers(parts(fitted)),
        parts=parts,
        width=lambda _: None,
    )


_SELECTORS = (
    "SelectKBest",
    "SelectPercentile",
    "SelectFpr",
    "SelectFdr",
    "SelectFwe",
    "GenericUnivariateSelect",
    "VarianceThreshold",
    "SelectFromModel",
    "RFE",
    "RFECV",
    "SequentialFeatureSelector",
)

ESTIMATORS: tuple[EstimatorRow, ...] = (
    _classifier(
        "sklearn.linear_model.LogisticRegression", linear.logistic_regression, "probabilities", "decision"
    ),
    _classifier(
        "sklearn.linear_model.LogisticRegressionCV", linear.logistic_regression, "probabilities", "decision"
    ),
    _classifier(
        "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
        linear.logistic_regression,
        "probabilities",
        "decision",
    ),
    _classifier("sklearn.linear_model.SGDClassifier", linear.sgd_classifier, "probabilities", "decision"),
    *(_classifier(path, linear.linear_classifier, "decision") for path in _LINEAR_CLASSIFIERS),
    EstimatorRow(
        "sklearn.svm.SVC",
        "classifier",
        svm.svc,
        ("label", "probabilities", "decision"),
        row_shape=svm.row_shape,
    ),
    EstimatorRow(
        "sklearn.svm.NuSVC",
        "classifier",
        svm.svc,
        ("label", "probabilities", "decision"),
        row_shape=svm.row_shape,
    ),
    _classifier("sklearn.neighbors.KNeighborsClassifier", neighbours.k_neighbors_classifier, "probabilities"),
    _classifier(
        "sklearn.neighbors.NearestCentroid", neighbours.nearest_centroid, "probabilities", "decision"
    ),
    _classifier("sklearn.naive_bayes.GaussianNB", bayes.gaussian_nb, "probabilities"),
    _classifier("sklearn.naive_bayes.MultinomialNB", bayes.multinomial_nb, "probabilities"),
    _classifier("sklearn.naive_bayes.ComplementNB", bayes.complement_nb, "probabilities"),
    _classifier("sklearn.naive_bayes.BernoulliNB", bayes.bernoulli_nb, "probabilities"),
    _classifier("sklearn.naive_bayes.CategoricalNB", bayes.categorical_nb, "probabilities"),
    _classifier("sklearn.tree.DecisionTreeClassifier", trees.tree_classifier, "probabilities"),
    _classifier("sklearn.ensemble.RandomForestClassifier", trees.tree_classifier, "probabilities"),
    _classifier("sklearn.ensemble.ExtraTreesClassifier", trees.tree_classifier, "probabilities"),
    _classifier("sklearn.tree.ExtraTreeClassifier", trees.tree_classifier, "probabilities"),
    _classifier(
        "sklearn.ensemble.GradientBoostingClassifier",
        boosting.gradient_boosting_classifier,
        "probabilities",
        "decision",
    ),
    _classifier(
        "sklearn.ensemble.HistGradientBoostingClassifier",
        boosting.hist_gradient_boosting_classifier,
        "probabilities",
        "decision",
    ),
    _classifier(
        "sklearn.ensemble.AdaBoostClassifier", boosting.ada_boost_classifier, "probabilities", "decision"
    ),
    _classifier("sklearn.ensemble.BaggingClassifier", trees.bagging_classifier, "probabilities"),
    _clusterer("sklearn.cluster.KMeans", clusters.k_means, clusters.n_centroids, "transformed"),
    _clusterer("sklearn.cluster.MiniBatchKMeans", clusters.k_means, clusters.n_centroids, "transformed"),
    _clusterer(
        "sklearn.mixture.GaussianMixture",
        mixtures.gaussian_mixture,
        mixtures.n_components,
        "probabilities",
        "score",
    ),
    _classifier(
        "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
        mixtures.quadratic_discriminant,
        "probabilities",
        "decision",
    ),
    *(_regressor(path, linear.linear_regressor) for path in _LINEAR_REGRESSORS),
    _regressor("sklearn.linear_model.PoissonRegressor", linear.log_link_regressor),
    _regressor("sklearn.linear_model.GammaRegressor", linear.log_link_regressor),
    _regressor("sklearn.linear_model.TweedieRegressor", linear.log_link_regressor),
    _outlier_detector("sklearn.linear_model.SGDOneClassSVM", linear.sgd_one_class),
    EstimatorRow("sklearn.svm.SVR", "regressor", svm.svr, ("value",), row_shape=svm.row_shape),
    EstimatorRow("sklearn.svm.NuSVR", "regressor", svm.svr, ("value",), row_shape=svm.row_shape),
    EstimatorRow(
        "sklearn.neighbors.KNeighborsRegressor",
        "regressor",
        neighbours.k_neighbors_regressor,
        ("value",),
        row_shape=neighbours.row_shape,
    ),
    _regressor("sklearn.tree.DecisionTreeRegressor", trees.tree_regressor),
    _regressor("sklearn.ensemble.RandomForestRegressor", trees.tree_regressor),
    _regressor("sklearn.ensemble.ExtraTreesRegressor", trees.tree_regressor),
    _regressor("sklearn.tree.ExtraTreeRegressor", trees.tree_regressor),
    _regressor("sklearn.ensemble.GradientBoostingRegressor", boosting.gradient_boosting_regressor),
    _regressor("sklearn.ensemble.HistGradientBoostingRegressor", boosting.hist_gradient_boosting_regressor),
    _regressor("sklearn.ensemble.AdaBoostRegressor", boosting.ada_boost_regressor),
    _regressor("sklearn.ensemble.BaggingRegressor", trees.bagging_regressor),
    _outlier_detector("sklearn.svm.OneClassSVM", svm.one_class_svm),
    _outlier_detector("sklearn.neighbors.LocalOutlierFactor", neighbours.local_outlier_factor),
    _outlier_detector("sklearn.ensemble.IsolationForest", isolation.isolation_forest),
    _classifier(
        "sklearn.ensemble.VotingClassifier",
        composition.voting_classifier,
        "probabilities",
        members=_ESTIMATORS,
    ),
    _regressor("sklearn.ensemble.VotingRegressor", composition.voting_regressor, members=_ESTIMATORS),
    _classifier(
        "sklearn.multiclass.OneVsRestClassifier",
        composition.one_vs_rest,
        "probabilities",
        "decision",
        members=_ESTIMATORS,
    ),
    _classifier(
        "sklearn.multiclass.OneVsOneClassifier", composition.one_vs_one, "decision", members=_ESTIMATORS
    ),
    _classifier(
        "sklearn.calibration.CalibratedClassifierCV",
        composition.calibrated_classifier,
        "probabilities",
        members=composition.calibrated_members,
    ),
    _of_xgboost("XGBClassifier", "classifier"),
    _of_xgboost("XGBRFClassifier", "classifier"),
    _of_xgboost("XGBRegressor", "regressor"),
    _of_xgboost("XGBRFRegressor", "regressor"),
    _of_xgboost("Booster", "regressor"),
    _of_lightgbm("LGBMClassifier", "classifier"),
    _of_lightgbm("LGBMRegressor", "regressor"),
    _of_lightgbm("Booster", "regressor"),
    _transformer("sklearn.preprocessing.StandardScaler", scalers.standard_scaler),
    _transformer("sklearn.preprocessing.MinMaxScaler", scalers.min_max_scaler),
    _transformer("sklearn.preprocessing.MaxAbsScaler", scalers.max_abs_scaler),
    _transformer("sklearn.preprocessing.RobustScaler", scalers.robust_scaler),
    _transformer("sklearn.preprocessing.Normalizer", scalers.normalizer),
    *(
        _transformer(
            f"sklearn.feature_selection.{name}",
            features.selection,
            features.n_selected,
            nan_features.selected,
        )
        for name in _SELECTORS
    ),
    _made_of_transformers(
        "sklearn.compose.ColumnTransformer", columns.column_transformer, columns.column_parts
    ),
    _made_of_transformers("sklearn.pipeline.FeatureUnion", columns.feature_union, columns.union_parts),
    _transformer("sklearn.preprocessing.FunctionTransformer", columns.identity, nan=nan_features.unlooked_at),
    _transformer("sklearn.preprocessing.Binarizer", expansion.binarizer),
    _transformer(
        "sklearn.preprocessing.PolynomialFeatures",
        expansion.polynomial_features,
        attrgetter("n_output_features_"),
    ),
    _transformer("sklearn.preprocessing.KBinsDiscretizer", encoders.k_bins_discretizer, encoders.n_intervals),
    _transformer(
        "sklearn.preprocessing.OneHotEncoder",
        encoders.one_hot_encoder,
        encoders.n_flags,
        nan_features.flagged,
    ),
    _transformer("sklearn.preprocessing.OrdinalEncoder", encoders.ordinal_encoder, nan=nan_features.coded),
    _transformer(
        "sklearn.impute.SimpleImputer", missing.simple_imputer, missing.n_imputed, nan_features.filled
    ),
    _transformer(
        "sklearn.impute.MissingIndicator",
        missing.missing_indicator,
        lambda indicator: len(indicator.features_),
        nan_features.filled,
    ),
    _transformer("sklearn.decomposition.PCA", features.pca, features.n_components),
    _transformer("sklearn.decomposition.TruncatedSVD", features.truncated_svd, features.n_components),
)

_MADE_OF_TRANSFORMERS = tuple(row.name for row in ESTIMATORS if row.parts is not None)
_NO_TRANSFORMERS = frozenset(row.name for row in ESTIMATORS if row.role != "transformer")


def _parts(estimator: Any) -> Sequence[columns.Part]:
    row = next(row for row in ESTIMATORS if row.name == type(estimator).__name__)
    return [] if row.parts is None else row.parts(estimator)


def _has_other_members(estimator: Any) -> bool:
    """Whether an estimator stands where only transformers can."""
    members = columns.transformers(_parts(estimator))
    return any(
        type(step).__name__ in _NO_TRANSFORMERS for member in members for step in columns.steps(member)
    )


_TREE_REGRESSORS = (
    "DecisionTreeRegressor", "ExtraTreeRegressor", "RandomForestRegressor", "ExtraTreesRegressor",
)  # fmt: skip
_TREE_CLASSIFIERS = (
    "DecisionTreeClassifier", "ExtraTreeClassifier", "RandomForestClassifier", "ExtraTreesClassifier",
)  # fmt: skip
_GRADIENT_BOOSTING = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_LIBSVM = ("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM")
_ENCODERS = ("OneHotEncoder", "OrdinalEncoder")
_IMPUTERS = ("SimpleImputer", "MissingIndicator")
_K_NEIGHBORS = ("KNeighborsClassifier", "KNeighborsRegressor")
_NEIGHBOUR_ROWS = (*_K_NEIGHBORS, "LocalOutlierFactor")
_BAGGING = ("BaggingClassifier", "BaggingRegressor")


def _is_sparse(matrix: Any) -> bool:
    return not isinstance(matrix, (np.ndarray, float, int, np.generic))


_XGBOOST = ("XGBClassifier", "XGBRFClassifier", "XGBRegressor", "XGBRFRegressor", "xgboost.Booster")
_LIGHTGBM = ("LGBMClassifier", "LGBMRegressor", "lightgbm.Booster")

#: In this order: a row may count on what the rows above it have refused.
_BOOSTING_OPTIONS: tuple[RefusedOption, ...] = (
    RefusedOption(
        _XGBOOST,
        "booster='gblinear'",
        xgboost_models.is_linear,
        "use booster='gbtree', or a linear model of scikit-learn",
    ),
    RefusedOption(
        _XGBOOST,
        "booster='dart'",
        xgboost_models.is_dart,
        "use booster='gbtree', since dart weighs each tree anew when it predicts",
    ),
    RefusedOption(
        _XGBOOST,
        "an objective whose prediction is not known",
        xgboost_models.has_unknown_objective,
        f"use one of {', '.join(xgboost_models.LINKS)}",
    ),
    RefusedOption(
        _XGBOOST,
        "leaves of several targets (multi_strategy='multi_output_tree')",
        xgboost_models.has_vector_leaves,
        "use multi_strategy='one_output_per_tree'",
    ),
    RefusedOption(
        _XGBOOST,
        "splits on categories (enable_categorical)",
        xgboost_models.has_categories,
        "encode the categories as numbers and fit without enable_categorical",
    ),
    RefusedOption(
        _XGBOOST,
        "a missing value other than NaN",
        xgboost_models.has_other_missing,
        "write NaN for what is missing and fit with missing=nan",
    ),
    RefusedOption(
        _LIGHTGBM,
        "boosting='dart'",
        lightgbm_models.is_dart,
        "use boosting='gbdt', since dart weighs trees again after they are grown",
    ),
    RefusedOption(
        _LIGHTGBM,
        "an objective or option (reg_sqrt) whose prediction is not known",
        lightgbm_models.has_unknown_objective,
        f"use one of {', '.join(lightgbm_models.LINKS)}",
    ),
    RefusedOption(
        _LIGHTGBM,
        "linear_tree=True",
        lightgbm_models.has_linear_leaves,
        "fit with linear_tree=False",
    ),
    RefusedOption(
        _LIGHTGBM,
        "splits on categories (categorical_feature)",
        lightgbm_models.has_categories,
        "encode the categories as numbers and fit without categorical_feature",
    ),
    RefusedOption(
        _LIGHTGBM,
        "zero_as_missing=True",
        lightgbm_models.has_zero_as_missing,
        "write NaN for what is missing",
    ),
)

REFUSED_OPTIONS: tuple[RefusedOption, ...] = (
    *_BOOSTING_OPTIONS,
    RefusedOption(
        _MADE_OF_TRANSFORMERS,
        "a member that is exported as a last step alone, such as KMeans",
        _has_other_members,
        "leave it out, or put a transformer in its place",
    ),
    RefusedOption(
        _MADE_OF_TRANSFORMERS,
        "no column that is left",
        lambda estimator: not _parts(estimator),
        "give some columns to a transformer or to remainder='passthrough'",
    ),
    RefusedOption(
        ("FunctionTransformer",),
        "a function",
        lambda estimator: estimator.func is not None,
        "transform the data before the fit, for what a function computes is not known",
    ),
    RefusedOption(
        ("BernoulliNB",),
        "features above 1 without binarize",
        bayes.counts_more_than_one,
        "fit with a number as binarize, or with features of 0 and 1, since scikit-learn itself predicts NaN here",
    ),
    RefusedOption(
        ("MultinomialNB", "ComplementNB", "BernoulliNB", "CategoricalNB"),
        "a probability or prior of 0 (alpha=0 and a count of 0, or class_prior with a 0)",
        lambda estimator: not bayes.is_finite(estimator),
        "fit with alpha and every prior above 0, since 0 times the logarithm of 0 is NaN in scikit-learn itself",
    ),
    RefusedOption(
        _TREE_CLASSIFIERS,
        "several outputs (a two-dimensional y)",
        lambda estimator: estimator.n_outputs_ > 1,
        "fit one classifier for each column of y",
    ),
    RefusedOption(
        (*_BAGGING, "AdaBoostClassifier", "AdaBoostRegressor"),
        "members that are no decision trees",
        lambda estimator: not all(trees.is_tree(member) for member in estimator.estimators_),
        "give it a DecisionTree or ExtraTree as estimator",
    ),
    RefusedOption(
        ("AdaBoostClassifier",),
        "a single class",
        lambda estimator: len(estimator.classes_) == 1,
        "fit with two classes or more",
    ),
    RefusedOption(
        _GRADIENT_BOOSTING,
        "an init that answers differently to each sample",
        lambda estimator: not boosting.has_constant_init(estimator),
        "fit with init=None or init='zero'",
    ),
    RefusedOption(
        ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
        "categories that are no numbers",
        boosting.has_text_categories,
        "encode them as numbers before the fit, for a device takes numbers",
    ),
    RefusedOption(
        (
            *_TREE_CLASSIFIERS,
            *_TREE_REGRESSORS,
            *_GRADIENT_BOOSTING,
            *_BAGGING,
            "AdaBoostClassifier",
            "IsolationForest",
        ),
        f"a tree deeper than {MAX_TREE_DEPTH} levels",
        lambda estimator: max(tree.max_depth for tree in trees.members(estimator)) >= MAX_TREE_DEPTH,
        "fit with a smaller max_depth",
    ),
    RefusedOption(
        ("RidgeClassifier", "RidgeClassifierCV"),
        "multi-label targets (a two-dimensional y)",
        lambda estimator: (
            # No public attribute tells three labels from three classes.
            estimator._label_binarizer.y_type_.startswith("multilabel")  # noqa: SLF001
        ),
        "fit one classifier for each column of y",
    ),
    RefusedOption(
        tuple(row.name for row in ESTIMATORS if row.family == "linear"),
        "sparse coefficients (after sparsify)",
        lambda estimator: _is_sparse(estimator.coef_),
        "call estimator.densify() before the export",
    ),
    RefusedOption(
        ("OneVsRestClassifier",),
        "several labels a sample (a two-dimensional y)",
        lambda estimator: estimator.multilabel_,
        "fit one classifier for each column of y",
    ),
    RefusedOption(
        ("OneVsOneClassifier",),
        "a precomputed kernel",
        lambda estimator: estimator.pairwise_indices_ is not None,
        "fit it on the features themselves",
    ),
    RefusedOption(
        ("CalibratedClassifierCV",),
        "a fold that has not seen every class",
        lambda estimator: any(
            len(fold.estimator.classes_) != len(estimator.classes_)
            for fold in estimator.calibrated_classifiers_
        ),
        "fit with fewer or stratified folds",
    ),
    RefusedOption(
        ("CalibratedClassifierCV",),
        "method='temperature' over a classifier without decision_function",
        lambda estimator: (
            estimator.method == "temperature"
            and any(
                not hasattr(fold.estimator, "decision_function") for fold in estimator.calibrated_classifiers_
            )
        ),
        "use method='sigmoid' or 'isotonic', since what temperature scaling does to probabilities depends on the other "
        "rows that are predicted with them",
    ),
    RefusedOption(
        ("QuadraticDiscriminantAnalysis",),
        "a prior of 0",
        lambda estimator: not bool(np.all(np.asarray(estimator.priors_) > 0)),
        "fit without the classes that are never predicted",
    ),
    RefusedOption(
        _LIBSVM,
        "a precomputed kernel or one of your own",
        lambda estimator: estimator.kernel not in svm.KERNELS,
        f"fit with kernel={', '.join(map(repr, svm.KERNELS))}",
    ),
    RefusedOption(
        _LIBSVM,
        "sparse support vectors (fitted on a sparse matrix)",
        lambda estimator: _is_sparse(estimator.support_vectors_),
        "fit on a dense array",
    ),
    RefusedOption(
        ("SVC", "NuSVC"),
        "break_ties=True and decision_function_shape='ovo'",
        lambda estimator: estimator.break_ties and estimator.decision_function_shape == "ovo",
        "set decision_function_shape='ovr', since scikit-learn itself predicts nothing here",
    ),
    RefusedOption(
        ("LocalOutlierFactor",),
        "novelty=False",
        lambda estimator: not estimator.novelty,
        "fit with novelty=True, since without it scikit-learn itself answers no new samples",
    ),
    RefusedOption(
        ("NearestCentroid",),
        "a class with a prior of 0",
        lambda estimator: not neighbours.has_priors(estimator),
        "fit without the classes that are never predicted",
    ),
    RefusedOption(
        _NEIGHBOUR_ROWS,
        "a sparse training set",
        lambda estimator: _is_sparse(estimator._fit_X),  # noqa: SLF001 - the training set has no public name
        "fit on a dense array",
    ),
    RefusedOption(
        _NEIGHBOUR_ROWS,
        "a metric other than " + ", ".join(neighbours.METRICS),
        lambda estimator: neighbours.metric(estimator)[0] not in neighbours.METRICS,
        "fit with one of these",
    ),
    RefusedOption(
        _NEIGHBOUR_ROWS,
        "a weighted metric (metric_params with w)",
        lambda estimator: estimator.effective_metric_params_.get("w") is not None,
        "scale the features instead",
    ),
    RefusedOption(
        _K_NEIGHBORS,
        "weights that are a function",
        lambda estimator: estimator.weights not in ("uniform", "distance"),
        "fit with weights='uniform' or weights='distance'",
    ),
    RefusedOption(
        _K_NEIGHBORS,
        "more neighbours than training rows",
        lambda estimator: estimator.n_neighbors > estimator.n_samples_fit_,
        "set n_neighbors lower, since scikit-learn itself predicts nothing here",
    ),
    RefusedOption(
        ("KNeighborsClassifier",),
        "classes in several columns (a two-dimensional y)",
        lambda estimator: estimator.outputs_2d_,
        "fit one classifier for each column of y",
    ),
    RefusedOption(
        _ENCODERS,
        "a category that is no number",
        encoders.has_text,
        "map text to numbers before the fit, since the input of a device is float32",
    ),
    RefusedOption(
        _ENCODERS,
        "a category that is no float32, which is what a device sees",
        encoders.has_float64_categories,
        "fit on X.astype(numpy.float32), or on whole numbers",
    ),
    RefusedOption(
        (*_ENCODERS, "KBinsDiscretizer"),
        "dtype=numpy.float32",
        encoders.has_narrow_dtype,
        "set dtype=numpy.float64, since scikit-learn itself computes in float32 behind it",
    ),
    RefusedOption(
        ("OneHotEncoder",),
        "drop and no category that is left",
        encoders.has_no_flag,
        "leave the features out",
    ),
    RefusedOption(
        _IMPUTERS,
        "missing_values or a replacement that is no number",
        missing.has_other_values,
        "write NaN or a number for what is missing, since the input of a device is float32",
    ),
    RefusedOption(
        _IMPUTERS,
        "no feature that is left",
        missing.is_empty,
        "fit on data where something is missing, and something is not",
    ),
    RefusedOption(
        ("GaussianNB",),
        "a variance of 0 (var_smoothing=0 and a constant feature)",
        lambda estimator: not bool(np.all(np.asarray(estimator.var_) > 0)),
        "fit with var_smoothing above 0, since scikit-learn itself predicts NaN here",
    ),
)


def supported_names() -> tuple[str, ...]:
    """Class names of all estimators, in the order of the table."""
    return tuple(row.name for row in ESTIMATORS)
