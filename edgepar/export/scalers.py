# SPDX-License-Identifier: Apache-2.0
"""Scalers: one function call each, the operations and their order those of the estimator's transform."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter

_NORMS = {"l1": "NormalizeL1", "l2": "NormalizeL2", "max": "NormalizeMax"}


def standard_scaler(emitter: Emitter, scaler: Any) -> None:
    """StandardScaler; a mean or scale that is switched off counts as 0 or 1, which changes no bit."""
    n_features = scaler.n_features_in_
    mean = scaler.mean_ if scaler.with_mean else np.zeros(n_features)
    scale = scaler.scale_ if scaler.with_std else np.ones(n_features)
    parameters = [emitter.parameter("mean", mean), emitter.parameter("scale", scale)]
    emitter.call("StandardScale", [emitter.x(), *parameters], emitter.outputs[0], **_standard_range(scaler))


def robust_scaler(emitter: Emitter, scaler: Any) -> None:
    """RobustScaler; a centre or scale that is switched off counts as 0 or 1, which changes no bit."""
    centre = np.zeros(scaler.n_features_in_) if scaler.center_ is None else scaler.center_
    scale = np.ones(scaler.n_features_in_) if scaler.scale_ is None else scaler.scale_
    parameters = [emitter.parameter("centre", centre), emitter.parameter("scale", scale)]
    emitter.call("StandardScale", [emitter.x(), *parameters], emitter.outputs[0])


def min_max_scaler(emitter: Emitter, scaler: Any) -> None:
    """MinMaxScaler, with or without clip."""
    parameters = [emitter.parameter("scale", scaler.scale_), emitter.parameter("min", scaler.min_)]
    _clipped(
        emitter,
        "MinMaxScale",
        [emitter.x(), *parameters],
        scaler.feature_range if scaler.clip else None,
        _range(scaler.data_min_, scaler.data_max_),
    )


def max_abs_scaler(emitter: Emitter, scaler: Any) -> None:
    """MaxAbsScaler, with or without clip."""
    _clipped(
        emitter,
        "MaxAbsScale",
        [emitter.x(), emitter.parameter("scale", scaler.scale_)],
        (-1.0, 1.0) if scaler.clip else None,
        _range(-scaler.max_abs_, scaler.max_abs_),
    )


def normalizer(emitter: Emitter, scaler: Any) -> None:
    """Normalizer; scikit-learn leaves rows alone whose norm is below ten ulps of 1."""
    smallest = emitter.parameter("smallest_norm", 10 * np.finfo(np.float64).eps)
    emitter.call(_NORMS[scaler.norm], [emitter.x(), smallest], emitter.outputs[0])


def _clipped(
    emitter: Emitter,
    function: str,
    inputs: list[str],
    limits: tuple[float, float] | None,
    attributes: dict[str, Any],
) -> None:
    output = emitter.outputs[0]
    if limits is None:
        emitter.call(function, inputs, output, **attributes)
        return
    scaled = emitter.call(function, inputs, **attributes)
    low, high = (
        emitter.parameter(f"clip_{end}", limit) for end, limit in zip(("low", "high"), limits, strict=True)
    )
    emitter.op("Clip", [scaled, low, high], output)


def _standard_range(scaler: Any) -> dict[str, Any]:
    """No sample is further from the mean than sqrt(n - 1) standard deviations, whatever the distribution.

    Nothing follows where samples had weights, whose sum stands for n, that are no whole numbers.
    """
    if scaler.mean_ is None or scaler.var_ is None:
        return {}
    n = np.asarray(scaler.n_samples_seen_, dtype=np.float64)
    if (n != np.round(n)).any():
        return {}
    reach = np.sqrt(np.maximum(n - 1.0, 0.0) * scaler.var_)
    # var_ is a rounded sum, so the bound is widened by far more than its relative error.
    reach = reach * (1 + 1e-6)
    return _range(scaler.mean_ - reach, scaler.mean_ + reach)


def _range(low: npt.NDArray[Any], high: npt.NDArray[Any]) -> dict[str, Any]:
    """The training range as attributes, rounded outwards to float32; none where it is not finite."""
    with np.errstate(over="ignore"):
        low32 = np.nextafter(np.asarray(low, dtype=np.float32), np.float32(-np.inf))
        high32 = np.nextafter(np.asarray(high, dtype=np.float32), np.float32(np.inf))
    if not (np.isfinite(low32).all() and np.isfinite(high32).all()):
        return {}
    return {"range_low": low32.tolist(), "range_high": high32.tolist()}
