# SPDX-License-Identifier: Apache-2.0
"""The bodies of functions in a file are those of this version."""

from __future__ import annotations

from collections.abc import Iterable

import onnx

from edgepar.errors import UnsupportedModelError
from edgepar.functions import DOMAIN, FUNCTIONS


def check_bodies(functions: Iterable[onnx.FunctionProto]) -> None:
    """Refuse a file whose ai.edgepar functions compute something else than the operations they stand for."""
    for function in functions:
        if function.domain != DOMAIN:
            continue
        known = FUNCTIONS.get(function.name)
        if known is None or _essence(known) != _essence(function):
            raise UnsupportedModelError(
                f"Function {DOMAIN}.{function.name}: its body is not the one that this version of edgepar knows; "
                "export the model again with this version."
            )


def _essence(function: onnx.FunctionProto) -> tuple[object, ...]:
    """What a function computes, without names of nodes and comments."""
    nodes = []
    for node in function.node:
        attributes = sorted(
            (a.name, onnx.helper.get_attribute_value(a)) for a in node.attribute if not a.HasField("t")
        )
        tensors = sorted(
            (a.name, onnx.numpy_helper.to_array(a.t).tolist()) for a in node.attribute if a.HasField("t")
        )
        nodes.append(
            (node.op_type, node.domain, tuple(node.input), tuple(node.output), str(attributes), str(tensors))
        )
    return (tuple(function.input), tuple(function.output), tuple(nodes))
