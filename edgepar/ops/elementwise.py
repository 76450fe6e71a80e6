# SPDX-License-Identifier: Apache-2.0
"""A per-feature map that never decreases or never increases: every scaler is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value

Function = Literal["add", "sub", "mul", "div", "min", "max"]

_FUNCTIONS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "min": np.minimum,
    "max": np.maximum,
}


@dataclass(frozen=True, eq=False)
class Step:
    """``x = function(x, operand)``; the operand has one entry a feature or a single one for all."""

    function: Function
    operand: Array


@dataclass(frozen=True, eq=False)
class Elementwise(Op):
    """Steps applied in order to each feature.

    Attributes
    ----------
    steps : tuple[Step, ...]
        At least one.
    arithmetic : str
        ``float64`` or ``float32``: the type in which the Model computes each step.
    range_low, range_high : Array | None
        What the training data allowed each input feature to be, where the estimator remembers it.
    """

    steps: tuple[Step, ...]
    arithmetic: Literal["float64", "float32"] = "float64"
    range_low: Array | None = None
    range_high: Array | None = None

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        for step in self.steps:
            if step.operand.size not in (1, x.len):
                raise UnsupportedModelError(
                    f"{self.origin}: {step.function} has {step.operand.size} parameters for {x.len} features; "
                    f"give 1 or {x.len}."
                )
        return Value(self.output, x.shape, "float32")

    def evaluate(self, *inputs: Array) -> Array:
        dtype = np.dtype(self.arithmetic)
        y = inputs[0].astype(dtype)
        with np.errstate(all="ignore"):
            for step in self.steps:
                y = _FUNCTIONS[step.function](y, step.operand.astype(dtype).reshape(1, -1))
        return y.astype(np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Each step rounds once; an operand that is no float32 is held as a high and a low part (error U32**2)."""
        y, error = inputs[0], errors[0]
        with np.errstate(all="ignore"):
            for step in self.steps:
                operand = step.operand.reshape(1, -1)
                y_next = _FUNCTIONS[step.function](y, operand)
                if step.function in ("add", "sub"):
                    error = error + 2 * U32 * np.abs(y_next) + 2 * U32 * error + 2 * U32**2 * np.abs(operand)
                elif step.function in ("mul", "div"):
                    factor = np.abs(operand if step.function == "mul" else 1.0 / operand)
                    error = error * factor * (1 + 4 * U32) + 4 * U32 * np.abs(y_next)
                y = y_next
        return np.asarray(error + 2.0**-149, dtype=np.float64)
