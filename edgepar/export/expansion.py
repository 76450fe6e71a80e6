# SPDX-License-Identifier: Apache-2.0
"""Transformers that compute each feature of their answer from a few features."""

from __future__ import annotations

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
    factors = emitter.indices("factors", term_factors(estimator.powers_))
    emitter.call("PolynomialTerms", [emitter.x(), factors], emitter.outputs[0])


def term_factors(powers: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Factors of each term, the last feature first, as scikit-learn multiplies them.

    Parameters
    ----------
    powers
        int [n_terms, n_features], the exponents.

    Returns
    -------
    int64 [n_terms, degree]; shorter terms end in n_features, which stands for 1.
    """
    n_features = powers.shape[1]
    degree = max(1, int(powers.sum(axis=1).max()))
    factors = np.full((len(powers), degree), n_features, dtype=np.int64)
    for term, exponents in zip(factors, powers, strict=True):
        found = np.repeat(np.arange(n_features), exponents)[::-1]
        term[: len(found)] = found
    return factors
