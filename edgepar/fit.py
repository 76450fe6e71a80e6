# SPDX-License-Identifier: Apache-2.0
"""K-means fitted on the device: Lloyd's algorithm as generated C, and what a run of it found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgepar.codegen.fit_project import fit_project
from edgepar.compiler import build_files
from edgepar.errors import InputDataError, UsageError
from edgepar.image import Image
from edgepar.passes.plan_k_means_fit import plan_k_means_fit
from edgepar.run import Run
from edgepar.target import get_target
from edgepar.whole_number import is_whole_number

#: Simulated cycles after which a fit counts as hanging.
MOST_CYCLES = 2_000_000_000
#: What a counter of 32 bits holds.
_MOST_ITERATIONS = 2**32 - 1


@dataclass(frozen=True, eq=False)
class KMeansFit:
    """What a fit found, as scikit-learn's KMeans names it, and how long it took.

    Attributes
    ----------
    cluster_centers : float32[n_clusters, n_features]
    labels : int32[n_samples]
        The nearest centroid of each sample.
    inertia : float
        Sum of squared distances of samples to their centroids.
    n_iter : int
        Iterations that were run.
    image : Image
        The project, whose ``<name>_fit`` firmware can call.
    run : Run
        Cycles and activity; its ``outputs`` are the same results.
    """

    cluster_centers: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int32]
    inertia: float
    n_iter: int
    image: Image
    run: Run

    @property
    def cycles(self) -> int:
        """Cycles of the whole fit, the labels of the last centroids included."""
        return int(self.run.cycles[0])


def fit_kmeans(
    X: npt.ArrayLike,
    init: npt.ArrayLike,
    target: str = "pulp-open",
    cores: int | None = None,
    max_iter: int = 300,
    tol: float = 1e-4,
    fp: str | None = None,
    emulator: str | None = None,
    isa: str | None = None,
    name: str = "k_means",
    folder: Path | str | None = None,
    timeout_s: float = 600.0,
) -> KMeansFit:
    """Fit K-means on ``target`` as ``KMeans(init=init, n_init=1, algorithm="lloyd").fit(X)`` does.

    Parameters
    ----------
    X : array_like
        ``[n_samples, n_features]``, finite; converted to float32, which is what the device sees.
    init : array_like
        ``[n_clusters, n_features]``, the centroids to start from.
    target, cores, fp, emulator, isa, folder
        As in ``compile``.
    max_iter : int
        Iterations at most.
    tol : float
        The fit ends when the centroids move by no more than ``tol`` times the mean variance of the features: the sum
        of all squared moves, as in scikit-learn. 0 waits until no label changes.
    name : str
        The C function is ``<name>_fit``.
    timeout_s : float
        Wall-clock limit of the emulator.

    Notes
    -----
    A cluster without samples takes the sample that is farthest from its centroid, as in scikit-learn; where the number
    of different samples is below the number of clusters there are not enough of them, and the fit is refused.

    Raises
    ------
    InputDataError, UsageError, UnknownTargetError, DoesNotFitError, MissingToolError, ToolchainError, EmulatorError
    """
    image, words = compile_kmeans_fit(
        X, init, target, cores, max_iter, tol, fp=fp, emulator=emulator, isa=isa, name=name, folder=folder
    )
    run = image.run(words, timeout_s=timeout_s, max_cycles=MOST_CYCLES)
    found = run.outputs
    return KMeansFit(
        cluster_centers=found["centroids"].astype(np.float32).reshape(np.shape(init)),
        labels=found["labels"].astype(np.int32).reshape(-1),
        inertia=float(found["inertia"][0]),
        n_iter=int(found["n_iter"][0]),
        image=image,
        run=run,
    )


def compile_kmeans_fit(
    X: npt.ArrayLike,
    init: npt.ArrayLike,
    target: str = "pulp-open",
    cores: int | None = None,
    max_iter: int = 300,
    tol: float = 1e-4,
    *,
    fp: str | None = None,
    emulator: str | None = None,
    isa: str | None = None,
    name: str = "k_means",
    folder: Path | str | None = None,
) -> tuple[Image, npt.NDArray[np.float32]]:
    """The program of ``fit_kmeans``, not run yet, and the one row of input it takes: data, start and tolerance."""
    samples, start = _data(X, init)
    if not is_whole_number(max_iter, 1, _MOST_ITERATIONS):
        raise UsageError(
            f"fit_kmeans: max_iter is {max_iter!r}; give a whole number from 1 to {_MOST_ITERATIONS}."
        )
    if not isinstance(tol, int | float | np.number) or not 0.0 <= tol <= float(np.finfo(np.float32).max):
        raise UsageError(f"fit_kmeans: tol is {tol!r}; give a number of 0 or more that float32 holds.")
    chip = get_target(target)
    build = chip.build(emulator, isa, fp)
    made = plan_k_means_fit(
        name,
        (samples.shape[0], samples.shape[1]),
        len(start),
        int(max_iter),
        chip,
        build,
        chip.check_cores(cores),
    )
    image = build_files(fit_project(made), made.plan, folder)
    words = np.concatenate([samples.ravel(), start.ravel(), np.array([tol], dtype=np.float32)])
    return image, words[None]


def _data(X: npt.ArrayLike, init: npt.ArrayLike) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Both arrays as float32, checked."""
    samples, start = _rows("X", X), _rows("init", init)
    if samples.shape[1] != start.shape[1]:
        raise InputDataError(
            f"fit_kmeans: init has {start.shape[1]} features and X has {samples.shape[1]}; give both the same."
        )
    different = len(np.unique(samples, axis=0))
    if different < len(start):
        raise InputDataError(
            f"fit_kmeans: X has {different} different samples for {len(start)} clusters, so that some would stay "
            "empty; give fewer clusters or more samples."
        )
    largest = max(float(np.abs(samples).max()), float(np.abs(start).max()))
    if 4.0 * largest * largest * samples.size >= 2.0**127:
        raise InputDataError(
            f"fit_kmeans: values up to {largest:.3g} have squared distances that float32 cannot add up; "
            "scale the features."
        )
    return samples, start


def _rows(what: str, values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    try:
        found = np.asarray(values)
    except ValueError as error:
        raise InputDataError(
            f"fit_kmeans: {what} is no array ({error}); give [rows, features] of numbers."
        ) from error
    if found.dtype.kind not in "fiub" or found.ndim != 2 or not found.size:
        raise InputDataError(
            f"fit_kmeans: {what} has type {found.dtype} and shape {list(found.shape)}; give [rows, features] of "
            "numbers, 1 at least of each."
        )
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(found, dtype=np.float32)
    if not np.isfinite(rows).all():
        row = int(np.argmin(np.isfinite(rows).all(axis=1)))
        raise InputDataError(
            f"fit_kmeans: row {row} of {what} holds no finite float32 numbers; replace such values beforehand."
        )
    return rows
