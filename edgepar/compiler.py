# SPDX-License-Identifier: Apache-2.0
"""Model -> Image: import, passes, plan, project and build in a row."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from platformdirs import user_cache_path

from edgepar.build import build_project, write_project
from edgepar.codegen.project import manifest, project
from edgepar.errors import UsageError
from edgepar.graph import Graph
from edgepar.identifier import identifier
from edgepar.image import Image
from edgepar.importer import import_model
from edgepar.model import Model
from edgepar.passes.canonicalize import canonicalize
from edgepar.passes.make_plan import make_plan
from edgepar.plan import Plan
from edgepar.target import get_target
from edgepar.whole_number import is_whole_number


def check_model(model: object, where: str) -> None:
    """UsageError when ``model`` is something else, for instance a path or an estimator."""
    if not isinstance(model, Model):
        raise UsageError(
            f"{where}: model is a {type(model).__name__}, not an edgepar.Model; "
            "make one with edgepar.load(path) or edgepar.export(estimator, X[:1])."
        )


def check_batch(batch: object) -> None:
    """UsageError when it is no number of samples."""
    if not is_whole_number(batch, 1):
        raise UsageError(
            f"batch is {batch!r}; give the number of samples of a call, a whole number from 1 on."
        )


def to_graph(model: Model) -> Graph:
    """The Graph of a Model, passes applied; labels have the user's own type.

    The name becomes an identifier: files of strangers may hold any text there, and it ends up in paths.
    """
    graph = canonicalize(import_model(model.proto, identifier(model.name), model.sha256))
    return graph if model.labels is None else replace(graph, labels=tuple(model.labels.tolist()))


def plan(
    model: Model,
    target: str,
    cores: int | None = None,
    fp: str | None = None,
    emulator: str | None = None,
    isa: str | None = None,
    batch: int = 1,
    fast_bytes: int | None = None,
) -> Plan:
    """All decisions about ``model`` on ``target``, before anything is written; arguments as in ``compile``."""
    check_model(model, "compile")
    chip = get_target(target).with_fast_bytes(fast_bytes)
    check_batch(batch)
    return make_plan(
        to_graph(model), chip, chip.build(emulator, isa, fp), chip.check_cores(cores), int(batch)
    )


def compile(  # noqa: A001  the name users expect
    model: Model,
    target: str,
    cores: int | None = None,
    fp: str | None = None,
    emulator: str | None = None,
    isa: str | None = None,
    folder: Path | str | None = None,
    batch: int = 1,
    fast_bytes: int | None = None,
) -> Image:
    """Make C for ``target``, build it and give back an Image that runs.

    Parameters
    ----------
    model : Model
        From ``export`` or ``load``.
    target : str
        A name of ``edgepar targets``.
    cores : int, optional
        Cores that share the work; all of the target by default, on the host 1.
    fp : str, optional
        ``fpu``, ``softfp``, ``libgcc`` or ``emulation-free``; the target's best by default.
    emulator : str, optional
        Where it shall run, for example ``rtl`` or ``qemu``; the target's ``default_emulator`` otherwise.
    isa : str, optional
        ``plain`` builds a PULP image without CORE-V operations.
    folder : path, optional
        Where the C project goes; a folder of the user's cache by default, named by content.
    batch : int
        Samples that one call takes. By default 1, which answers soonest; of more, the plan has the cores share samples
        where that takes fewer cycles, and says so in its notes.
    fast_bytes : int, optional
        Bytes of fast memory that scratch and tables may fill: of L1 on PULP, where most of it is the default, and of
        RAM on a microcontroller, where tables stay in flash by default. Tables are copied there when the program
        starts.

    Raises
    ------
    UsageError, UnknownTargetError, UnsupportedModelError, DoesNotFitError, MissingToolError, ToolchainError
    """
    return build_plan(plan(model, target, cores, fp, emulator, isa, batch, fast_bytes), folder)


def build_plan(made: Plan, folder: Path | str | None = None) -> Image:
    """Write the project of a plan, build it and give back its Image; arguments and errors as in ``compile``."""
    return build_files(project(made), made, folder)


def build_files(files: dict[str, bytes], made: Plan, folder: Path | str | None = None) -> Image:
    """The Image of a plan's project whose files are there; without a folder it is named by content."""
    if folder is None:
        digest = hashlib.sha256()
        for name, content in files.items():
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        place = user_cache_path("edgepar") / "projects" / f"{made.graph.name}-{digest.hexdigest()[:24]}"
    else:
        place = Path(folder).resolve()
    write_project(files, place)
    described = manifest(made)
    return Image(described, place, build_project(place, described), made)
