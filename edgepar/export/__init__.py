# SPDX-License-Identifier: Apache-2.0
"""Estimators to Models: `export`, the table of what it takes, and estimator files."""

from edgepar.export.convert import export
from edgepar.export.estimators import (
    ESTIMATORS,
    REFUSED_OPTIONS,
    EstimatorRow,
    RefusedOption,
    supported_names,
)

__all__ = ["ESTIMATORS", "REFUSED_OPTIONS", "EstimatorRow", "RefusedOption", "export", "supported_names"]
