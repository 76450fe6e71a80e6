# SPDX-License-Identifier: Apache-2.0
"""One ONNX node with its inputs resolved, attributes read and errors that name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from edgepar.errors import ModelFileError, UnsupportedModelError
from edgepar.importer.symbols import Constant, Symbol, Tensor, kind_of


class Node:
    """A node as the handlers of the table see it.

    Attributes
    ----------
    op_type, domain : str
        Domain ``""`` is standard ONNX.
    where : str
        How messages and generated comments name the node.
    opset : int
        Version of the domain's operator set.
    """

    def __init__(self, proto: onnx.NodeProto, inputs: Sequence[Symbol | None], opset: int) -> None:
        self.op_type = proto.op_type
        self.domain = "" if proto.domain == "ai.onnx" else proto.domain
        self.outputs = tuple(proto.output)
        name = proto.name or (f"-> {proto.output[0]}" if proto.output else "")
        self.where = f"{self.op_type} {name}".strip()
        self.opset = opset
        self._inputs = tuple(inputs)
        self._attributes: Mapping[str, onnx.AttributeProto] = {a.name: a for a in proto.attribute}
        if len(self._attributes) != len(proto.attribute):
            raise self.damaged("an attribute is given twice")

    def unsupported(self, found: str, allowed: str) -> UnsupportedModelError:
        """The error for a valid model that goes beyond what is imported."""
        return UnsupportedModelError(f"Node {self.where}: {found}; {allowed}.")

    def damaged(self, found: str, advice: str = "export the model again") -> ModelFileError:
        """The error for a node that no runtime could execute."""
        return ModelFileError(f"Node {self.where}: {found}; {advice}.")

    @property
    def n_inputs(self) -> int:
        """Number of inputs, left-out ones at the end not counted."""
        present = [i for i, symbol in enumerate(self._inputs) if symbol is not None]
        return present[-1] + 1 if present else 0

    def optional(self, index: int) -> Symbol | None:
        """Input ``index`` or None where it is left out."""
        return self._inputs[index] if index < len(self._inputs) else None

    def symbol(self, index: int) -> Symbol:
        """Input ``index``, which has to be there."""
        symbol = self.optional(index)
        if symbol is None:
            raise self.damaged(f"input {index} is missing")
        return symbol

    def tensor(self, index: int) -> Tensor:
        """Input ``index``, which has to be computed from the model's input."""
        symbol = self.symbol(index)
        if not isinstance(symbol, Tensor):
            raise self.unsupported(f"input {index} is {kind_of(symbol)}", "it has to be computed numbers")
        return symbol

    def constant(self, index: int) -> npt.NDArray[Any]:
        """Input ``index``, which has to be an initializer or a Constant."""
        symbol = self.symbol(index)
        if not isinstance(symbol, Constant):
            raise self.unsupported(
                f"input {index} is {kind_of(symbol)}", "it has to be an initializer or a Constant node"
            )
        return symbol.array

    def numbers(self, index: int) -> npt.NDArray[np.float64]:
        """Input ``index`` as float64 numbers."""
        array = self.constant(index)
        if array.dtype.kind not in "fiub":
            raise self.unsupported(f"input {index} has type {array.dtype}", "it has to hold numbers")
        return np.asarray(array, dtype=np.float64)

    def integers(self, index: int) -> list[int]:
        """Input ``index`` as a list of integers, for axes and shapes."""
        array = self.constant(index)
        if array.dtype.kind != "i":
            raise self.unsupported(f"input {index} has type {array.dtype}", "it has to hold integers")
        return [int(value) for value in array.reshape(-1)]

    def only_attributes(self, *names: str) -> None:
        """Refuse attributes that the handler would not look at."""
        unknown = sorted(set(self._attributes) - set(names))
        if unknown:
            raise self.unsupported(
                f"the attribute {unknown[0]} is not known", f"known are {', '.join(names) or 'none'}"
            )

    def has(self, name: str) -> bool:
        """Whether the attribute is given."""
        return name in self._attributes

    def attribute(self, name: str, kind: int) -> onnx.AttributeProto | None:
        """The attribute where it is given, with the type it must have."""
        found = self._attributes.get(name)
        if found is not None and found.type != kind:
            raise self.damaged(
                f"attribute {name} has type {onnx.AttributeProto.AttributeType.Name(found.type)}, "
                f"not {onnx.AttributeProto.AttributeType.Name(kind)}"
            )
        return found

    def int(self, name: str, default: int) -> int:
        """An integer attribute."""
        found = self.attribute(name, onnx.AttributeProto.INT)
        return default if found is None else int(found.i)

    def float(self, name: str, default: float) -> float:
        """A float attribute."""
        found = self.attribute(name, onnx.AttributeProto.FLOAT)
        return default if found is None else float(found.f)

    def text(self, name: str, default: str) -> str:
        """A string attribute."""
        found = self.attribute(name, onnx.AttributeProto.STRING)
        return default if found is None else found.s.decode("utf-8", "replace")

    def one_of(self, name: str, default: str, allowed: Sequence[str]) -> str:
        """A string attribute that names one of a few things."""
        value = self.text(name, default)
        if value not in allowed:
            raise self.unsupported(f"{name} is {value!r}", f"supported are {', '.join(allowed)}")
        return value

    def ints(self, name: str) -> npt.NDArray[np.int64]:
        """An attribute of integers; empty where it is left out."""
        found = self.attribute(name, onnx.AttributeProto.INTS)
        return np.array([] if found is None else found.ints, dtype=np.int64)

    def floats(self, name: str) -> npt.NDArray[np.float64]:
        """An attribute of floats; empty where it is left out."""
        found = self.attribute(name, onnx.AttributeProto.FLOATS)
        return np.array([] if found is None else found.floats, dtype=np.float64)

    def texts(self, name: str) -> list[str]:
        """An attribute of strings; empty where it is left out."""
        found = self.attribute(name, onnx.AttributeProto.STRINGS)
        return [] if found is None else [s.decode("utf-8", "replace") for s in found.strings]

    def tensor_attribute(self, name: str) -> npt.NDArray[Any] | None:
        """An attribute that holds an array."""
        found = self.attribute(name, onnx.AttributeProto.TENSOR)
        return None if found is None else read_tensor(found.t, f"Node {self.where}: attribute {name}")


def read_tensor(proto: onnx.TensorProto, where: str) -> npt.NDArray[Any]:
    """A tensor of the file as an array; strings as objects of type str."""
    if proto.data_location == onnx.TensorProto.EXTERNAL or proto.external_data:
        raise ModelFileError(
            f"{where}: the data lies in another file; save the model with its weights inside one file."
        )
    try:
        array = numpy_helper.to_array(proto)
        if proto.data_type == onnx.TensorProto.STRING:
            texts = [s.decode("utf-8") if isinstance(s, bytes) else str(s) for s in array.reshape(-1)]
            return np.array(texts, dtype=object).reshape(array.shape)
    except Exception as error:  # noqa: BLE001
        # The helper raises whatever its decoding steps raise; all of it means the same to a user.
        raise ModelFileError(f"{where}: the tensor is damaged ({error}); export the model again.") from None
    return array
