# SPDX-License-Identifier: Apache-2.0
"""Literals give the same number back, identifiers are legal C, texts survive the compiler."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgepar.codegen import literals
from edgepar.identifier import identifier


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_f32_round_trips(value: float) -> None:
    text = literals.f32(value)
    assert re.fullmatch(r"-?\d+(\.\d*)?(e[+-]\d+)?f", text)
    assert "." in text or "e" in text
    back = np.float32(text[:-1])
    assert back.tobytes() == np.float32(value).tobytes()


@pytest.mark.parametrize("value", [1e39, -1e39])
def test_f32_refuses_what_has_no_literal(value: float) -> None:
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="no float32 literal"):
        literals.f32(value)


def test_f32_has_infinities_and_nan_by_the_builtins() -> None:
    assert literals.f32(float("nan")) == '__builtin_nanf("")'
    assert literals.f32(float("inf")) == "__builtin_inff()"
    assert literals.f32(-float("inf")) == "(-__builtin_inff())"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("digits", "digits"),
        ("my model-1", "my_model_1"),
        ("1st", "model_1st"),
        ("int", "model_int"),
        ("class", "model_class"),
        ("", "model"),
        ("ep_trees", "model_ep_trees"),
        ("uint32_t", "uint32_t_model"),
        ("INT32_MAX", "model_INT32_MAX"),
        ("blüte", "bl_te"),
    ],
)
def test_identifier(name: str, expected: str) -> None:
    assert identifier(name) == expected
    assert identifier(expected) == expected


TEXTS = ["plain", 'quote " and \\', "tab\tline\n", "blüte 花", "??=trigraph", "\x01" + "7", "%d"]
INTEGERS = [0, 1, -1, 2**31 - 1, -(2**31)]
LONG_INTEGERS = [2**63 - 1, -(2**63), 3_000_000_000]


def test_literals_mean_the_same_in_c(tmp_path: Path) -> None:
    source = ["#include <stdio.h>", "#include <stdint.h>", "int main(void)", "{"]
    source += [f"    fwrite({literals.text(t)}, 1, sizeof({literals.text(t)}), stdout);" for t in TEXTS]
    source += [f'    printf("%ld\\n", (long)({literals.i32(v)}));' for v in INTEGERS]
    source += [f'    printf("%lld\\n", (long long)({literals.i64(v)}));' for v in LONG_INTEGERS]
    source += ["    return 0;", "}"]
    path = tmp_path / "main.c"
    path.write_text("\n".join(source) + "\n", encoding="utf-8")
    program = tmp_path / "main"
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wno-trigraphs", "-Werror"]
    subprocess.run(["gcc", *flags, str(path), "-o", str(program)], check=True)
    out = subprocess.run([str(program)], check=True, capture_output=True).stdout
    expected = b"".join(text.encode() + b"\0" for text in TEXTS)
    expected += b"".join(f"{value}\n".encode() for value in (*INTEGERS, *LONG_INTEGERS))
    assert out == expected


@pytest.mark.parametrize("value", ["line\nbreak", "ends in \\", "*/ and //", "ünï"])
def test_comment_stays_on_its_line(value: str) -> None:
    text = literals.comment(value)
    assert "\n" not in text
    assert not text.endswith("\\")
    assert text.isascii()
