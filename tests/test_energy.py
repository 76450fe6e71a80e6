# SPDX-License-Identifier: Apache-2.0
"""Energy against figures worked out by hand from the power tables."""

from __future__ import annotations

import pytest

from edgepar.emulators.job import CoreActivity
from edgepar.energy import awake_shares, check_mode, estimate_energy
from edgepar.errors import UsageError
from edgepar.target import Target, get_target

AWAKE = CoreActivity(active_cycles=1000, asleep_cycles=0)
HALF = CoreActivity(active_cycles=500, asleep_cycles=500)
TARGET = Target.model_validate(
    {
        "name": "toy",
        "title": "one with round figures",
        "cores": 4,
        "emulators": {"rtl": {"module": "verilator", "note": "toy"}},
        "default_emulator": "rtl",
        "builds": [],
        "clock": {"frequency_hz": 1e6, "source": "made up"},
        "power": {
            "per_core": {"base_w": 1e-3, "active_core_w": 2e-3, "asleep_core_w": 0.5e-3, "source": "table A"},
            "constant_power": {"power_w": 4e-3, "source": "table B"},
        },
    }
)


@pytest.mark.parametrize(
    ("cores", "activity", "mode", "expected_uj", "source"),
    [
        # 1000 cycles at 1 MHz are 1 ms, so 1 mW is 1 uJ.
        (4, [AWAKE] * 4, "per-core", 1 + 4 * 2, "table A"),
        (4, [HALF] * 4, "per-core", 1 + 4 * (1 + 0.25), "table A"),
        (1, [AWAKE], "per-core", 1 + 2 + 3 * 0.5, "table A"),
        (2, [AWAKE, HALF], "per-core", 1 + 2 + (1 + 0.25) + 2 * 0.5, "table A"),
        (2, [AWAKE, HALF, AWAKE, AWAKE], "per-core", 1 + 2 + (1 + 0.25) + 2 * 0.5, "table A"),
        (1, [], "per-core", 1 + 2 + 3 * 0.5, "table A"),
        (
            4,
            [],
            "per-core",
            1 + 4 * 2,
            "table A; all cores taken as awake, the emulator does not count sleep",
        ),
        (4, [HALF] * 4, "constant-power", 4, "table B"),
        (1, [AWAKE], "constant-power", 4, "table B"),
    ],
)
def test_worked_numbers(cores, activity, mode, expected_uj, source):
    energy = estimate_energy(TARGET, 1000, cores, activity, mode)
    assert energy is not None
    assert energy.energy_uj == pytest.approx(expected_uj, rel=1e-12)
    assert (energy.mode, energy.source) == (mode, source)


@pytest.mark.parametrize(
    ("name", "cores", "cycles", "expected_uj"),
    [
        ("cortex-m4", 1, 80_000, 24.0),  # 1 ms at 24 mW: 300 pJ a cycle
        ("pulp-open", 8, 175_000, 14.0),  # 8 cores at 10 pJ a cycle
        ("gap8", 8, 175_000, 79.56),  # (12.2 + 8 * 4.0) mA at 1.8 V for 1 ms
        ("gap8", 1, 175_000, 29.16),  # 2.73 times less: what silicon gains from sleeping cores
    ],
)
def test_figures_of_the_targets(name, cores, cycles, expected_uj):
    energy = estimate_energy(get_target(name), cycles, cores)
    assert energy is not None
    assert energy.energy_uj == pytest.approx(expected_uj, rel=1e-9)


def test_constant_power_falls_as_the_runtime():
    target = get_target("pulp-open")
    one = estimate_energy(target, 8000, 1, (), "constant-power")
    eight = estimate_energy(target, 1000, 8, (), "constant-power")
    assert one is not None
    assert eight is not None
    assert one.energy_uj / eight.energy_uj == pytest.approx(8.0)


def test_host_has_no_power_table():
    assert estimate_energy(get_target("host"), 1000, 8) is None


@pytest.mark.parametrize("activity", [[], [CoreActivity(0, 0)], [AWAKE, CoreActivity(0, 0)]])
def test_activity_that_was_not_counted(activity):
    assert awake_shares(activity) is None


def test_unknown_mode():
    with pytest.raises(
        UsageError, match=r"^energy mode 'free' is not known; use 'per-core' or 'constant-power'\.$"
    ):
        check_mode("free")
