# SPDX-License-Identifier: Apache-2.0
"""`fast_bytes`: which tables leave flash or L2, what that saves, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import edgepar
from edgepar import errors
from edgepar.cli import main
from edgepar.codegen.model_source import model_source
from edgepar.compiler import plan as plan_of_model
from edgepar.graph import Graph
from edgepar.passes.make_plan import make_plan
from edgepar.plan import Plan
from edgepar.target import get_target
from tests.case import Case
from tests.graphs import linear_graph, stump_graph
from tests.images import assert_same_bits, cases, image_of, model_of, run_of


def plan(graph: Graph, target: str, fast_bytes: int | None) -> Plan:
    chip = get_target(target).with_fast_bytes(fast_bytes)
    return make_plan(graph, chip, chip.build(), 1)


@pytest.mark.parametrize(
    ("graph", "target", "fast_bytes", "levels"),
    [
        (linear_graph(10, 64), "cortex-m4", None, {"weights": "flash", "intercepts": "flash"}),
        (linear_graph(10, 64), "cortex-m4", 0, {"weights": "flash", "intercepts": "flash"}),
        (linear_graph(10, 64), "cortex-m4", 1000, {"weights": "flash", "intercepts": "ram"}),
        (linear_graph(10, 64), "cortex-m4", 4000, {"weights": "ram", "intercepts": "ram"}),
        (linear_graph(10, 64), "pulp-open", None, {"weights": "l1", "intercepts": "l1"}),
        (linear_graph(10, 64), "pulp-open", 1000, {"weights": "l2", "intercepts": "l1"}),
        (linear_graph(10, 64), "pulp-open", 0, {"weights": "l2", "intercepts": "l2"}),
        (stump_graph(40, depth=4), "cortex-m4", None, {"nodes": "flash"}),
        (stump_graph(40, depth=4), "cortex-m4", 3000, {"nodes": "ram", "far_nodes": "flash"}),
        (stump_graph(40, depth=4), "cortex-m4", 12000, {"nodes": "ram"}),
    ],
)
def test_tables_go_where_there_is_room(
    graph: Graph, target: str, fast_bytes: int | None, levels: dict[str, str]
) -> None:
    made = plan(graph, target, fast_bytes)
    found = {table.name: table.level for table in made.tables}
    assert levels.items() <= found.items()
    assert ("far_nodes" in found) == ("far_nodes" in levels)
    fast = get_target(target).scratch_in
    tables = sum(table.bytes for table in made.tables if table.level == fast)
    buffers = sum(buffer.bytes for buffer in made.buffers if buffer.level == fast)
    allowed = get_target(target).fast_bytes if fast_bytes is None else fast_bytes
    assert not tables or tables + buffers <= allowed
    # Tables of fast memory lie in the other one as well, from where they are copied.
    stored = sum(table.bytes for table in made.tables)
    assert made.bytes_by_level().get(get_target(target).constants_in, 0) == stored


def test_the_generated_command_says_what_was_asked_for() -> None:
    graph = linear_graph(10, 64)
    assert "--fast-bytes" not in model_source(plan(graph, "cortex-m4", None))
    assert "--isa armv7em --fast-bytes 4000\n" in model_source(plan(graph, "cortex-m4", 4000))
    assert "--fast-bytes" not in model_source(plan(graph, "pulp-open", get_target("pulp-open").fast_bytes))


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("case", "fast_bytes"),
    [
        (case, 20_000)
        for case in cases("digits_logistic", "digits_forest", "14_class_gaussian_nb", "nan_tree")
    ],
    ids=str,
)
def test_tables_in_ram_give_the_same_bits_sooner(case: Case, fast_bytes: int) -> None:
    far = image_of(case, "cortex-m4")
    near = edgepar.compile(model_of(case), "cortex-m4", fast_bytes=fast_bytes)
    rows = case.fit().X_test[:20]
    run, usual = near.run(rows), run_of(case, "cortex-m4")
    assert_same_bits(run, usual)
    assert run.cycles.sum() < usual.cycles[:20].sum()
    assert 0 < near.memory.ram_bytes - far.memory.ram_bytes <= fast_bytes
    assert near.memory.flash_bytes >= far.memory.flash_bytes - 64


@pytest.mark.parametrize(
    ("target", "fast_bytes", "text"),
    [
        *(
            (
                "cortex-m4",
                value,
                f"target cortex-m4: fast_bytes is {value!r}; give the bytes of ram that scratch and tables may fill, "
                "a whole number from 0 to 122880.",
            )
            for value in (-1, 122881, 2.0, "1", True)
        ),
        (
            "pulp-open",
            51201,
            "target pulp-open: fast_bytes is 51201; give the bytes of l1 that scratch and tables may fill, a whole "
            "number from 0 to 51200.",
        ),
        (
            "host",
            100,
            "target host: fast_bytes is 100, and no memory of it is faster than another; leave fast_bytes out.",
        ),
    ],
)
def test_what_is_no_such_number_is_refused(target: str, fast_bytes: object, text: str) -> None:
    (case,) = cases("iris_tree")
    with pytest.raises(errors.UsageError) as caught:
        plan_of_model(model_of(case), target, fast_bytes=fast_bytes)  # type: ignore[arg-type]
    assert str(caught.value) == text


@pytest.mark.parametrize(("target", "features"), [("cortex-m4", 3080), ("pulp-open", 1300)])
def test_whatever_is_allowed_leaves_room_for_stacks(target: str, features: int) -> None:
    """A table that is too large stays where it is."""
    chip = get_target(target)
    made = plan(linear_graph(10, features), target, chip.data_bytes(chip.scratch_in))
    assert {table.name: table.level for table in made.tables}["weights"] == chip.constants_in


@pytest.mark.qemu
def test_the_command_line_takes_it(tmp_path: Path) -> None:
    (case,) = cases("digits_logistic")
    model_of(case).save(tmp_path / "m.onnx")
    np.save(tmp_path / "X.npy", case.fit().X_test[:2])
    arguments = ["compile", str(tmp_path / "m.onnx"), "--target", "cortex-m4", "-o", str(tmp_path / "c")]
    done = CliRunner().invoke(main, [*arguments, "--fast-bytes", "4000"])
    assert done.exit_code == 0, done.output
    assert "--fast-bytes 4000" in (tmp_path / "c" / "model.c").read_text(encoding="utf-8")
    arguments = [
        "compare",
        str(tmp_path / "m.onnx"),
        "--input",
        str(tmp_path / "X.npy"),
        "--targets",
        "cortex-m4",
    ]
    done = CliRunner().invoke(
        main, [*arguments, "--fast-bytes", "cortex-m4=4000", "--json", str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    image = edgepar.compile(model_of(case), "cortex-m4", fast_bytes=4000)
    (row,) = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert row["ram_bytes"] == image.memory.ram_bytes > image_of(case, "cortex-m4").memory.ram_bytes
    assert row["agreement"] == 1.0
