# SPDX-License-Identifier: Apache-2.0
"""Model: an ONNX file in a coat. onnxruntime computes its answers, which are the reference of everything after it."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from edgepar import errors, model_file

_LABEL_TYPES = (onnx.TensorProto.INT64, onnx.TensorProto.STRING)
_FLOAT_TYPES = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)
_CLASS_ATTRIBUTES = ("classlabels_int64s", "classlabels_strings", "classlabels_ints")
_CLASSIFIER_OPS = ("TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier", "ZipMap")
# Operators that pick a label from a constant list of classes, and which of their inputs the list is.
_CLASS_INPUTS = {
    "ArgMaxLabel": 1,
    "SignLabel": 1,
    "NonNegativeLabel": 1,
    "ArrayFeatureExtractor": 0,
    "NearestLabel": 1,
}
# Operators through which a NaN may pass without reaching arithmetic that would turn it into an answer.
_NAN_OPS = ("TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor", "Cast", "Identity", "ZipMap")
_NUMPY_LABELS = {"bool": np.bool_, "float": np.float64}


class Model:
    """A trained model as ONNX, and its answers by onnxruntime.

    Parameters
    ----------
    proto
        A checked ModelProto, from `edgepar.export` or `Model.load`; not changed afterwards.
    estimator
        The fitted estimator behind it, where `edgepar.export` made the Model in this process; not saved.

    Notes
    -----
    Inputs are rounded to float32 first, since that is what a device sees.
    """

    def __init__(self, proto: onnx.ModelProto, estimator: Any = None) -> None:
        self.proto = proto
        self.estimator = estimator

    def __repr__(self) -> str:
        return (
            f"<Model {self.name}: {self.kind}, input {self.input_shape}, outputs {', '.join(self.outputs)}>"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"bytes": self.to_bytes()}  # a session of onnxruntime cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.proto = onnx.ModelProto.FromString(state["bytes"])
        self.estimator = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Read an ONNX file that nobody vouches for.

        Raises
        ------
        ModelFileError
            The file is missing, damaged, too large, or not a valid self-contained ONNX model.
        """
        return cls(model_file.read(Path(path)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the ONNX file; the same model always gives the same bytes."""
        try:
            Path(path).write_bytes(self.to_bytes())
        except OSError as error:
            raise errors.ModelFileError(
                f"{path}: cannot be written ({error.strerror}); choose another path."
            ) from None

    def to_bytes(self) -> bytes:
        """The ONNX file as bytes."""
        return bytes(self.proto.SerializeToString(deterministic=True))

    @cached_property
    def sha256(self) -> str:
        """Hash of the ONNX file, 64 hexadecimal digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def name(self) -> str:
        """Name of the graph."""
        return str(self.proto.graph.name)

    @cached_property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        shape = self._input.type.tensor_type.shape
        dims = [dim.dim_value if dim.HasField("dim_value") else 0 for dim in shape.dim][1:]
        if not dims or min(dims) <= 0:
            raise errors.UnsupportedModelError(
                f"Model {self.name}: the input {self._input.name} has a shape that is not fixed; "
                "export it with the number of features, such as [None, 64]."
            )
        return tuple(dims)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the ONNX outputs."""
        return tuple(output.name for output in self.proto.graph.output)

    @cached_property
    def kind(self) -> str:
        """`classifier`, `regressor`, `clusterer` or `outlier_detector`; all but a regressor answer with labels."""
        declared = self._metadata.get("ai.edgepar.kind")
        if declared in ("classifier", "regressor", "clusterer", "outlier_detector"):
            return declared
        has_classifier = any(node.op_type in _CLASSIFIER_OPS for node in self.proto.graph.node)
        return "classifier" if has_classifier or self._label_output is not None else "regressor"

    @cached_property
    def labels(self) -> npt.NDArray[Any] | None:
        """The user's class labels in the order of the probabilities; None for a regressor."""
        if self.kind == "regressor":
            return None
        portable = self._portable_labels()
        label_type = self._metadata.get("ai.edgepar.label_type", "")
        return portable.astype(_NUMPY_LABELS.get(label_type, portable.dtype))

    @property
    def allows_nan(self) -> bool:
        """Whether NaN, a missing value, is allowed in some feature of the input."""
        return bool(self.nan_features.any())

    @cached_property
    def nan_features(self) -> npt.NDArray[np.bool_]:
        """Where NaN, a missing value, is allowed: an array of the shape of one sample."""
        declared = self._metadata.get("ai.edgepar.missing_values")
        if declared is None:
            ops = {node.op_type for node in self.proto.graph.node}
            return np.full(self.input_shape, bool(ops) and ops.issubset(_NAN_OPS))
        if declared in ("allowed", "refused"):
            return np.full(self.input_shape, declared == "allowed")
        allowed = np.zeros(self.input_shape, dtype=np.bool_)
        numbers = [int(word) for word in declared.split() if word.isdecimal() and len(word) < 9]
        allowed.reshape(-1)[[number for number in numbers if number < allowed.size]] = True
        return allowed

    def run(self, X: Any) -> dict[str, npt.NDArray[Any]]:
        """All outputs by onnxruntime.

        Parameters
        ----------
        X
            Array-like of shape (n_samples, *input_shape), finite after rounding to float32; NaN only in `nan_features`.

        Returns
        -------
        dict
            ONNX output name -> array with one row a sample; a ZipMap's dictionaries come as columns in the order of
            `labels`.
        """
        x = self.check_input(X)
        if len(x) == 0:
            raise errors.InputDataError(f"Model {self.name}: X has no rows; pass at least one.")
        fixed_batch = self._input.type.tensor_type.shape.dim[0].dim_value
        if fixed_batch > 1:
            raise errors.UnsupportedModelError(
                f"Model {self.name}: the input takes exactly {fixed_batch} samples at once; "
                "export it with a free or single batch dimension."
            )
        batches = np.split(x, len(x)) if fixed_batch == 1 else [x]
        results = [self._run_batch(batch) for batch in batches]
        return {
            name: np.concatenate([result[index] for result in results])
            for index, name in enumerate(self.outputs)
        }

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Labels of a classifier or values of a regressor, in scikit-learn's shapes."""
        results = self.run(X)
        if self.kind == "regressor":
            value = results[self._value_output]
            foreign = "ai.edgepar.kind" not in self._metadata
            return value[:, 0] if foreign and value.ndim == 2 and value.shape[1] == 1 else value
        if self._label_output is None:
            raise errors.UnsupportedModelError(
                f"Model {self.name}: no output holds labels; export the classifier with its label output."
            )
        found = model_file.to_labels(results[self._label_output])
        if found.shape == (len(found), 1):
            found = found[:, 0]
        label_type = self._metadata.get("ai.edgepar.label_type", "")
        return found.astype(_NUMPY_LABELS.get(label_type, found.dtype))

    def predict_proba(self, X: Any) -> npt.NDArray[Any]:
        """Class probabilities, shape (n_samples, n_classes)."""
        return self.run(X)[self._require("probabilities", "predict_proba")]

    def decision_function(self, X: Any) -> npt.NDArray[Any]:
        """Decision scores: (n_samples,) for two classes, else (n_samples, n_classes)."""
        return self.run(X)[self._require("decision", "decision_function")]

    def transform(self, X: Any) -> npt.NDArray[Any]:
        """What the estimator's ``transform`` gives, (n_samples, n_outputs)."""
        return self.run(X)[self._require("transformed", "transform")]

    def score_samples(self, X: Any) -> npt.NDArray[Any]:
        """Scores as the estimator's ``score_samples`` gives them, (n_samples,)."""
        return self.run(X)[self._require("score", "score_samples")]

    def check_input(self, X: Any) -> npt.NDArray[np.float32]:
        """X as a float32 array that the model takes.

        Raises
        ------
        InputDataError
            Wrong type or shape, or values that are not allowed.
        """
        where = f"Model {self.name}"
        try:
            x = np.asarray(X)
        except (TypeError, ValueError) as error:
            raise errors.InputDataError(f"{where}: X is no array ({error}); pass rows of numbers.") from None
        if x.dtype.kind not in "biuf":
            raise errors.InputDataError(f"{where}: X has type {x.dtype}; pass a dense array of real numbers.")
        shape = self.input_shape
        if x.shape[1:] != shape or x.ndim != len(shape) + 1:
            wanted = f"{shape[0]} features" if len(shape) == 1 else f"samples of shape {shape}"
            found = f"{x.shape[1]} features" if len(shape) == 1 and x.ndim == 2 else f"shape {x.shape}"
            raise errors.InputDataError(
                f"{where}: X has {found}, but the model takes {wanted}; "
                f"pass an array of shape ({', '.join(['n', *map(str, shape)])})."
            )
        with np.errstate(over="ignore"):
            x = np.ascontiguousarray(x, dtype=np.float32)
        if np.isfinite(x).all():
            return x
        if np.isinf(x).any():
            row = int(np.argwhere(np.isinf(x))[0][0])
            raise errors.InputDataError(
                f"{where}: row {row} of X holds infinity or a value beyond float32; pass finite values."
            )
        refused = np.isnan(x) & ~self.nan_features
        if refused.any():
            row, feature = divmod(int(np.argmax(refused)), self.nan_features.size)
            if self.allows_nan:
                allowed = listed(np.flatnonzero(self.nan_features))
                raise errors.InputDataError(
                    f"{where}: row {row} of X holds NaN in feature {feature}, and only {allowed} may be missing; "
                    "fill missing values first."
                )
            raise errors.InputDataError(
                f"{where}: row {row} of X holds NaN, which only trees, imputers and encoders take; "
                "fill missing values first."
            )
        return x

    @property
    def _input(self) -> onnx.ValueInfoProto:
        constants = {tensor.name for tensor in self.proto.graph.initializer}
        free: list[onnx.ValueInfoProto] = [v for v in self.proto.graph.input if v.name not in constants]
        return free[0]

    @cached_property
    def _metadata(self) -> dict[str, str]:
        return {prop.key: prop.value for prop in self.proto.metadata_props}

    @cached_property
    def _zipmaps(self) -> dict[str, npt.NDArray[Any]]:
        """Labels of each ZipMap, by its output."""
        maps = (node for node in self.proto.graph.node if node.op_type == "ZipMap")
        return {node.output[0]: _class_attribute(node) for node in maps if node.output}

    @cached_property
    def _label_output(self) -> str | None:
        if "label" in self.outputs:
            return "label"
        return next((str(v.name) for v in self.proto.graph.output if _element_type(v) in _LABEL_TYPES), None)

    @property
    def _value_output(self) -> str:
        for value in self.proto.graph.output:
            if _element_type(value) in _FLOAT_TYPES:
                return str(value.name)
        raise errors.UnsupportedModelError(
            f"Model {self.name}: no output holds floating-point values; export the model with one."
        )

    def _require(self, output: str, method: str) -> str:
        if output in self.outputs:
            return output
        foreign = "ai.edgepar.kind" not in self._metadata
        if output == "probabilities" and foreign and self.kind == "classifier":
            for value in self.proto.graph.output:
                if value.name in self._zipmaps or _element_type(value) in _FLOAT_TYPES:
                    return str(value.name)
        raise errors.UsageError(
            f"Model {self.name} has no {method}: its outputs are {', '.join(self.outputs)}."
        )

    def _portable_labels(self) -> npt.NDArray[Any]:
        initializers = {tensor.name: tensor for tensor in self.proto.graph.initializer}
        for node in self._nodes_of_label():
            position = _CLASS_INPUTS.get(node.op_type, len(node.input))
            classes = initializers.get(node.input[position]) if position < len(node.input) else None
            if classes is not None:
                return model_file.to_labels(onnx.numpy_helper.to_array(classes)).ravel()
        for node in self._nodes_of_label():
            if any(attribute.name in _CLASS_ATTRIBUTES for attribute in node.attribute):
                return _class_attribute(node)
            if node.op_type == "Sign":
                return np.array([-1, 0, 1])
        raise errors.UnsupportedModelError(
            f"Model {self.name}: the class labels are in no place that edgepar knows; "
            "export it with a ZipMap or a classifier operator."
        )

    def _nodes_of_label(self) -> list[onnx.NodeProto]:
        """All nodes, those first that the label comes from, the last of them foremost: members have labels, too."""
        makers = {name: node for node in self.proto.graph.node for name in node.output if name}
        chain: list[onnx.NodeProto] = []
        name = self._label_output
        while name in makers and len(chain) < len(makers):
            chain.append(makers[name])
            name = next(iter(chain[-1].input), None)
        return [*chain, *self.proto.graph.node]

    @cached_property
    def _session(self) -> Any:
        return model_file.open_session(self.proto)

    def _run_batch(self, x: npt.NDArray[np.float32]) -> list[npt.NDArray[Any]]:
        element_type = self._input.type.tensor_type.elem_type
        dtype = onnx.helper.tensor_dtype_to_np_dtype(element_type)
        if dtype.kind not in "if" or (dtype.kind == "i" and not np.array_equal(np.rint(x), x)):
            raise errors.InputDataError(
                f"Model {self.name}: the input {self._input.name} takes {dtype}; pass such values."
            )
        raw = model_file.infer(self._session, {self._input.name: x.astype(dtype)}, self.name)
        arrays = []
        for name, value in zip(self.outputs, raw, strict=True):
            if isinstance(value, list):
                keys = self._zipmaps[name].tolist()
                value = np.array([[row[key] for key in keys] for row in value])
            if value.shape[:1] != x.shape[:1]:
                raise errors.UnsupportedModelError(
                    f"Model {self.name}: the output {name} has shape {value.shape} for {len(x)} samples; "
                    "each output has one row a sample."
                )
            arrays.append(value)
        return arrays


def listed(features: npt.NDArray[np.int64]) -> str:
    """Features in words: `feature 3`, `features 0, 2, 5`; of many the first eight."""
    names = ", ".join(str(number) for number in features[:8])
    more = f" and {len(features) - 8} more" if len(features) > 8 else ""
    return f"feature{'' if len(features) == 1 else 's'} {names}{more}"


def _element_type(value: onnx.ValueInfoProto) -> int:
    return value.type.tensor_type.elem_type if value.type.HasField("tensor_type") else 0


def _class_attribute(node: onnx.NodeProto) -> npt.NDArray[Any]:
    for attribute in node.attribute:
        if attribute.name in _CLASS_ATTRIBUTES:
            if attribute.strings:
                return np.array([text.decode("utf-8", "replace") for text in attribute.strings])
            if attribute.ints:
                return np.array(attribute.ints, dtype=np.int64)
    return np.zeros(0, dtype=np.int64)
