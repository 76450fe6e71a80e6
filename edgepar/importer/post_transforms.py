# SPDX-License-Identifier: Apache-2.0
"""The post transforms that operators of ai.onnx.ml share."""

from __future__ import annotations

from edgepar.importer.builder import Builder
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Tensor
from edgepar.ops.activation import Kind

_KINDS: dict[str, Kind] = {"LOGISTIC": "logistic", "SOFTMAX": "softmax", "SOFTMAX_ZERO": "softmax_zero"}
_NAMES = ("NONE", *_KINDS, "PROBIT")


def transform_by_name(node: Node) -> str:
    """The attribute post_transform."""
    name = node.one_of("post_transform", "NONE", _NAMES)
    if name == "PROBIT":
        raise node.unsupported(
            "post_transform is PROBIT, which runtimes approximate to 4 digits each in its own way",
            f"supported are NONE, {', '.join(_KINDS)}",
        )
    return name


def apply_transform(builder: Builder, node: Node, scores: Tensor, name: str) -> Tensor:
    """Scores after the transform; NONE leaves them as they are."""
    return scores if name == "NONE" else builder.activation(node, scores, _KINDS[name])
