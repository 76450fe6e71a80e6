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
        with np.errstate(over="ignore"):
            terms = (x[:, None, :] - self.theta) ** 2 / self.var
        return np.asarray(self.base() - 0.5 * terms.sum(axis=2), dtype=np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """d = ((x - high) - low) * r, then n squares summed; docs/exactness.md derives the constants."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(len(x), -1)
        n = self.theta.shape[1]
        r = 1.0 / np.sqrt(2.0 * self.var)
        with np.errstate(over="ignore", invalid="ignore"):
            difference = x[:, None, :] - self.theta
            d = np.abs(difference) * r
            # x - high is exact or rounds once; both parts of theta together miss it by U32**2 relative.
            d_error = (error[:, None, :] * r + 4 * U32 * d + 2 * U32**2 * np.abs(self.theta) * r) * (
                1 + 8 * U32
            )
            q = (d * d).sum(axis=2)
            gamma = (n + 2) * U32 / (1 - (n + 2) * U32)
            total = ((2 * d + d_error) * d_error).sum(axis=2) + gamma * (
                q + ((2 * d + d_error) * d_error).sum(axis=2)
            )
            return np.asarray(total + 2 * U32 * (np.abs(self.base()) + np.abs(output)) + n * 2.0**-148)
