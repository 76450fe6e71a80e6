# SPDX-License-Identifier: Apache-2.0
"""Missing values: SimpleImputer and MissingIndicator."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import ML_DOMAIN, Emitter


def simple_imputer(emitter: Emitter, imputer: Any) -> None:
    """SimpleImputer: features that had nothing but missing values are dropped first, flags come last."""
    statistics = _statistics(imputer)
    kept = np.flatnonzero(~np.isnan(statistics))
    x = emitter.x()
    indicator = imputer.indicator_
    flagged = indicator is not None and len(indicator.features_) > 0
    features = _columns(emitter, x, kept) if len(kept) < len(statistics) else x
    output = "" if flagged else emitter.outputs[0]
    missing, kind = _missing(emitter, imputer.missing_values)
    fill = emitter.parameter("fill", statistics[kept])
    filled = emitter.call(f"Fill{kind}", [features, *missing, fill], output)
    if flagged:
        found = _columns(emitter, x, indicator.features_)
        flags = emitter.call(f"{kind}Flags", [found, *missing])
        emitter.op("Concat", [filled, flags], emitter.outputs[0], axis=1)


def missing_indicator(emitter: Emitter, indicator: Any) -> None:
    """MissingIndicator: flags of the features that had missing values, or of all."""
    missing, kind = _missing(emitter, indicator.missing_values)
    found = _columns(emitter, emitter.x(), indicator.features_)
    emitter.call(f"{kind}Flags", [found, *missing], emitter.outputs[0])


def n_imputed(imputer: Any) -> int:
    """Number of features that a SimpleImputer answers with."""
    flags = 0 if imputer.indicator_ is None else len(imputer.indicator_.features_)
    return int(np.count_nonzero(~np.isnan(_statistics(imputer)))) + flags


def has_other_values(estimator: Any) -> bool:
    """Whether a missing value or what replaces it is no number."""
    if not isinstance(estimator.missing_values, Real):
        return True
    statistics = getattr(estimator, "statistics_", np.zeros(1))
    return not all(isinstance(value, Real) for value in np.asarray(statistics, dtype=object))


def is_empty(estimator: Any) -> bool:
    """Whether nothing is left of the features."""
    if hasattr(estimator, "statistics_"):
        return bool(np.isnan(_statistics(estimator)).all())
    return len(estimator.features_) == 0


def _statistics(imputer: Any) -> npt.NDArray[np.float64]:
    """What replaces missing values, in the type that the imputer was fitted on: transform rounds to it."""
    statistics = np.asarray(imputer.statistics_)
    kind = np.dtype(imputer._fill_dtype)  # noqa: SLF001 - transform itself reads it
    return (statistics.astype(kind) if kind.kind == "f" else statistics).astype(np.float64)


def _missing(emitter: Emitter, value: Any) -> tuple[list[str], str]:
    """The further input of the functions for a number, and the kind in their names."""
    if np.isnan(value):
        return [], "NaN"
    return [emitter.parameter("missing", float(value))], "Number"


def _columns(emitter: Emitter, x: str, columns: npt.NDArray[Any]) -> str:
    return emitter.op("ArrayFeatureExtractor", [x, emitter.indices("columns", columns)], domain=ML_DOMAIN)
