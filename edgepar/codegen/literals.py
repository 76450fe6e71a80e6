# SPDX-License-Identifier: Apache-2.0
"""Every literal of generated C passes through here."""

from __future__ import annotations

import numpy as np


def u32(value: int) -> str:
    """Unsigned 32-bit literal."""
    if not 0 <= value < 2**32:
        raise ValueError(f"{value} is no uint32")
    return f"{value}u"


def i32(value: int) -> str:
    """Signed 32-bit literal; the smallest one has no literal of its own."""
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"{value} is no int32")
    return "(-2147483647 - 1)" if value == -(2**31) else str(value)


def i64(value: int) -> str:
    """Signed 64-bit literal."""
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"{value} is no int64")
    return "(-9223372036854775807LL - 1)" if value == -(2**63) else f"{value}LL"


def f32(value: float) -> str:
    """float32 literal with the fewest digits that give the same number back; infinity and NaN by the builtins."""
    number = np.float32(value)
    if np.isnan(number):
        return '__builtin_nanf("")'
    if np.isinf(number) != np.isinf(value):
        raise ValueError(f"{value} has no float32 literal")
    if np.isinf(number):
        return "__builtin_inff()" if number > 0 else "(-__builtin_inff())"
    text = (
        np.format_float_scientific(number, trim="-")
        if number and not 1e-4 <= abs(number) < 1e9
        else str(number)
    )
    return f"{text}f" if any(c in text for c in ".e") else f"{text}.0f"


def text(value: str) -> str:
    """C string literal; bytes outside printable ASCII become octal escapes, which cannot run into what follows."""
    out = []
    for byte in value.encode("utf-8"):
        char = chr(byte)
        if char in '"\\?':
            out.append(f"\\{char}")
        elif 0x20 <= byte < 0x7F:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def comment(value: str) -> str:
    """Text that is safe inside a // comment: one line, printable ASCII."""
    flat = "".join(c if 0x20 <= ord(c) < 0x7F else "?" for c in value.replace("\n", " "))
    return flat.rstrip("\\ ")[:200]
