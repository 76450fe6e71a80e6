# SPDX-License-Identifier: Apache-2.0
"""One model on several targets: compile, run and measure each, and hold the answers against the references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.compiler import check_batch, check_model
from edgepar.compiler import compile as compile_model
from edgepar.energy import EnergyMode, check_mode, estimate_energy
from edgepar.errors import InputDataError, UsageError, suggestion
from edgepar.exactness import near_ties, output_bounds
from edgepar.graph import Graph
from edgepar.image import Image, check_l2_latency, check_timeout
from edgepar.model import Model
from edgepar.ops.op import U32
from edgepar.report import Report, Row
from edgepar.run import Run
from edgepar.target import Build, FloatSupport, Target, get_target
from edgepar.target import targets as known_targets
from edgepar.whole_number import is_whole_number

#: Rows that a simulation of RTL runs when nothing else is asked for.
RTL_SAMPLES: Mapping[FloatSupport, int] = {"fpu": 16, "softfp": 8, "libgcc": 8, "emulation-free": 8}

#: Subjects that are compiled and run side by side.
SIDE_BY_SIDE = 2

# A run of RTL is two simulations side by side by itself, each of which keeps one core of this computer busy.
_rtl_lock = Lock()


@dataclass(frozen=True)
class Subject:
    """One row to be made: a target with its emulator, the cores and the number of samples."""

    target: Target
    build: Build
    cores: int
    n_samples: int
    fast_bytes: int | None = None

    @property
    def is_rtl(self) -> bool:
        """Whether a simulation of RTL runs it."""
        return self.target.emulators[self.build.emulator].module == "verilator"

    def __str__(self) -> str:
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"{self.target.name}, {self.build.emulator}, {cores}, {self.n_samples} samples"


@dataclass(frozen=True, eq=False)
class Reference:
    """The Model's answers in onnxruntime, and the estimator's on the same float32 input where there is one."""

    outputs: Mapping[str, npt.NDArray[Any]]
    predict: npt.NDArray[Any]
    estimator: npt.NDArray[Any] | None


def compare(
    model: Model,
    X: Any,
    y: Any = None,
    targets: Sequence[str] | None = None,
    samples: Mapping[str, int] | None = None,
    cores: int | Sequence[int] | None = None,
    estimator: Any = None,
    energy_mode: str = "per-core",
    fp: str | None = None,
    isa: str | None = None,
    l2_latency_cycles: int | None = None,
    timeout_s: float | None = None,
    batch: int = 1,
    fast_bytes: Mapping[str, int] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Compile a model for several targets, run it on each and report what came out.

    Parameters
    ----------
    model : Model
        From ``export`` or ``load``.
    X : array_like
        ``[n_samples, ...]``, rounded to float32.
    y : array_like, optional
        True labels, for the accuracy.
    targets : sequence of str, optional
        ``TARGET`` or ``TARGET:EMULATOR``; every target on its default emulator when not given.
    samples : mapping, optional
        The first N rows for a target. By default all rows; on RTL 16 with an FPU and 8 without.
    cores : int or sequence of int, optional
        Several counts make one row each (a target leaves out those it does not have). Default: all cores.
    estimator : optional
        The fitted estimator behind the model. A model that ``export`` made in this process remembers it.
    energy_mode : str
        ``per-core`` or ``constant-power``.
    fp, isa : str, optional
        As in ``compile``; the host ignores them.
    l2_latency_cycles : int, optional
        Another latency of L2 than the target's, on RTL.
    timeout_s : float, optional
        Wall-clock limit of each emulator.
    batch : int
        Samples that one call takes, as in ``compile``; on RTL one call at least is run where nothing else is asked for.
    fast_bytes : mapping, optional
        ``fast_bytes`` of ``compile`` for a target.
    progress : callable, optional
        Called with a line of text before and after each run.

    Returns
    -------
    Report
        Rows in the order of ``targets`` and ``cores``.
    """
    mode = check_mode(energy_mode)
    check_model(model, "compare")
    x = model.check_input(X)
    truth = None if y is None else _check_labels(y, len(x), model)
    check_batch(batch)
    subjects = choose_subjects(len(x), targets, samples, cores, fp, isa, batch, fast_bytes)
    check_timeout(timeout_s)
    if l2_latency_cycles is not None:
        _check_latency(l2_latency_cycles, subjects)
    reference = _reference(model, x, estimator)

    speaking = Lock()

    def say(text: str) -> None:
        # One line at a time, though subjects are worked on side by side.
        if progress is not None:
            with speaking:
                progress(f"{model.name}: {text}")

    def measure(subject: Subject) -> Row:
        say(f"{subject} ...")
        build = subject.build
        image = compile_model(
            model,
            subject.target.name,
            subject.cores,
            build.fp,
            build.emulator,
            build.isa,
            batch=batch,
            fast_bytes=subject.fast_bytes,
        )
        latency = l2_latency_cycles if subject.is_rtl else None
        rows = x[: subject.n_samples]
        with _rtl_lock if subject.is_rtl else nullcontext():
            run = image.run(rows, l2_latency_cycles=latency, timeout_s=timeout_s)
        row = make_row(model, image, run, rows, reference, truth, mode, latency, subject.fast_bytes)
        say(f"{subject}: {row.cycles_per_inference:,.0f} {row.cycle_unit}")
        return row

    from joblib import Parallel, delayed

    # The host's wall clock is only worth something alone; the others wait for programs that run side by side.
    alone = [subject for subject in subjects if subject.build.platform == "host"]
    others = [subject for subject in subjects if subject.build.platform != "host"]
    made = [measure(subject) for subject in alone]
    made += Parallel(n_jobs=SIDE_BY_SIDE, prefer="threads")(delayed(measure)(subject) for subject in others)
    rows = {id(subject): row for subject, row in zip(alone + others, made, strict=True)}
    return Report(tuple(rows[id(subject)] for subject in subjects))


