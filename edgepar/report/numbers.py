# SPDX-License-Identifier: Apache-2.0
"""Figures as text: three significant digits where a figure is a measure, all digits where it is a count."""

from __future__ import annotations

MISSING = "–"
THIN_SPACE = "\N{THIN SPACE}"


def count(value: float | None) -> str:
    """A whole number with its thousands apart."""
    return MISSING if value is None else f"{value:,.0f}".replace(",", THIN_SPACE)


def measure(value: float, unit: str, step: float, prefixes: tuple[str, ...]) -> str:
    """Three significant digits with the largest prefix that leaves at least 1."""
    index = 0
    while abs(value) >= step and index < len(prefixes) - 1:
        value /= step
        index += 1
    digits = max(0, 2 - (len(str(int(abs(value)))) - 1)) if abs(value) >= 1 else 3
    return f"{value:.{digits}f}{THIN_SPACE}{prefixes[index]}{unit}"


def time(microseconds: float | None) -> str:
    """A duration from microseconds."""
    return MISSING if microseconds is None else measure(microseconds, "s", 1000.0, ("µ", "m", ""))


def energy(microjoules: float | None) -> str:
    """An energy from microjoules."""
    if microjoules is None:
        return MISSING
    return measure(microjoules * 1000.0, "J", 1000.0, ("n", "µ", "m", ""))


def memory(n_bytes: float | None) -> str:
    """A size in bytes or KiB."""
    return MISSING if n_bytes is None else measure(n_bytes, "B", 1024.0, ("", "Ki", "Mi"))


def share(value: float | None) -> str:
    """A share of 1; never rounded up to 1."""
    if value is None:
        return MISSING
    if value == 1.0:
        return "1.0"
    return f"{min(value, 0.9999):.4f}"


def error(value: float | None) -> str:
    """An absolute error."""
    if value is None:
        return MISSING
    return "0" if value == 0 else f"{value:.1e}"


def ratio(value: float) -> str:
    """A speed-up."""
    return f"{value:.2f}×"
