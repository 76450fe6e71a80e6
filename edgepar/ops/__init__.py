# SPDX-License-Identifier: Apache-2.0
"""The operations a Graph is made of, one file each."""

from edgepar.ops.activation import Activation
from edgepar.ops.categorical_nb import CategoricalNB
from edgepar.ops.category_codes import CategoryCodes, PlaceFlags
from edgepar.ops.classify import Classify
from edgepar.ops.concat import Concat
from edgepar.ops.count_edges import CountEdges
from edgepar.ops.coupling import CoupledProba, PairwiseProba
from edgepar.ops.distances import Distances
from edgepar.ops.elementwise import Elementwise, Step
from edgepar.ops.fill import Fill, MissingFlags
from edgepar.ops.gaussian_nb import GaussianNB
from edgepar.ops.interpolate import Interpolate
from edgepar.ops.linear import Linear
from edgepar.ops.neighbours import Neighbours
from edgepar.ops.normalize import Normalize
from edgepar.ops.one_vote import OneVote
from edgepar.ops.op import Op, Value
from edgepar.ops.outlier_factor import OutlierFactor
from edgepar.ops.pair_votes import PairVotes
from edgepar.ops.polynomial import Polynomial
from edgepar.ops.quadratic_scores import LogSumExp, QuadraticScores
from edgepar.ops.select import Select
from edgepar.ops.shares import Shares
from edgepar.ops.similarity import Similarity
from edgepar.ops.squared_distances import Root, SquaredDistances
from edgepar.ops.support import SupportScores, SupportVotes
from edgepar.ops.trees import Trees
from edgepar.ops.weighted_median import WeightedMedian
from edgepar.ops.weighted_sum import WeightedSum

#: The one list of operations; the verifier, the kernel table and the tests go by it.
OPS: tuple[type[Op], ...] = (
    Elementwise,
    Normalize,
    Linear,
    GaussianNB,
    CategoricalNB,
    Trees,
    SquaredDistances,
    Root,
    Activation,
    Classify,
    Concat,
    Select,
    Fill,
    MissingFlags,
    CategoryCodes,
    PlaceFlags,
    CountEdges,
    Polynomial,
    WeightedSum,
    WeightedMedian,
    OneVote,
    Shares,
    Interpolate,
    PairVotes,
    QuadraticScores,
    LogSumExp,
    Distances,
    Similarity,
    SupportScores,
    SupportVotes,
    PairwiseProba,
    CoupledProba,
    Neighbours,
    OutlierFactor,
)

__all__ = [
    "WeightedMedian",
    "WeightedSum",
    "Select",
    "Shares",
    "PairVotes",
    "QuadraticScores",
    "OneVote",
    "Interpolate",
    "Concat",
    "CategoryCodes",
    "CountEdges",
    "Fill",
    "MissingFlags",
    "PlaceFlags",
    "Polynomial",
    "Distances",
    "Neighbours",
    "Similarity",
    "SupportScores",
    "SupportVotes",
    "OPS",
    "Activation",
    "CategoricalNB",
    "OutlierFactor",
    "CoupledProba",
    "PairwiseProba",
    "Classify",
    "Elementwise",
    "GaussianNB",
    "Linear",
    "LogSumExp",
    "Normalize",
    "Op",
    "Root",
    "SquaredDistances",
    "Step",
    "Trees",
    "Value",
]
