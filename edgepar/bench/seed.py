# SPDX-License-Identifier: Apache-2.0
"""`edgepar bench seed`: the seed paper's kernels on RTL and on the modelled Cortex-M4."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from edgepar.bench.measure import Setting, Store, default_store, measure, train
from edgepar.bench.origin import origin_now
from edgepar.bench.progress import Progress, Steps
from edgepar.bench.seed_bench import SeedBench
from edgepar.bench.seed_row import Roofline, SeedRow, Shares, summarize
from edgepar.compiler import compile as compile_model
from edgepar.energy import EnergyMode, estimate_energy
from edgepar.export import export
from edgepar.fit import compile_kmeans_fit
from edgepar.image import Image
from edgepar.model import Model
from edgepar.ops import Classify, Linear, Trees
from edgepar.run import Run
from edgepar.target import get_target
from edgepar.workloads import Bench, Trained, Workload, suite

PARALLEL_TARGET = "pulp-open"
EMULATED_TARGET = "gap8"
MICROCONTROLLER = "cortex-m4"

#: The columns of gap8, by the name that ``compile`` takes.
EMULATED = ("libgcc", "softfp", "emulation-free")

#: Bytes a cycle of the DMA.
DMA_BYTES = 8

#: Simulations at a time; each keeps one core of this computer busy.
SIDE_BY_SIDE = 2


@dataclass(frozen=True, eq=False)
class Subject:
    """A row to be made, with everything its measurements need."""

    workload: Workload
    bench: Bench
    trained: Trained
    model: Model | None

    @property
    def name(self) -> str:
        """For the reader of the progress."""
        return self.bench.kernel

    def work(self, rows: int | None = None) -> str:
        """What one call does."""
        if self.bench.what == "fit":
            return f"1 Lloyd iteration and labels, {rows or len(self.trained.X_train)} samples"
        return "1 sample" if self.bench.batch == 1 else f"{self.bench.batch} samples"

    def fit_data(self, rows: int | None) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Data of a fit, and the centroids it starts from."""
        n_clusters = len(self.trained.estimator.cluster_centers_)
        X = self.trained.X_train
        # Means, since whole numbers as centroids are often equally near; as float32, which is what the device sees.
        start = np.stack([X[i::n_clusters].mean(axis=0) for i in range(n_clusters)])
        return X[:rows], start.astype(np.float32).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Result:
    """One measurement."""

    setting: Setting
    image: Image
    run: Run
    agreement: float

    @property
    def cycles(self) -> int:
        """Of one call."""
        return int(self.run.call_cycles.sum())


def bench_seed(store: Store | None = None, progress: Progress | None = None) -> SeedBench:
    """Measure every workload of the suite ``seed``.

    Parameters
    ----------
    store : Store, optional
        Where results are kept; the user's cache folder by default. What it holds is not measured again.
    progress : callable, optional
        Called before and after every measurement.

    Returns
    -------
    SeedBench
        One row a ``[[bench]]`` of a workload, in the order of their folders.
    """
    from joblib import Parallel, delayed

    store = default_store() if store is None else store
    workloads = suite("seed")
    planned = sum(len(settings(bench)) for workload in workloads.values() for bench in workload.bench)
    steps = Steps(len(workloads) + planned, progress)
    subjects: list[Subject] = []
    for workload in workloads.values():
        with steps.step(f"{workload.name}: training"):
            subjects += prepare(train(workload, store))

    def one(subject: Subject, setting: Setting) -> Result:
        with steps.step(f"{subject.name}: {described(setting)}"):
            return run(subject, setting, store)

    jobs = [(subject, setting) for subject in subjects for setting in settings(subject.bench)]
    found = Parallel(n_jobs=SIDE_BY_SIDE, prefer="threads")(delayed(one)(*job) for job in jobs)
    results: dict[int, list[Result]] = {id(subject): [] for subject in subjects}
    for (subject, _), result in zip(jobs, found, strict=True):
        results[id(subject)].append(result)
    rows = tuple(make_row(subject, results[id(subject)]) for subject in subjects)
    return SeedBench(rows, summarize(rows), origin_now("edgepar bench seed"))


