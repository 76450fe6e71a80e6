# SPDX-License-Identifier: Apache-2.0
"""Targets as their target.toml states them: cores, memories, clock, power, builds and emulators."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from edgepar.data import data_folder
from edgepar.errors import UnknownTargetError, UsageError, suggestion
from edgepar.whole_number import is_whole_number

#: Floats by the core's FPU, by the routines of c_runtime/softfp, by those of the compiler's library, or by kernels that
#: compute in integers, with softfp for the rest.
FloatSupport = Literal["fpu", "softfp", "libgcc", "emulation-free"]


#: What code, stacks and start-up may take of each memory, in bytes; generous, the linker has the last word.
_RESERVED_BYTES = {"l1": 14 * 1024, "l2": 64 * 1024, "flash": 48 * 1024, "ram": 8 * 1024}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Memory(_Table):
    """One memory; ``bytes`` is what a program may use."""

    origin: int
    bytes: int
    source: str


class Clock(_Table):
    """The frequency that times and energies are printed for."""

    frequency_hz: float
    source: str


class PerCorePower(_Table):
    """Power while running: ``base_w + active_core_w * active cores + asleep_core_w * sleeping cores``."""

    base_w: float
    active_core_w: float
    asleep_core_w: float
    source: str


class ConstantPower(_Table):
    """One figure whatever the cores do, as the seed paper has it."""

    power_w: float
    source: str


class Power(_Table):
    """Figures for both energy modes."""

    per_core: PerCorePower
    constant_power: ConstantPower


class Build(_Table):
    """How an image is made for one emulator, instruction set and kind of float support.

    ``kernels`` are kernel variants in order of preference; ``ref`` is always the last resort. ``platform`` is a
    folder of c_runtime/pal. ``cpu_flags`` go to the compiler and the linker. ``float_routines`` is the folder of
    c_runtime/softfp with the bit operations of the instruction set, where float support is ``softfp`` or
    ``emulation-free``;
    ``float_flags`` are further compiler flags for these routines alone. ``fused``: products are added without being
    rounded, in kernels whose names say ``fma``; builds that agree on it give the same bits. ``whole_program``: the
    model and its kernels are optimised as one, with sizes as literals.
    """

    emulator: str
    isa: str
    fp: FloatSupport
    platform: str
    toolchain: str
    cpu_flags: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ("ref",)
    fused: bool = False
    whole_program: bool = False
    link_symbols: dict[str, int] = {}
    emulator_options: dict[str, int | float | str] = {}
    float_routines: Literal["rv32im", "xpulp"] | None = None
    float_flags: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _softfp_has_routines(self) -> Build:
        if (self.fp in ("softfp", "emulation-free")) != (self.float_routines is not None):
            raise ValueError(
                f"fp {self.fp!r} with float_routines {self.float_routines!r}; softfp and emulation-free have them"
            )
        return self


class Emulator(_Table):
    """One way to run an image of this target."""

    module: str
    note: str
    options: dict[str, int | float | str] = {}


class Target(_Table):
    """A chip and what edgepar knows of it.

    ``fast_bytes`` is what scratch and tables may fill of the memory that scratch lies in; tables that find no room
    there are read from where constants lie.
    """

    name: str
    title: str
    cores: int
    default_cores: int | None = None
    emulators: dict[str, Emulator]
    default_emulator: str
    builds: tuple[Build, ...]
    memories: dict[str, Memory] = {}
    clock: Clock | None = None
    power: Power | None = None
    constants_in: Literal["flash", "l2"] = "l2"
    scratch_in: Literal["l1", "ram"] = "l1"
    fast_bytes: int = 0

    @property
    def fast_level(self) -> Literal["l1", "ram"] | None:
        """The memory that tables may be copied to when the program starts; None where nothing is gained by it."""
        return self.scratch_in if self.fast_bytes and self.scratch_in in self.memories else None

    def data_bytes(self, level: str) -> int:
        """What code, stacks and start-up leave of a memory."""
        return self.memories[level].bytes - _RESERVED_BYTES[level]

    def with_fast_bytes(self, fast_bytes: int | None) -> Target:
        """The target with another ``fast_bytes``, or itself for None; UsageError where it is no number of bytes."""
        if fast_bytes is None:
            return self
        if self.scratch_in not in self.memories:
            raise UsageError(
                f"target {self.name}: fast_bytes is {fast_bytes!r}, and no memory of it is faster than another; "
                f"leave fast_bytes out."
            )
        most = self.data_bytes(self.scratch_in)
        if not is_whole_number(fast_bytes, 0, most):
            raise UsageError(
                f"target {self.name}: fast_bytes is {fast_bytes!r}; give the bytes of {self.scratch_in} that scratch "
                f"and tables may fill, a whole number from 0 to {most}."
            )
        return self.model_copy(update={"fast_bytes": int(fast_bytes)})

    def build(self, emulator: str | None = None, isa: str | None = None, fp: str | None = None) -> Build:
        """The first build row that fits; UsageError names what the target has when none does."""
        emulator = emulator or self.default_emulator
        if emulator not in self.emulators:
            raise UsageError(
                f"target {self.name}: emulator {emulator!r} is not known; use one of {', '.join(self.emulators)}."
            )
        for row in self.builds:
            if row.emulator == emulator and isa in (None, row.isa) and fp in (None, row.fp):
                return row
        found = ", ".join(f"{k} {v!r}" for k, v in (("isa", isa), ("fp", fp)) if v is not None)
        raise UsageError(
            f"target {self.name} on {emulator}: {found} is not available; "
            f"use isa {self._choices(emulator, 'isa')} and fp {self._choices(emulator, 'fp')}."
        )

    def _choices(self, emulator: str, field: str) -> str:
        values = dict.fromkeys(getattr(row, field) for row in self.builds if row.emulator == emulator)
        return " or ".join(repr(value) for value in values)

    def check_cores(self, cores: int | None) -> int:
        """``cores`` or the target's default; UsageError outside 1 to the number that the target has."""
        if cores is None:
            return self.default_cores or self.cores
        if not is_whole_number(cores, 1, self.cores):
            raise UsageError(
                f"target {self.name}: cores is {cores!r}; give a whole number from 1 to {self.cores}."
            )
        return int(cores)


def load_target(path: Path) -> Target:
    """Read one target.toml; UsageError names the file and the field that is wrong."""
    try:
        return Target.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a TOML file ({error}); mend the file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path}: {where}: {first['msg']}; see docs/add-a-target.md for the fields."
        ) from error


@cache
def targets() -> dict[str, Target]:
    """All targets by name, in the order of the report."""
    found = [load_target(path) for path in sorted(data_folder("targets").glob("*/target.toml"))]
    order = ("host", "cortex-m4", "pulp-open", "gap8")
    found.sort(
        key=lambda target: (order.index(target.name) if target.name in order else len(order), target.name)
    )
    return {target.name: target for target in found}


def get_target(name: str) -> Target:
    """A target by name; UnknownTargetError suggests the nearest one."""
    known = targets()
    if name in known:
        return known[name]
    hint = suggestion(name, known, f"known targets: {', '.join(known)}")
    raise UnknownTargetError(f"target {name!r} is not known{hint}")
