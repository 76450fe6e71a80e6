# SPDX-License-Identifier: Apache-2.0
"""The post transforms that operators of ai.onnx.ml share."""

from __future__ import annotations

from edgepar.importer.builder import Builder
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Tensor
from edgepar.ops.activation import Kind

_KINDS: dict[str, Kind] = {"LOGISTIC": "logistic", "SOFTMAX": "softmax", "SOFTMAX_ZERO": "softmax_zero"}
#: Names in the order of the numbers that TreeEnsemble uses.
NAMES = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")


def transform_by_name(node: Node) -> str:
    """The attribute post_transform."""
    name = node.one_of("post_transform", "NONE", NAMES)
    return checked(node, name)


def checked(node: Node, name: str) -> str:
    """Refuse the one transform that has no common meaning."""
    if name == "PROBIT":
        raise node.unsupported(
            "post_transform is PROBIT, which runtimes approximate to 4 digits each in its own way",
            f"supported are NONE, {', '.join(_KINDS)}",
        )
    return name


def apply_transform(builder: Builder, node: Node, scores: Tensor, name: str) -> Tensor:
    """Scores after the transform; NONE leaves them as they are."""
    return scores if name == "NONE" else builder.activation(node, scores, _KINDS[name])