def choose_subjects(
    n_rows: int,
    names: Sequence[str] | None,
    samples: Mapping[str, int] | None,
    cores: int | Sequence[int] | None,
    fp: str | None,
    isa: str | None,
    batch: int = 1,
    fast_bytes: Mapping[str, int] | None = None,
) -> list[Subject]:
    """What is to be run; UsageError or UnknownTargetError where something asked for does not exist."""
    if n_rows == 0:
        raise InputDataError("compare: X has no rows; give at least one sample.")
    if isinstance(names, str):
        names = [names]
    names = list(dict.fromkeys(names if names is not None else known_targets()))
    if not names:
        raise UsageError(f"compare: no target is named; use some of {', '.join(known_targets())}.")
    limits, fast = dict(samples or {}), dict(fast_bytes or {})
    _check_limits(limits, names)
    _check_compared("fast_bytes", fast, names)
    found = []
    for name in names:
        base, _, emulator = name.partition(":")
        target = get_target(base)
        is_host = target.name == "host"
        build = target.build(emulator or None, None if is_host else isa, None if is_host else fp)
        is_rtl = target.emulators[build.emulator].module == "verilator"
        n_samples = min(
            n_rows, int(limits.get(name, max(RTL_SAMPLES[build.fp], batch) if is_rtl else n_rows))
        )
        target.with_fast_bytes(fast.get(name))
        found += [
            Subject(target, build, count, n_samples, fast.get(name)) for count in _core_counts(target, cores)
        ]
    return found


def _core_counts(target: Target, cores: int | Sequence[int] | None) -> list[int]:
    if cores is None:
        return [target.check_cores(None)]
    asked = list(cores) if isinstance(cores, Iterable) else [cores]
    for count in asked:
        if not is_whole_number(count, 1):
            raise UsageError(f"compare: cores has {count!r}; give whole numbers from 1 on.")
    if not asked:
        raise UsageError("compare: cores names no number; leave it out for all cores of each target.")
    if target.cores == 1:
        return [1]
    if not isinstance(cores, Iterable):
        return [target.check_cores(cores)]
    return [int(count) for count in dict.fromkeys(asked) if count <= target.cores] or [target.cores]


