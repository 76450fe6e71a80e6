# SPDX-License-Identifier: Apache-2.0
"""The C of other tools for a trained workload: which settings there are, what they generate, how it is called.

Nothing of it is kept in this tree: it is generated when the bench runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edgepar.bench.peer_export import generate
from edgepar.errors import MissingToolError
from edgepar.workloads import Trained

#: C type of a sample's elements -> numpy's.
InputType = Literal["int16_t", "float", "double"]
DTYPES: dict[InputType, str] = {"int16_t": "<i2", "float": "<f4", "double": "<f8"}


@dataclass(frozen=True)
class PeerCode:
    """Generated C and how it is called.

    Attributes
    ----------
    source : str
        C text, included before ``call``.
    call : str
        Statements that set ``label``, a class index, from ``x``, the sample.
    input_type : str
        Of the elements of ``x``: each tool gets samples in the type that it takes.
    scale : float
        What samples are multiplied by before they become ``input_type``.
    include : Path | None
        Where the tool's own headers lie.
    long_function : bool
        Whether the model is one expression of so many terms that compilers, whose time grows with the square of a
        function's length and more, are asked for less than ``-O2``.
    """

    tool: str
    settings: str
    source: str
    call: str
    input_type: InputType
    scale: float = 1.0
    include: Path | None = None
    long_function: bool = False

    def samples(self, X: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Rows as the C code takes them."""
        return np.ascontiguousarray(X * self.scale).astype(DTYPES[self.input_type])


@dataclass(frozen=True)
class PeerTool:
    """A tool: its package, and by estimator what makes candidates, its default settings first."""

    name: str
    estimators: dict[str, Callable[[Trained], Sequence[PeerCode]]]

    def require(self) -> None:
        """MissingToolError when the package is not installed."""
        try:
            metadata.version(self.name)
        except metadata.PackageNotFoundError:
            raise MissingToolError(
                f"bench peers: the Python package {self.name} is not installed; "
                f"install it with: {sys.executable} -m pip install 'edgepar[bench]'"
            ) from None


# ---- emlearn: trees, GaussianNB and neighbours


def _emlearn_include() -> Path:
    (found,) = {file.locate() for file in metadata.files("emlearn") or () if file.name == "eml_common.h"}
    return Path(str(found)).parent


@dataclass(frozen=True)
class _TreeSettings:
    """Settings of emlearn's trees.

    ``scale`` follows its advice to use the range of int16: thresholds of whole numbers lie at halves, and those of
    twice the numbers do not.
    """

    method: str
    dtype: InputType
    leaf_bits: int
    scale: int = 1

    def __str__(self) -> str:
        votes = f"leaf_bits={self.leaf_bits}"
        scaled = f", features times {self.scale}" if self.scale != 1 else ""
        return f"method={self.method}, dtype={self.dtype}, {votes}{scaled}"


#: Its default first.
TREE_SETTINGS = (
    _TreeSettings("inline", "int16_t", 0),
    _TreeSettings("inline", "int16_t", 0, scale=2),
    _TreeSettings("inline", "int16_t", 8, scale=2),
    _TreeSettings("loadable", "int16_t", 0, scale=2),
    _TreeSettings("loadable", "int16_t", 8, scale=2),
    _TreeSettings("inline", "float", 0),
    _TreeSettings("inline", "float", 8),
)


def emlearn_trees(trained: Trained) -> list[PeerCode]:
    """Trees and forests."""
    found = []
    for settings in TREE_SETTINGS:
        estimator = trained.estimator
        if settings.scale != 1:
            # A power of two: the same tree with every threshold times it.
            estimator = trained.workload.estimator().fit(trained.X_train * settings.scale, trained.y_train)
        source = generate(
            "emlearn",
            estimator,
            method=settings.method,
            dtype=settings.dtype,
            leaf_bits=settings.leaf_bits,
        )
        call = f"label = peer_predict(x, {trained.X_train.shape[1]});"
        found.append(
            PeerCode(
                "emlearn", str(settings), source, call, settings.dtype, settings.scale, _emlearn_include()
            )
        )
    return found


def emlearn_bayes(trained: Trained) -> list[PeerCode]:
    """GaussianNB, which has no settings."""
    source = generate("emlearn", trained.estimator)
    call = f"label = peer_predict(x, {trained.X_train.shape[1]});"
    return [PeerCode("emlearn", "default", source, call, "float", include=_emlearn_include())]


def emlearn_neighbours(trained: Trained) -> list[PeerCode]:
    """KNeighborsClassifier, which has no settings."""
    source = generate("emlearn", trained.estimator)
    n_rows, n_features = trained.X_train.shape
    source += f"\nstatic EmlNeighborsDistanceItem peer_distances[{n_rows}];\n"
    call = (
        "int16_t found = -1; "
        f"eml_neighbors_predict((EmlNeighborsModel *)&peer, x, {n_features}, peer_distances, {n_rows}, &found); "
        "label = found;"
    )
    return [PeerCode("emlearn", "default", source, call, "int16_t", include=_emlearn_include())]


#: Characters of a C file with one function; half a minute of -O2, and eight times that for twice as many.
_LONG_FUNCTION_CHARACTERS = 200_000


# ---- m2cgen: linear models, support vectors and trees, all in double


def _m2cgen(trained: Trained, call: str) -> list[PeerCode]:
    source = generate("m2cgen", trained.estimator)
    long_function = len(source) > _LONG_FUNCTION_CHARACTERS
    settings = "default, compiled with -O1" if long_function else "default"
    return [PeerCode("m2cgen", settings, source, call, "double", long_function=long_function)]


def m2cgen_scores(trained: Trained) -> list[PeerCode]:
    """Estimators for which it gives a score a class."""
    n_classes = len(trained.estimator.classes_)
    return _m2cgen(
        trained,
        f"double scores[{n_classes}]; score((double *)x, scores); label = 0; "
        f"for (int i = 1; i < {n_classes}; ++i) {{ if (scores[i] > scores[label]) {{ label = i; }} }}",
    )


def m2cgen_votes(trained: Trained) -> list[PeerCode]:
    """SVC, of which it gives one-vs-one scores; the votes are counted as scikit-learn counts them."""
    n_classes = len(trained.estimator.classes_)
    pairs = n_classes * (n_classes - 1) // 2
    return _m2cgen(
        trained,
        f"double scores[{pairs}]; int votes[{n_classes}] = {{0}}; score((double *)x, scores); int pair = 0; "
        f"for (int i = 0; i < {n_classes}; ++i) {{ for (int j = i + 1; j < {n_classes}; ++j, ++pair) "
        f"{{ ++votes[scores[pair] > 0 ? i : j]; }} }} label = 0; "
        f"for (int i = 1; i < {n_classes}; ++i) {{ if (votes[i] > votes[label]) {{ label = i; }} }}",
    )


TOOLS = (
    PeerTool(
        "emlearn",
        {
            "DecisionTreeClassifier": emlearn_trees,
            "RandomForestClassifier": emlearn_trees,
            "ExtraTreesClassifier": emlearn_trees,
            "GaussianNB": emlearn_bayes,
            "KNeighborsClassifier": emlearn_neighbours,
        },
    ),
    PeerTool(
        "m2cgen",
        {
            "LogisticRegression": m2cgen_scores,
            "LinearSVC": m2cgen_scores,
            "DecisionTreeClassifier": m2cgen_scores,
            "RandomForestClassifier": m2cgen_scores,
            "ExtraTreesClassifier": m2cgen_scores,
            "SVC": m2cgen_votes,
        },
    ),
)
