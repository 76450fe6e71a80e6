# SPDX-License-Identifier: Apache-2.0
"""When, by what command and by which versions a table was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata

from edgepar.version import VERSION

_PACKAGES = ("scikit-learn", "numpy", "skl2onnx", "emlearn", "m2cgen")


@dataclass(frozen=True)
class Origin:
    """What a reader needs to make the table again."""

    command: str
    date: str
    versions: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.command}, {self.date}, edgepar {self.versions['edgepar']}"


def origin_now(command: str) -> Origin:
    """Of a table that is being made."""
    versions = {"edgepar": VERSION}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Origin(command, datetime.now(UTC).date().isoformat(), versions)
