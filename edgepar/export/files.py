# SPDX-License-Identifier: Apache-2.0
"""Estimator files: `.skops`, which only holds known types, and pickles, which run code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from edgepar.errors import UsageError

_PICKLES = (".joblib", ".pkl", ".pickle")
# skops trusts the public types of numpy, scipy and scikit-learn, but not these: arrays of trees could point anywhere.
# Here they are only read, never asked to predict, and export checks what it read; encoders alone, which are numpy's
# arrays, transform their own categories.
_TRUSTED = [
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
]


def load_estimator(path: str | os.PathLike[str], *, trust: bool = False) -> Any:
    """Read a fitted estimator from a file.

    Parameters
    ----------
    path
        A `.skops` file, or a `.joblib`, `.pkl` or `.pickle` file together with `trust`.
    trust
        Whoever wrote the file may run code here.

    Raises
    ------
    UsageError
        The file is missing, damaged, of another kind, or not to be trusted.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in (".skops", *_PICKLES):
        raise UsageError(
            f"{file}: ends in {suffix or 'nothing'}, and estimator files are .skops, .joblib or .pkl; "
            "save the estimator with skops.io.dump."
        )
    if not file.is_file():
        raise UsageError(f"{file}: is no file; check the path.")
    if suffix == ".skops":
        return _load_skops(file)
    if not trust:
        raise UsageError(
            f"{file}: is a pickle, and unpickling runs whatever code is in the file; "
            "pass --trust (trust=True) if you trust its origin, or save the estimator as .skops."
        )
    return _load_pickle(file)


def _load_skops(file: Path) -> Any:
    import skops.io

    try:
        unknown = sorted(set(skops.io.get_untrusted_types(file=file)).difference(_TRUSTED))
        if not unknown:
            return skops.io.load(file, trusted=_TRUSTED)
    except Exception as error:  # noqa: BLE001 - a damaged file fails in zipfile, json, numpy or skops
        raise UsageError(
            f"{file}: is no skops file, or one that this version cannot read ({_brief(error)}); save it again."
        ) from None
    raise UsageError(
        f"{file}: holds types that edgepar does not know ({', '.join(unknown)}), and only scikit-learn's and "
        "numpy's are loaded; export from Python instead."
    )


def _load_pickle(file: Path) -> Any:
    import joblib

    try:
        return joblib.load(file)
    except Exception as error:  # noqa: BLE001 - a pickle may raise anything
        raise UsageError(
            f"{file}: cannot be unpickled ({_brief(error)}); save it with the versions that are installed here."
        ) from None


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".rstrip(": ")
