# SPDX-License-Identifier: Apache-2.0
"""Tables that come from L2 in tiles: what the plan decides, the lines it gives, and the same bits as without."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import edgepar
from edgepar.codegen.model_source import model_source
from edgepar.model import Model
from edgepar.passes.make_plan import make_plan
from edgepar.passes.stream_tables import Tiling, tiling
from edgepar.plan import Plan
from edgepar.run import Run
from edgepar.target import get_target
from tests.graphs import linear_graph

ROWS, COLS = 10, 1500


def plan(rows: int, cols: int, target: str = "pulp-open", cores: int = 8) -> Plan:
    chip = get_target(target)
    return make_plan(linear_graph(rows, cols), chip, chip.build(), cores)


@pytest.mark.parametrize(
    ("units", "unit_bytes", "left_bytes", "cores", "may_stay", "wanted"),
    [
        (1437, 128, 40960, 8, True, Tiling(64, 3, 128)),  # granules of four units a core, 4096 bytes each
        (1437, 128, 40960, 8, False, Tiling(64, 3, 0)),
        (1437, 128, 16384, 8, True, Tiling(64, 2, 0)),  # three tiles of 64 do not fit
        (1437, 128, 12287, 8, True, Tiling(32, 2, 0)),
        (1437, 128, 8191, 8, True, Tiling(24, 2, 8)),  # granules of one unit a core
        (1437, 128, 2047, 8, True, None),
        (700, 128, 40960, 8, True, Tiling(64, 2, 192)),  # half of the table stays: no third tile
        (1437, 16, 40960, 8, True, Tiling(384, 2, 1408)),  # a few units always come, or all would lie in L1
        (1437, 1024, 40960, 8, True, Tiling(8, 3, 16)),
        (100_000, 64, 40960, 8, True, Tiling(96, 3, 352)),
        (1437, 256, 40960, 1, True, Tiling(24, 3, 88)),
        (8, 4096, 65536, 8, True, None),  # one tile would be all of it
    ],
)
def test_tiles_fit_and_the_rest_of_l1_holds_units(
    units: int, unit_bytes: int, left_bytes: int, cores: int, may_stay: bool, wanted: Tiling | None
) -> None:
    found = tiling(units, unit_bytes, left_bytes, cores, may_stay)
    assert found == wanted
    if found is not None:
        assert (found.depth * found.units + found.resident) * unit_bytes <= left_bytes
        assert found.units % cores == found.resident % cores == 0
        assert found.resident < units


@pytest.mark.parametrize("cores", [1, 3, 8])
@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
def test_a_wide_linear_model_streams_its_weights(target: str, cores: int) -> None:
    made = plan(ROWS, COLS, target, cores)
    (call,) = [call for phase in made.phases for call in phase.calls if call.stream]
    assert call.stream is not None
    ((table, buffer),) = call.stream.tables
    items = {item.name: item for item in made.items}
    tiles, weights = items[buffer], items[table]
    assert (weights.level, tiles.level) == ("l2", "l1")
    assert tiles.bytes * call.units == call.stream.depth * call.stream.tile_units * weights.bytes
    assert made.bytes_by_level()["l1"] <= get_target(target).fast_bytes
    assert any("come from L2 in" in note for note in made.notes)
    text = model_source(made)
    assert text.count("= ep_dma_start_in(" + buffer) == call.stream.depth + 1
    assert text.count(f"ep_dma_wait({buffer}_copy[slot]);") == 1
    assert f"in tiles of {call.stream.tile_units}" in made.dump()
    near = [item for item in made.tables if item.name == f"{table}_near"]
    unit_len = len(weights.data) // call.units
    assert sum(len(item.data) for item in near) == call.stream.first_unit * unit_len
    assert all(item.level == "l1" for item in near)
    whole = plan(ROWS, COLS, "host", cores)
    (all_weights,) = [item.data for item in whole.tables if item.name == table]
    assert (np.concatenate([*(item.data for item in near), weights.data]) == all_weights).all()


@pytest.mark.parametrize(
    ("rows", "cols", "target"), [(10, 64, "pulp-open"), (ROWS, COLS, "host"), (ROWS, COLS, "cortex-m4")]
)
def test_what_fits_or_has_no_l1_does_not_stream(rows: int, cols: int, target: str) -> None:
    made = plan(rows, cols, target, 1)
    assert all(call.stream is None for phase in made.phases for call in phase.calls)
    # All that DMA brings is the sample.
    assert model_source(made).count("ep_dma_start_in(") == (target == "pulp-open")


@cache
def model() -> tuple[Model, np.ndarray]:
    """Ten outputs of 1500 features, 60 kB of weights."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, COLS)), rng.normal(size=(40, ROWS))
    return edgepar.export(LinearRegression().fit(X, y), X[:1], name="streamed"), X[:2]


def run(target: str, **choices: object) -> Run:
    exported, X = model()
    return edgepar.compile(exported, target, **choices).run(X)  # type: ignore[arg-type]


@pytest.mark.qemu
@pytest.mark.parametrize("cores", [1, 3, 8])
def test_the_bits_are_those_of_the_host_in_qemu(cores: int) -> None:
    wanted = run("host", isa="fused").measurement.outputs
    assert run("pulp-open", emulator="qemu", cores=cores).measurement.outputs == wanted


@pytest.mark.rtl
@pytest.mark.parametrize("isa", ["corev", "plain"])
def test_the_bits_are_those_of_the_host_on_rtl_and_dma_sets_the_pace(isa: str) -> None:
    found = run("pulp-open", isa=isa)
    assert found.measurement.outputs == run("host", isa="fused").measurement.outputs
    roofline = 4 * ROWS * COLS / 8
    assert (found.cycles > roofline).all()
    if isa == "corev":
        assert (found.cycles < 2 * roofline).all()
        # Weights are never read from L2 by the cores themselves: a few percent of the time is the rest.
        assert sum(core.l2_stall_cycles or 0 for core in found.activity) < 0.02 * 8 * found.cycles.sum()
