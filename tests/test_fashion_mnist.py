# SPDX-License-Identifier: Apache-2.0
"""The reader of idx files, on the package's own and on damaged ones."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from edgepar.errors import InputDataError, MissingToolError
from edgepar.fashion_mnist import N_IMAGES, load_fashion_mnist, read_idx


def idx(shape, data: bytes, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + data


def test_images_and_classes():
    X, y = load_fashion_mnist()
    assert X.shape == (N_IMAGES, 784)
    assert (X.min(), X.max()) == (0.0, 1.0)
    assert np.bincount(y).min() > N_IMAGES / 10 * 0.9


def test_only_as_many_items_as_wanted(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(idx((3, 2), bytes(range(6)))))
    assert read_idx(path, 2).tolist() == [[0, 1], [2, 3]]
    assert read_idx(path, 9).tolist() == [[0, 1], [2, 3], [4, 5]]


def test_a_missing_package_is_named_with_its_command(tmp_path):
    with pytest.raises(MissingToolError) as caught:
        load_fashion_mnist(folder=tmp_path)
    assert str(caught.value) == (
        f"train-images-idx3-ubyte.gz of Fashion-MNIST is not in {tmp_path}; "
        "install it with: apt-get install dataset-fashion-mnist"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"\0\0"),
        gzip.compress(idx((3, 2), b"\0")),
        gzip.compress(idx((3, 2), bytes(6), kind=9)),
        gzip.compress(idx((3, 2), bytes(6)))[:15],
    ],
    ids=["empty", "no gzip", "short head", "short data", "floats", "cut off"],
)
def test_damaged_files_are_named(tmp_path, content):
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(InputDataError, match=r"images\.gz: no idx file of bytes .*install the package"):
        read_idx(path, 3)
