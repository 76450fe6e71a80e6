# SPDX-License-Identifier: Apache-2.0
"""Arguments to api calls and exit codes, nothing else."""

from __future__ import annotations

import functools
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import click

from edgepar.errors import EdgeparError, MissingToolError, UsageError, suggestion
from edgepar.version import VERSION

_P = ParamSpec("_P")
_FILE = click.Path(path_type=Path)


class _Group(click.Group):
    """Suggests the nearest command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            hint = suggestion(args[0], self.commands, f"commands: {', '.join(self.commands)}")
            ctx.fail(f"command {args[0]!r} is not known{hint}")
        return super().resolve_command(ctx, args)


def _one_sentence(command: Callable[_P, None]) -> Callable[_P, None]:
    """An EdgeparError becomes one sentence on stderr and its exit code; EDGEPAR_DEBUG=1 shows where it came from."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except EdgeparError as error:
            _fail(error, str(error), error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            # Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except Exception as error:  # noqa: BLE001 - the last line of defence of the command line
            text = (
                f"this is a defect of edgepar: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
            )
            _fail(error, f"{text}; set EDGEPAR_DEBUG=1 for the traceback and report it.", 70)

    return run


def _fail(error: Exception, text: str, code: int) -> None:
    if os.environ.get("EDGEPAR_DEBUG") == "1":
        raise error
    click.echo(f"edgepar: {text}", err=True)
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="edgepar")
def main() -> None:
    """Trained models to multi-core C for ultra-low-power RISC-V and Cortex-M, run and compared.

    Exit codes: 0 done, 2 wrong argument, 3 unsupported estimator, 4 not fitted, 5 bad model file, 6 unsupported model,
    7 bad input data, 8 unknown target, 9 does not fit, 10 missing tool, 11 toolchain failed, 12 emulator failed.
    """


@main.command("export")
@click.argument("estimator", type=_FILE, required=False)
@click.option("-o", "--output", type=_FILE, help="ONNX file to write.")
@click.option("--name", help="Name of the model, a C identifier; made from the class name by default.")
@click.option("--trust", is_flag=True, help="Load a .joblib or .pkl file, which runs the code in it.")
@click.option("--list", "list_", is_flag=True, help="List what can be exported, and stop.")
@_one_sentence
def export_command(
    estimator: Path | None, output: Path | None, name: str | None, trust: bool, list_: bool
) -> None:
    """Turn a fitted estimator in a .skops file into an ONNX model."""
    if list_:
        _list_estimators()
        return
    if estimator is None or output is None:
        raise UsageError(
            "export: an estimator file and -o are needed, for example: edgepar export m.skops -o m.onnx"
        )
    import numpy as np

    from edgepar.api import export
    from edgepar.export.files import load_estimator

    loaded = load_estimator(estimator, trust=trust)
    n_features = getattr(loaded, "n_features_in_", 1)
    model = export(loaded, np.zeros((1, n_features), dtype=np.float32), name=name)
    model.save(output)
    click.echo(f"{output}: model {model.name}, {model.kind}, sha256 {model.sha256[:16]}")


def _list_estimators() -> None:
    from edgepar.export import REFUSED_OPTIONS
    from edgepar.export.support import groups

    click.echo("Estimators, alone or at the end of a Pipeline of transformers:")
    for group in groups():
        click.echo(f"\n{group.family}: {group.role} ({', '.join(group.outputs)})")
        click.echo(textwrap.fill(", ".join(group.names), 100, initial_indent="  ", subsequent_indent="  "))
    click.echo("\nNot exported:")
    for refused in REFUSED_OPTIONS:
        click.echo(f"  {', '.join(refused.names)}: {refused.option}; {refused.instead}")


_target_options = (
    click.option(
        "--fp", help="Float support: fpu, softfp, libgcc or emulation-free; the target's best by default."
    ),
    click.option("--isa", help="Instruction set; 'plain' builds a PULP image without CORE-V operations."),
)


_batch_option = click.option(
    "--batch",
    type=int,
    default=1,
    show_default=True,
    help="Samples that one call takes; cores may share them.",
)


