# SPDX-License-Identifier: Apache-2.0
"""From scores to probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf
from typing import Literal

import numpy as np

from edgepar.ops.op import U32, Array, Op, Value

Kind = Literal["softmax", "softmax_zero", "logistic", "binary_logistic", "complement", "probit"]


@dataclass(frozen=True, eq=False)
class Activation(Op):
    """One of a few fixed maps.

    ``binary_logistic`` takes one score s and gives ``[1 - p, p]`` with p = 1 / (1 + exp(-s)); ``complement`` takes p and
    gives ``[1 - p, p]``; ``softmax_zero`` and ``probit`` are the post transforms of ai.onnx.ml.
    """

    kind: Kind

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        shape = (2,) if self.kind in ("binary_logistic", "complement") else x.shape
        return Value(self.output, shape, "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return evaluate(self.kind, inputs[0])

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """docs/exactness.md derives each; errors of scores act at most with the slope of the map."""
        x, error = inputs[0], errors[0]
        n = x.shape[1]
        if self.kind in ("softmax", "softmax_zero"):
            spread = error.max(axis=1, keepdims=True)
            # A score error of at most e moves log p by at most 2 e; a subnormal result misses by its own spacing.
            relative = (
                np.expm1(2 * spread) + (n + 24) * U32 + 4 * U32 * np.abs(x - x.max(axis=1, keepdims=True))
            )
            return np.asarray(np.minimum(relative * output + 2.0**-126, 1.0 + 2.0**-20))
        if self.kind in ("logistic", "binary_logistic"):
            slope = error[:, -1:] / 4 if self.kind == "binary_logistic" else error / 4
            return np.asarray(slope + 16 * U32 + np.zeros_like(output))
        if self.kind == "complement":
            return np.asarray(error[:, -1:] + 2 * U32 + np.zeros_like(output))
        # Standard normal quantile: the slope grows towards 0 and 1.
        slope = np.sqrt(2 * np.pi) * np.exp(output**2 / 2)
        return np.asarray(slope * (error + 4 * U32) * 1.01 + 16 * U32 * (np.abs(output) + 1))


def evaluate(kind: Kind, x: Array) -> Array:
    """The map in float64; ``x`` is ``[n_samples, n]``."""
    if kind == "softmax" or kind == "softmax_zero":
        e = np.exp(x - x.max(axis=1, keepdims=True))
        if kind == "softmax_zero":
            e = np.where(x == 0.0, 0.0, e)
        total = e.sum(axis=1, keepdims=True)
        return np.asarray(e / np.where(total == 0.0, 1.0, total))
    if kind == "logistic":
        return _logistic(x)
    if kind == "binary_logistic":
        s = x[:, -1:]
        return np.hstack([_logistic(-s), _logistic(s)])
    if kind == "complement":
        p = x[:, -1:]
        return np.hstack([1.0 - p, p])
    return _normal_quantile(x)


def _logistic(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def _normal_quantile(p: Array) -> Array:
    """Bisection on the error function: slow and beyond doubt."""
    low, high = np.full(p.shape, -40.0), np.full(p.shape, 40.0)
    cdf = np.vectorize(lambda v: 0.5 * (1.0 + erf(v / 2.0**0.5)), otypes=[np.float64])
    for _ in range(80):
        middle = (low + high) / 2
        below = cdf(middle) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)
