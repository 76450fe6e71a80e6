# SPDX-License-Identifier: Apache-2.0
"""ONNX files from strangers: how they are read, and how onnxruntime is asked.

Everything here ends in a proto, an array or one of edgepar's errors; no file can crash the process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from edgepar import model_checks
from edgepar.errors import ModelFileError, UnsupportedModelError

MAX_FILE_BYTES = 1 << 30


def read(path: Path) -> onnx.ModelProto:
    """Read and check an ONNX file.

    Raises
    ------
    ModelFileError
        It is missing, too large or damaged.
    UnsupportedModelError
        It is valid, but holds something that edgepar does not take.
    """
    try:
        file_bytes = path.stat().st_size
        if file_bytes > MAX_FILE_BYTES:
            raise ModelFileError(
                f"{path}: has {file_bytes} bytes, more than the {MAX_FILE_BYTES} that are read; use a smaller model."
            )
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror}); check the path.") from None
    return parse(data, str(path))


def parse(data: bytes, where: str) -> onnx.ModelProto:
    """Check the bytes of an ONNX file; `where` names them in errors, as in `read`."""
    try:
        proto: onnx.ModelProto = onnx.ModelProto.FromString(data)
    except Exception:  # noqa: BLE001 - protobuf's error types depend on its backend
        raise ModelFileError(
            f"{where}: is no ONNX file, or a damaged one (protobuf cannot parse it); export it again."
        ) from None
    try:
        model_checks.check(proto)
        onnx.checker.check_model(proto)
        model_checks.check_shapes(proto)
    except model_checks.Refused as found:
        raise UnsupportedModelError(f"{where}: {found}.") from None
    except model_checks.Damaged as found:
        raise ModelFileError(f"{where}: {found}.") from None
    except Exception as error:  # noqa: BLE001 - onnx raises many types, and none may reach the user as a traceback
        raise ModelFileError(f"{where}: is no valid ONNX model ({_brief(error)}); export it again.") from None
    return proto


def open_session(proto: onnx.ModelProto) -> Any:
    """An onnxruntime session that computes what the file says, in its order, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # sums then have one order, whatever the machine
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4  # errors come as exceptions, not as lines on stderr
    try:
        return onnxruntime.InferenceSession(
            proto.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # it would print to stdout before it fails again
        )
    except Exception as error:  # noqa: BLE001 - its exception classes are not public
        raise ModelFileError(
            f"Model {proto.graph.name}: onnxruntime cannot load it ({_brief(error)}); export it again."
        ) from None


def infer(session: Any, feeds: dict[str, npt.NDArray[Any]], name: str) -> list[Any]:
    """All outputs of a session, in the order of the graph."""
    try:
        outputs: list[Any] = session.run(None, feeds)
    except Exception as error:  # noqa: BLE001 - its exception classes are not public
        raise ModelFileError(
            f"Model {name}: onnxruntime fails to run it ({_brief(error)}); export it again."
        ) from None
    return outputs


def _brief(error: Exception) -> str:
    """A library's error as the part of a sentence: one line, no trailing stop, not endless."""
    return " ".join(str(error).split())[:300].rstrip(". ")


def to_labels(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Strings as numpy strings, where onnx and onnxruntime give objects."""
    return array.astype(np.str_) if array.dtype.kind in "OS" else array
