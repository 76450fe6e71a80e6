# SPDX-License-Identifier: Apache-2.0
"""Graph, Target -> Plan: lower each operation, place tables, check that everything fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
    WeightedMedian,
    WeightedSum,
)
from edgepar.passes.check_fit import check_fit
from edgepar.passes.choose_spread import choose_spread
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
    lower_weighted_median,
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
from edgepar.plan import Buffer, CopyOut, Named, Plan, Spread, is_shared
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
    WeightedMedian: lower_weighted_median,
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


#: Samples that lie in L1, and answers that cores have made together: one is worked on while DMA copies another.
_IN_TURN = 2
#: Answers of a core that computes whole samples go to L2 together, up to as many bytes.
_ANSWER_BYTES = 512

_ONE_CORE = (
    "nothing of one sample can be shared (a single tree asks one question after the other), so that one core is best "
    "and computes it, as fast as an image for one core; the other {} sleep; with batch=N all of them are busy"
)


def make_plan(
    graph: Graph, target: Target, build: Build, cores: int, batch: int = 1, spread: Spread | None = None
) -> Plan:
    """The Plan of ``graph`` on ``cores`` cores for ``batch`` samples a call.

    Of a batch, the cores share either the units of one sample after another or the samples, whichever the model of
    cycles expects to be faster; or what ``spread`` says.

    Raises
    ------
    DoesNotFitError
        When a memory is too small.
    """
    plan = _lowered(graph, target, build, cores, batch, spread or "units")
    if batch > 1 and cores > 1 and spread is None:
        others = [_lowered(graph, target, build, cores, batch, "samples")]
        if _asks_here_and_there(graph):
            others.append(_lowered(graph, target, build, cores, batch, "samples", near_sample=False))
        plan = choose_spread(plan, *others)
    elif plan.team < cores:
        plan = replace(plan, notes=(*plan.notes, _ONE_CORE.format(cores - 1)))
    check_fit(plan)
    return plan


def _asks_here_and_there(graph: Graph) -> bool:
    """Whether trees alone read the sample, so that most of it may not be needed."""
    return all(isinstance(op, Trees) for op in graph.ops if graph.input.name in op.inputs)


def _lowered(
    graph: Graph,
    target: Target,
    build: Build,
    cores: int,
    batch: int,
    spread: Spread,
    near_sample: bool = True,
) -> Plan:
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
    # A core that computes whole samples works by the plan of one core, on scratch of its own.
    alone = spread == "samples"
    draft = Draft(
        graph,
        target,
        build,
        1 if alone else cores,
        record,
        staged,
        copies=cores if alone else 0,
        may_part=staged and batch == 1,
    )
    answers = None
    if staged:
        in_turn = 0 if batch == 1 else _IN_TURN * max(draft.copies, 1)
        if near_sample:
            draft.place[graph.input.name] = draft.buffer(
                "sample", "float", graph.input.len, "the sample, copied from L2", in_turn
            )
        else:
            draft.place[graph.input.name] = Named("input")
        if batch > 1:
            words = sum(field.len for field in record)
            kept = _IN_TURN
            if alone:
                kept = cores * max(1, min(-(-batch // cores), _ANSWER_BYTES // (4 * words)))
            answers = Buffer("answers", "", words, "l1", "answers of a batch", copies=kept, padded=False)
    else:
        draft.place[graph.input.name] = Named("input")
    for op in graph.ops:
        LOWERINGS[type(op)](draft, op)
    phases, scratch = tuple(draft.phases), tuple(draft.buffers)
    if not alone:
        phases = join_answers(phases)
    copies: tuple[CopyOut, ...] = ()
    if answers is not None:
        scratch += (answers,)
    elif staged:
        phases, near, copies = place_answer(phases, record, target, cores if is_shared(phases) else 1)
        scratch += near
    tables = place_tables(tuple(draft.tables), scratch, target)
    streams: tuple[str, ...] = ()
    if not alone:
        phases, tables, scratch, streams = stream_tables(phases, tables, scratch, target, cores)
    return Plan(
        graph=graph,
        target=target,
        build=build,
        cores=cores,
        tables=tables,
        buffers=tuple(buffer for buffer in scratch if buffer is not answers),
        phases=phases,
        record=record,
        sources=tuple(sorted(draft.sources)),
        staged=staged,
        notes=(*draft.notes, *streams),
        early=tuple(draft.early),
        copies=copies,
        batch=batch,
        spread=spread,
        answers=answers,
        near_sample=near_sample,
        head_len=draft.head_len,
    )
