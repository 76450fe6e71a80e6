# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - nothing is computed
"""Several values one behind the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.ops.op import Array, Op, Value


def _flat(arrays: tuple[Array, ...]) -> Array:
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


@dataclass(frozen=True, eq=False)
class Concat(Op):
    """The inputs as one vector, in their order."""

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (sum(value.len for value in inputs),), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return _flat(inputs)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        return _flat(errors)
