# SPDX-License-Identifier: Apache-2.0
"""Measurements, kept by the content of all they depend on, so that a bench goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from edgepar.emulators.job import Measurement
from edgepar.emulators.plugin_build import build_plugin
from edgepar.emulators.rtl_build import cluster_simulator
from edgepar.emulators.timing import load_table
from edgepar.image import Image
from edgepar.run import Run
from edgepar.workloads import Trained, Workload

#: Wall-clock limit of one simulation.
TIMEOUT_S = 900.0

#: Simulated cycles after which a call counts as hanging.
MOST_CYCLES = 2_000_000_000


@dataclass(frozen=True)
class Setting:
    """How a workload is built; None stands for the target's own choice, ``rows`` for a slice of a fit."""

    target: str
    cores: int | None = None
    fp: str | None = None
    isa: str | None = None
    rows: int | None = None
    fast_bytes: int | None = None


@dataclass(frozen=True, eq=False)
class Store:
    """Results by the hash of everything they depend on, in a folder."""

    folder: Path

    def remember(self, kind: str, key: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gave for this key, now or at an earlier time."""
        from joblib import Memory

        memory = Memory(self.folder / kind, verbose=0)
        return memory.cache(_made, ignore=["make"])(key, make)


def _made(key: str, make: Callable[[], Any]) -> Any:  # noqa: ARG001 - joblib stores by it
    return make()


def default_store() -> Store:
    """In the user's cache folder."""
    return Store(user_cache_path("edgepar") / "bench")


def train(workload: Workload, store: Store) -> Trained:
    """Fit a workload, or take it from the store where the same versions have fitted it before."""
    versions = [f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "scikit-learn")]
    parts = [field.name for field in fields(Trained)]
    key = digest(workload.model_dump_json(exclude={"suites", "bench", "title"}), *parts, *versions)
    trained: Trained = store.remember("trained", key, workload.train)
    return replace(trained, workload=workload)


def measure(image: Image, X: npt.NDArray[Any], store: Store) -> Run:
    """Run ``X`` through an image, or take what an earlier run of the same bytes gave."""
    emulator = image.target.emulators[image.manifest.emulator]
    options: Mapping[str, object] = {**emulator.options, **image.build.emulator_options}
    key = digest(
        image.manifest.to_text(),
        image.artefact.read_bytes(),
        np.ascontiguousarray(X, dtype=np.float32).tobytes(),
        repr(sorted(options.items())),
        emulator_digest(emulator.module, bool(options.get("fpu", 1)), str(options.get("timing", ""))),
    )
    found: Measurement = store.remember(
        "runs", key, lambda: image.run(X, timeout_s=TIMEOUT_S, max_cycles=MOST_CYCLES).measurement
    )
    return Run(image.manifest, found)


@cache
def emulator_digest(module: str, fpu: bool, timing: str) -> str:
    """Changes whenever the emulator may count differently."""
    if module == "verilator":
        return digest(cluster_simulator(fpu=fpu).read_bytes())
    if module == "qemu":
        programs = [shutil.which(name) for name in ("qemu-system-riscv32", "qemu-system-arm")]
        versions = [
            subprocess.run([name, "--version"], capture_output=True, check=False).stdout
            for name in programs
            if name is not None
        ]
        return digest(build_plugin().read_bytes(), repr(load_table(timing)), *versions)
    return module


def digest(*parts: str | bytes) -> str:
    """SHA-256 of the parts, told apart by their lengths."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(f"{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()
