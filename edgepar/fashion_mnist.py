# SPDX-License-Identifier: Apache-2.0
"""Fashion-MNIST out of the Debian package dataset-fashion-mnist: idx files, read where the package puts them."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.errors import InputDataError, MissingToolError

FOLDER = Path("/usr/share/datasets/fashion-mnist")

#: The first images of the training file; their order is random, so any of them are a sub-sample.
N_IMAGES = 6000

_UNSIGNED_BYTES = 8


def load_fashion_mnist(
    *, return_X_y: bool = True, folder: Path = FOLDER
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Images as rows of 784 numbers from 0 to 1, and their classes 0 to 9; the signature of scikit-learn's loaders.

    Raises
    ------
    MissingToolError
        When the package is not installed.
    InputDataError
        When a file is no idx file of bytes.
    """
    if not return_X_y:
        raise ValueError("only return_X_y=True")
    pixels = read_idx(folder / "train-images-idx3-ubyte.gz", N_IMAGES)
    classes = read_idx(folder / "train-labels-idx1-ubyte.gz", N_IMAGES)
    return pixels.reshape(len(pixels), -1) / 255.0, classes.astype(np.int64)


def read_idx(path: Path, most: int) -> npt.NDArray[np.uint8]:
    """The first ``most`` items of an idx file of unsigned bytes (http://yann.lecun.com/exdb/mnist)."""
    try:
        with gzip.open(path) as file:
            zero, kind, n_axes = struct.unpack(">HBB", file.read(4))
            shape: tuple[Any, ...] = struct.unpack(f">{n_axes}I", file.read(4 * n_axes))
            items = min(most, shape[0])
            data = file.read(items * int(np.prod(shape[1:], dtype=np.int64)))
        if zero != 0 or kind != _UNSIGNED_BYTES:
            raise ValueError(f"its first bytes are {zero:#x}, {kind:#x}")
        return np.frombuffer(data, dtype=np.uint8).reshape(items, *shape[1:])
    except FileNotFoundError:
        raise MissingToolError(
            f"{path.name} of Fashion-MNIST is not in {path.parent}; "
            "install it with: apt-get install dataset-fashion-mnist"
        ) from None
    except (OSError, EOFError, ValueError, struct.error, IndexError, zlib.error) as error:
        raise InputDataError(
            f"{path}: no idx file of bytes ({error}); install the package dataset-fashion-mnist anew."
        ) from error
