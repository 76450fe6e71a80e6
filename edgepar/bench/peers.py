# SPDX-License-Identifier: Apache-2.0
"""`edgepar bench peers`: the suite's models in the C of other tools, in the same emulators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from edgepar.bench.measure import Setting, Store, default_store, digest, measure, train
from edgepar.bench.origin import origin_now
from edgepar.bench.peer_bench import OURS, PeerBench, PeerRow, summarize_peers
from edgepar.bench.peer_code import TOOLS, PeerCode, PeerTool
from edgepar.bench.peer_image import BUILD_TIMEOUT_S, build_peer, footprint, labels
from edgepar.bench.progress import Progress, Steps
from edgepar.compiler import compile as compile_model
from edgepar.errors import BuildTimeoutError, DoesNotFitError, EdgeparError, EmulatorError, ToolchainError
from edgepar.export import export
from edgepar.image import Image
from edgepar.model import Model
from edgepar.run import Run
from edgepar.toolchain import find_compiler, toolchains
from edgepar.workloads import Trained, Workload, suite

#: One core of each; the others stay parked.
CORES = (Setting("cortex-m4"), Setting("pulp-open", cores=1))
HOST = Setting("host", cores=1)

#: Test rows that are timed, as in the seed bench; all of them run on the host.
TIMED_ROWS = 1

#: Models that are worked on side by side.
SIDE_BY_SIDE = 2


@dataclass(frozen=True, eq=False)
class Contest:
    """A workload that edgepar and others can export."""

    trained: Trained
    model: Model
    expected: npt.NDArray[np.generic]

    @property
    def name(self) -> str:
        """Of the workload."""
        return self.trained.workload.name

    def rows(self, setting: Setting) -> npt.NDArray[np.float64]:
        """The test rows that are run there."""
        return self.trained.X_test if setting is HOST else self.trained.X_test[:TIMED_ROWS]

    def compile(self, setting: Setting) -> Image:
        """Edgepar's own image."""
        return compile_model(self.model, setting.target, setting.cores)


def bench_peers(store: Store | None = None, progress: Progress | None = None) -> PeerBench:
    """Measure every model of the suite that another tool can export, in the C of edgepar and of those tools.

    Raises
    ------
    MissingToolError
        When a tool, or the C library that its code needs, is not installed.
    """
    from joblib import Parallel, delayed

    for tool in TOOLS:
        tool.require()
    store = default_store() if store is None else store
    shared = {name: workload for name, workload in suite("seed").items() if tools_of(workload)}
    steps = Steps(sum(2 + len(tools_of(workload)) for workload in shared.values()), progress)
    # One after the other: libraries that load their parts when first asked do not bear it from two threads at once.
    contests = []
    for workload in shared.values():
        with steps.step(f"{workload.name}: training"):
            contests.append(prepare(train(workload, store)))

    def one(contest: Contest) -> list[PeerRow]:
        workload = contest.trained.workload
        with steps.step(f"{workload.name}: {OURS}"):
            host_agreement = float(np.mean(run_ours(contest, HOST, store).predict() == contest.expected))
            rows = [our_row(contest, setting, host_agreement, store) for setting in CORES]
        for tool in tools_of(workload):
            with steps.step(f"{workload.name}: {tool.name}"):
                rows += peer_rows(contest, tool, store)
        return rows

    made = Parallel(n_jobs=SIDE_BY_SIDE, prefer="threads")(delayed(one)(contest) for contest in contests)
    rows = [row for found in made for row in found]
    rows.sort(key=lambda row: (list(shared).index(row.model), [s.target for s in CORES].index(row.core)))
    return PeerBench(tuple(rows), summarize_peers(rows), origin_now("edgepar bench peers"))


def tools_of(workload: Workload) -> list[PeerTool]:
    """Those that know the estimator; none of them takes a Pipeline."""
    if len(workload.steps) != 1:
        return []
    return [tool for tool in TOOLS if workload.steps[0].estimator in tool.estimators]


def prepare(trained: Trained) -> Contest:
    """Export, and ask the estimator for the labels of the float32 rows."""
    expected = trained.estimator.predict(trained.X_test.astype(np.float32).astype(np.float64))
    model = export(trained.estimator, trained.X_train[:1], name=trained.workload.name)
    return Contest(trained, model, np.asarray(expected))


def run_ours(contest: Contest, setting: Setting, store: Store) -> Run:
    """Edgepar's own image on the rows of a setting."""
    return measure(contest.compile(setting), contest.rows(setting), store)


