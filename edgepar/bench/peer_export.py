# SPDX-License-Identifier: Apache-2.0
"""The code generators of other tools, each call in a process and a folder of its own.

They write files to the working folder, turn numpy's warnings into errors for the whole process, and recurse deeply.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgepar.errors import ToolchainError

#: m2cgen nests an expression as deep as a sum has terms.
_RECURSION_LIMIT = 100_000


def generate(tool: str, estimator: Any, **settings: Any) -> str:
    """C text of a fitted estimator; ToolchainError with the tool's last words when it fails."""
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    with tempfile.TemporaryDirectory(prefix="edgepar-peer-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=pickle.dumps((tool, estimator, settings)),
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            cwd=folder,
            check=False,
        )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise ToolchainError(
            f"bench peers: {tool} cannot export {type(estimator).__name__} ({last[0]}); "
            "use the versions of requirements-dev.lock."
        )
    return done.stdout.decode()


def _emlearn(estimator: Any, **settings: Any) -> str:
    import emlearn

    return str(emlearn.convert(estimator, **settings).save(name="peer"))


def _m2cgen(estimator: Any) -> str:
    import m2cgen

    sys.setrecursionlimit(_RECURSION_LIMIT)
    return str(m2cgen.export_to_c(estimator))


GENERATORS: dict[str, Callable[..., str]] = {"emlearn": _emlearn, "m2cgen": _m2cgen}


def main() -> None:
    """Answer one request: (tool, estimator, settings) pickled on stdin, C text on stdout."""
    # From the process that started this one, through its pipe.
    tool, estimator, settings = pickle.load(sys.stdin.buffer)  # noqa: S301
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the tools print is not C
    with answer:
        answer.write(GENERATORS[tool](estimator, **settings))


if __name__ == "__main__":
    main()
