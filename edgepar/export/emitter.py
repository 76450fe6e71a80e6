# SPDX-License-Identifier: Apache-2.0
"""Writes the nodes of one estimator into a skl2onnx container, so that converters read like their mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    scope, container
        What skl2onnx hands to a converter, for names and nodes.
    x, x_is_double
        The value that the estimator reads, and whether it is float64; else it is float32.
    outputs
        Names of the values that the estimator has to produce, in the order of its table row.
    write
        Converts one step with an emitter of its own: `(emitter, fitted step)`.
    """

    def __init__(
        self,
        scope: Any,
        container: Any,
        x: str,
        x_is_double: bool,
        outputs: Mapping[str, str],
        write: Callable[[Emitter, Any], None],
    ) -> None:
        self._scope = scope
        self._container = container
        self._input = x
        self._input_is_double = x_is_double
        self._outputs = dict(outputs)
        self._write = write

    def member(self, estimator: Any, *roles: str, x: str = "") -> list[str]:
        """Write an estimator, or a Pipeline, inside this one; returns the names of its outputs with these roles.

        It reads ``x``, a float64 value, or what this one reads. A transformer's role is ``scaled``.
        """
        names = {role: self.name(role) for role in roles}
        self._write(self.writing(names, x), estimator)
        return list(names.values())

    def writing(self, outputs: Mapping[str, str], x: str = "") -> Emitter:
        """An emitter for the same file that has these outputs by role and reads ``x``, a float64 value, if given."""
        return Emitter(
            self._scope,
            self._container,
            x or self._input,
            bool(x) or self._input_is_double,
            outputs,
            self._write,
        )

    @property
    def outputs(self) -> list[str]:
        """Names of the values that the estimator has to produce, in the order of its table row."""
        return list(self._outputs.values())

    @property
    def roles(self) -> list[str]:
        """Roles of the values that the estimator has to produce, in the order of `outputs`."""
        return list(self._outputs)

    def output(self, role: str) -> str | None:
        """Name of the value with this role; None where the estimator does not have it."""
        return self._outputs.get(role)

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

    def integers(self, stem: str, array: Any) -> str:
        """An int64 initializer."""
        return self._initializer(stem, np.array(array, dtype=np.int64))

    def axes(self, axis: int) -> str:
        """One axis as the int64 vector that Squeeze and its kind want."""
        return self._initializer("axes", np.array([axis], dtype=np.int64))

    def indices(self, stem: str, array: np.ndarray) -> str:
        """An int64 initializer."""
        return self._initializer(stem, array.astype(np.int64))

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
