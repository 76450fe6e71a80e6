# SPDX-License-Identifier: Apache-2.0
"""A table of words: for a terminal, for a README, for a page."""

from __future__ import annotations

import io
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Grid:
    """A table whose first ``n_names`` columns are names and the others figures."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_names: int = 1

    def to_text(self) -> str:
        """For a terminal; as wide as its figures are."""
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        for index, header in enumerate(self.headers):
            table.add_column(header, justify="left" if index < self.n_names else "right", no_wrap=True)
        for row in self.rows:
            table.add_row(*row)
        console = Console(
            file=io.StringIO(), width=1000, color_system=None, highlight=False, markup=False, emoji=False
        )
        with console.capture() as capture:
            console.print(table)
        lines = [line.rstrip() for line in capture.get().splitlines()]
        return "\n".join([self.title, *lines])

    def to_markdown(self) -> str:
        """For a README."""
        rule = [":---" if index < self.n_names else "---:" for index in range(len(self.headers))]
        lines = [self.headers, rule, *self.rows]
        return "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
        )
