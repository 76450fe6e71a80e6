# SPDX-License-Identifier: Apache-2.0
"""NPY files from strangers: refused in one sentence, never unpickled, never allocated for a lie in the header."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgepar import array_file
from edgepar.errors import InputDataError, UsageError


class Bomb:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self):
        return (print, ("unpickled",))


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def header(shape: str, descr: str = "'<f4'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


GOOD = npy(np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is no .npy file of plain numbers"),
        (b"\x93NUMPY", "is no .npy file of plain numbers"),
        (b"PK\x03\x04 not a zip", ""),
        (GOOD[:-1], "is no .npy file of plain numbers"),
        (header("(1000000, 1000000)"), "is no .npy file of plain numbers"),
        (header("(-1, 4)"), "is no .npy file of plain numbers"),
        (header("(2, 2), 'more': 1"), "is no .npy file of plain numbers"),
        (header("__import__('os')"), "is no .npy file of plain numbers"),
        (header("(1,)", "'|O'") + b"12345678", "is no .npy file of plain numbers"),
        (npy(np.array([Bomb()], dtype=object)), "is no .npy file of plain numbers"),
        (
            npy(np.array([1 + 2j])),
            "holds complex128, which cannot be the samples; save it with another type.",
        ),
        (npy(np.array(["a"])), "holds <U1, which cannot be the samples; save it with another type."),
    ],
)
def test_refused(content, text, tmp_path, capsys):
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    with pytest.raises(InputDataError) as caught:
        array_file.read_array(path, "fiub", "the samples")
    assert str(caught.value).startswith(f"{path}: {text}")
    assert "\n" not in str(caught.value)
    assert "unpickled" not in capsys.readouterr().out


def test_archive(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(3))
    with pytest.raises(InputDataError, match=r"x\.npz: is an archive of arrays; save the samples alone"):
        array_file.read_array(tmp_path / "x.npz", "f", "the samples")


def test_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(array_file, "MAX_BYTES", 100)
    (tmp_path / "x.npy").write_bytes(GOOD)
    with pytest.raises(
        InputDataError, match=rf"the file has {len(GOOD)} bytes, 100 are allowed; split the samples"
    ):
        array_file.read_array(tmp_path / "x.npy", "f", "the samples")


def test_missing_and_directory(tmp_path):
    for path in (tmp_path / "none.npy", tmp_path):
        with pytest.raises(InputDataError, match=r": cannot be read \(.*\); check the path\.$"):
            array_file.read_array(path, "f", "the samples")


@given(at=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_any_changed_byte_is_read_or_refused(at, value, tmp_path_factory):
    path = tmp_path_factory.mktemp("npy") / "x.npy"
    path.write_bytes(GOOD[:at] + bytes([value]) + GOOD[at + 1 :])
    try:
        array = array_file.read_array(path, "fiub", "the samples")
    except InputDataError:
        return
    assert array.nbytes <= len(GOOD)


@pytest.mark.parametrize("array", [np.arange(4), np.array(["a", "bc"]), np.zeros((2, 3), np.float32)])
def test_round_trip(array, tmp_path):
    array_file.write_array(tmp_path / "out", array)
    back = array_file.read_array(tmp_path / "out", "fiubU", "it")
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_cannot_write(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written \(Is a directory\); choose another path\."):
        array_file.write_array(tmp_path, np.zeros(1))
