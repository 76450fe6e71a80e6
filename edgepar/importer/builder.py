# SPDX-License-Identifier: Apache-2.0
"""The graph while it grows: values, operations and a few ways to add them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Index, Label, Labels, Tensor
from edgepar.ops import (
    Activation,
    Classify,
    Concat,
    Elementwise,
    Fill,
    Normalize,
    Op,
    Select,
    Step,
    Value,
)
from edgepar.ops.activation import Kind
from edgepar.ops.classify import Rule
from edgepar.ops.elementwise import Function


class Builder:
    """Collects operations in the order of the nodes.

    Parameters
    ----------
    input_value
        The model's input.
    """

    def __init__(self, input_value: Value) -> None:
        self.values: dict[str, Value] = {input_value.name: input_value}
        self.ops: list[Op] = []
        self._producers: dict[str, Op] = {}
        self._input = input_value.name
        self._hint = ""

    def begin(self, node: Node) -> None:
        """Names of new values follow the node's first output."""
        self._hint = next((name for name in node.outputs if name), "value")

    def fresh(self) -> str:
        """A value name that is not taken."""
        name, count = self._hint, 1
        while name in self.values:
            count += 1
            name = f"{self._hint}_{count}"
        return name

    def add(self, op: Op) -> str:
        """Append an operation; returns the name of its output."""
        value = op.infer(*(self.values[name] for name in op.inputs))
        self.values[op.output] = value
        self.ops.append(op)
        self._producers[op.output] = op
        return op.output

    def producer(self, x: Tensor) -> Op | None:
        """The operation that computes ``x``; None for the input."""
        return self._producers.get(x.value)

    def elementwise(
        self,
        node: Node,
        x: Tensor,
        steps: tuple[tuple[Function, npt.NDArray[np.float64]], ...],
        ranges: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None,
    ) -> Tensor:
        """Steps on each element, joined with those of an Elementwise that ``x`` comes from."""
        new = tuple(Step(function, self._operand(node, x, operand)) for function, operand in steps)
        inputs: tuple[str, ...] = (x.value,)
        low, high = (None, None) if ranges is None else ranges
        before = self.producer(x)
        if isinstance(before, Elementwise) and before.arithmetic == x.dtype and not before.rounds:
            new, inputs = before.steps + new, before.inputs
            low, high = before.range_low, before.range_high
        op = Elementwise(
            inputs, self.fresh(), node.where, new, range_low=low, range_high=high, arithmetic=x.dtype
        )
        return Tensor(self.add(op), x.dtype, x.shape, x.dtype == "float32")

    def _operand(self, node: Node, x: Tensor, operand: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The operand flat, with one number or one an element of a sample."""
        if operand.size == 1 and operand.ndim <= len(x.shape) + 1:
            return operand.reshape(1)
        # A sample's shape with the batch axis in front is what the operand is spread over.
        shape = (1, *x.shape)
        try:
            if x.shape == ():
                raise ValueError
            return np.broadcast_to(operand, shape).reshape(-1).copy()
        except ValueError:
            raise node.unsupported(
                f"a constant of shape {list(operand.shape)} meets samples of shape {list(x.shape)}",
                "give one number, or one for each element of a sample",
            ) from None

    def rounded(self, x: Tensor) -> Tensor:
        """``x`` cast to float32."""
        if x.held_as_float32:
            return replace(x, dtype="float32")
        return Tensor(self._rounded(x.value), "float32", x.shape, True)

    def _rounded(self, value: str) -> str:
        """The value with its numbers rounded where they are made.

        Elsewhere the rounding is far inside the bound of the operation that made them.
        """
        op = self._producers.get(value)
        if isinstance(op, (Elementwise, Fill, Normalize)):
            return value if op.rounds else self.add(replace(op, output=self.fresh(), rounds=True))
        if isinstance(op, (Select, Concat)):
            inputs = tuple(self._rounded(name) for name in op.inputs)
            return value if inputs == op.inputs else self.add(replace(op, inputs=inputs, output=self.fresh()))
        return value

    def activation(self, node: Node, x: Tensor, kind: Kind) -> Tensor:
        """One of the fixed maps from scores to probabilities."""
        op = Activation((x.value,), self.fresh(), node.where, kind, arithmetic=x.dtype)
        name = self.add(op)
        return Tensor(name, x.dtype, self.values[name].shape, x.dtype == "float32")

    def classify(self, node: Node, x: Tensor, rule: Rule, threshold: float = 0.0) -> Index:
        """Class index from scores."""
        op = Classify((x.value,), self.fresh(), node.where, rule, threshold)
        return Index(self.add(op), 2 if rule == "positive" else x.len, ())

    def label(self, node: Node, index: Index, table: Labels) -> Label:
        """Look a class index up."""
        if len(table) < index.classes:
            raise node.damaged(f"{len(table)} labels for {index.classes} classes")
        if len(table) > index.classes:
            raise node.unsupported(
                f"{len(table)} labels for {index.classes} classes", "give one label for each class"
            )
        if len(set(table)) != len(table):
            raise node.unsupported("a class label occurs twice", "give each class its own label")
        return Label(index.value, table, index.shape)


def label_table(node: Node, array: npt.NDArray[np.generic]) -> Labels:
    """An array of the file as class labels."""
    flat = array.reshape(-1)
    if array.dtype.kind in "iu":
        return tuple(int(label) for label in flat)
    if array.dtype.kind in "OU":
        return tuple(str(label) for label in flat)
    raise node.unsupported(f"class labels of type {array.dtype}", "labels are 64-bit integers or strings")
