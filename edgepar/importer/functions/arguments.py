# SPDX-License-Identifier: Apache-2.0
"""What the functions of domain ai.edgepar take, checked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Tensor

Numbers = npt.NDArray[np.float64]


def vector(node: Node, index: int, x: Tensor) -> Numbers:
    """A finite parameter with one number a feature."""
    array = node.numbers(index)
    if array.shape != (x.len,) or len(x.shape) != 1:
        raise node.damaged(
            f"input {index} has shape {list(array.shape)} for samples of shape {list(x.shape)}"
        )
    if not np.isfinite(array).all():
        raise node.unsupported(f"input {index} is not finite", "parameters are finite numbers")
    return array


def double(node: Node) -> Tensor:
    """The function's first input, which has to be float64."""
    x = node.tensor(0)
    if x.dtype != "float64":
        raise node.damaged("the input is float32, the function computes in float64")
    return x