def _check_compared(what: str, given: Iterable[str], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            hint = suggestion(name, names, f"they are {', '.join(names)}")
            raise UsageError(f"{what}: {name!r} is not among the targets compared{hint}")


def _check_limits(limits: Mapping[str, int], names: Sequence[str]) -> None:
    _check_compared("samples", limits, names)
    for name, limit in limits.items():
        if not is_whole_number(limit, 1):
            raise UsageError(f"samples: {name} has {limit!r}; give a whole number from 1 on.")


def _check_labels(y: Any, n_rows: int, model: Model) -> npt.NDArray[Any]:
    try:
        labels = np.asarray(y)
        if labels.dtype.kind == "O":  # a column of a data frame
            labels = np.asarray(labels.tolist())
    except ValueError as error:
        raise InputDataError(f"compare: y is no array ({error}); give one label a sample.") from error
    if labels.ndim == 0 or len(labels) != n_rows:
        found = len(labels) if labels.ndim else "no"
        raise InputDataError(f"compare: y has {found} rows and X has {n_rows}; give one label a sample.")
    if model.labels is None:
        return labels
    if labels.ndim != 1:
        raise InputDataError(f"compare: y has the shape {list(labels.shape)}; give one label a sample.")
    if labels.dtype.kind not in ("U" if model.labels.dtype.kind == "U" else "biuf"):
        raise InputDataError(
            f"compare: y holds {labels.dtype} and the labels of model {model.name} are {model.labels.dtype}; "
            "give labels of the type that the estimator was trained with."
        )
    return labels


def _check_latency(cycles: int, subjects: Iterable[Subject]) -> None:
    simulated = [subject.target for subject in subjects if subject.is_rtl]
    if not simulated:
        raise UsageError(
            "compare: l2_latency_cycles is for RTL, and no target compared runs there; leave it out or add pulp-open."
        )
    for target in simulated:
        check_l2_latency(cycles, target)


def _reference(model: Model, x: npt.NDArray[np.float32], estimator: Any) -> Reference:
    if estimator is None:
        estimator = model.estimator
    elif not hasattr(estimator, "predict"):
        raise UsageError(
            f"compare: estimator is a {type(estimator).__name__} without predict; give the fitted estimator."
        )
    oracle = None if estimator is None else np.asarray(estimator.predict(x.astype(np.float64)))
    return Reference(model.run(x), model.predict(x), oracle)


def make_row(
    model: Model,
    image: Image,
    run: Run,
    x: npt.NDArray[np.float32],
    reference: Reference,
    truth: npt.NDArray[Any] | None,
    mode: EnergyMode,
    latency: int | None,
    fast_bytes: int | None = None,
) -> Row:
    """The figures of one run, and its answers against the references."""
    target, manifest, memory = image.target, image.manifest, image.memory
    graph = image.graph
    if graph is None:
        raise UsageError(f"compare: the project {image.folder} has no graph; compile the model anew.")
    median = float(np.median(run.cycles))
    frequency = _frequency(target, run)
    energy = estimate_energy(target, median, manifest.cores, run.activity, mode)
    near = near_ties(graph, x)
    ours = run.predict()
    classifier = manifest.kind == "classifier"
    allowed = None if classifier else _value_bound(graph, x, reference)
    return Row(
        model=model.name,
        target=target.name,
        cores=manifest.cores,
        fp=manifest.fp,
        isa=manifest.isa,
        emulator=manifest.emulator,
        provenance=run.provenance,
        provenance_note=run.provenance_note,
        cycles_per_inference=median,
        cycles_min=round(float(run.cycles.min())),
        cycles_max=round(float(run.cycles.max())),
        cycles_cold=run.cold_cycles,
        time_us=None if frequency is None else 1e6 * median / frequency,
        frequency_hz=frequency,
        l2_latency_cycles=latency if latency is not None else _default_latency(image),
        energy_uj=None if energy is None else energy.energy_uj,
        energy_mode=None if energy is None else energy.mode,
        energy_source=None if energy is None else energy.source,
        flash_bytes=memory.flash_bytes,
        ram_bytes=memory.ram_bytes,
        stack_bytes=memory.stack_bytes,
        l1_bytes=memory.l1_bytes,
        l2_bytes=memory.l2_bytes,
        samples=len(x),
        agreement=_agreement(ours, reference.predict[: len(x)], allowed),
        agreement_estimator=(
            None if reference.estimator is None else _agreement(ours, reference.estimator[: len(x)], allowed)
        ),
        near_ties=int(near.sum()),
        near_tie_rows=tuple(int(row) for row in np.flatnonzero(near)),
        accuracy=float(np.mean(ours == truth[: len(x)])) if classifier and truth is not None else None,
        max_abs_error=_max_abs_error(run, reference, len(x)),
        activity=tuple(asdict(core) for core in run.activity),
        model_sha256=model.sha256,
        batch=manifest.batch,
        cycles_per_call=float(np.median(run.call_cycles)) if manifest.batch > 1 else None,
        fast_bytes=fast_bytes,
    )


def _frequency(target: Target, run: Run) -> float | None:
    """The clock of the cycles; wall clock is counted in nanoseconds."""
    if run.provenance == "wall":
        return 1e9
    return None if target.clock is None else target.clock.frequency_hz


def _default_latency(image: Image) -> int | None:
    emulator = image.target.emulators[image.manifest.emulator]
    latency = emulator.options.get("l2_latency_cycles")
    return None if latency is None else int(latency)


def _agreement(
    ours: npt.NDArray[Any], reference: npt.NDArray[Any], allowed: npt.NDArray[np.float64] | None
) -> float:
    if allowed is None:
        return float(np.mean(ours == reference))
    misses = np.abs(ours.astype(np.float64) - reference.astype(np.float64).reshape(ours.shape))
    within = (misses <= allowed.reshape(ours.shape)).reshape(len(ours), -1).all(axis=1)
    return float(np.mean(within))


def _value_bound(graph: Graph, x: npt.NDArray[np.float32], reference: Reference) -> npt.NDArray[np.float64]:
    """What the device's value may miss the reference by: its own bound, and the rounding of the reference."""
    bounds = output_bounds(graph, x)
    name = next(output.name for output in graph.outputs if output.role == "value")
    answers = reference.outputs[name][: len(x)]
    own = bounds[name].reshape(len(x), -1)
    magnitude = np.abs(answers.astype(np.float64)).reshape(len(x), -1)
    # A Model in float64 ends in one rounding to float32 at most; one in float32 misses by as much as a device does.
    return np.asarray(2 * own if answers.dtype == np.float32 else own + U32 * magnitude)


def _max_abs_error(run: Run, reference: Reference, n_rows: int) -> float | None:
    roles = {field.role: field.name for field in run.manifest.record}
    name = roles.get("probabilities") or roles.get("value") or roles.get("decision")
    if name is None:
        return None
    ours = run.outputs[name].astype(np.float64)
    theirs = reference.outputs[name][:n_rows].astype(np.float64).reshape(ours.shape)
    with np.errstate(invalid="ignore"):
        misses = np.where(ours == theirs, 0.0, np.abs(ours - theirs))
    worst = float(misses.max(initial=0.0))
    return worst if np.isfinite(worst) else None