def settings(bench: Bench) -> list[Setting]:
    """What one row is measured on, the longest first."""
    have = {build.fp for build in get_target(EMULATED_TARGET).builds}
    all_ram = get_target(MICROCONTROLLER).data_bytes("ram")
    piece = bench.slice_rows
    sliced = [] if piece is None else [Setting(PARALLEL_TARGET, max(bench.cores), rows=piece)]
    return [
        *(Setting(EMULATED_TARGET, fp=fp, rows=piece) for fp in EMULATED if fp in have),
        *(Setting(PARALLEL_TARGET, cores) for cores in bench.cores),
        *sliced,
        Setting(MICROCONTROLLER, rows=piece),
        *([] if bench.what == "fit" else [Setting(MICROCONTROLLER, fast_bytes=all_ram)]),
    ]


def described(setting: Setting) -> str:
    """A setting in words."""
    cores = {None: "", 1: ", 1 core"}.get(setting.cores, f", {setting.cores} cores")
    rows = f", {setting.rows} rows" if setting.rows else ""
    near = ", tables in RAM" if setting.fast_bytes else ""
    return f"{setting.target}{cores}{f', {setting.fp}' if setting.fp else ''}{rows}{near}"


def prepare(trained: Trained) -> list[Subject]:
    """The rows of a trained workload; a fit needs no Model."""
    workload = trained.workload
    model = None
    if any(bench.what == "predict" for bench in workload.bench):
        model = export(trained.estimator, trained.X_train[:1], name=workload.name)
    return [Subject(workload, bench, trained, model) for bench in workload.bench]


def run(subject: Subject, setting: Setting, store: Store) -> Result:
    """Build, measure, and hold the answers against the estimator's."""
    if subject.model is None or subject.bench.what == "fit":
        return run_fit(subject, setting, store)
    batch = subject.bench.batch
    image = compile_model(
        subject.model,
        setting.target,
        setting.cores,
        setting.fp,
        isa=setting.isa,
        batch=batch,
        fast_bytes=setting.fast_bytes,
    )
    samples = subject.trained.X_test[: subject.bench.batch]
    measured = measure(image, samples, store)
    # The device sees float32.
    expected = subject.trained.estimator.predict(samples.astype(np.float32).astype(np.float64))
    return Result(setting, image, measured, float(np.mean(measured.predict() == expected)))


