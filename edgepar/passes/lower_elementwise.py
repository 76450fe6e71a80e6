# SPDX-License-Identifier: Apache-2.0
"""Elementwise and Normalize -> kernels over features."""

from __future__ import annotations

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Elementwise, Normalize
from edgepar.ops.elementwise import Affine, Limits
from edgepar.ops.op import Array
from edgepar.passes.draft import Draft
from edgepar.plan import Float, Unsigned

_LARGEST = float(np.finfo(np.float32).max)
_SMALLEST = float(np.finfo(np.float32).tiny)


def split_high_low(value: Array) -> tuple[Array, Array]:
    """A float64 as the sum of two float32."""
    high = value.astype(np.float32).astype(np.float64)
    return high, (value - high).astype(np.float32).astype(np.float64)


def lower_elementwise(draft: Draft, op: Elementwise) -> None:
    """Each run of linear steps becomes one kernel with the offset as a pair of floats, each run of limits a clip."""
    n = draft.graph.values[op.output].len
    source = draft.read(op)
    target = draft.write(op)
    calls = []
    for run in op.runs(n):
        if isinstance(run, Limits):
            kernel = "ep_clip_f32"
            tables = {
                "lowest": np.clip(run.lowest, -_LARGEST, _LARGEST),
                "highest": np.clip(run.highest, -_LARGEST, _LARGEST),
            }
        elif np.any(run.addend != 0.0):
            _check(op, run)
            kernel, tables = "ep_affine_f32", {"factor": run.factor, "addend": run.addend}
        else:
            _check(op, run)
            high, low = split_high_low(run.offset)
            kernel, tables = "ep_scale_f32", {"offset_high": high, "offset_low": low, "factor": run.factor}
        places = [draft.floats(name, data, op) for name, data in tables.items()]
        calls.append(draft.split(kernel, source, *places, target, op=op, unit="feature", units=n))
        source = target
    # Every call works on the same range of features, so that no barrier is needed between them.
    draft.phase("scale", *calls)


def _check(op: Elementwise, run: Affine) -> None:
    for what, values, smallest in (
        ("a factor", run.factor, _SMALLEST),
        ("an offset", run.offset, 0.0),
        ("an addend", run.addend, 0.0),
    ):
        bad = ~(np.abs(values) <= _LARGEST) | ((values != 0.0) & (np.abs(values) < smallest))
        if np.any(bad):
            feature = int(np.argmax(bad))
            raise UnsupportedModelError(
                f"{op.origin}: feature {feature} has {what} of {values[feature]:.3g}, which float32 cannot hold; "
                f"it must be 0 or between {_SMALLEST:.3g} and {_LARGEST:.3g}: give the feature another unit."
            )


def lower_normalize(draft: Draft, op: Normalize) -> None:
    """Every core computes the norm for itself and divides its own features: no barrier between the two."""
    n = draft.graph.values[op.output].len
    source = draft.read(op)
    norm = draft.apply(f"ep_norm_{op.norm}_f32", source, Unsigned(n), Float(op.smallest))
    draft.phase(
        "normalize",
        draft.split("ep_divide_f32", source, norm, draft.write(op), op=op, unit="feature", units=n),
    )
