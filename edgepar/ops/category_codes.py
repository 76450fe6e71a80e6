# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""Categories become codes, and codes become flags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import Array, Op, Value


@dataclass(frozen=True, eq=False)
class CategoryCodes(Op):
    """The code of the category that each feature is equal to.

    Attributes
    ----------
    categories, codes : tuple[Array, ...]
        Of each feature the categories, ascending numbers without NaN, and their codes.
    unknown, missing : Array
        Of each feature the code of other numbers, and that of NaN; either may be NaN.
    """

    categories: tuple[Array, ...]
    codes: tuple[Array, ...]
    unknown: Array
    missing: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        lengths = {len(self.categories), len(self.codes), len(self.unknown), len(self.missing)}
        if lengths != {x.len}:
            raise UnsupportedModelError(
                f"{self.origin}: categories of {len(self.categories)} features for {x.len}; give each feature its own."
            )
        return Value(self.output, (x.len,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        y = np.where(np.isnan(x), self.missing, self.unknown)
        for f, (categories, codes) in enumerate(zip(self.categories, self.codes, strict=True)):
            if len(categories):
                at = np.minimum(np.searchsorted(categories, x[:, f]), len(categories) - 1)
                y[:, f] = np.where(categories[at] == x[:, f], codes[at], y[:, f])
        return y

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """How far the code is from its float32; near a category within the error, the reach of all codes."""
        x, error = (array.reshape(len(array), -1) for array in (inputs[0], errors[0]))
        bound = np.nan_to_num(np.abs(output.astype(np.float32).astype(np.float64) - output))
        for f in np.flatnonzero((error > 0.0).any(axis=0)):
            categories = self.categories[f]
            within = [
                np.searchsorted(categories, x[:, f] - error[:, f], side="left"),
                np.searchsorted(categories, x[:, f] + error[:, f], side="right"),
            ]
            possible = np.append(self.codes[f], self.unknown[f])
            reach = np.ptp(possible) if np.isfinite(possible).all() else np.inf
            open_ = (error[:, f] > 0.0) & (within[0] < within[1]) & ~np.isnan(x[:, f])
            bound[:, f] += np.where(open_, reach, 0.0)
        return bound


@dataclass(frozen=True, eq=False)
class PlaceFlags(Op):
    """``widths[f]`` flags for each code: 1 at the place that it names, else 0; other codes set none."""

    widths: tuple[int, ...]

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if len(self.widths) != x.len or min(self.widths) < 0 or not sum(self.widths):
            raise UnsupportedModelError(
                f"{self.origin}: {len(self.widths)} widths for {x.len} codes; give each one, and one of 1 at least."
            )
        return Value(self.output, (sum(self.widths),), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        columns = [(x[:, f, None] == np.arange(width)) for f, width in enumerate(self.widths)]
        return np.concatenate(columns, axis=1).astype(np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """A code that may be another one may set any flag of its column, or none."""
        off = errors[0].reshape(len(errors[0]), -1) > 0.0
        return np.repeat(off, self.widths, axis=1).astype(np.float64)
