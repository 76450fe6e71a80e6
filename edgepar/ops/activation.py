# SPDX-License-Identifier: Apache-2.0
"""From scores to probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.ops.op import U32, Array, Op, Value

Kind = Literal[
    "softmax",
    "softmax_zero",
    "logistic",
    "binary_logistic",
    "complement",
    "exponential",
    "one_vs_rest",
    "modified_huber",
    "binary_modified_huber",
]

#: Kinds that make the probabilities of two classes of one number.
OF_ONE_SCORE: tuple[Kind, ...] = ("binary_logistic", "complement", "binary_modified_huber")

#: No double is 1 / (1 + exp(-s)) of a score s below it.
LEAST_SCORE = -709.782712893384

#: SOFTMAX_ZERO takes scores up to here for 0 (onnxruntime's constant).
ZERO = 1e-7


@dataclass(frozen=True, eq=False)
class Activation(Op):
    """One of a few fixed maps.

    ``binary_logistic`` takes one score s and gives ``[1 - p, p]`` with p = 1 / (1 + exp(-s)); ``complement`` takes p
    and gives ``[1 - p, p]``; ``exponential`` is exp of each number; ``softmax_zero`` is the post transform of
    ai.onnx.ml that passes over scores of 0.
    ``one_vs_rest`` is p of each score as a share of their sum, ``modified_huber`` the same with p = (s + 1) / 2 from 0
    to 1, where the sum is 0 equal shares; ``binary_modified_huber`` takes one score and gives ``[1 - p, p]``.
    """

    kind: Kind

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        shape = (2,) if self.kind in OF_ONE_SCORE else (x.len,)
        return Value(self.output, shape, "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return evaluate(self.kind, inputs[0].reshape(len(inputs[0]), -1))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """What the scores' errors can do to the exact map, plus the roundings of the map; docs/exactness.md."""
        x, error = (a.reshape(len(a), -1) for a in (inputs[0], errors[0]))
        with np.errstate(all="ignore"):
            if self.kind == "complement":
                return np.asarray(error[:, -1:] + self.sides * 2 * U32 * np.abs(output) + 2.0**-149)
            if self.kind == "exponential":
                return self._exponential_bound(error, output)
            if self.kind.endswith("modified_huber"):
                return self._modified_huber_bound(x, error, output)
            if self.kind == "one_vs_rest":
                return self._one_vs_rest_bound(x, error, output)
            if self.kind in ("softmax", "softmax_zero"):
                return self._softmax_bound(x, error, output)
            if self.kind == "binary_logistic":
                x, error = x[:, -1:] * [-1.0, 1.0], error[:, -1:] + np.zeros(2)
            moved = np.maximum(_logistic(x + error) - output, output - _logistic(x - error))
            # onnxruntime's logistic in float32 is a polynomial: within 3 U32, whatever the value.
            of_model = 4 * U32 if self.arithmetic == "float32" else 0.0
            return np.asarray(np.minimum(moved + 10 * U32 * output + of_model + 2.0**-126, 1.0 + 2.0**-20))

    def _exponential_bound(self, error: Array, output: Array) -> Array:
        """The exact map at the end of the error, and 1 ulp; nothing where float32 may overflow."""
        bound = output * np.expm1(error) + self.sides * (3 * U32 * output * np.exp(error) + 2.0**-148)
        return np.asarray(np.where(output + bound < 2.0**127, bound, np.inf))

    def _one_vs_rest_bound(self, x: Array, error: Array, output: Array) -> Array:
        """A softmax of the logarithms of p, which move no further than their scores; docs/exactness.md."""
        log_p = np.where(x < LEAST_SCORE, -np.inf, -np.logaddexp(0.0, -x))
        top = x.max(axis=1, keepdims=True)
        none = np.isneginf(log_p).all(axis=1, keepdims=True)
        bound = self._softmax_bound(np.where(none, 0.0, log_p), error + 2 * U32, output)
        bound = bound + self.sides * 12 * U32 * output
        # A score that may or may not count is nothing beside one of -600.
        switches = (np.abs(x - LEAST_SCORE) <= error + 1e-4).any(axis=1, keepdims=True) & (top < -600.0)
        bound = np.where(none, U32, bound)
        return np.asarray(np.where(switches, 1.0 + 2.0**-20, np.minimum(bound, 1.0 + 2.0**-20)))

    def _modified_huber_bound(self, x: Array, error: Array, output: Array) -> Array:
        """What the errors leave of each p between its limits, then a sum and a division."""
        if self.kind == "binary_modified_huber":
            x, error = x[:, -1:], error[:, -1:]
        p = _half_open(x)
        off = np.maximum(_half_open(x + error) - p, p - _half_open(x - error)) + self.sides * U32 * p
        if self.kind == "binary_modified_huber":
            return np.asarray(off + self.sides * U32 * output)
        n = x.shape[1]
        gamma = n * U32 / (1 - n * U32)
        total, total_off = p.sum(axis=1, keepdims=True), off.sum(axis=1, keepdims=True) * (1 + gamma)
        total_off = total_off + gamma * total
        shares = (off + output * total_off) / np.maximum(total - total_off, 2.0**-1000) + 2 * U32 * output
        nothing = (total == 0.0) & (total_off == 0.0)
        return np.where(nothing, U32, np.where(total > total_off, np.minimum(shares, 1.0), 1.0 + 2.0**-20))

    def _softmax_bound(self, x: Array, error: Array, output: Array) -> Array:
        """Each score moves within its own error; the rounded difference to the maximum counts as such a move."""
        n = x.shape[1]
        below = np.where(np.isneginf(x), 0.0, x.max(axis=1, keepdims=True) - x)
        spread = np.minimum(error * (1 + 4 * U32) + self.sides * 1.5 * U32 * (below + error), 1e300)
        high, low = x + spread, x - spread
        top = high.max(axis=1, keepdims=True)
        # Only scores that count: SOFTMAX_ZERO passes over those that are 0.
        counted = np.abs(x) > ZERO if self.kind == "softmax_zero" else np.ones(x.shape, dtype=np.bool_)
        e_high = np.where(counted, np.exp(high - top), 0.0)
        e_low = np.where(counted, np.exp(low - top), 0.0)
        most = e_high / (e_high + np.maximum(e_low.sum(axis=1, keepdims=True) - e_low, 0.0))
        least = e_low / (e_low + np.maximum(e_high.sum(axis=1, keepdims=True) - e_high, 0.0))
        most, least = (
            np.where(counted, a, output) for a in (np.nan_to_num(most, nan=1.0), np.nan_to_num(least))
        )
        moved = np.maximum(np.maximum(most - output, output - least), 0.0)
        bound = np.minimum(moved + self.sides * ((n + 12) * U32 * output + 2.0**-126), 1.0 + 2.0**-20)
        if self.kind == "softmax_zero":
            switches = (np.abs(np.abs(x) - ZERO) <= error) | ((x != 0.0) & ~counted)
            bound = np.where(switches.any(axis=1, keepdims=True), np.inf, bound)
        return np.asarray(bound)


