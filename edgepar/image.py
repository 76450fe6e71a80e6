# SPDX-License-Identifier: Apache-2.0
"""Image: a built Project that can be run."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from edgepar.build import build_project
from edgepar.emulators.job import Job
from edgepar.errors import InputDataError, UsageError
from edgepar.graph import Graph
from edgepar.manifest import Manifest, read_manifest
from edgepar.memory import MemoryUse, memory_use, read_stack_figures
from edgepar.model import listed
from edgepar.plan import Plan
from edgepar.run import Run
from edgepar.target import Build, Target, get_target, targets
from edgepar.whole_number import is_whole_number

#: Ten days and more; what waits for a program takes no infinity.
_MOST_TIMEOUT_S = 1_000_000
#: Latencies of L2 that can be asked for: the interconnect takes 2 cycles by itself.
_L2_LATENCIES = (2, 1000)


@dataclass(frozen=True, eq=False)
class Image:
    """A program for one target, with the folder it was built in.

    Attributes
    ----------
    folder : Path
        The Project.
    artefact : Path
        ELF file or shared object.
    plan : Plan | None
        None for a project that was opened from its folder.
    """

    manifest: Manifest
    folder: Path
    artefact: Path
    plan: Plan | None = None

    @property
    def target(self) -> Target:
        """The chip it is for."""
        return get_target(self.manifest.target)

    @property
    def build(self) -> Build:
        """The row of target.toml it was built by."""
        return self.target.build(self.manifest.emulator, self.manifest.isa, self.manifest.fp)

    @property
    def graph(self) -> Graph | None:
        """The graph behind the plan."""
        return None if self.plan is None else self.plan.graph

    @property
    def batch(self) -> int:
        """Samples that one call takes."""
        return self.manifest.batch

    @cached_property
    def memory(self) -> MemoryUse:
        """Bytes of flash, RAM, L1, L2 and a bound on the stack."""
        figures = read_stack_figures(self.artefact.parent, self.artefact)
        return memory_use(self.artefact, self.build.platform, figures)

    def run(
        self,
        X: npt.ArrayLike,
        *,
        l2_latency_cycles: int | None = None,
        timeout_s: float | None = None,
        max_cycles: int | None = None,
    ) -> Run:
        """Run samples on the target's emulator: one at a time, or ``batch`` of them a call.

        Where the number of samples is no multiple of the batch, the last call has fewer, as the generated function
        allows; its cycles are divided by the samples that it has.

        Parameters
        ----------
        X : array_like
            ``[n_samples, ...]`` of the model's input shape; converted to float32, which is what the device sees.
        l2_latency_cycles : int, optional
            Another latency of L2 than the target's, for RTL runs.
        timeout_s : float, optional
            Wall-clock limit of the emulator, 600 s by default; the host's own program has none.
        max_cycles : int, optional
            Limit of simulated cycles a sample, where cycles are simulated.

        Raises
        ------
        InputDataError
            When shape, type or values do not fit the model.
        UsageError
            When a latency is asked for that the target does not have, or a limit that is no time.
        EmulatorError
            When the program traps, hangs or fails.
        """
        samples = check_samples(X, self.manifest)
        check_timeout(timeout_s)
        emulator = self.target.emulators[self.manifest.emulator]
        options: dict[str, int | float | str] = {**emulator.options, **self.build.emulator_options}
        if l2_latency_cycles is not None:
            check_l2_latency(l2_latency_cycles, self.target)
            options["l2_latency_cycles"] = l2_latency_cycles
        module: Any = importlib.import_module(f"edgepar.emulators.{emulator.module}")
        job = Job(
            artefact=self.artefact,
            inputs=samples.tobytes(),
            n_samples=len(samples),
            input_bytes=self.manifest.input_bytes,
            output_bytes=self.manifest.output_bytes,
            cores=self.manifest.cores,
            batch=self.manifest.batch,
            options=options,
            timeout_s=600.0 if timeout_s is None else timeout_s,
            **({} if max_cycles is None else {"max_cycles": max_cycles}),
        )
        return Run(self.manifest, module.run(job))


def check_l2_latency(cycles: object, target: Target) -> None:
    """UsageError when the target has no L2, or cannot have one of this latency."""
    if "l2" not in target.memories:
        having = ", ".join(name for name, other in targets().items() if "l2" in other.memories)
        raise UsageError(
            f"target {target.name}: it has no L2 memory, so that a latency of L2 is not for it; use {having}."
        )
    least, most = _L2_LATENCIES
    if not is_whole_number(cycles, least, most):
        raise UsageError(f"l2_latency_cycles is {cycles!r}; give a whole number from {least} to {most}.")


def check_timeout(seconds: object) -> None:
    """UsageError when it is no limit in seconds."""
    if seconds is None:
        return
    number = isinstance(seconds, int | float | np.integer | np.floating) and not isinstance(seconds, bool)
    if not number or not 0 < float(cast(float, seconds)) <= _MOST_TIMEOUT_S:
        raise UsageError(f"timeout_s is {seconds!r}; give seconds above 0, {_MOST_TIMEOUT_S} at most.")


def check_samples(X: npt.ArrayLike, manifest: Manifest) -> npt.NDArray[np.float32]:
    """``X`` as float32 rows; InputDataError says what is wrong with it."""
    where = f"input of model {manifest.name}"
    shape = manifest.input_shape
    rows_of = f"[samples, {', '.join(str(n) for n in shape)}]"
    try:
        found = np.asarray(X)
    except ValueError as error:
        raise InputDataError(
            f"{where}: it is no array ({error}); give {rows_of} with 1 sample at least."
        ) from error
    if found.dtype.kind not in "fiub":
        raise InputDataError(f"{where}: the type is {found.dtype}; give numbers, which become float32.")
    if found.ndim != len(shape) + 1 or found.shape[1:] != shape or len(found) == 0:
        raise InputDataError(
            f"{where}: the shape is {list(found.shape)}; give {rows_of} with 1 sample at least."
        )
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(found, dtype=np.float32)
    allowed = manifest.nan_features
    bad = np.isinf(rows) | (np.isnan(rows) & ~allowed)
    if bad.any():
        row = int(np.argmax(bad.reshape(len(rows), -1).any(axis=1)))
        value = rows[row].reshape(-1)[np.argmax(bad[row].reshape(-1))]
        wanted = "finite float32 numbers"
        if allowed.any():
            wanted += " or NaN" if allowed.all() else f", or NaN in {listed(np.flatnonzero(allowed))}"
        raise InputDataError(
            f"{where}: row {row} holds {value} as float32; give {wanted}; replace such values beforehand."
        )
    return rows


def open_project(folder: Path | str) -> Image:
    """The Image of a folder made by ``edgepar compile``, built where it is not up to date."""
    path = Path(folder).resolve()
    manifest = read_manifest(path)
    return Image(manifest, path, build_project(path, manifest))
