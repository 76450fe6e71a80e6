# SPDX-License-Identifier: Apache-2.0
"""Estimators to Models: `export`, the table of what it takes, and estimator files."""

from edgepar.export.convert import export
from edgepar.export.estimator_row import EstimatorRow
from edgepar.export.estimators import ESTIMATORS, supported_names
from edgepar.export.refused_options import REFUSED_OPTIONS, RefusedOption

__all__ = ["ESTIMATORS", "REFUSED_OPTIONS", "EstimatorRow", "RefusedOption", "export", "supported_names"]
