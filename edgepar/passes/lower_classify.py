# SPDX-License-Identifier: Apache-2.0
"""Activation and Classify -> short vectors on core 0."""

from __future__ import annotations

import numpy as np

from edgepar.ops import Activation, Classify
from edgepar.ops.activation import OF_ONE_SCORE
from edgepar.passes.draft import Draft
from edgepar.plan import Element, Float, Unsigned

#: Classes from which on sharing an exponential saves more than the barrier costs.
SHARED_CLASSES = 4
#: Labels of leaves are numbers of 16 bits.
_MOST_TABLED_CLASSES = 1 << 16


def lower_activation(draft: Draft, op: Activation) -> None:
    """Core 0 computes the whole vector; the exponentials of many classes are shared."""
    source = draft.read(op)
    target = draft.write(op)
    n = draft.graph.values[op.inputs[0]].len
    if op.kind == "softmax" and n >= SHARED_CLASSES:
        e = draft.buffer("exponentials", "float", n, op)
        for title, kernel, arguments in (
            ("softmax: exponentials", "ep_softmax_exp_f32", (source, e)),
            ("softmax: divide", "ep_softmax_divide_f32", (e, target)),
        ):
            draft.phase(title, draft.split(kernel, *arguments, Unsigned(n), op=op, unit="class", units=n))
        return
    if op.kind in OF_ONE_SCORE:
        call = draft.first(f"ep_{op.kind}_f32", Element(source, n - 1), target, op=op)
    else:
        call = draft.first(f"ep_{op.kind}_f32", source, target, Unsigned(n), op=op)
    draft.phase(op.kind.replace("_", " "), call)


def lower_classify(draft: Draft, op: Classify) -> None:
    """Core 0 answers; of a lone leaf by a table, on exact sums where there are any."""
    target = draft.write(op)
    n = draft.graph.values[op.inputs[0]].len
    if op.rule == "positive":
        source = draft.read(op)
        call = draft.first(
            "ep_positive_f32", Element(source, n - 1), Float(op.threshold), op=op, stored_in=target
        )
    elif op.rule == "argmax" and op.inputs[0] in draft.leaf_values and n <= _MOST_TABLED_CLASSES:
        row, values = draft.leaf_values[op.inputs[0]]
        labels = draft.table("leaf_labels", "uint16_t", np.argmax(values, axis=1).astype(np.uint16), op)
        call = draft.first("ep_leaf_label", Element(row), labels, op=op, stored_in=target)
    elif op.rule == "argmax" and op.inputs[0] in draft.sums:
        call = draft.first("ep_argmax_i32", draft.sums[op.inputs[0]], Unsigned(n), op=op, stored_in=target)
    else:
        call = draft.first(f"ep_{op.rule}_f32", draft.read(op), Unsigned(n), op=op, stored_in=target)
    draft.phase("label", call)
