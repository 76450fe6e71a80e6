# SPDX-License-Identifier: Apache-2.0
"""A scaler before a linear operation becomes other coefficients, where a bound proves that no decision gets worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.graph import Graph
from edgepar.ops import Elementwise, Linear, Op
from edgepar.ops.elementwise import Affine
from edgepar.ops.op import U32, Array
from edgepar.passes.rewrite import consumers, is_output, producer, rewrite


def fold_scaler_into_linear(graph: Graph) -> Graph:
    """Fold scalers of the input that one Linear alone reads; the others say in their origin why they stay."""
    new: dict[str, Op] = {}
    for op in graph.ops:
        if not isinstance(op, Linear):
            continue
        scaler = producer(graph, op.inputs[0])
        if not isinstance(scaler, Elementwise) or scaler.inputs[0] != graph.input.name:
            continue
        runs = scaler.runs(graph.input.len)
        if len(runs) != 1 or not isinstance(runs[0], Affine):
            continue
        if is_output(graph, scaler.output) or len(consumers(graph, scaler.output)) != 1:
            continue
        folded = _folded(op, scaler, runs[0], graph.input.name)
        if scaler.range_low is None or scaler.range_high is None:
            reason = "its training range is not known"
        else:
            excess = widening(op, folded, runs[0], scaler.range_low, scaler.range_high)
            reason = "" if excess <= 0.0 else f"folded in, it would widen the error bound by {excess:.3g}"
        if reason:
            new[scaler.output] = replace(
                scaler, origin=f"{scaler.origin} (kept before {op.origin}: {reason})"
            )
        else:
            new[op.output] = folded
    return rewrite(graph, new) if new else graph


def _folded(op: Linear, scaler: Elementwise, run: Affine, source: str) -> Linear:
    shift = run.addend - run.offset * run.factor
    return replace(
        op,
        inputs=(source,),
        origin=f"{op.origin} with {scaler.origin} folded in",
        coef=op.coef * run.factor,
        intercept=op.intercept + op.coef @ shift,
    )


def widening(op: Linear, folded: Linear, run: Affine, low: Array, high: Array) -> float:
    """By how much the bound of the folded form exceeds that of the kept form at worst, over the box of training data.

    Both bounds are sums over the features of piecewise linear functions of that feature, so the largest difference
    lies at a corner of the pieces: an end of the range, 0, or where the scaled feature is 0. docs/exactness.md writes
    it out.
    """
    n = op.coef.shape[1]
    gamma = (n + 3) * U32 / (1 - (n + 3) * U32)
    with np.errstate(all="ignore"):
        centre = np.where(run.factor != 0.0, run.offset - run.addend / run.factor, 0.0)
    difference = gamma * (np.abs(folded.intercept) - np.abs(op.intercept))
    per_feature = np.full(op.coef.shape, -np.inf)
    for point in (low, high, np.clip(0.0, low, high), np.clip(centre, low, high)):
        scaled = run.apply(point)
        # The least that the kept form may be charged with; run.bound counts at least 4 roundings of the result.
        kept = np.abs(op.coef) * (np.abs(scaled) * (gamma + 4 * U32))
        per_feature = np.maximum(per_feature, gamma * np.abs(folded.coef) * np.abs(point) - kept)
    if folded.is_tiny().any():
        return np.inf
    return float((difference + per_feature.sum(axis=1)).max())
