# SPDX-License-Identifier: Apache-2.0
"""Row: one model on one target, as report.json has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One model on one target. A figure that is not known is None.

    Attributes
    ----------
    cycles_per_inference : float
        Median over the samples, warm instruction cache; nanoseconds where ``provenance`` is ``wall``. Of a batch: the
        cycles of a call over the samples in it.
    cycles_cold : int | None
        First call with a cold instruction cache.
    energy_uj : float | None
        Estimated from a power table, never measured.
    stack_bytes : int | None
        A bound from the compiler's figures; there is no recursion.
    agreement : float
        Share of rows whose label equals the Model's in onnxruntime; for a regressor, whose values are within the bound.
    agreement_estimator : float | None
        The same against the Python estimator on the float32 input.
    near_ties, near_tie_rows : int, tuple[int, ...]
        Rows whose reference margin is inside the derived bound.
    accuracy : float | None
        Share of rows whose label is the given one.
    max_abs_error : float | None
        Of probabilities, values or scores against the Model in onnxruntime.
    activity : tuple[dict, ...]
        One entry a core, summed over the samples; empty where the emulator does not count.
    batch : int
        Samples that one call takes.
    cycles_per_call : float | None
        Median over the calls, of a batch.
    fast_bytes : int | None
        What scratch and tables were allowed of fast memory, where it is not the target's own figure.
    """

    model: str
    target: str
    cores: int
    fp: str
    isa: str
    emulator: str
    provenance: str
    provenance_note: str
    cycles_per_inference: float
    cycles_min: int
    cycles_max: int
    cycles_cold: int | None
    time_us: float | None
    frequency_hz: float | None
    l2_latency_cycles: int | None
    energy_uj: float | None
    energy_mode: str | None
    energy_source: str | None
    flash_bytes: int | None
    ram_bytes: int | None
    stack_bytes: int | None
    l1_bytes: int | None
    l2_bytes: int | None
    samples: int
    agreement: float
    agreement_estimator: float | None
    near_ties: int
    near_tie_rows: tuple[int, ...]
    accuracy: float | None
    max_abs_error: float | None
    activity: tuple[dict[str, int | None], ...]
    model_sha256: str
    batch: int = 1
    cycles_per_call: float | None = None
    fast_bytes: int | None = None

    @property
    def is_wall(self) -> bool:
        """Whether the figures are this computer's clock rather than a device's."""
        return self.provenance == "wall"

    @property
    def cycle_unit(self) -> str:
        """``cycles``, or ``ns`` where the clock is this computer's."""
        return "ns" if self.is_wall else "cycles"

    @property
    def series(self) -> tuple[str, ...]:
        """What rows that differ in the number of cores alone have in common."""
        latency = "" if self.l2_latency_cycles is None else str(self.l2_latency_cycles)
        fast = "" if self.fast_bytes is None else str(self.fast_bytes)
        return (
            self.model, self.target, self.emulator, self.isa, self.fp, latency, str(self.batch), fast,
            str(self.samples),
        )  # fmt: skip

    @property
    def way(self) -> str:
        """The target, and what else tells its rows apart: samples a call, and bytes of fast memory."""
        batch = f", batch {self.batch}" if self.batch > 1 else ""
        return self.target + batch + ("" if self.fast_bytes is None else f", {self.fast_bytes} fast bytes")
