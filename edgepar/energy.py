# SPDX-License-Identifier: Apache-2.0
"""Estimated energy of an inference, from the power table of a target. Nothing here is a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from edgepar.emulators.job import CoreActivity
from edgepar.errors import UsageError
from edgepar.target import Target

EnergyMode = Literal["per-core", "constant-power"]


@dataclass(frozen=True)
class Energy:
    """An estimate with where it comes from.

    Attributes
    ----------
    energy_uj : float
        Microjoules of one inference.
    source : str
        The power table's own source, and what was assumed beyond it.
    """

    energy_uj: float
    mode: EnergyMode
    source: str


def check_mode(mode: str) -> EnergyMode:
    """The mode as one of the known ones; UsageError when it is none."""
    for known in get_args(EnergyMode):
        if mode == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"energy mode {mode!r} is not known; use 'per-core' or 'constant-power'.")


def estimate_energy(
    target: Target,
    cycles: float,
    cores: int,
    activity: Sequence[CoreActivity] = (),
    mode: EnergyMode = "per-core",
) -> Energy | None:
    """Energy of one inference of ``cycles`` cycles on ``cores`` cores; None for a target without power table or clock.

    ``per-core`` charges the target's base power for the whole time, and each core what it draws awake or asleep for the
    share of time it was so. Cores of the target that the image does not use are asleep. ``constant-power`` charges one
    figure for the whole time, whatever the cores do.
    """
    if target.power is None or target.clock is None:
        return None
    seconds = cycles / target.clock.frequency_hz
    if mode == "constant-power":
        constant = target.power.constant_power
        return Energy(1e6 * seconds * constant.power_w, mode, constant.source)
    power = target.power.per_core
    shares = awake_shares(activity[:cores])
    source = power.source
    if shares is None:
        shares = (1.0,) * cores
        if cores > 1:
            source += "; all cores taken as awake, the emulator does not count sleep"
    awake = sum(shares)
    asleep = max(target.cores, cores) - awake
    watts = power.base_w + power.active_core_w * awake + power.asleep_core_w * asleep
    return Energy(1e6 * seconds * watts, mode, source)


def awake_shares(activity: Sequence[CoreActivity]) -> tuple[float, ...] | None:
    """Share of time each core was awake; None when the emulator did not count it."""
    spans = [core.active_cycles + core.asleep_cycles for core in activity]
    if not spans or min(spans) <= 0:
        return None
    return tuple(core.active_cycles / span for core, span in zip(activity, spans, strict=True))
