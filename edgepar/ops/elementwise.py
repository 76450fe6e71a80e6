# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""A per-feature map that never decreases or never increases: every scaler is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value

Function = Literal["add", "sub", "mul", "div", "min", "max"]

#: Half the spacing of float32 below 2**-126, and a little more.
_TINY = 2.0**-149

#: Results below it surely are no infinity in float32.
_LARGEST = 2.0**127

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
class Affine:
    """``(x - offset) * factor``, or ``x * factor + addend`` where a factor of 0 allows no offset."""

    offset: Array
    factor: Array
    addend: Array

    @classmethod
    def neutral(cls, n: int) -> Affine:
        """X itself."""
        return cls(np.zeros(n), np.ones(n), np.zeros(n))

    def then(self, function: Function, operand: Array) -> Affine:
        """The same and one step more."""
        with np.errstate(all="ignore"):
            if function == "mul":
                return Affine(self.offset, self.factor * operand, self.addend * operand)
            if function == "div":
                return Affine(self.offset, self.factor / operand, self.addend / operand)
            shift = operand if function == "sub" else -operand
            if np.all(self.factor != 0.0) and np.all(self.addend == 0.0):
                return Affine(self.offset + shift / self.factor, self.factor, self.addend)
            return Affine(np.zeros_like(shift), self.factor, self.addend - self.offset * self.factor - shift)

    def apply(self, x: Array) -> Array:
        """The map in float64."""
        return np.asarray((x - self.offset) * self.factor + self.addend)

    def bound(self, x: Array, error: Array) -> Array:
        """With offsets as a high and a low part: 4 roundings of the result, and what both parts miss."""
        factor, y = np.abs(self.factor), self.apply(x)
        carried = error * factor * (1 + 8 * U32)
        if np.any(self.addend != 0.0):
            product = np.abs(x) * factor
            return np.asarray(
                carried + 3 * U32 * product + 2 * U32 * np.abs(self.addend) + 2 * U32 * np.abs(y) + _TINY
            )
        offset = np.abs(self.offset) * factor
        # An offset below 2**-126 has no low part worth the name; its rounding is _SMALLEST at most.
        return np.asarray(carried + 5 * U32 * np.abs(y) + 3 * U32**2 * offset + _TINY * (1 + factor))


@dataclass(frozen=True, eq=False)
class Limits:
    """``min(max(x, lowest), highest)``."""

    lowest: Array
    highest: Array

    @classmethod
    def neutral(cls, n: int) -> Limits:
        """X itself."""
        return cls(np.full(n, -np.inf), np.full(n, np.inf))

    def then(self, function: Function, operand: Array) -> Limits:
        """These limits and one more."""
        if function == "min":
            return Limits(np.minimum(self.lowest, operand), np.minimum(self.highest, operand))
        return Limits(np.maximum(self.lowest, operand), np.maximum(self.highest, operand))

    def apply(self, x: Array) -> Array:
        """The map in float64."""
        return np.minimum(np.maximum(x, self.lowest), self.highest)

    def bound(self, x: Array, error: Array) -> Array:
        """No input or limit moves the result by more than it is off itself."""
        worst = np.maximum(_off_as_float32(self.lowest), _off_as_float32(self.highest))
        return np.maximum(error, worst)


def _off_as_float32(value: Array) -> Array:
    """Distance of finite numbers from their float32."""
    finite = np.where(np.isfinite(value), value, 0.0)
    return np.abs(finite.astype(np.float32).astype(np.float64) - finite)


@dataclass(frozen=True, eq=False)
class Elementwise(Op):
    """Steps applied in order to each feature.

    Attributes
    ----------
    steps : tuple[Step, ...]
        At least one.
    range_low, range_high : Array | None
        What the training data allowed each input feature to be, where the estimator remembers it.
    rounds : bool
        True when the Model casts the result to float32, which trees behind it depend on.
    """

    steps: tuple[Step, ...]
    range_low: Array | None = None
    range_high: Array | None = None
    rounds: bool = field(default=False, kw_only=True)

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
        y = self.apply(inputs[0].reshape(len(inputs[0]), -1))
        return y.reshape(inputs[0].shape)

    def apply(self, x: Array, feature: npt.NDArray[np.int64] | None = None) -> Array:
        """The map of the features in the last axis of ``x``, or, for a vector, of ``feature[i]`` on ``x[i]``."""
        dtype = np.dtype(self.arithmetic)
        y = x.astype(dtype)
        with np.errstate(all="ignore"):
            for step in self.steps:
                operand = step.operand.astype(dtype)
                if feature is not None and operand.size > 1:
                    operand = operand[feature]
                y = _FUNCTIONS[step.function](y, operand)
            return (y.astype(np.float32) if self.rounds else y).astype(np.float64)

    def runs(self, n: int) -> tuple[Affine | Limits, ...]:
        """The steps as the device computes them on ``n`` features: linear maps and limits in turn."""
        runs: list[Affine | Limits] = []
        for step in self.steps:
            operand = np.broadcast_to(step.operand.reshape(-1), (n,))
            kind = Limits if step.function in ("min", "max") else Affine
            if not runs or not isinstance(runs[-1], kind):
                runs.append(kind.neutral(n))
            runs[-1] = runs[-1].then(step.function, operand)
        return tuple(runs)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Bound of each run; docs/exactness.md derives it."""
        shape = inputs[0].shape
        y = inputs[0].reshape(shape[0], -1)
        error = errors[0].reshape(shape[0], -1)
        with np.errstate(all="ignore"):
            error_of_model = self._model_error(y)
            for run in self.runs(y.shape[1]):
                y, error = run.apply(y), run.bound(y, error)
                error = np.where(np.abs(y) < _LARGEST, error, np.inf)
            error = error + error_of_model
            if self.rounds:
                error = error + U32 * np.abs(y) + _TINY
        return np.asarray(error, dtype=np.float64).reshape(shape)

    def _model_error(self, x: Array) -> Array:
        """How far the steps of the Model lie from real numbers, and the offsets of ``runs`` from those steps."""
        unit, smallest = (U32, _TINY) if self.arithmetic == "float32" else (2.0**-53, 0.0)
        y, error = x, np.zeros(x.shape)
        for step in self.steps:
            y = _FUNCTIONS[step.function](y, step.operand)
            if step.function in ("mul", "div"):
                error = error * np.abs(step.operand if step.function == "mul" else 1.0 / step.operand)
            elif step.function in ("add", "sub"):
                error = error + 2.0**-51 * np.abs(step.operand)
            if step.function not in ("min", "max"):
                error = error * (1 + 4 * unit) + unit * np.abs(y) + smallest
        return error