def evaluate(kind: Kind, x: Array) -> Array:
    """The map in float64; ``x`` is ``[n_samples, n]``."""
    if kind == "softmax" or kind == "softmax_zero":
        e = np.exp(x - x.max(axis=1, keepdims=True))
        if kind == "softmax_zero":
            e = np.where(np.abs(x) > ZERO, e, 0.0)
        total = e.sum(axis=1, keepdims=True)
        return np.asarray(e / np.where(total == 0.0, 1.0, total))
    if kind == "exponential":
        return np.asarray(np.exp(x))
    if kind in ("one_vs_rest", "modified_huber"):
        p = np.where(x < LEAST_SCORE, 0.0, _logistic(x)) if kind == "one_vs_rest" else _half_open(x)
        total = p.sum(axis=1, keepdims=True)
        return np.where(total == 0.0, 1.0 / x.shape[1], p / np.where(total == 0.0, 1.0, total))
    if kind == "logistic":
        return _logistic(x)
    if kind == "binary_logistic":
        s = x[:, -1:]
        return np.hstack([_logistic(-s), _logistic(s)])
    p = _half_open(x[:, -1:]) if kind == "binary_modified_huber" else x[:, -1:]
    return np.hstack([1.0 - p, p])


def _half_open(x: Array) -> Array:
    return np.asarray((np.clip(x, -1.0, 1.0) + 1.0) / 2.0)


def _logistic(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))
