# SPDX-License-Identifier: Apache-2.0
"""Estimator files: skops by default, pickles only on trust, everything else a sentence."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB

from edgepar import errors
from edgepar.export import export
from edgepar.export.files import load_estimator
from tests.case import Case
from tests.estimators import CASES


class Custom(LinearRegression):
    """A type that skops does not know."""


class Exploding:
    """Unpickling this writes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (Path(self.path),))


#: Libraries whose models hold code of their own; their files need trust.
OUTSIDE = ("xgboost", "lightgbm")
#: Estimators that hold functions with arguments, which could be any.
WITH_FUNCTIONS = ("category_hist", "unknown_category_hist", "category_hist_regressor")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_skops_files_are_loaded_without_trust(case: Case, tmp_path: Path) -> None:
    fitted = case.fit()
    skops.io.dump(fitted.estimator, tmp_path / "m.skops")
    if type(fitted.estimator).__module__.startswith(OUTSIDE) or case.name in WITH_FUNCTIONS:
        with pytest.raises(errors.UsageError, match="holds types that edgepar does not know"):
            load_estimator(tmp_path / "m.skops")
        return
    loaded = load_estimator(tmp_path / "m.skops")
    assert export(loaded, fitted.X_test).sha256 == export(fitted.estimator, fitted.X_test).sha256


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".pickle"])
def test_pickles_are_loaded_on_trust(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"m{suffix}"
    if suffix == ".joblib":
        joblib.dump(GaussianNB(), path)
    else:
        path.write_bytes(pickle.dumps(GaussianNB()))
    assert isinstance(load_estimator(path, trust=True), GaussianNB)


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".pickle"])
def test_pickles_run_no_code_without_trust(suffix: str, tmp_path: Path) -> None:
    path, mark = tmp_path / f"m{suffix}", tmp_path / "mark"
    path.write_bytes(pickle.dumps(Exploding(str(mark))))
    with pytest.raises(errors.UsageError) as caught:
        load_estimator(path)
    assert not mark.exists()
    assert str(caught.value) == (
        f"{path}: is a pickle, and unpickling runs whatever code is in the file; "
        "pass --trust (trust=True) if you trust its origin, or save the estimator as .skops."
    )
    assert caught.value.exit_code == 2


def test_skops_files_with_unknown_types_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    skops.io.dump(Custom().fit(np.eye(3), [1, 2, 3]), path)
    with pytest.raises(errors.UsageError) as caught:
        load_estimator(path)
    assert str(caught.value) == (
        f"{path}: holds types that edgepar does not know (tests.test_export_files.Custom), and only scikit-learn's and "
        "numpy's are loaded; export from Python instead."
    )


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("m.skops", b"junk", "is no skops file, or one that this version cannot read (BadZipFile"),
        ("m.skops", b"", "is no skops file, or one that this version cannot read (BadZipFile"),
        ("m.joblib", b"junk", "cannot be unpickled ("),
        ("m.pkl", b"", "cannot be unpickled ("),
        ("m.pkl", None, "is no file; check the path."),
        ("m.onnx", b"", "ends in .onnx, and estimator files are .skops, .joblib or .pkl;"),
        ("m", b"", "ends in nothing, and estimator files are .skops, .joblib or .pkl;"),
    ],
)
def test_damaged_and_foreign_files_are_described(
    name: str, data: bytes | None, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with warnings.catch_warnings(), pytest.raises(errors.UsageError) as caught:
        load_estimator(path, trust=True)
    assert str(caught.value).startswith(f"{path}: {text}")
