# SPDX-License-Identifier: Apache-2.0
"""ONNX files from strangers: what is read, what is refused, and how onnxruntime is asked.

Everything here ends in a proto, an array or one of edgepar's errors; a file must not be able to crash the process,
so its structure is checked in Python before C++ code walks it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from edgepar import errors

MAX_FILE_BYTES = 1 << 30


def read(path: Path) -> onnx.ModelProto:
    """Read and check an ONNX file."""
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MAX_FILE_BYTES:
            raise errors.ModelFileError(
                f"{path}: has {size_bytes} bytes, more than the {MAX_FILE_BYTES} that are read; use a smaller model."
            )
        data = path.read_bytes()
    except OSError as error:
        raise errors.ModelFileError(f"{path}: cannot be read ({error.strerror}); check the path.") from None
    return parse(data, str(path))


def parse(data: bytes, where: str) -> onnx.ModelProto:
    """Check the bytes of an ONNX file; `where` names them in errors."""
    try:
        proto = onnx.ModelProto.FromString(data)
        onnx.checker.check_model(proto)
    except Exception as error:
        raise errors.ModelFileError(f"{where}: {error}") from None
    return proto


def session(proto: onnx.ModelProto) -> Any:
    """An onnxruntime session that computes what the file says, in its order, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # sums then have one order, whatever the machine
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise errors.ModelFileError(
            f"Model {proto.graph.name}: onnxruntime cannot load it ({error})"
        ) from None


def infer(running: Any, feeds: dict[str, npt.NDArray[Any]], name: str) -> list[Any]:
    """All outputs of a session."""
    try:
        outputs: list[Any] = running.run(None, feeds)
    except Exception as error:
        raise errors.ModelFileError(f"Model {name}: onnxruntime failed to run it ({error})") from None
    return outputs
