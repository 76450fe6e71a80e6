# SPDX-License-Identifier: Apache-2.0
"""CategoricalNB -> rows of a table summed over chunks of features."""

from __future__ import annotations

import numpy as np

from edgepar.ops import CategoricalNB
from edgepar.passes.draft import Draft
from edgepar.passes.lower_linear import check_float32
from edgepar.plan import Unsigned

#: Chunks of features at most, whatever number of cores runs: results must not depend on it.
_MOST_CHUNKS = 8


def lower_categorical_nb(draft: Draft, op: CategoricalNB) -> None:
    """Chunks of features over cores, then classes over cores."""
    check_float32(op, "a logarithm", op.log_prob)
    check_float32(op, "a prior", op.log_prior)
    features, classes = len(op.counts), len(op.log_prior)
    chunk_len = -(-features // _MOST_CHUNKS)
    chunks = -(-features // chunk_len)
    starts = draft.table("category_rows", "uint32_t", op.starts().astype(np.uint32), op)
    table = draft.floats("log_probabilities", op.log_prob, op)
    partial = draft.buffer("partial_sums", "float", chunks * classes, op)
    draft.phase(
        "categories",
        draft.split(
            "ep_categories_f32", draft.read(op), starts, table, partial, Unsigned(features), Unsigned(classes),
            Unsigned(chunk_len), op=op, unit="chunk of features", units=chunks,
        ),
    )  # fmt: skip
    draft.phase(
        "categories: combine",
        draft.split(
            "ep_dense_combine_f32", partial, draft.floats("log_priors", op.log_prior, op), draft.write(op),
            Unsigned(classes), Unsigned(chunks), op=op, unit="class", units=classes,
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {features} features in {chunks} chunks")
