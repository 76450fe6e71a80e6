# SPDX-License-Identifier: Apache-2.0
"""The table of estimators that can be exported.

Code, tests, docs and `edgepar export --list` read this table, and that of refused options, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

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
from edgepar.export.estimator_row import EstimatorRow, Role


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


def supported_names() -> tuple[str, ...]:
    """Class names of all estimators, in the order of the table."""
    return tuple(row.name for row in ESTIMATORS)
