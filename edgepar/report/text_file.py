# SPDX-License-Identifier: Apache-2.0
"""Reports as files."""

from __future__ import annotations

import os
from pathlib import Path

from edgepar.errors import UsageError


def write_text(path: str | os.PathLike[str] | None, text: str) -> None:
    """Write a report where there is a path for it; UsageError when it cannot be written."""
    if path is None:
        return
    place = Path(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{place}: cannot be written ({error.strerror}); choose another path.") from None