def _with(options: tuple[Callable[..., Any], ...]) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    def add(command: Callable[_P, None]) -> Callable[_P, None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@main.command("compile")
@click.argument("model", type=_FILE)
@click.option("--target", required=True, help="A name of 'edgepar targets'.")
@click.option("--cores", type=int, help="Cores that share the work; all by default, on the host 1.")
@click.option("--emulator", help="What it shall run on; the target's own choice by default.")
@_with(_target_options)
@_batch_option
@click.option(
    "--fast-bytes",
    type=int,
    help="Bytes of L1 (PULP) or RAM (Cortex-M, 0 by default) that scratch and tables may fill.",
)
@click.option("-o", "--output", "folder", type=_FILE, required=True, help="Folder for the C project.")
@_one_sentence
def compile_command(
    model: Path,
    target: str,
    cores: int | None,
    emulator: str | None,
    fp: str | None,
    isa: str | None,
    batch: int,
    fast_bytes: int | None,
    folder: Path,
) -> None:
    """Write a C project for a target and build it."""
    from edgepar.api import compile as compile_model
    from edgepar.api import load
    from edgepar.report import numbers

    image = compile_model(
        load(model),
        target,
        cores=cores,
        fp=fp,
        emulator=emulator,
        isa=isa,
        folder=folder,
        batch=batch,
        fast_bytes=fast_bytes,
    )
    use = image.memory
    figures = [
        ("flash", use.flash_bytes), ("RAM", use.ram_bytes), ("L1", use.l1_bytes), ("L2", use.l2_bytes),
        ("stack", use.stack_bytes),
    ]  # fmt: skip
    text = ", ".join(f"{name} {numbers.memory(size)}" for name, size in figures if size is not None)
    cores_text = "1 core" if image.manifest.cores == 1 else f"{image.manifest.cores} cores"
    cores_text += f", {batch} samples a call" if batch > 1 else ""
    click.echo(f"{folder}: {image.manifest.name} for {target}, {cores_text}; {text}")


@main.command("run")
@click.argument("folder", type=_FILE)
@click.option("--input", "input_", type=_FILE, required=True, help="Samples, an .npy file.")
@click.option("--output", type=_FILE, help="Predictions, an .npy file.")
@click.option("--samples", type=click.IntRange(min=1), help="Only the first N rows.")
@click.option("--l2-latency", type=int, help="Another latency of L2, in cycles, on RTL.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Limit in seconds.")
@_one_sentence
def run_command(
    folder: Path,
    input_: Path,
    output: Path | None,
    samples: int | None,
    l2_latency: int | None,
    timeout: float | None,
) -> None:
    """Run samples through a project made by 'edgepar compile'."""
    import numpy as np

    from edgepar.array_file import read_array, write_array
    from edgepar.image import open_project
    from edgepar.report import numbers

    rows = read_array(input_, "fiub", "the samples")
    image = open_project(folder)
    run = image.run(rows[:samples], l2_latency_cycles=l2_latency, timeout_s=timeout)
    answers = run.predict()
    if output is not None:
        write_array(output, answers)
    median = float(np.median(run.cycles))
    unit = "ns" if run.provenance == "wall" else "cycles"
    calls = f" in {len(run.call_cycles)} calls of up to {image.batch}" if image.batch > 1 else ""
    unit += " an inference" if image.batch > 1 else ""
    click.echo(
        f"{len(answers)} samples{calls}, median {numbers.count(median)} {unit} "
        f"({run.provenance}: {run.provenance_note})"
    )
    if output is None:
        click.echo(np.array2string(answers, threshold=60))


@main.command("compare")
@click.argument("model", type=_FILE)
@click.option("--targets", "names", help="TARGET or TARGET:EMULATOR, with commas between; all by default.")
@click.option("--input", "input_", type=_FILE, required=True, help="Samples, an .npy file.")
@click.option("--labels", type=_FILE, help="True labels, an .npy file, for the accuracy.")
@click.option(
    "--samples", multiple=True, metavar="T=N", help="Only the first N rows on target T; may be repeated."
)
@click.option(
    "--fast-bytes", multiple=True, metavar="T=N", help="As for compile, on target T; may be repeated."
)
@click.option("--cores", help="A number, or several with commas between for speed-ups.")
@_with(_target_options)
@_batch_option
@click.option(
    "--energy", "energy_mode", default="per-core", show_default=True, help="per-core or constant-power."
)
@click.option("--l2-latency", type=int, help="Another latency of L2, in cycles, on RTL.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Limit of each emulator in seconds."
)
@click.option("--json", "json_", type=_FILE, help="Write report.json here.")
@click.option("--html", type=_FILE, help="Write the HTML page here.")
@_one_sentence
def compare_command(
    model: Path,
    names: str | None,
    input_: Path,
    labels: Path | None,
    samples: tuple[str, ...],
    fast_bytes: tuple[str, ...],
    cores: str | None,
    fp: str | None,
    isa: str | None,
    batch: int,
    energy_mode: str,
    l2_latency: int | None,
    timeout: float | None,
    json_: Path | None,
    html: Path | None,
) -> None:
    """Compile a model for several targets, run it on each and print one table."""
    from edgepar.api import compare, load
    from edgepar.array_file import read_array

    report = compare(
        load(model),
        read_array(input_, "fiub", "the samples"),
        None if labels is None else read_array(labels, "fiubU", "labels"),
        targets=None if names is None else [name.strip() for name in names.split(",") if name.strip()],
        samples=dict(_by_target("--samples", text) for text in samples),
        fast_bytes=dict(_by_target("--fast-bytes", text) for text in fast_bytes),
        cores=_core_counts(cores),
        fp=fp,
        isa=isa,
        energy_mode=energy_mode,
        l2_latency_cycles=l2_latency,
        timeout_s=timeout,
        batch=batch,
        progress=lambda text: click.echo(text, err=True),
    )
    click.echo(str(report))
    if json_ is not None:
        report.to_json(json_)
    if html is not None:
        report.to_html(html)


def _by_target(option: str, text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name or not number.isdecimal():
        raise UsageError(f"{option} {text}: give TARGET=NUMBER, for example pulp-open=16.")
    return name, int(number)


def _core_counts(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise UsageError(f"--cores {text}: give whole numbers with commas between, for example 1,2,4,8.")
    counts = [int(part) for part in parts]
    return counts[0] if len(counts) == 1 else counts


@main.group("bench", cls=_Group)
def bench_group() -> None:
    """Measure the models of the seed paper's suite; goes on where it was interrupted."""


_bench_outputs = (
    click.option("--json", "json_", type=_FILE, help="Write the rows and their summary here."),
    click.option("--html", type=_FILE, help="Write the HTML page here."),
    click.option("--markdown", is_flag=True, help="Print the tables as the README has them."),
)


def _bench(
    run: Callable[[Callable[[int, int, str], None]], Any],
    json_: Path | None,
    html: Path | None,
    markdown: bool,
) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (MofNCompleteColumn(), BarColumn(30), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        made = run(lambda done, total, text: bar.update(task, completed=done, total=total, description=text))
    click.echo(made.to_markdown() if markdown else str(made))
    if json_ is not None:
        made.to_json(json_)
    if html is not None:
        made.to_html(html)


@bench_group.command("seed")
@_with(_bench_outputs)
@_one_sentence
def bench_seed_command(json_: Path | None, html: Path | None, markdown: bool) -> None:
    """Every kernel by cores, kind of float support and target, beside the paper's figures."""
    from edgepar.api import bench_seed

    _bench(lambda progress: bench_seed(progress=progress), json_, html, markdown)


@bench_group.command("peers")
@_with(_bench_outputs)
@_one_sentence
def bench_peers_command(json_: Path | None, html: Path | None, markdown: bool) -> None:
    """The same models in the C of emlearn and m2cgen, in the same emulators."""
    from edgepar.api import bench_peers

    _bench(lambda progress: bench_peers(progress=progress), json_, html, markdown)


@main.command("targets")
@_one_sentence
def targets_command() -> None:
    """List the targets with their emulators, instruction sets and float support."""
    from edgepar.target import targets

    for target in targets().values():
        click.echo(f"{target.name}: {target.title}")
        for emulator, row in target.emulators.items():
            ways = dict.fromkeys(f"{b.isa}/{b.fp}" for b in target.builds if b.emulator == emulator)
            default = ", default" if emulator == target.default_emulator else ""
            click.echo(f"    {emulator}{default} ({', '.join(ways)}): {row.note}")


@main.command("doctor")
@_one_sentence
def doctor_command() -> None:
    """List every tool with its version and, for what is missing, the command that installs it."""
    from edgepar.doctor import examine

    found = examine()
    width = max(len(finding.name) for finding in found)
    for finding in found:
        if finding.ok:
            command = f" ({finding.command})" if finding.command else ""
            click.echo(f"ok       {finding.name:<{width}}  {finding.version}{command}")
        else:
            state = "optional" if finding.only_for_tests else "missing "
            click.echo(f"{state} {finding.name:<{width}}  {finding.problem}; needed for {finding.needed_for}")
            click.echo(f"         {'':<{width}}  install: {finding.install}")
    missing = [finding.name for finding in found if not finding.ok and not finding.only_for_tests]
    if missing:
        raise MissingToolError(
            f"doctor: missing: {', '.join(missing)}; the lines above say how to install them."
        )
