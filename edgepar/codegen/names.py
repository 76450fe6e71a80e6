# SPDX-License-Identifier: Apache-2.0
"""The names that the generated files of one model share."""

from __future__ import annotations

from dataclasses import dataclass

from edgepar.identifier import identifier
from edgepar.plan import Plan


@dataclass(frozen=True)
class Names:
    """Identifiers derived from the model's name."""

    plan: Plan

    @property
    def model(self) -> str:
        """Prefix of functions."""
        return identifier(self.plan.graph.name)

    @property
    def macro(self) -> str:
        """Prefix of macros."""
        return self.model.upper()

    @property
    def result(self) -> str:
        """Type of the result record."""
        return f"{self.model}_result_t"

    @staticmethod
    def field(name: str) -> str:
        """Member of the result record for an output."""
        return identifier(name)
