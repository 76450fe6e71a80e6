# SPDX-License-Identifier: Apache-2.0
"""Elementwise and Normalize -> kernels over features."""

from __future__ import annotations

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Elementwise, Normalize
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
    """Each run of linear steps becomes ``(x - offset) * factor`` with the offset as a pair, each run of limits a clip."""
    n = draft.graph.values[op.output].len
    source = draft.read(op)
    target = draft.write(op)
    offset, factor, addend = np.zeros(n), np.ones(n), np.zeros(n)
    lowest, highest = np.full(n, -np.inf), np.full(n, np.inf)
    calls = []

    def flush_linear() -> None:
        nonlocal source, offset, factor, addend
        if np.all(factor == 1.0) and np.all(offset == 0.0) and np.all(addend == 0.0):
            return
        _check(op, "a factor", factor, smallest=_SMALLEST)
        _check(op, "an offset", offset)
        _check(op, "an addend", addend)
        if np.any(addend != 0.0):
            calls.append(
                draft.split(
                    "ep_affine_f32", source, draft.floats("factor", factor, op), draft.floats("addend", addend, op),
                    target, op=op, unit="feature", units=n,
                )
            )  # fmt: skip
        else:
            high, low = split_high_low(offset)
            calls.append(
                draft.split(
                    "ep_scale_f32", source, draft.floats("offset_high", high, op), draft.floats("offset_low", low, op),
                    draft.floats("factor", factor, op), target, op=op, unit="feature", units=n,
                )
            )  # fmt: skip
        source = target
        offset, factor, addend = np.zeros(n), np.ones(n), np.zeros(n)

    def flush_limits() -> None:
        nonlocal source, lowest, highest
        if np.all(lowest == -np.inf) and np.all(highest == np.inf):
            return
        calls.append(
            draft.split(
                "ep_clip_f32", source, draft.floats("lowest", np.maximum(lowest, -_LARGEST), op),
                draft.floats("highest", np.minimum(highest, _LARGEST), op), target, op=op, unit="feature", units=n,
            )
        )  # fmt: skip
        source = target
        lowest, highest = np.full(n, -np.inf), np.full(n, np.inf)

    for step in op.steps:
        operand = np.broadcast_to(step.operand.reshape(-1), (n,))
        if step.function in ("min", "max"):
            flush_linear()
            if step.function == "min":
                lowest, highest = np.minimum(lowest, operand), np.minimum(highest, operand)
            else:
                lowest, highest = np.maximum(lowest, operand), np.maximum(highest, operand)
            continue
        flush_limits()
        with np.errstate(all="ignore"):
            if step.function == "mul":
                factor, addend = factor * operand, addend * operand
            elif step.function == "div":
                factor, addend = factor / operand, addend / operand
            else:
                shift = operand if step.function == "sub" else -operand
                if np.all(factor != 0.0) and np.all(addend == 0.0):
                    offset = offset + shift / factor
                else:
                    addend = addend - offset * factor - shift
                    offset = np.zeros(n)
    flush_linear()
    flush_limits()
    if not calls:
        zero, one = np.zeros(n), np.ones(n)
        calls.append(
            draft.split(
                "ep_scale_f32", source, draft.floats("offset_high", zero, op), draft.floats("offset_low", zero, op),
                draft.floats("factor", one, op), target, op=op, unit="feature", units=n,
            )
        )  # fmt: skip
    # Every call works on the same range of features, so that no barrier is needed between them.
    draft.phase("scale", *calls)


def _check(op: Elementwise, what: str, values: Array, smallest: float = 0.0) -> None:
    bad = ~np.isfinite(values) | (np.abs(values) > _LARGEST) | ((values != 0.0) & (np.abs(values) < smallest))
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
    norm = draft.apply(f"ep_norm_{op.norm}_f32", source, Unsigned(n), Float(0.0))
    draft.phase(
        "normalize",
        draft.split("ep_divide_f32", source, norm, draft.write(op), op=op, unit="feature", units=n),
    )
