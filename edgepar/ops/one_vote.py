# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""A class index as one vote."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.ops.op import Array, Op, Value


@dataclass(frozen=True, eq=False)
class OneVote(Op):
    """1 for the class that the index names, 0 for the others of ``classes``."""

    classes: int

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (self.classes,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return np.asarray(inputs[0].reshape(-1, 1) == np.arange(self.classes), dtype=np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """A label near a tie may be any other: each vote is off by 1 at most."""
        unsure = errors[0].reshape(-1, 1) > 0.0
        return np.where(unsure, 1.0, 0.0) + np.zeros(self.classes)
