# SPDX-License-Identifier: Apache-2.0
"""Graph, Target -> Plan: lower each operation, place tables, check that everything fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgepar.errors import UnsupportedModelError
from edgepar.graph import Graph
from edgepar.identifier import identifier
from edgepar.manifest import Field
from edgepar.ops import (
    Activation,
    CategoricalNB,
    CategoryCodes,
    Classify,
    Concat,
    CountEdges,
    CoupledProba,
    Distances,
    Elementwise,
    Fill,
    GaussianNB,
    Interpolate,
    Linear,
    LogSumExp,
    MissingFlags,
    Neighbours,
    Normalize,
    OneVote,
    OutlierFactor,
    PairVotes,
    PairwiseProba,
    PlaceFlags,
    Polynomial,
    QuadraticScores,
    Root,
    Select,
    Shares,
    Similarity,
    SquaredDistances,
    SupportScores,
    SupportVotes,
    Trees,
    WeightedSum,
)
from edgepar.passes.check_fit import check_fit
from edgepar.passes.draft import Draft
from edgepar.passes.join_answers import join_answers
from edgepar.passes.lower_categories import lower_categorical_nb
from edgepar.passes.lower_classify import lower_activation, lower_classify
from edgepar.passes.lower_columns import (
    lower_category_codes,
    lower_count_edges,
    lower_fill,
    lower_missing_flags,
    lower_place_flags,
    lower_polynomial,
)
from edgepar.passes.lower_composition import (
    lower_concat,
    lower_interpolate,
    lower_one_vote,
    lower_pair_votes,
    lower_select,
    lower_shares,
    lower_weighted_sum,
)
from edgepar.passes.lower_coupling import lower_coupled_proba, lower_pairwise_proba
from edgepar.passes.lower_distances import lower_root, lower_squared_distances
from edgepar.passes.lower_elementwise import lower_elementwise, lower_normalize
from edgepar.passes.lower_linear import lower_gaussian_nb, lower_linear
from edgepar.passes.lower_quadratic import lower_log_sum_exp, lower_quadratic_scores
from edgepar.passes.lower_rows import (
    lower_distances,
    lower_neighbours,
    lower_outlier_factor,
    lower_similarity,
)
from edgepar.passes.lower_support import lower_support_scores, lower_support_votes
from edgepar.passes.lower_trees import lower_trees
from edgepar.passes.place_answer import place_answer
from edgepar.passes.place_tables import place_tables
from edgepar.passes.stream_tables import stream_tables
from edgepar.plan import CopyOut, Named, Plan
from edgepar.target import Build, Target

#: How each operation becomes kernel calls.
LOWERINGS: dict[type, Callable[[Draft, Any], None]] = {
    Elementwise: lower_elementwise,
    CategoricalNB: lower_categorical_nb,
    Normalize: lower_normalize,
    Linear: lower_linear,
    GaussianNB: lower_gaussian_nb,
    Trees: lower_trees,
    SquaredDistances: lower_squared_distances,
    Root: lower_root,
    QuadraticScores: lower_quadratic_scores,
    LogSumExp: lower_log_sum_exp,
    Activation: lower_activation,
    Classify: lower_classify,
    Concat: lower_concat,
    Select: lower_select,
    CountEdges: lower_count_edges,
    Fill: lower_fill,
    MissingFlags: lower_missing_flags,
    CategoryCodes: lower_category_codes,
    PlaceFlags: lower_place_flags,
    Polynomial: lower_polynomial,
    WeightedSum: lower_weighted_sum,
    OneVote: lower_one_vote,
    Shares: lower_shares,
    Interpolate: lower_interpolate,
    PairVotes: lower_pair_votes,
    Distances: lower_distances,
    Similarity: lower_similarity,
    SupportScores: lower_support_scores,
    PairwiseProba: lower_pairwise_proba,
    CoupledProba: lower_coupled_proba,
    SupportVotes: lower_support_votes,
    Neighbours: lower_neighbours,
    OutlierFactor: lower_outlier_factor,
}


def make_plan(graph: Graph, target: Target, build: Build, cores: int) -> Plan:
    """The Plan of ``graph`` on ``cores`` cores; DoesNotFitError when a memory is too small."""
    record = tuple(
        Field(
            name=output.name,
            role=output.role,
            dtype="int32" if output.role == "label" else "float32",
            len=graph.values[output.value].len,
            flat=output.flat,
        )
        for output in graph.outputs
    )
    names = [identifier(field.name) for field in record]
    if len(set(names)) != len(names) or len({output.value for output in graph.outputs}) != len(graph.outputs):
        raise UnsupportedModelError(
            f"model {graph.name}: outputs {', '.join(field.name for field in record)} are not distinct values with "
            f"distinct names in C; give each output its own."
        )
    staged = "l1" in target.memories
    draft = Draft(graph, target, build, cores, record, staged)
    if staged:
        sample = draft.buffer("sample", "float", graph.input.len, "the sample, copied from L2")
        draft.place[graph.input.name] = sample
    else:
        draft.place[graph.input.name] = Named("input")
    for op in graph.ops:
        LOWERINGS[type(op)](draft, op)
    phases, buffers = join_answers(tuple(draft.phases)), tuple(draft.buffers)
    copies: tuple[CopyOut, ...] = ()
    if staged:
        phases, near, copies = place_answer(phases, record, target, cores)
        buffers += near
    tables = place_tables(tuple(draft.tables), buffers, target)
    phases, tables, buffers, streams = stream_tables(phases, tables, buffers, target, cores)
    plan = Plan(
        graph=graph,
        target=target,
        build=build,
        cores=cores,
        tables=tables,
        buffers=buffers,
        phases=phases,
        record=record,
        sources=tuple(sorted(draft.sources)),
        staged=staged,
        notes=(*draft.notes, *streams),
        early=tuple(draft.early),
        copies=copies,
    )
    check_fit(plan)
    return plan
