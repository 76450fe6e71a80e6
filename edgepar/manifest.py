# SPDX-License-Identifier: Apache-2.0
"""edgepar.json of a Project: what a program needs to feed the image and to read its answers back."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt, ValidationError, model_validator

from edgepar.errors import UsageError

FILE_NAME = "edgepar.json"

#: Elements of a sample or of an answer that no model reaches; a damaged file must not ask for more memory.
_MOST_ELEMENTS = 2**24


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Field(_Table):
    """One model output in the record that an inference writes: 4-byte elements, in order, without gaps."""

    name: str
    role: Literal["label", "probabilities", "decision", "value", "transformed", "score"]
    dtype: Literal["float32", "int32"]
    len: PositiveInt
    flat: bool

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.role == "label" and (self.dtype != "int32" or self.len != 1):
            raise ValueError("a label is one int32")
        return self


class MemoryNeed(_Table):
    """A buffer or table of the plan."""

    name: str
    level: Literal["l1", "l2", "ram", "flash"]
    bytes: NonNegativeInt


class Manifest(_Table):
    """What a Project is made for. Field names are those of ``edgepar.compile``; ``batch`` is samples a call."""

    edgepar_version: str
    name: str
    model_sha256: str
    kind: Literal["classifier", "regressor"]
    target: str
    emulator: str
    isa: str
    fp: str
    cores: PositiveInt
    batch: PositiveInt = 1
    input_shape: tuple[PositiveInt, ...]
    accepts_nan: bool | tuple[NonNegativeInt, ...]
    labels: tuple[bool, ...] | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]
    record: tuple[Field, ...]
    needs: tuple[MemoryNeed, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wanted = "label" if self.kind == "classifier" else "value"
        if all(field.role != wanted for field in self.record):
            raise ValueError(f"a {self.kind} has no {wanted}")
        if max(math.prod(self.input_shape), sum(field.len for field in self.record)) > _MOST_ELEMENTS:
            raise ValueError("a sample or an answer is too large")
        if not isinstance(self.accepts_nan, bool) and max(self.accepts_nan, default=0) >= math.prod(
            self.input_shape
        ):
            raise ValueError("NaN is allowed in a feature that does not exist")
        return self

    @property
    def input_bytes(self) -> int:
        """Bytes of one sample."""
        return 4 * math.prod(self.input_shape)

    @property
    def nan_features(self) -> npt.NDArray[np.bool_]:
        """Where NaN is allowed: an array of the shape of one sample."""
        allowed = np.full(self.input_shape, self.accepts_nan is True)
        if not isinstance(self.accepts_nan, bool):
            allowed.reshape(-1)[list(self.accepts_nan)] = True
        return allowed

    @property
    def output_bytes(self) -> int:
        """Bytes of one answer."""
        return 4 * sum(field.len for field in self.record)

    def to_text(self) -> str:
        """The file's text; the same manifest gives the same bytes."""
        return self.model_dump_json(indent=2) + "\n"

    def split_record(self, outputs: bytes) -> dict[str, npt.NDArray[np.generic]]:
        """Arrays by output name, ``[n_samples, len]`` each, from the bytes an emulator gave back."""
        words = np.frombuffer(outputs, dtype="<u4").reshape(-1, self.output_bytes // 4)
        found: dict[str, npt.NDArray[np.generic]] = {}
        start = 0
        for field in self.record:
            columns = np.ascontiguousarray(words[:, start : start + field.len])
            found[field.name] = columns.view("<f4" if field.dtype == "float32" else "<i4")
            start += field.len
        return found


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a project folder; UsageError when it is missing or damaged."""
    path = folder / FILE_NAME
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{folder}: {FILE_NAME} cannot be read ({error.strerror}); give a folder made by 'edgepar compile'."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: the file is damaged; make the folder anew with 'edgepar compile'."
        ) from error
