# SPDX-License-Identifier: Apache-2.0
"""The Graph: typed operations on one sample, as the importer leaves them and the passes rewrite them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from edgepar.ops.op import Op, Value

Role = Literal["label", "probabilities", "decision", "value", "transformed", "score"]
#: Roles -> the method of the estimator that gives it; `predict` gives labels and values.
METHODS: dict[Role, str] = {
    "label": "predict",
    "probabilities": "predict_proba",
    "decision": "decision_function",
    "value": "predict",
    "transformed": "transform",
    "score": "score_samples",
}


@dataclass(frozen=True)
class GraphOutput:
    """One output of the model.

    Attributes
    ----------
    name : str
        Name of the ONNX output.
    value : str
        Name of the Value that holds it; for the role ``label`` a class index.
    role : Role
        What the output means to a user.
    flat : bool
        True when the ONNX output has one number a sample and no second axis.
    """

    name: str
    value: str
    role: Role
    flat: bool


@dataclass(frozen=True)
class Graph:
    """A model as a list of operations in execution order.

    Attributes
    ----------
    name : str
        Name of the model, a C identifier.
    input : Value
        The one input, float32, shape without the batch axis.
    values : Mapping[str, Value]
        Every value by name, the input included.
    ops : tuple[Op, ...]
        Each reads values that are defined before it.
    labels : tuple[int, ...] | tuple[str, ...]
        Class labels in the order of class indices; empty for a regressor.
    accepts_nan : bool | tuple[int, ...]
        Whether a NaN in the input has a meaning (trees, missing values that are filled): in all features, in none,
        or in those of these numbers.
    sha256 : str
        Hash of the Model that this graph came from.
    """

    name: str
    input: Value
    values: Mapping[str, Value]
    ops: tuple[Op, ...]
    outputs: tuple[GraphOutput, ...]
    labels: tuple[int, ...] | tuple[str, ...]
    accepts_nan: bool | tuple[int, ...]
    sha256: str

    @property
    def kind(self) -> Literal["classifier", "regressor"]:
        """Whether the model answers with a class label or with numbers."""
        return "classifier" if any(output.role == "label" for output in self.outputs) else "regressor"

    def dump(self) -> str:
        """Readable text of the graph, one line an operation."""
        lines = [f"graph {self.name}: {self.input}"]
        lines += [f"  {op.describe()} -> {self.values[op.output]}    # {op.origin}" for op in self.ops]
        lines += [f"  output {o.name} = {o.value} ({o.role})" for o in self.outputs]
        return "\n".join(lines)
