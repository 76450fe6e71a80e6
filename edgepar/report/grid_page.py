# SPDX-License-Identifier: Apache-2.0
"""Tables and plots as one HTML page: inline style, inline SVG, no script, nothing loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edgepar.report.grid import Grid
from edgepar.report.page import Figure, environment
from edgepar.version import VERSION


def render_grids(
    title: str,
    lead: str,
    grids: Sequence[Grid],
    figures: Sequence[Figure] = (),
    notes: Mapping[str, str] | None = None,
) -> str:
    """Text of the page; the same arguments give the same bytes."""
    return (
        environment()
        .get_template("grids.html.j2")
        .render(title=title, lead=lead, grids=grids, figures=figures, notes=notes or {}, version=VERSION)
    )
