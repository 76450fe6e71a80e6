# SPDX-License-Identifier: Apache-2.0
"""Encoders of categories and intervals.

An encoder is asked what it makes of each category, so that drop, groups of infrequent categories and codes of missing
values are as it has them.

Where scikit-learn raises because of an unknown category (``handle_unknown="error"``), a device has no way to: there
OneHotEncoder sets no flag, as with ``"ignore"``, and OrdinalEncoder answers -1.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Codes:
    """What an encoder makes of one feature: a code for each category, for other numbers and for NaN.

    Codes of OneHotEncoder are places of its flags, -1 for none.
    """

    categories: Array
    codes: Array
    unknown: float
    missing: float


def one_hot_encoder(emitter: Emitter, encoder: Any) -> None:
    """OneHotEncoder: codes, then their flags."""
    _flags(emitter, _code(emitter, one_hot_codes(encoder)), one_hot_widths(encoder))


def ordinal_encoder(emitter: Emitter, encoder: Any) -> None:
    """OrdinalEncoder: codes."""
    _code(emitter, ordinal_codes(encoder), emitter.outputs[0])


def k_bins_discretizer(emitter: Emitter, discretizer: Any) -> None:
    """KBinsDiscretizer: the number of inner edges that a feature reaches, or its flag."""
    edges = [np.asarray(edges, dtype=np.float64)[1:-1] for edges in discretizer.bin_edges_]
    # A feature of one interval has no inner edge; infinity is one that nothing reaches.
    edges = [inner if len(inner) else np.array([np.inf]) for inner in edges]
    ordinal = discretizer.encode == "ordinal"
    inputs = [emitter.x(), *_grouped(emitter, "edges", edges)]
    counts = emitter.call("CountEdges", inputs, emitter.outputs[0] if ordinal else "")
    if not ordinal:
        _flags(emitter, counts, [int(n) for n in discretizer.n_bins_])


def one_hot_codes(encoder: Any) -> list[Codes]:
    """Places of the flags of each feature."""
    begins = np.cumsum([0, *one_hot_widths(encoder)])

    def places(rows: npt.NDArray[Any]) -> Array:
        flags = encoder.transform(rows)
        row, flag = (flags if hasattr(flags, "toarray") else np.asarray(flags)).nonzero()
        feature = np.searchsorted(begins, flag, side="right") - 1
        found = np.full(rows.shape, -1.0)
        found[row, feature] = flag - begins[feature]
        return found

    return _ask(encoder, places)


def ordinal_codes(encoder: Any) -> list[Codes]:
    """Codes of each feature."""
    return _ask(encoder, lambda rows: np.asarray(encoder.transform(rows), dtype=np.float64))


def one_hot_widths(encoder: Any) -> list[int]:
    """Number of flags of each feature."""
    return [int(n) for n in encoder._n_features_outs]  # noqa: SLF001 - no public name tells the features apart


def n_flags(encoder: Any) -> int:
    """Number of flags of all features."""
    return sum(one_hot_widths(encoder))


def n_intervals(discretizer: Any) -> int:
    """Number of features that a KBinsDiscretizer answers with."""
    return len(discretizer.n_bins_) if discretizer.encode == "ordinal" else int(sum(discretizer.n_bins_))


def has_text(encoder: Any) -> bool:
    """Whether a category is no number."""
    return not all(
        isinstance(category, (Real, np.bool_)) for row in encoder.categories_ for category in row.tolist()
    )


def has_float64_categories(encoder: Any) -> bool:
    """Whether float32, which is what a device sees, holds no number that equals some category."""
    with np.errstate(over="ignore"):
        return any(np.any(row.astype(np.float32) != row) for row in map(_numbers, encoder.categories_))


def has_narrow_dtype(encoder: Any) -> bool:
    """Whether the answer is float32, in which scikit-learn's estimators then compute."""
    dtype = np.dtype(np.float64 if encoder.dtype is None else encoder.dtype)
    return dtype.kind == "f" and dtype.itemsize < 8


def has_no_flag(encoder: Any) -> bool:
    """Whether drop leaves nothing."""
    return n_flags(encoder) == 0


def _numbers(categories: Any) -> Array:
    """Categories but for NaN."""
    numbers = np.asarray(categories, dtype=np.float64)
    return numbers[~np.isnan(numbers)]


def _ask(encoder: Any, codes_of: Callable[[npt.NDArray[Any]], Array]) -> list[Codes]:
    """Transform rows that hold every category, all features at once, and one whose numbers are in no category."""
    categories = [np.asarray(row, dtype=np.float64) for row in encoder.categories_]
    longest = max(map(len, categories))
    known = np.stack([row[np.minimum(np.arange(longest), len(row) - 1)] for row in categories], axis=1)
    other = np.array([[next(n for n in range(len(row) + 1) if n not in row) for row in categories]])
    # Categories that are objects are looked for among objects.
    as_seen = object if any(row.dtype == object for row in encoder.categories_) else np.float64
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of features, and unknown categories
        codes = codes_of(known.astype(as_seen))
        unknown = np.full(len(categories), -1.0)
        if encoder.handle_unknown != "error":
            unknown = codes_of(other.astype(as_seen))[0]
    found = []
    for row, column, nothing in zip(categories, codes.T, unknown.tolist(), strict=True):
        code, is_nan = column[: len(row)], np.isnan(row)
        missing = float(code[is_nan][0]) if is_nan.any() else nothing
        found.append(Codes(row[~is_nan], code[~is_nan], nothing, missing))
    return found


def _code(emitter: Emitter, codes: list[Codes], output: str = "") -> str:
    # A feature whose only category is NaN has one that nothing equals.
    nothing = np.array([np.nan])
    columns, categories = _grouped(
        emitter, "categories", [one.categories if len(one.categories) else nothing for one in codes]
    )
    values = np.concatenate([one.codes if len(one.codes) else np.zeros(1) for one in codes])
    inputs = [
        emitter.x(), columns, categories, emitter.parameter("codes", values),
        emitter.parameter("unknown", [one.unknown for one in codes]),
        emitter.parameter("missing", [one.missing for one in codes]),
    ]  # fmt: skip
    return emitter.call("CategoryCodes", inputs, output)


def _flags(emitter: Emitter, codes: str, widths: list[int]) -> None:
    columns = emitter.indices("columns", np.repeat(np.arange(len(widths)), widths))
    places = emitter.parameter("places", np.concatenate([np.arange(width) for width in widths]))
    emitter.call("PlaceFlags", [codes, columns, places], emitter.outputs[0])


def _grouped(emitter: Emitter, stem: str, rows: list[Array]) -> list[str]:
    """Numbers of all features: the feature of each, and the numbers."""
    columns = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return [emitter.indices("columns", columns), emitter.parameter(stem, np.concatenate(rows))]
