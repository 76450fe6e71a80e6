# SPDX-License-Identifier: Apache-2.0
"""How far a bench has come, told by steps that run side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

#: Called with the number of steps done, of all steps, and what is being done.
Progress = Callable[[int, int, str], None]


class Steps:
    """Counts steps and tells of each when it begins and when it is done."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done = 0
        self._total = total
        self._progress = progress
        self._lock = Lock()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """One step; it does not count when it fails."""
        self._tell(text, 0)
        yield
        self._tell(text, 1)

    def _tell(self, text: str, more: int) -> None:
        with self._lock:
            self._done += more
            if self._progress is not None:
                self._progress(self._done, self._total, text)
