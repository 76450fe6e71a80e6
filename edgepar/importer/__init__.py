# SPDX-License-Identifier: Apache-2.0
"""ONNX models to graphs: one table of operators, one file a family."""

from edgepar.importer.model import import_model

__all__ = ["import_model"]
