# SPDX-License-Identifier: Apache-2.0
"""Plots as inline SVG text. Colours are CSS variables of the page, so that light and dark both work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from edgepar.report import numbers
from edgepar.report.summary import SpeedUp

_WIDTH = 520
_LABEL_WIDTH = 196
_VALUE_WIDTH = 104
_BAR_HEIGHT = 16
_ROW_HEIGHT = 27


@dataclass(frozen=True)
class Bar:
    """One bar; ``style`` is a provenance, which decides how it is filled."""

    label: str
    value: float
    text: str
    target: str
    style: str


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """Horizontal bars from zero, each with its value in words."""
    top = max((bar.value for bar in bars), default=0.0) or 1.0
    room = _WIDTH - _LABEL_WIDTH - _VALUE_WIDTH
    parts = []
    for index, bar in enumerate(bars):
        y = index * _ROW_HEIGHT + 4
        length = max(2.0, room * bar.value / top)
        middle = y + _BAR_HEIGHT - 4
        tip = escape(f"{bar.label}: {bar.text} ({bar.style})")
        parts.append(
            f'<g><title>{tip}</title><text class="label" x="{_LABEL_WIDTH - 10}" y="{middle}" text-anchor="end">'
            f"{escape(bar.label)}</text>"
            f'<rect class="bar {escape(bar.style)}" style="{_fill(bar)}" x="{_LABEL_WIDTH}" y="{y}" '
            f'width="{length:.1f}" height="{_BAR_HEIGHT}" rx="2"/>'
            f'<text class="value" x="{_LABEL_WIDTH + length + 7:.1f}" y="{middle}">{escape(bar.text)}</text></g>'
        )
    return _svg(title, _WIDTH, len(bars) * _ROW_HEIGHT + 6, parts)


def speed_up_chart(title: str, series: Sequence[SpeedUp]) -> str:
    """Speed-up over the number of cores, with the ideal as a dashed line."""
    left, top, side, key_width = 42, 14, 260, 300
    most = max(one.rows[-1].cores for one in series)
    counts = sorted({row.cores for one in series for row in one.rows})

    def x(cores: float) -> float:
        return left + side * (cores - 1) / max(most - 1, 1)

    def y(ratio: float) -> float:
        return top + side - side * (ratio - 1) / max(most - 1, 1)

    parts = []
    for cores in counts:
        parts.append(
            f'<line class="grid" x1="{left}" x2="{left + side}" y1="{y(cores):.1f}" y2="{y(cores):.1f}"/>'
        )
        parts.append(
            f'<text class="tick" x="{left - 8}" y="{y(cores) + 4:.1f}" text-anchor="end">{cores}×</text>'
        )
        parts.append(
            f'<text class="tick" x="{x(cores):.1f}" y="{top + side + 18}" text-anchor="middle">{cores}</text>'
        )
    parts.append(
        f'<text class="tick" x="{left + side / 2}" y="{top + side + 36}" text-anchor="middle">cores</text>'
        f'<line class="ideal" x1="{x(1):.1f}" y1="{y(1):.1f}" x2="{x(most):.1f}" y2="{y(most):.1f}"/>'
    )
    for index, one in enumerate(series):
        colour = f"var(--series-{index % 6})"
        points = [(x(row.cores), y(one.ratio(row))) for row in one.rows]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline class="line" style="stroke:{colour}" points="{path}"/>')
        parts += [f'<circle style="fill:{colour}" cx="{a:.1f}" cy="{b:.1f}" r="3.5"/>' for a, b in points]
        last = one.rows[-1]
        text = f"{one.model}: {numbers.ratio(one.ratio(last))} on {last.cores} cores"
        at = top + 14 + index * 40
        parts.append(
            f'<circle style="fill:{colour}" cx="{left + side + 28}" cy="{at - 4}" r="5"/>'
            f'<text class="value" x="{left + side + 40}" y="{at}">{escape(text)}</text>'
            f'<text class="tick" x="{left + side + 40}" y="{at + 16}">{escape(one.label)}</text>'
        )
    height = max(top + side + 44, top + 14 + len(series) * 40)
    return _svg(title, left + side + 28 + key_width, height, parts)


def _fill(bar: Bar) -> str:
    return f"--bar:var(--t-{escape(_slot(bar.target))})"


def _slot(target: str) -> str:
    """The page has a colour for the targets that ship with edgepar, and one for all others."""
    return target if target in ("host", "cortex-m4", "pulp-open", "gap8") else "other"


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