def run_fit(subject: Subject, setting: Setting, store: Store) -> Result:
    """One Lloyd iteration on the device, against that of scikit-learn from the same centroids."""
    X, start = subject.fit_data(setting.rows)
    image, words = compile_kmeans_fit(
        X, start, setting.target, setting.cores, max_iter=1, tol=0.0, fp=setting.fp, isa=setting.isa,
        name=f"{subject.workload.name}",
    )  # fmt: skip
    measured = measure(image, words, store)
    estimator = type(subject.trained.estimator)(
        n_clusters=len(start), init=start, n_init=1, max_iter=1, tol=0.0, algorithm="lloyd"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one iteration is not meant to converge
        expected = estimator.fit(X).labels_
    return Result(setting, image, measured, float(np.mean(measured.outputs["labels"][0] == expected)))


def make_row(subject: Subject, results: Sequence[Result]) -> SeedRow:
    """A row from its measurements."""
    piece, most_cores = subject.bench.slice_rows, max(subject.bench.cores)
    parallel = [result for result in results if result.setting.target == PARALLEL_TARGET]
    cores = {result.setting.cores: result for result in parallel if result.setting.rows is None}
    emulated = {result.setting.fp: result for result in results if result.setting.target == EMULATED_TARGET}
    small = [result for result in results if result.setting.target == MICROCONTROLLER]
    (microcontroller,) = (result for result in small if result.setting.fast_bytes is None)
    in_ram = next((result.cycles for result in small if result.setting.fast_bytes is not None), None)
    (same_work,) = (
        result for result in parallel if result.setting.cores == most_cores and result.setting.rows == piece
    )
    most = cores[most_cores]
    one_core = {"1 core": cores[1].cycles}
    energy = {
        "pulp-open, 1 core": cores[1],
        "pulp-open, all cores": most,
        **{f"gap8, {fp}": result for fp, result in emulated.items()},
        "cortex-m4": microcontroller,
    }
    emulated_cycles = {fp: result.cycles for fp, result in emulated.items()}
    return SeedRow(
        kernel=subject.bench.kernel,
        dataset=subject.workload.data,
        model=subject.workload.name,
        work=subject.work(),
        cycles={str(count): cores[count].cycles for count in subject.bench.cores},
        one_core=one_core,
        speedup=min(one_core.values()) / most.cycles,
        shares=time_shares(most.run),
        roofline=roofline(streamed_bytes(subject, most), cores[1].run, most),
        emulated_work=subject.work(piece),
        cycles_libgcc=emulated_cycles.get("libgcc"),
        cycles_softfp=emulated_cycles.get("softfp"),
        cycles_emulation_free=emulated_cycles.get("emulation-free"),
        cycles_fpu=same_work.cycles,
        identical_kernels=same_kernels(emulated),
        cycles_cortex_m4=microcontroller.cycles,
        cycles_cortex_m4_ram=in_ram,
        products=products(most),
        energy_uj={mode: energies(energy, mode) for mode in get_args(EnergyMode)},
        agreement=min(result.agreement for result in results),
        provenance=provenance(most, emulated, microcontroller),
    )


def products(result: Result) -> int | None:
    """Multiply-accumulates of a call that computes hardly anything else; None where it does."""
    plan = result.image.plan
    if plan is None or not all(isinstance(op, Linear | Classify) for op in plan.graph.ops):
        return None
    return sum(int(op.coef.size) for op in plan.graph.ops if isinstance(op, Linear))


def streamed_bytes(subject: Subject, result: Result) -> int:
    """Bytes that one call has to bring from L2 in order; 0 where tables lie in L1, or are trees, which are visited."""
    if subject.bench.what == "fit":
        # Every sample once in the iteration, and once for the labels.
        return 2 * 4 * int(subject.trained.X_train.size)
    plan = result.image.plan
    if plan is None or any(isinstance(op, Trees) for op in plan.graph.ops):
        return 0
    return subject.bench.batch * sum(table.bytes for table in plan.tables if table.level == "l2")


def roofline(stream_bytes: int, one_core: Run, most: Result) -> Roofline | None:
    """The least cycles that the kernel could take, and how near it comes; None where nothing streams."""
    if stream_bytes == 0:
        return None
    compute = issue_cycles(one_core) / most.image.manifest.cores
    stream = stream_bytes / DMA_BYTES
    return Roofline(compute, stream_bytes, stream, max(compute, stream) / most.cycles)


def issue_cycles(run: Run) -> int:
    """Cycles of all cores in which they neither slept nor waited for memory."""
    return sum(
        core.active_cycles
        - (core.conflict_stall_cycles or 0)
        - (core.l2_stall_cycles or 0)
        - (core.fetch_stall_cycles or 0)
        for core in run.activity
    )


def time_shares(run: Run) -> Shares:
    """Where the time of all cores went."""
    total = sum(core.active_cycles + core.asleep_cycles for core in run.activity)
    return Shares(
        barriers_asleep=sum(core.asleep_cycles for core in run.activity) / total,
        bank_conflicts=sum(core.conflict_stall_cycles or 0 for core in run.activity) / total,
        l2_stalls=sum(core.l2_stall_cycles or 0 for core in run.activity) / total,
        fetch_stalls=sum(core.fetch_stall_cycles or 0 for core in run.activity) / total,
    )


def same_kernels(emulated: Mapping[str | None, Result]) -> bool | None:
    """Whether libgcc and softfp ran the same sources on the same tables."""
    if not {"libgcc", "softfp"} <= set(emulated):
        return None
    plans = [emulated[fp].image.plan for fp in ("libgcc", "softfp")]
    made = [
        None
        if plan is None
        else (plan.sources, [(table.name, table.level, table.data.tobytes()) for table in plan.tables])
        for plan in plans
    ]
    return made[0] is not None and made[0] == made[1]


def energies(results: Mapping[str, Result], mode: EnergyMode) -> dict[str, float]:
    """Estimated microjoules of one call."""
    found = {}
    for name, result in results.items():
        image = result.image
        energy = estimate_energy(image.target, result.cycles, image.manifest.cores, result.run.activity, mode)
        if energy is not None:
            found[name] = energy.energy_uj
    return found


def provenance(
    most: Result, emulated: Mapping[str | None, Result], microcontroller: Result
) -> dict[str, str]:
    """How each group of figures came about."""
    found = {"cycles": most, **{f"cycles_{fp}": result for fp, result in emulated.items() if fp}}
    found["cycles_cortex_m4"] = microcontroller
    text = {
        name.replace("-", "_"): f"{result.run.provenance}: {result.run.provenance_note}"
        for name, result in found.items()
    }
    text["cycles_fpu"] = text["shares"] = text["cycles"]
    for target in (PARALLEL_TARGET, EMULATED_TARGET, MICROCONTROLLER):
        power = get_target(target).power
        if power is not None:
            text[f"energy_uj, {target}"] = (
                f"estimated: per-core: {power.per_core.source}; constant-power: {power.constant_power.source}"
            )
    return text
