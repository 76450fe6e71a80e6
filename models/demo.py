# SPDX-License-Identifier: Apache-2.0
"""`make demo`: the reference workloads on every target, one table, build/demo/report.html and report.json."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from edgepar.api import compare, export
from edgepar.emulators.rtl_build import cluster_simulator
from edgepar.errors import EdgeparError
from edgepar.report import Report, Row
from edgepar.workloads import Workload, suite, workloads

FOLDER = Path(__file__).resolve().parent.parent / "build" / "demo"
TARGETS = ("host", "cortex-m4", "pulp-open", "pulp-open:qemu", "gap8", "gap8:qemu")
SPEED_UP_CORES = (1, 2, 4, 8)
SPEED_UP_SAMPLES = 4

_started = time.monotonic()


def say(text: str) -> None:
    """A line with the time since the start."""
    print(f"[{time.monotonic() - _started:5.1f} s] {text}", flush=True)


def show(workload: Workload) -> Report:
    """Train, export and compare one workload."""
    say(f"{workload.name}: training ({workload.title})")
    trained = workload.train()
    model = export(trained.estimator, trained.X_train[:1], name=workload.name)
    FOLDER.mkdir(parents=True, exist_ok=True)
    model.save(FOLDER / f"{workload.name}.onnx")
    report = compare(
        model,
        trained.X_test,
        trained.y_test,
        targets=TARGETS,
        progress=say,
    )
    return report + compare(
        model,
        trained.X_test,
        trained.y_test,
        targets=["pulp-open"],
        samples={"pulp-open": SPEED_UP_SAMPLES},
        cores=SPEED_UP_CORES,
        progress=say,
    )


def problems(rows: tuple[Row, ...]) -> list[str]:
    """What a reader of the demo must not miss: disagreement, or an accuracy below what the workload promises."""
    found = []
    for row in rows:
        where = f"{row.model} on {row.target} ({row.emulator}, {row.cores} cores)"
        if row.agreement != 1.0 or row.agreement_estimator != 1.0:
            found.append(
                f"{where}: agreement {row.agreement:.4f}, with the estimator {row.agreement_estimator:.4f}"
            )
        expected = workloads()[row.model].expected_accuracy
        all_rows = row.samples == workloads()[row.model].test_rows
        if all_rows and (row.accuracy or 0.0) < expected:
            found.append(f"{where}: accuracy {row.accuracy:.4f}, expected {expected}")
    return found


def main() -> int:
    """Run the demo; 1 when something disagrees."""
    report = Report(())
    try:
        for fpu in (True, False):
            say(
                f"RTL simulator {'with' if fpu else 'without'} FPU: from the cache, or built in about a minute"
            )
            cluster_simulator(fpu=fpu)
        for workload in suite("demo").values():
            report += show(workload)
    except EdgeparError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_code
    print()
    print(report)
    report.to_json(FOLDER / "report.json")
    report.to_html(FOLDER / "report.html", "edgepar demo: digits on four targets")
    print()
    for problem in problems(report.rows):
        print(f"demo: {problem}", file=sys.stderr)
    say(f"wrote {FOLDER / 'report.html'} and report.json")
    return 1 if problems(report.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
