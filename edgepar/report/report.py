# SPDX-License-Identifier: Apache-2.0
"""Report: rows of figures, and the forms they are read in."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from edgepar.report.page import render_page
from edgepar.report.row import Row
from edgepar.report.table import render_table
from edgepar.report.text_file import write_text


@dataclass(frozen=True)
class Report:
    """Rows, one a model and target (and count of cores).

    Reports add up: ``first + second`` has the rows of both.
    """

    rows: tuple[Row, ...]

    def __add__(self, other: Report) -> Report:
        return Report(self.rows + other.rows)

    def __str__(self) -> str:
        return render_table(self.rows)

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of plain values."""
        return [asdict(row) for row in self.rows]

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Text of report.json, a list of rows; written to ``path`` when there is one."""
        text = json.dumps(self.to_rows(), indent=2, allow_nan=False) + "\n"
        write_text(path, text)
        return text

    def to_html(self, path: str | os.PathLike[str] | None = None, title: str = "edgepar report") -> str:
        """Text of one HTML page with plots that needs no network; written to ``path`` when there is one."""
        text = render_page(self.rows, title)
        write_text(path, text)
        return text

    def to_dataframe(self) -> Any:
        """A pandas DataFrame, one column a field."""
        import pandas

        return pandas.DataFrame(self.to_rows())
