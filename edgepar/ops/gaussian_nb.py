# SPDX-License-Identifier: Apache-2.0
"""Joint log likelihood of Gaussian naive Bayes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class GaussianNB(Op):
    """``log_prior - sum(log(2 pi var)) / 2 - sum((x - theta)^2 / var) / 2`` for each class.

    ``theta`` and ``var`` are ``[n_classes, n_features]``, ``log_prior`` is ``[n_classes]``.
    """

    theta: Array
    var: Array
    log_prior: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        classes = self.log_prior.shape[0]
        if (
            self.theta.shape != (classes, x.len)
            or self.var.shape != self.theta.shape
            or not np.all(self.var > 0)
        ):
            raise UnsupportedModelError(
                f"{self.origin}: means {list(self.theta.shape)} and variances {list(self.var.shape)} do not fit "
                f"{classes} classes and {x.len} features; give [classes, features] each, variances above 0."
            )
        return Value(self.output, (classes,), "float32")

    def base(self) -> Array:
        """The part that does not depend on the sample, ``[n_classes]``."""
        return np.asarray(self.log_prior - 0.5 * np.sum(np.log(2.0 * np.pi * self.var), axis=1))

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        distance = np.empty((len(x), len(self.theta)))
        with np.errstate(over="ignore"):
            for c in range(len(self.theta)):  # class by class, to keep the arrays small
                distance[:, c] = ((x - self.theta[c]) ** 2 / self.var[c]).sum(axis=1)
        return np.asarray(self.base() - 0.5 * distance, dtype=np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """D = ((x - high) - low) * r or fma(x - high, r, -low * r); n squares summed; docs/exactness.md derives it.

        A score below ``-2**126`` may be -infinity on the device: for such scores the bound says how far above the
        reference the device may be, which is all that a comparison needs.
        """
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(len(x), -1)
        n = self.theta.shape[1]
        gamma = (n + 2) * U32 / (1 - (n + 2) * U32)
        bounds = np.empty(output.shape)
        with np.errstate(all="ignore"):
            for c in range(len(self.theta)):  # class by class, to keep the arrays small
                r = 1.0 / np.sqrt(2.0 * self.var[c])
                difference = np.abs(x - self.theta[c])
                d = difference * r
                d_error = (
                    error * r + 4 * U32 * d + (3 * U32**2 * np.abs(self.theta[c]) + 2.0**-149) * r + 2.0**-149
                ) * (1 + 8 * U32)
                off = ((2 * d + d_error) * d_error).sum(axis=1)
                bounds[:, c] = off + gamma * ((d * d).sum(axis=1) + off) + n * 2.0**-148
                bounds[difference.max(axis=1) >= 2.0**127, c] = np.inf
            bounds += 2 * U32 * (np.abs(self.base()) + np.abs(output))
            bounds += np.where(output < -(2.0**126), 2.0**-20 * np.abs(output), 0.0)
        # A prior of 0 makes a score of -infinity on both sides.
        bounds[:, np.isneginf(self.log_prior)] = 0.0
        return np.asarray(bounds * self.sides)
