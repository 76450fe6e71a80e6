# SPDX-License-Identifier: Apache-2.0
"""estimator -> Model: looks the estimator up, checks it and drives skl2onnx with the converters of the table."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from edgepar import errors, model_checks
from edgepar.export import nan_features
from edgepar.export.emitter import ML_DOMAIN, ML_VERSION, Emitter
from edgepar.export.estimator_row import LABELLED, EstimatorRow
from edgepar.export.steps import Step, check, n_features_of, resolve, steps_of
from edgepar.functions import DOMAIN, FUNCTIONS, OPSET
from edgepar.functions import VERSION as DOMAIN_VERSION
from edgepar.model import Model
from edgepar.version import VERSION

INPUT_NAME = "X"

#: What an estimator made of others may ask a member for -> what gives it.
_GIVERS = {
    "label": "a classifier",
    "probabilities": "a classifier with predict_proba",
    "scaled": "a transformer",
}

_IR_VERSION = 8  # the first that has functions
_OPSETS = {"": OPSET, ML_DOMAIN: ML_VERSION, DOMAIN: DOMAIN_VERSION}


def export(estimator: Any, X_sample: Any = None, name: str | None = None) -> Model:
    """Turn a fitted scikit-learn estimator into a Model.

    Parameters
    ----------
    estimator
        A fitted estimator of `edgepar.export.ESTIMATORS`, or a Pipeline of transformers that ends in one.
    X_sample
        Array-like of shape (n_samples, n_features); one row is enough. Only its shape and type are read, to check that
        estimator and data belong together; None skips this.
    name
        Name of the model, a C identifier; the generated functions start with it. Default: made from the class name.

    Returns
    -------
    Model
        Computes in float64 what the estimator answers to ``X.astype(float32).astype(float64)``.

    Raises
    ------
    UnsupportedEstimatorError, NotFittedError, InputDataError, UsageError
    """
    steps = resolve(estimator)
    check(steps)
    last = steps[-1]
    n_features = n_features_of(steps)
    _check_sample(X_sample, n_features, type(estimator).__name__)
    name = _model_name(name, last.row.name)
    classes = _portable_classes(last) if last.row.role in LABELLED else None
    proto = _convert(steps, classes, n_features, name)
    _finish(proto, steps, classes, n_features)
    try:
        model_checks.check(proto)
    except (model_checks.Damaged, model_checks.Refused) as found:
        # An estimator from a file may be damaged, too.
        raise errors.UnsupportedEstimatorError(
            f"{type(estimator).__name__} gives no valid model: {found}; fit it again."
        ) from None
    return Model(proto, estimator)


def _check_sample(X_sample: Any, n_features: int, name: str) -> None:
    if X_sample is None:
        return
    try:
        sample = np.asarray(X_sample)
    except (TypeError, ValueError) as error:
        raise errors.InputDataError(
            f"X_sample is no array ({error}): pass rows of the training data."
        ) from None
    if sample.dtype.kind not in "biuf":
        raise errors.InputDataError(
            f"X_sample has type {sample.dtype}, but {name} takes numbers: pass rows of the training data."
        )
    if sample.ndim != 2 or sample.shape[1] != n_features:
        raise errors.InputDataError(
            f"X_sample has shape {sample.shape}, but {name} was fitted on {n_features} features: "
            f"pass an array of shape (n, {n_features}), for example X[:1]."
        )


def _model_name(name: str | None, class_name: str) -> str:
    if name is None:
        class_name = class_name.replace(".", "_")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower()
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", name):
        raise errors.UsageError(
            f"The model name {name!r} is no C identifier: use letters, digits and underscores, a letter first."
        )
    return name


def _portable_classes(step: Step) -> npt.NDArray[Any]:
    """The class labels as int64 or strings, the two label types of ONNX."""
    classes = np.asarray(step.row.classes(step.estimator))
    if classes.dtype.kind in "U" or all(isinstance(label, str) for label in classes):
        return classes.astype(str)
    if classes.dtype.kind in "biuf":
        integers = classes.astype(np.int64)
        if ((integers == classes) & ((integers < 0) == (classes < 0))).all():
            return integers
    raise errors.UnsupportedEstimatorError(
        f"{step.row.name} has class labels of type {classes.dtype}, such as {classes[-1]}: "
        "labels may be integers of 64 bits, booleans, whole floats or strings."
    )


def _convert(
    steps: list[Step], classes: npt.NDArray[Any] | None, n_features: int, name: str
) -> onnx.ModelProto:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.pipeline import Pipeline

    # Rebuilt, so that nested Pipelines and passthrough steps are gone; the estimators stay the fitted ones.
    carried = [(_carried(step.estimator), step.row) for step in steps]
    flat = Pipeline([(f"step{index}", estimator) for index, (estimator, _) in enumerate(carried)])
    rows = {type(estimator): row for estimator, row in carried}
    with warnings.catch_warnings():
        # skl2onnx imports and asks for names that scikit-learn and onnx deprecated; nothing a user can act on.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        proto: onnx.ModelProto = convert_sklearn(
            flat,
            name=name,
            initial_types=[(INPUT_NAME, FloatTensorType([None, n_features]))],
            target_opset=_OPSETS,
            custom_parsers={cls: _parser(row, classes) for cls, row in rows.items()},
            custom_shape_calculators=dict.fromkeys(rows, _keep_shapes),
            custom_conversion_functions={cls: _converter(row, classes) for cls, row in rows.items()},
        )
    return proto


class _Carrier:
    """What skl2onnx takes for an estimator of scikit-learn, around a Booster."""

    def __init__(self, booster: Any) -> None:
        self.booster = booster

    def __sklearn_tags__(self) -> Any:
        from sklearn.base import BaseEstimator

        return BaseEstimator().__sklearn_tags__()


def _carried(estimator: Any) -> Any:
    return estimator if hasattr(estimator, "__sklearn_tags__") else _Carrier(estimator)


def _given(carried: Any) -> Any:
    return carried.booster if isinstance(carried, _Carrier) else carried


def _parser(row: EstimatorRow, classes: npt.NDArray[Any] | None) -> Callable[..., Any]:
    """Declares the outputs of an estimator with their types and shapes."""
    from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType

    def declare(scope: Any, model: Any, inputs: list[Any], **_: Any) -> Any:
        operator = scope.declare_local_operator(f"Edgepar{row.name}", model)
        model = _given(model)
        operator.inputs = inputs
        for output in row.outputs_of(model):
            if output == "label":
                kind = (
                    StringTensorType if classes is not None and classes.dtype.kind == "U" else Int64TensorType
                )
                value_type = kind([None])
            else:
                shape: tuple[int | None, ...] | None = row.row_shape(output, model)
                if shape is None:
                    shape = _row_shape(output, row, model, classes)
                value_type = DoubleTensorType([None, *shape])
            operator.outputs.append(scope.declare_local_variable(output, value_type))
        return operator.outputs

    return declare


def _row_shape(
    output: str, row: EstimatorRow, estimator: Any, classes: npt.NDArray[Any] | None
) -> tuple[int | None, ...]:
    """Shape of one row of an output, as scikit-learn shapes it; None for a length that only its members know."""
    if output == "score":
        return ()
    if classes is not None and output in ("probabilities", "decision", "transformed"):
        return () if output == "decision" and len(classes) == 2 else (len(classes),)
    if output == "scaled":
        return (row.width(estimator),)
    n_targets = getattr(estimator, "n_outputs_", None) or _targets_of_members(estimator)
    if n_targets is not None:
        return () if n_targets == 1 else (int(n_targets),)
    return tuple(np.shape(getattr(estimator, "coef_", (0.0,)))[:-1])


def _targets_of_members(estimator: Any) -> int | None:
    """Number of targets of an ensemble that leaves them to its members; None where they do not say."""
    members = np.asarray(getattr(estimator, "estimators_", ()), dtype=object).ravel()
    return getattr(members[0], "n_outputs_", None) if len(members) else None


def _keep_shapes(operator: Any) -> None:
    """The parser has set types and shapes already."""


def _converter(row: EstimatorRow, classes: npt.NDArray[Any] | None) -> Callable[..., None]:
    def convert(scope: Any, operator: Any, container: Any) -> None:
        estimator, source = _given(operator.raw_operator), operator.inputs[0]
        names = [variable.onnx_name for variable in operator.outputs]
        emitter = Emitter(
            scope,
            container,
            source.onnx_name,
            type(source.type).__name__ == "DoubleTensorType",
            dict(zip(row.outputs_of(estimator), names, strict=True)),
            _write_member,
        )
        _write_step(emitter, Step(estimator, row), classes)

    return convert


def _write_step(emitter: Emitter, step: Step, classes: npt.NDArray[Any] | None) -> None:
    if step.row.role in LABELLED:
        step.row.convert(emitter, step.estimator, classes)
    else:
        step.row.convert(emitter, step.estimator)


def _write_member(emitter: Emitter, estimator: Any) -> None:
    """An estimator inside another, whose outputs not every one is asked for; a Pipeline step by step."""
    steps = steps_of(estimator)
    if not steps:  # a Pipeline that passes its input on
        emitter.op("Identity", [emitter.x()], emitter.output("scaled") or "")
        return
    *first, last = steps
    x = ""
    for step in first:
        (x,) = emitter.member(step.estimator, "scaled", x=x)
    given = last.row.outputs_of(last.estimator)
    for role in emitter.roles:
        if role not in given:
            raise errors.UnsupportedEstimatorError(
                f"{last.row.name} has to give {role} inside another estimator, but gives {' and '.join(given)} alone: "
                f"put {_GIVERS.get(role, 'another estimator')} in its place."
            )
    outputs = {role: emitter.output(role) or emitter.name(role) for role in given}
    classes = _portable_classes(last) if last.row.role in LABELLED else None
    _write_step(emitter.writing(outputs, x), last, classes)


def _finish(
    proto: onnx.ModelProto, steps: list[Step], classes: npt.NDArray[Any] | None, n_features: int
) -> None:
    """Adds the functions and what a reader of the file wants to know; everything in a fixed order."""
    _drop_unused(proto.graph)
    called = {node.op_type for node in proto.graph.node if node.domain == DOMAIN}
    proto.functions.extend(FUNCTIONS[function] for function in sorted(called))
    domains = {node.domain for node in proto.graph.node} | {""}
    del proto.opset_import[:]
    proto.opset_import.extend(helper.make_opsetid(domain, _OPSETS[domain]) for domain in sorted(domains))
    proto.ir_version = _IR_VERSION
    proto.producer_name = "edgepar"
    proto.producer_version = VERSION
    proto.domain = ""
    proto.doc_string = ""
    last = steps[-1]
    metadata = {
        "ai.edgepar.estimator": " | ".join(step.row.name for step in steps),
        "ai.edgepar.kind": steps[-1].row.role,
        "ai.edgepar.missing_values": _missing_values(steps, n_features),
    }
    if classes is not None:
        metadata["ai.edgepar.label_type"] = _label_type(np.asarray(last.row.classes(last.estimator)))
    del proto.metadata_props[:]
    for key, value in sorted(metadata.items()):
        proto.metadata_props.add(key=key, value=value)


def _drop_unused(graph: onnx.GraphProto) -> None:
    """Members of an estimator write all their outputs, some of which nobody reads."""
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    if len(kept) == len(graph.node):
        return
    nodes = [copy.deepcopy(node) for node in reversed(kept)]
    tensors = [copy.deepcopy(tensor) for tensor in graph.initializer if tensor.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(tensors)


def _refused_nan(steps: list[Step], origins: nan_features.Origins) -> tuple[set[int], nan_features.Origins]:
    """Input features whose NaN scikit-learn refuses on its way, and the origins of NaN behind the steps."""
    from sklearn.utils import get_tags

    refused: set[int] = set()
    for step in steps:
        row, estimator = step.row, step.estimator
        if row.parts is not None:
            behind = []
            for part in row.parts(estimator):
                inside = [] if part.transformer is None else steps_of(part.transformer)
                at = origins if part.columns is None else origins[part.columns]
                more, passed_on = _refused_nan(inside, at)
                refused.update(more)
                behind.append(passed_on)
            origins = np.concatenate(behind)
            continue
        members = row.members(estimator)
        if members:  # what is made of others lets them look at the samples
            found = [_refused_nan(steps_of(m), origins) for m in members]
            refused.update(*(at for at, _ in found))
            continue
        if row.path.endswith(".Booster"):  # no estimator of scikit-learn, and takes NaN
            continue
        tags = get_tags(estimator)
        passed: nan_features.Origins | None = None
        at = origins
        if tags.input_tags.allow_nan or tags.no_validation:
            passed, at = row.nan(estimator, origins)
        refused.update(at[at != nan_features.NOWHERE].tolist())
        if row.role == "transformer":
            width = row.width(estimator)
            origins = nan_features.nowhere(width or 0) if passed is None else passed
    return refused, origins


def _missing_values(steps: list[Step], n_features: int) -> str:
    """Where NaN is allowed: `allowed`, `refused` or the numbers of the features."""
    refused, _ = _refused_nan(steps, np.arange(n_features))
    if not refused:
        return "allowed"
    return " ".join(str(f) for f in range(n_features) if f not in refused) or "refused"


def _label_type(classes: npt.NDArray[Any]) -> str:
    """bool, int, float or str: what predict gives back to the user."""
    return {"b": "bool", "f": "float", "i": "int", "u": "int"}.get(classes.dtype.kind, "str")
