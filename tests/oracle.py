# SPDX-License-Identifier: Apache-2.0
"""Device answers against scikit-learn's, within the derived bounds and nothing more.

The device may differ from the Graph's reference by ``edgepar.exactness``, and the float64 of the Graph may differ from
the float64 of scikit-learn (or of onnxruntime) by the rounding of sums in another order, which
``tests.estimators.bounds`` states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import is_regressor

from edgepar.exactness import near_ties, output_bounds
from edgepar.graph import METHODS
from edgepar.image import Image
from edgepar.model import Model
from edgepar.run import Run
from tests.estimators import bounds


@dataclass(frozen=True)
class Verdict:
    """What was seen when all answers were within their bounds.

    Attributes
    ----------
    near : tuple[int, ...]
        Rows whose reference margin is inside the bound: any of the tied labels is right.
    differing : tuple[int, ...]
        Those of them whose label is another than the reference's.
    worst : float
        Largest difference as a share of its bound.
    """

    near: tuple[int, ...]
    differing: tuple[int, ...]
    worst: float


def judge(image: Image, run: Run, estimator: Any, X: np.ndarray) -> Verdict:
    """AssertionError unless ``run`` answered the rows ``X`` as the estimator does."""
    seen = X.astype(np.float32).astype(np.float64)
    return _judge(image, run, X, bounds(estimator, seen), lambda method: getattr(estimator, method)(seen))


def judge_by_model(image: Image, run: Run, model: Model, estimator: Any, X: np.ndarray) -> Verdict:
    """The same against the Model in onnxruntime; the estimator tells only how far a float64 sum may be off."""
    seen = X.astype(np.float32).astype(np.float64)
    return _judge(image, run, X, bounds(estimator, seen), lambda method: getattr(model, method)(X))


def _judge(image: Image, run: Run, X: np.ndarray, float64: Any, oracle: Any) -> Verdict:
    graph = image.graph
    assert graph is not None
    device = output_bounds(graph, X)
    near = near_ties(graph, X)
    worst = 0.0
    for output in graph.outputs:
        if output.role == "label":
            continue
        method = METHODS[output.role]
        found, wanted = getattr(run, method)(), np.asarray(oracle(method))
        assert found.dtype == np.float32
        assert found.shape == wanted.shape, (method, found.shape, wanted.shape)
        # A NaN in a bound would allow everything.
        limit = device[output.name].reshape(wanted.shape) + getattr(float64, output.role)
        assert not np.isnan(limit).any(), method
        assert np.isfinite(limit[~near]).all(), f"{method}: no bound on rows that are no near ties"
        miss = np.abs(found.astype(np.float64) - wanted)
        off = np.argwhere(~(miss <= limit))
        assert not len(off), (
            f"{method}: {len(off)} of {miss.size} values beyond their bound, the first at {off[0]}: "
            f"{found[tuple(off[0])]!r} for {wanted[tuple(off[0])]!r}, bound {limit[tuple(off[0])]:.3g}"
        )
        share = miss[limit > 0] / limit[limit > 0]
        worst = max(worst, float(share.max(initial=0.0)))
    labels, expected = run.predict(), np.asarray(oracle("predict"))
    assert len(labels) == len(X)
    if not _is_classifier(image):
        return Verdict((), (), worst)
    assert labels.shape == expected.shape
    assert labels.dtype.kind == expected.dtype.kind
    differing = labels != expected
    beyond = np.flatnonzero(differing & ~near)
    assert not len(beyond), (
        f"labels differ on rows {beyond.tolist()} although their margin is beyond the bound"
    )
    return Verdict(tuple(np.flatnonzero(near).tolist()), tuple(np.flatnonzero(differing).tolist()), worst)


def _is_classifier(image: Image) -> bool:
    return image.manifest.kind == "classifier"


def methods(estimator: Any) -> list[str]:
    """What a run of this estimator's model must offer."""
    offered = [name for name in ("predict_proba", "decision_function") if hasattr(estimator, name)]
    return ["predict", *([] if is_regressor(estimator) else offered)]
