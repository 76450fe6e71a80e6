# SPDX-License-Identifier: Apache-2.0
"""PairwiseProba and CoupledProba -> pairs and rows over cores; sweeps on core 0, for each step needs the last."""

from __future__ import annotations

import numpy as np

from edgepar.ops import CoupledProba, PairwiseProba
from edgepar.ops.coupling import epsilon, most_sweeps
from edgepar.passes.draft import Draft
from edgepar.passes.lower_composition import shared_call
from edgepar.passes.lower_linear import check_float32
from edgepar.plan import Float, Unsigned

#: About as many elementary operations as a pair takes.
_PAIR_WORK = 40


def lower_pairwise_proba(draft: Draft, op: PairwiseProba) -> None:
    """Pairs over cores."""
    check_float32(op, "a slope", op.a)
    check_float32(op, "a shift", op.b)
    pairs = len(op.a)
    slopes, shifts = draft.floats("slopes", op.a, op), draft.floats("shifts", op.b, op)
    call = shared_call(
        draft, op, "ep_pairwise_proba_f32", draft.read(op), slopes, shifts, draft.write(op), Unsigned(pairs),
        unit="pair", units=pairs, work=_PAIR_WORK * pairs,
    )  # fmt: skip
    draft.phase("probabilities of pairs", call)


def lower_coupled_proba(draft: Draft, op: CoupledProba) -> None:
    """Rows of the matrix over cores; then core 0."""
    n = op.n_classes
    matrix = draft.buffer("coupling_matrix", "float", n * n, op)
    scratch = draft.buffer("coupling_scratch", "float", 2 * n, op)
    rows = shared_call(
        draft, op, "ep_coupling_matrix_f32", draft.read(op), matrix, Unsigned(n), unit="class", units=n,
        work=4 * n * n,
    )  # fmt: skip
    draft.phase("coupling", rows)
    tolerance = Float(float(np.float32(epsilon(n))))
    draft.phase(
        "coupling: sweeps",
        draft.first(
            "ep_couple_f32",
            matrix,
            scratch,
            draft.write(op),
            Unsigned(n),
            tolerance,
            Unsigned(most_sweeps(n)),
            op=op,
        ),
    )
