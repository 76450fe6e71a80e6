# SPDX-License-Identifier: Apache-2.0
"""Writes the nodes of one estimator into a skl2onnx container, so that converters read like their mathematics."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgepar.functions import DOMAIN, VERSION

ML_DOMAIN = "ai.onnx.ml"
ML_VERSION = 3  # the last with TreeEnsembleClassifier and TreeEnsembleRegressor


class Emitter:
    """Adds initializers, operators and `ai.edgepar` calls for one estimator of a model.

    Parameters
    ----------
    scope, operator, container
        What skl2onnx hands to a converter.
    """

    def __init__(self, scope: Any, operator: Any, container: Any) -> None:
        self._scope = scope
        self._container = container
        self._input: str = operator.inputs[0].onnx_name
        self._input_is_double = operator.inputs[0].type.__class__.__name__ == "DoubleTensorType"
        self._outputs = [variable.onnx_name for variable in operator.outputs]

    @property
    def outputs(self) -> list[str]:
        """Names of the values that the estimator has to produce, in the order of its table row."""
        return self._outputs

    def name(self, stem: str) -> str:
        """A value name that no other value of the graph has."""
        return str(self._scope.get_unique_variable_name(stem))

    def x(self) -> str:
        """The input as float64: scikit-learn computes in double, and so does the model."""
        if self._input_is_double:
            return self._input
        return self.op("Cast", [self._input], stem="x", to=TensorProto.DOUBLE)

    def x_rounded(self) -> str:
        """The input rounded to float32 and held as float64, as scikit-learn's trees read it."""
        if not self._input_is_double:
            return self.x()
        rounded = self.op("Cast", [self._input], stem="x_float", to=TensorProto.FLOAT)
        return self.op("Cast", [rounded], stem="x_rounded", to=TensorProto.DOUBLE)

    def parameter(self, stem: str, array: Any) -> str:
        """A float64 initializer, read-only copy of a fitted attribute."""
        return self._initializer(stem, np.array(array, dtype=np.float64))

    def axes(self, axis: int) -> str:
        """One axis as the int64 vector that Squeeze and its kind want."""
        return self._initializer("axes", np.array([axis], dtype=np.int64))

    def classes(self, classes: np.ndarray) -> str:
        """The class labels as an initializer of int64 or strings."""
        return self._initializer("classes", classes)

    def call(self, function: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """One node that calls a function of `ai.edgepar`; returns the name of its output."""
        return self.op(function, inputs, output, stem=function.lower(), domain=DOMAIN, **attributes)

    def op(
        self,
        op_type: str,
        inputs: list[str],
        output: str = "",
        *,
        stem: str = "value",
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """One node with one output, whose name is returned."""
        output = output or self.name(stem)
        self.node(helper.make_node(op_type, inputs, [output], domain=domain, **attributes))
        return output

    def node(self, node: onnx.NodeProto) -> None:
        """A node that is built already; make_node is too slow for the attributes of a large forest."""
        node.name = f"n{len(self._container.nodes)}_{node.op_type}"
        self._container.nodes.append(node)
        version = {DOMAIN: VERSION, ML_DOMAIN: ML_VERSION}.get(node.domain)
        if version is not None:
            self._container.node_domain_version_pair_sets.add((node.domain, version))

    def _initializer(self, stem: str, array: np.ndarray) -> str:
        name = self.name(stem)
        if array.dtype.kind in "US":
            tensor = TensorProto(name=name, data_type=TensorProto.STRING, dims=array.shape)
            tensor.string_data.extend(str(label).encode() for label in array)
        else:
            tensor = numpy_helper.from_array(array, name)
        self._container.initializers.append(tensor)
        return name
