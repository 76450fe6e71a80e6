# SPDX-License-Identifier: Apache-2.0
"""NPY files that nobody vouches for: no pickles, no sizes beyond a limit, one sentence on what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.errors import InputDataError, UsageError

#: A file above this is refused; every target's samples fit many times over.
MAX_BYTES = 2**30


def read_array(path: str | os.PathLike[str], kinds: str, what: str) -> npt.NDArray[Any]:
    """The array of an .npy file whose dtype kind is one of ``kinds``.

    Raises
    ------
    InputDataError
        The file is missing, damaged, too large, holds objects or another type.
    """
    file = Path(path)
    try:
        length = file.stat().st_size
        if length > MAX_BYTES:
            raise InputDataError(
                f"{file}: the file has {length} bytes, {MAX_BYTES} are allowed; split the samples into several files."
            )
        # A memory map checks the header's shape against the length of the file before anything is allocated.
        found = np.load(file, mmap_mode="r", allow_pickle=False)
        if not isinstance(found, np.ndarray):
            raise InputDataError(f"{file}: is an archive of arrays; save {what} alone with numpy.save.")
        array = np.array(found)
    except OSError as error:
        raise InputDataError(f"{file}: cannot be read ({error.strerror or error}); check the path.") from None
    except InputDataError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged header fails in ast, tokenize, zipfile or numpy
        reason = " ".join(str(error).split())[:160]
        raise InputDataError(
            f"{file}: is no .npy file of plain numbers ({reason}); save {what} with numpy.save."
        ) from None
    if array.dtype.kind not in kinds:
        raise InputDataError(
            f"{file}: holds {array.dtype}, which cannot be {what}; save it with another type."
        )
    return array


def write_array(path: str | os.PathLike[str], array: npt.NDArray[Any]) -> None:
    """Write an .npy file; the name is taken as it is."""
    file = Path(path)
    try:
        with file.open("wb") as stream:
            np.save(stream, array, allow_pickle=False)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}); choose another path.") from None