def our_row(contest: Contest, setting: Setting, host_agreement: float, store: Store) -> PeerRow:
    """The row of edgepar."""
    image = contest.compile(setting)
    run = measure(image, contest.rows(setting), store)
    agreement = float(np.mean(run.predict() == contest.expected[:TIMED_ROWS]))
    size = footprint(image.artefact)
    return PeerRow(
        model=contest.name,
        core=setting.target,
        tool=OURS,
        settings=f"default ({image.manifest.isa})",
        cycles=int(np.median(run.cycles)),
        flash_bytes=size.flash_bytes,
        ram_bytes=size.ram_bytes,
        agreement=min(agreement, host_agreement),
        provenance=f"{run.provenance}: {run.provenance_note}",
    )


def peer_rows(contest: Contest, tool: PeerTool, store: Store) -> list[PeerRow]:
    """The rows of one other tool: on each core, of its settings that agree most, those with the fewest cycles."""
    candidates = generate(contest, tool, store)
    agreements = [host_agreement(contest, code, store) for code in candidates]
    agreement = max(agreements)
    tried = [code for code, found in zip(candidates, agreements, strict=True) if found == agreement]
    rows = []
    for setting in CORES:
        found = [peer_row(contest, code, setting, agreement, store) for code in tried]
        rows.append(min(found, key=lambda row: (row.cycles is None, row.cycles or 0)))
    return rows


def generate(contest: Contest, tool: PeerTool, store: Store) -> list[PeerCode]:
    """The tool's C; kept, since it may take minutes."""
    trained = contest.trained
    make = tool.estimators[trained.workload.steps[0].estimator]
    workload = trained.workload.model_dump_json(exclude={"suites", "bench", "title"})
    versions = origin_now("").versions
    key = digest(
        tool.name,
        workload,
        repr(sorted(versions.items())),
        *(Path(__file__).with_name(name).read_bytes() for name in ("peer_code.py", "peer_export.py")),
    )
    return list(store.remember("peer_code", key, lambda: make(trained)))


def host_agreement(contest: Contest, code: PeerCode, store: Store) -> float:
    """Share of all test rows with the estimator's label, by the same C built for this computer."""
    image = build_peer(code, contest.compile(HOST), project_folder(contest, code, HOST))
    return agreement_of(contest, labels(image.run(contest.rows(HOST), store)))


def peer_row(contest: Contest, code: PeerCode, setting: Setting, agreement: float, store: Store) -> PeerRow:
    """One tool and settings on one core."""
    blank = PeerRow(contest.name, setting.target, code.tool, code.settings, None, None, None, agreement, "")
    base, folder = contest.compile(setting), project_folder(contest, code, setting)

    def attempt() -> str:
        try:
            build_peer(code, base, folder)
        except (DoesNotFitError, ToolchainError) as error:
            return why(error)
        return ""

    compiler = find_compiler(toolchains()[base.build.toolchain])
    key = digest(code.tool, code.settings, code.source, code.call, base.manifest.to_text(), compiler.version)
    # Remembered, since what does not build takes longest.
    if note := store.remember("peer_builds", key, attempt):
        return replace(blank, note=str(note))
    image = build_peer(code, base, folder)
    try:
        run = image.run(contest.rows(setting), store)
    except EmulatorError as error:
        return replace(blank, note=why(error))
    size = footprint(image.artefact)
    return replace(
        blank,
        cycles=int(np.median(run.cycles)),
        flash_bytes=size.flash_bytes,
        ram_bytes=size.ram_bytes,
        agreement=min(agreement, agreement_of(contest, labels(run))),
        provenance=f"{run.provenance}: {run.provenance_note}",
    )


def agreement_of(contest: Contest, indices: npt.NDArray[np.int32]) -> float:
    """Share of class indices that are the estimator's; one that is none counts as wrong."""
    classes = np.asarray(contest.trained.estimator.classes_)
    valid = (indices >= 0) & (indices < len(classes))
    found = classes[np.where(valid, indices, 0)]
    return float(np.mean(valid & (found == contest.expected[: len(indices)])))


def why(error: EdgeparError) -> str:
    """Why there are no figures, in a few words."""
    if isinstance(error, DoesNotFitError):
        return "does not fit into the memories"
    if isinstance(error, BuildTimeoutError):
        return f"does not build within {BUILD_TIMEOUT_S:g} s"
    if isinstance(error, ToolchainError):
        return "does not build"
    return "does not run"


def project_folder(contest: Contest, code: PeerCode, setting: Setting) -> Path:
    """Named by content, in the user's cache folder."""
    name = f"{contest.name}-{code.tool}-{setting.target}-{digest(code.source, code.settings)[:16]}"
    return user_cache_path("edgepar") / "peers" / name
