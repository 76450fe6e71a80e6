# SPDX-License-Identifier: Apache-2.0
"""What counts as a whole number where a user gives one."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np


def is_whole_number(value: object, least: int, most: int | None = None) -> TypeGuard[int]:
    """Whether ``value`` is an integer of Python or numpy, and no bool, from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return bool(least <= value and (most is None or value <= most))
