# SPDX-License-Identifier: Apache-2.0
"""Every error a user can meet: one sentence that says where, what was found, what is allowed and what to do.

Each class carries the exit code of the command line. Nothing else leaves edgepar on bad input.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EdgeparError(Exception):
    """Base of all errors that edgepar raises on purpose."""

    exit_code = 1


class UsageError(EdgeparError):
    """An argument has a value that is not allowed."""

    exit_code = 2


class UnsupportedEstimatorError(EdgeparError):
    """An estimator, or an option of one, that edgepar does not export."""

    exit_code = 3


class NotFittedError(EdgeparError):
    """An estimator that was not fitted before the export."""

    exit_code = 4


class ModelFileError(EdgeparError):
    """A model file that is damaged, too large or not what it claims to be."""

    exit_code = 5


class UnsupportedModelError(EdgeparError):
    """An ONNX model that is valid but holds something the importer does not know."""

    exit_code = 6


class InputDataError(EdgeparError):
    """Input data of a wrong shape, type or with values that the model does not take."""

    exit_code = 7


class UnknownTargetError(EdgeparError):
    """A target name that does not exist."""

    exit_code = 8


class DoesNotFitError(EdgeparError):
    """A model that does not fit the memories of the target."""

    exit_code = 9


class MissingToolError(EdgeparError):
    """A program or package that is not installed; the text has the command that installs it."""

    exit_code = 10


class ToolchainError(EdgeparError):
    """A compiler, linker or simulator build that failed."""

    exit_code = 11


class BuildTimeoutError(ToolchainError):
    """A compiler that took longer than it was given."""


class EmulatorError(EdgeparError):
    """An emulated program that trapped, hung or ended with a failure."""

    exit_code = 12


def suggestion(name: object, known: Iterable[str], rest: str) -> str:
    """The end of a sentence about an unknown name: the nearest known one, where one is near, and ``rest``."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {near[0]!r}? {rest[0].upper()}{rest[1:]}." if near else f"; {rest}."
