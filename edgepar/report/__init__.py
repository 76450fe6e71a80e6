# SPDX-License-Identifier: Apache-2.0
"""What a person reads: rows of figures as a terminal table, JSON, one HTML page or a data frame."""

from edgepar.report.report import Report
from edgepar.report.row import Row

__all__ = ["Report", "Row"]
