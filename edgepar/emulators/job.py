# SPDX-License-Identifier: Apache-2.0
"""What an emulator is asked to run, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Provenance = Literal["rtl", "modelled", "wall"]


@dataclass(frozen=True)
class Job:
    """One image and the samples it shall run, a call of ``batch`` at a time.

    Attributes
    ----------
    artefact : Path
        The ELF file (or, for the host, the shared object).
    inputs : bytes
        ``n_samples * input_bytes`` bytes, the samples one after the other.
    cores : int
        Cores that the image uses.
    batch : int
        Samples that one call takes; the last call may have fewer.
    options : Mapping[str, int | float | str]
        Facts of the target that the emulator needs (latencies, machine name, timing table), from target.toml.
    timeout_s : float
        Wall-clock limit of the whole run.
    max_cycles : int
        Limit of simulated cycles a sample, where cycles are simulated.
    """

    artefact: Path
    inputs: bytes
    n_samples: int
    input_bytes: int
    output_bytes: int
    cores: int
    options: Mapping[str, int | float | str] = field(default_factory=dict)
    timeout_s: float = 600.0
    max_cycles: int = 20_000_000
    batch: int = 1

    @property
    def n_calls(self) -> int:
        """Calls that all samples take."""
        return -(-self.n_samples // self.batch)


@dataclass(frozen=True)
class CoreActivity:
    """What one core did, summed over the warm regions of interest; None where the emulator does not know."""

    active_cycles: int
    asleep_cycles: int
    conflict_stall_cycles: int | None = None
    l2_stall_cycles: int | None = None
    fetch_stall_cycles: int | None = None
    loads: int | None = None
    stores: int | None = None
    fpu_ops: int | None = None
    instructions: int | None = None


@dataclass(frozen=True)
class Measurement:
    """Outputs and cycles of a run.

    ``cycles`` holds one warm figure a call; ``cold_cycles`` is the first call with a cold instruction cache.
    Host runs count nanoseconds of wall clock as cycles of a 1 GHz clock and say so in the note.
    """

    outputs: bytes
    cycles: npt.NDArray[np.int64]
    cold_cycles: int | None
    provenance: Provenance
    provenance_note: str
    activity: tuple[CoreActivity, ...] = ()
