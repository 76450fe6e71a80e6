# SPDX-License-Identifier: Apache-2.0
"""Which features of a sample may be NaN: those whose NaN reaches nothing that scikit-learn would refuse it at.

Each feature on its way through the steps has an origin: the input feature whose NaN it would hold, or NOWHERE where it
never is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Origins = npt.NDArray[np.int64]
#: Origins of the features behind a transformer, None where none is NaN, and the origins at which it refuses NaN.
Passed = tuple[Origins | None, Origins]

NOWHERE = -1
_NONE: Origins = np.zeros(0, dtype=np.int64)


def passed(_: Any, origins: Origins) -> Passed:
    """NaN stays where it is, in every feature."""
    return origins, _NONE


def unlooked_at(transformer: Any, origins: Origins) -> Passed:
    """FunctionTransformer, which lets NaN through unless it is asked to validate."""
    return origins, origins if transformer.validate else _NONE


def selected(selector: Any, origins: Origins) -> Passed:
    """NaN stays where it is, in the features that are kept."""
    return origins[selector.get_support()], _NONE


def filled(imputer: Any, origins: Origins) -> Passed:
    """No NaN is left; where missing values are numbers, NaN is refused."""
    return None, _NONE if np.isnan(imputer.missing_values) else origins


def flagged(encoder: Any, origins: Origins) -> Passed:
    """NaN is a category, or an unknown one; no flag is NaN."""
    return None, origins[_raises(encoder)]


def coded(encoder: Any, origins: Origins) -> Passed:
    """NaN is a category, or an unknown one, whose code may be NaN."""
    raises = _raises(encoder)
    is_category = np.array([_has_nan(row) for row in encoder.categories_])
    code = np.where(is_category, encoder.encoded_missing_value, _unknown(encoder))
    return np.where(np.isnan(code) & ~raises, origins, NOWHERE), origins[raises]


def nowhere(n: int) -> Origins:
    """Origins of features that never are NaN."""
    return np.full(n, NOWHERE, dtype=np.int64)


def _raises(encoder: Any) -> npt.NDArray[np.bool_]:
    """Features in which scikit-learn raises because NaN is no known category."""
    is_category = np.array([_has_nan(row) for row in encoder.categories_])
    return np.asarray(~is_category & (encoder.handle_unknown == "error"))


def _has_nan(categories: Any) -> bool:
    return bool(np.isnan(np.asarray(categories, dtype=np.float64)).any())


def _unknown(encoder: Any) -> float:
    return float(encoder.unknown_value) if encoder.handle_unknown == "use_encoded_value" else 0.0
