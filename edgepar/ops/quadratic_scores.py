# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""Log likelihoods of Gaussian components with full covariances, and the logarithm of their sum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class QuadraticScores(Op):
    """``constants - |(x - mean) @ factor|^2 / 2`` for each component.

    ``means`` is ``[n_components, n_features]``, ``factors`` ``[n_components, n_features, n]``, ``constants``
    ``[n_components]``.
    """

    means: Array
    factors: Array
    constants: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        components = len(self.constants)
        if self.means.shape != (components, x.len) or self.factors.shape[:2] != self.means.shape:
            raise UnsupportedModelError(
                f"{self.origin}: means {list(self.means.shape)} and factors {list(self.factors.shape)} do not fit "
                f"{components} components and {x.len} features; give [components, {x.len}] and "
                f"[components, {x.len}, n]."
            )
        return Value(self.output, (components,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        scores = np.empty((len(x), len(self.means)))
        with np.errstate(over="ignore"):
            for k in range(len(self.means)):  # one by one, to keep the arrays small
                scores[:, k] = self.constants[k] - 0.5 * (((x - self.means[k]) @ self.factors[k]) ** 2).sum(
                    axis=1
                )
        return scores

    @cached_property
    def triangles(self) -> Array:
        """Lower triangles T with ``|T d|^2 = |factor.T d|^2 / 2``, ``[n_components, n_features, n_features]``.

        A factor that is an upper triangle, as those of scikit-learn's mixtures, is one already. Others are rotated
        into one, which changes no length.
        """
        n = self.means.shape[1]
        found = np.zeros((len(self.means), n, n))
        for k, factor in enumerate(self.factors):
            rows = factor.T / np.sqrt(2.0)
            if rows.shape != (n, n) or np.any(np.triu(rows, 1)):
                # From the last feature to the first, R is upper; turned round it is lower.
                upper = np.linalg.qr(rows[:, ::-1]).R
                rows = np.zeros((n, n))
                rows[n - len(upper) :] = upper[::-1, ::-1]
            found[k] = rows
        return found

    def is_rotated(self, component: int) -> bool:
        """Whether the triangle of a component is not its factor itself."""
        factor = self.factors[component]
        return factor.shape[0] != factor.shape[1] or bool(np.any(np.tril(factor, -1)))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Differences, rows of the triangle, their squares; docs/exactness.md derives the constants."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(len(x), -1)
        n = self.means.shape[1]
        gamma = (n + 2) * U32 / (1 - (n + 2) * U32)
        bounds = np.empty(output.shape)
        with np.errstate(all="ignore"):
            for k, mean in enumerate(self.means):
                triangle = self.triangles[k]
                size = np.abs(triangle)
                tiny = ((size > 0.0) & (size < 2.0**-126)).astype(np.float64)
                d = x - mean
                d_error = (error + 2 * U32 * np.abs(d) + 2 * U32**2 * np.abs(mean) + 2.0**-149) * (
                    1 + 8 * U32
                )
                reach = np.abs(d) + d_error
                y = np.abs(d @ triangle.T)
                y_error = d_error @ size.T + gamma * (reach @ size.T) + 2.0**-149 * (reach @ tiny.T + n)
                if self.is_rotated(k):
                    length = np.linalg.norm(triangle) * np.linalg.norm(d, axis=1, keepdims=True)
                    y_error = y_error + n * 2.0**-48 * length
                off = ((2 * y + y_error) * y_error).sum(axis=1)
                bounds[:, k] = off + gamma * ((y * y).sum(axis=1) + off) + n * 2.0**-148
                largest = np.maximum(reach.max(axis=1), (reach @ size.T).max(axis=1))
                bounds[largest >= 2.0**62, k] = np.inf
            bounds += 2 * U32 * (np.abs(self.constants) + np.abs(output))
        return np.asarray(bounds * self.sides)


@dataclass(frozen=True, eq=False)
class LogSumExp(Op):
    """``log(sum(exp(x)))`` over the components."""

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (1,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return _log_sum_exp(inputs[0].reshape(len(inputs[0]), -1))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """The exact map with every score at either end of its error, and what docs/kernels.md counts for the kernel."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(x.shape)
        n = x.shape[1]
        with np.errstate(all="ignore"):
            moved = np.maximum(_log_sum_exp(x + error) - output, output - _log_sum_exp(x - error))
            rounded = U32 * (n + 1 + 3 * np.log(n) + np.abs(output) + moved) * (1 + 2.0**-10)
            bound = moved + self.sides * rounded + 2.0**-148
        # Scores beyond float32 are compared by their order alone.
        beyond = (x < -(2.0**126)).all(axis=1, keepdims=True)
        return np.asarray(np.where(np.isfinite(bound) & ~beyond, bound, np.inf))


def _log_sum_exp(x: Array) -> Array:
    top = x.max(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return np.asarray(top + np.log(np.exp(x - top).sum(axis=1, keepdims=True)))
