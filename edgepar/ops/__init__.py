# SPDX-License-Identifier: Apache-2.0
"""The operations a Graph is made of, one file each."""

from edgepar.ops.activation import Activation
from edgepar.ops.classify import Classify
from edgepar.ops.elementwise import Elementwise, Step
from edgepar.ops.gaussian_nb import GaussianNB
from edgepar.ops.linear import Linear
from edgepar.ops.normalize import Normalize
from edgepar.ops.op import Op, Value
from edgepar.ops.squared_distances import Root, SquaredDistances
from edgepar.ops.trees import Trees

#: The one list of operations; the verifier, the kernel table and the tests go by it.
OPS: tuple[type[Op], ...] = (
    Elementwise,
    Normalize,
    Linear,
    GaussianNB,
    Trees,
    SquaredDistances,
    Root,
    Activation,
    Classify,
)

__all__ = [
    "OPS",
    "Activation",
    "Classify",
    "Elementwise",
    "GaussianNB",
    "Linear",
    "Normalize",
    "Op",
    "Root",
    "SquaredDistances",
    "Step",
    "Trees",
    "Value",
]
