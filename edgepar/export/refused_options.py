# SPDX-License-Identifier: Apache-2.0
"""The table of options that cannot be exported; the table of estimators is its neighbour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgepar.export import (
    bayes,
    boosting,
    columns,
    encoders,
    lightgbm_models,
    missing,
    neighbours,
    svm,
    trees,
    xgboost_models,
)
from edgepar.export.estimators import ESTIMATORS
from edgepar.model_checks import MAX_TREE_DEPTH


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
        ("XGBClassifier", "XGBRFClassifier"),
        "an objective that is not for its classes, or several labels a sample",
        xgboost_models.is_no_classifier,
        "fit with the default objective, one classifier for each column of y, or use the regressor",
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
    RefusedOption(
        ("LGBMClassifier",),
        "an objective that is not for its classes",
        lightgbm_models.is_no_classifier,
        "fit with the default objective, or use LGBMRegressor",
    ),
    RefusedOption(
        _LIGHTGBM,
        "pred_early_stop=True",
        lightgbm_models.stops_early,
        "fit without it: a device always asks all trees",
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
        (
            "AdaBoostClassifier",
            "HistGradientBoostingClassifier",
            "LinearDiscriminantAnalysis",
            "RidgeClassifier",
            "RidgeClassifierCV",
            "OneVsRestClassifier",
            "XGBClassifier",
            "XGBRFClassifier",
            "LGBMClassifier",
        ),
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
    RefusedOption(
        _XGBOOST,
        "a base score whose sum is not finite (targets that are all 0, or all 1)",
        xgboost_models.has_infinite_base,
        "fit on different targets, or with a base_score that the objective can predict",
    ),
)
