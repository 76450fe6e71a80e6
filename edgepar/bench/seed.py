# SPDX-License-Identifier: Apache-2.0
"""`edgepar bench seed`: the seed paper's kernels on RTL and on the modelled Cortex-M4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from edgepar.bench.measure import Setting, Store, default_store, measure, train
from edgepar.bench.origin import origin_now
from edgepar.bench.progress import Progress, Steps
from edgepar.bench.seed_bench import SeedBench
from edgepar.bench.seed_row import SeedRow, Shares, summarize
from edgepar.compiler import compile as compile_model
from edgepar.energy import EnergyMode, estimate_energy
from edgepar.export import export
from edgepar.image import Image
from edgepar.model import Model
from edgepar.run import Run
from edgepar.target import get_target
from edgepar.workloads import Bench, Trained, Workload, suite

PARALLEL_TARGET = "pulp-open"
EMULATED_TARGET = "gap8"
MICROCONTROLLER = "cortex-m4"

#: The columns of gap8, by the name that ``compile`` takes.
EMULATED = ("libgcc", "softfp", "emulation-free")

#: Simulations at a time; each keeps one core of this computer busy.
SIDE_BY_SIDE = 2


@dataclass(frozen=True, eq=False)
class Subject:
    """A workload with everything its measurements need."""

    workload: Workload
    bench: Bench
    model: Model
    samples: npt.NDArray[np.float64]
    expected: npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Result:
    """One measurement."""

    setting: Setting
    image: Image
    run: Run

    @property
    def cycles(self) -> int:
        """Of one call."""
        return int(self.run.cycles.sum())


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
        One row a workload, in the order of their folders.
    """
    from joblib import Parallel, delayed

    store = default_store() if store is None else store
    workloads = suite("seed")
    plans = {name: settings(workload) for name, workload in workloads.items()}
    steps = Steps(len(workloads) + sum(len(plan) for plan in plans.values()), progress)

    subjects = {}
    for name, workload in workloads.items():
        with steps.step(f"{name}: training"):
            subjects[name] = prepare(workload, train(workload, store))

    def one(name: str, setting: Setting) -> Result:
        with steps.step(f"{name}: {described(setting)}"):
            return run(subjects[name], setting, store)

    jobs = [(name, setting) for name, plan in plans.items() for setting in plan]
    found = Parallel(n_jobs=SIDE_BY_SIDE, prefer="threads")(delayed(one)(*job) for job in jobs)
    results: dict[str, list[Result]] = {name: [] for name in workloads}
    for (name, _), result in zip(jobs, found, strict=True):
        results[name].append(result)
    rows = tuple(make_row(subjects[name], results[name]) for name in workloads)
    return SeedBench(rows, summarize(rows), origin_now("edgepar bench seed"))


def settings(workload: Workload) -> list[Setting]:
    """What one row is measured on, the longest first."""
    bench = workload.bench or Bench(kernel=workload.name)
    have = {build.fp for build in get_target(EMULATED_TARGET).builds}
    return [
        *(Setting(EMULATED_TARGET, fp=fp) for fp in EMULATED if fp in have),
        *(Setting(PARALLEL_TARGET, cores) for cores in bench.cores),
        Setting(MICROCONTROLLER),
    ]


def described(setting: Setting) -> str:
    """A setting in words."""
    cores = {None: "", 1: ", 1 core"}.get(setting.cores, f", {setting.cores} cores")
    return f"{setting.target}{cores}{f', {setting.fp}' if setting.fp else ''}"


def prepare(workload: Workload, trained: Trained) -> Subject:
    """Export a trained workload, and take the samples that are run."""
    bench = workload.bench or Bench(kernel=workload.name)
    samples = trained.X_test[: bench.batch]
    # The device sees float32.
    expected = trained.estimator.predict(samples.astype(np.float32).astype(np.float64))
    model = export(trained.estimator, trained.X_train[:1], name=workload.name)
    return Subject(workload, bench, model, samples, np.asarray(expected))


def run(subject: Subject, setting: Setting, store: Store) -> Result:
    """Build and measure."""
    image = compile_model(subject.model, setting.target, setting.cores, setting.fp, isa=setting.isa)
    return Result(setting, image, measure(image, subject.samples, store))


def make_row(subject: Subject, results: Sequence[Result]) -> SeedRow:
    """The row of a workload from its measurements."""
    cores = {result.setting.cores: result for result in results if result.setting.target == PARALLEL_TARGET}
    emulated = {result.setting.fp: result for result in results if result.setting.target == EMULATED_TARGET}
    (microcontroller,) = (result for result in results if result.setting.target == MICROCONTROLLER)
    most = cores[max(subject.bench.cores)]
    one_core = {"1 core": cores[1].cycles}
    energy = {
        "pulp-open, 1 core": cores[1],
        "pulp-open, all cores": most,
        **{f"gap8, {fp}": result for fp, result in emulated.items()},
        "cortex-m4": microcontroller,
    }
    work = "one sample" if subject.bench.batch == 1 else f"{subject.bench.batch} samples"
    emulated_cycles = {fp: result.cycles for fp, result in emulated.items()}
    return SeedRow(
        kernel=subject.bench.kernel,
        dataset=subject.workload.data,
        model=subject.workload.name,
        work=work,
        cycles={str(count): cores[count].cycles for count in subject.bench.cores},
        one_core=one_core,
        speedup=min(one_core.values()) / most.cycles,
        shares=time_shares(most.run),
        roofline=None,
        emulated_work=work,
        cycles_libgcc=emulated_cycles.get("libgcc"),
        cycles_softfp=emulated_cycles.get("softfp"),
        cycles_emulation_free=emulated_cycles.get("emulation-free"),
        cycles_fpu=most.cycles,
        identical_kernels=same_kernels(emulated),
        cycles_cortex_m4=microcontroller.cycles,
        energy_uj={mode: energies(energy, mode) for mode in get_args(EnergyMode)},
        agreement=float(np.mean([np.mean(result.run.predict() == subject.expected) for result in results])),
        provenance=provenance(most, emulated, microcontroller),
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
