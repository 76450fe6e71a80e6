# SPDX-License-Identifier: Apache-2.0
"""Builds the timing plugin for QEMU on first use."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from edgepar.emulators.timing import PLUGIN_FOLDER
from edgepar.errors import MissingToolError, ToolchainError

_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-fPIC", "-shared")


def build_plugin() -> Path:
    """Return the plugin's shared object from the user's cache folder, compiled if its source is new."""
    sources = sorted(PLUGIN_FOLDER.glob("*.[ch]"))
    digest = hashlib.sha256(" ".join(_FLAGS).encode())
    for source in sources:
        digest.update(source.read_bytes())
    folder = user_cache_path("edgepar") / "qemu-plugin"
    target = folder / f"timing-{digest.hexdigest()[:20]}.so"
    if target.exists():
        return target
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise MissingToolError(
            "QEMU timing plugin: no C compiler was found; install one with: sudo apt-get install gcc libc6-dev"
        )
    folder.mkdir(parents=True, exist_ok=True)
    # Compiled under a name of its own and renamed, so that two processes may do this at once.
    handle, name = tempfile.mkstemp(suffix=".so", dir=folder)
    os.close(handle)
    scratch = Path(name)
    units = [str(source) for source in sources if source.suffix == ".c"]
    command = [compiler, *_FLAGS, *units, "-o", name]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        if found.returncode != 0:
            last = "\n".join(found.stderr.splitlines()[-20:])
            raise ToolchainError(f"QEMU timing plugin: {' '.join(command)} failed:\n{last}")
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    return target
