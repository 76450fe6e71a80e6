# SPDX-License-Identifier: Apache-2.0
"""How far a Model may be from its estimator: both compute in float64, in another order of sums here and there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ULP = 2.0**-52  # of float64 at 1
HALF_ULP_F32 = 2.0**-24


@dataclass(frozen=True)
class Bounds:
    """Largest difference to the estimator, elementwise; None where the estimator lacks the method."""

    value: np.ndarray | None = None
    decision: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    transformed: np.ndarray | None = None
    score: np.ndarray | None = None
