# SPDX-License-Identifier: Apache-2.0
"""Every identifier of generated C passes through here."""

from __future__ import annotations

import keyword
import re

_C_WORDS = frozenset(
    """
    alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor
    bool break case catch char char16_t char32_t char8_t class co_await co_return co_yield compl
    concept const const_cast consteval constexpr constinit continue decltype default delete do
    double dynamic_cast else enum explicit export extern false float for friend goto if inline int
    linux long main mutable namespace new noexcept not not_eq nullptr operator or or_eq private
    protected public register reinterpret_cast requires restrict return short signed sizeof static
    static_assert static_cast struct switch template this thread_local throw true try typedef typeid
    typename union unix unsigned using virtual void volatile wchar_t while xor xor_eq
    """.split()
)


#: Types and macros of <stdint.h>, and the runtime's own names.
_TAKEN = re.compile(r"U?INT\w*|(SIZE|PTRDIFF|WCHAR|WINT|SIG_ATOMIC)_\w*|NULL|(ep|EP)_\w*")


def identifier(name: str) -> str:
    """A C identifier near ``name``: other characters become underscores, reserved ones are changed.

    An identifier that came from here stays as it is.
    """
    text = re.sub(r"[^0-9A-Za-z_]", "_", name, flags=re.ASCII).strip("_")[:48]
    if not text or text[0].isdigit() or text in _C_WORDS or keyword.iskeyword(text) or _TAKEN.fullmatch(text):
        text = f"model_{text}".rstrip("_")
    # Names that end in _t are the standard's.
    return f"{text}_model" if text.endswith("_t") else text
