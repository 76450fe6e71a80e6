# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - nothing is computed
"""Some of the elements of a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import Array, Op, Value


@dataclass(frozen=True, eq=False)
class Select(Op):
    """``x[columns]``; an element may be taken more than once."""

    columns: npt.NDArray[np.int64]

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        inside = (self.columns >= 0) & (self.columns < x.len)
        if self.columns.ndim != 1 or not len(self.columns) or not inside.all():
            raise UnsupportedModelError(
                f"{self.origin}: columns {self.columns.tolist()[:4]} of {x.len} are taken; "
                f"give some from 0 to {x.len - 1}."
            )
        return Value(self.output, (len(self.columns),), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return np.asarray(inputs[0].reshape(len(inputs[0]), -1)[:, self.columns])

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        return np.asarray(errors[0].reshape(len(errors[0]), -1)[:, self.columns])
