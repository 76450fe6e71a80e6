# SPDX-License-Identifier: Apache-2.0
"""Lines of C with their indentation and braces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class Writer:
    """Collects lines; ``block`` owns braces and indentation."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str = "") -> None:
        """One line at the current depth."""
        self._lines.append("    " * self._depth + text if text else "")

    @contextmanager
    def block(self, head: str, tail: str = "}") -> Iterator[None]:
        """``head {`` ... ``tail``."""
        self.line(f"{head} {{" if head else "{")
        self._depth += 1
        yield
        self._depth -= 1
        self.line(tail)

    def table(self, head: str, items: Sequence[str], width: int = 120) -> None:
        """``head = { items };`` wrapped to ``width`` columns."""
        self.line(f"{head} = {{")
        row = ""
        for item in items:
            if row and len(row) + len(item) + 6 > width:
                self._lines.append("    " + row)
                row = ""
            row += ("" if not row else " ") + item + ","
        if row:
            self._lines.append("    " + row)
        self.line("};")

    def text(self) -> str:
        """All of it, ending with a newline."""
        return "\n".join(self._lines) + "\n"
