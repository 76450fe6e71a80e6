# SPDX-License-Identifier: Apache-2.0
"""Transformers that compute each feature of their answer from a few features."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter


def binarizer(emitter: Emitter, estimator: Any) -> None:
    """Binarizer: 1 above the threshold."""
    inputs = [emitter.x(), emitter.parameter("threshold", float(estimator.threshold))]
    emitter.call("Binarize", inputs, emitter.outputs[0])


def polynomial_features(emitter: Emitter, estimator: Any) -> None:
    """PolynomialFeatures: each term as the list of its factors."""
    factors = emitter.indices("factors", term_factors(estimator))
    emitter.call("PolynomialTerms", [emitter.x(), factors], emitter.outputs[0])


def term_factors(estimator: Any) -> npt.NDArray[np.int64]:
    """Factors of each term of a PolynomialFeatures, the last feature first, as scikit-learn multiplies them.

    ``powers_`` says the same, but takes an entry for each term and feature.

    Returns
    -------
    int64 [n_terms, degree]; shorter terms end in the number of features, which stands for 1.
    """
    n_features = estimator.n_features_in_
    degrees = (0, estimator.degree) if isinstance(estimator.degree, Integral) else estimator.degree
    least, most = map(int, degrees)
    choose = combinations if estimator.interaction_only else combinations_with_replacement
    terms = [np.full((1 if estimator.include_bias else 0, max(1, most)), n_features)]
    for degree in range(max(1, least), most + 1):
        chosen = np.array([*choose(range(n_features), degree)], dtype=np.int64).reshape(-1, degree)
        terms.append(np.pad(chosen[:, ::-1], ((0, 0), (0, most - degree)), constant_values=n_features))
    return np.concatenate(terms).astype(np.int64)
