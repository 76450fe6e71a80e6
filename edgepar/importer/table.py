# SPDX-License-Identifier: Apache-2.0
"""The one list of operators that are imported."""

from __future__ import annotations

from collections.abc import Callable

from edgepar.functions import DOMAIN
from edgepar.importer import (
    arithmetic,
    functions,
    labels,
    linear_models,
    structure,
    support_vectors,
    tree_ensemble_5,
    tree_ensembles,
)
from edgepar.importer.builder import Builder
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol

ML_DOMAIN = "ai.onnx.ml"

Handler = Callable[[Builder, Node], Symbol | tuple[Symbol, ...]]

HANDLERS: dict[tuple[str, str], Handler] = {
    ("", "Add"): arithmetic.binary,
    ("", "ArgMax"): labels.argmax,
    ("", "Cast"): structure.cast,
    ("", "Clip"): arithmetic.clip,
    ("", "Concat"): structure.concat,
    ("", "Constant"): structure.constant,
    ("", "Div"): arithmetic.binary,
    ("", "Exp"): arithmetic.exponential,
    ("", "Flatten"): structure.flatten,
    ("", "Gather"): labels.gather,
    ("", "Gemm"): arithmetic.gemm,
    ("", "Greater"): labels.greater,
    ("", "Identity"): structure.identity,
    ("", "MatMul"): arithmetic.matmul,
    ("", "Max"): arithmetic.binary,
    ("", "Min"): arithmetic.binary,
    ("", "Mul"): arithmetic.binary,
    ("", "Neg"): arithmetic.negative,
    ("", "Reshape"): structure.reshape,
    ("", "Sigmoid"): arithmetic.sigmoid,
    ("", "Sign"): support_vectors.sign,
    ("", "Softmax"): arithmetic.softmax,
    ("", "Squeeze"): structure.squeeze,
    ("", "Sub"): arithmetic.binary,
    ("", "Unsqueeze"): structure.unsqueeze,
    (ML_DOMAIN, "ArrayFeatureExtractor"): labels.array_feature_extractor,
    (ML_DOMAIN, "LinearClassifier"): linear_models.classifier,
    (ML_DOMAIN, "LinearRegressor"): linear_models.regressor,
    (ML_DOMAIN, "Normalizer"): linear_models.normalizer,
    (ML_DOMAIN, "SVMClassifier"): support_vectors.classifier,
    (ML_DOMAIN, "SVMRegressor"): support_vectors.regressor,
    (ML_DOMAIN, "Scaler"): linear_models.scaler,
    (ML_DOMAIN, "TreeEnsemble"): tree_ensemble_5.tree_ensemble,
    (ML_DOMAIN, "TreeEnsembleClassifier"): tree_ensembles.classifier,
    (ML_DOMAIN, "TreeEnsembleRegressor"): tree_ensembles.regressor,
    (ML_DOMAIN, "ZipMap"): structure.zip_map,
    **{(DOMAIN, name): handler for name, handler in functions.HANDLERS.items()},
}
"""(domain, operator) -> what makes operations of a node."""


def supported_operators() -> str:
    """All operators by domain, for messages."""
    domains: dict[str, list[str]] = {}
    for domain, op_type in sorted(HANDLERS):
        domains.setdefault(domain, []).append(op_type)
    return "; ".join(f"{domain or 'ai.onnx'}: {', '.join(names)}" for domain, names in domains.items())
