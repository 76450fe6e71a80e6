# SPDX-License-Identifier: Apache-2.0
"""Probabilities of pairs of classes, and those of the classes that suit them best.

Wu, Lin, Weng: Probability Estimates for Multi-class Classification by Pairwise Coupling, JMLR 5 (2004), second method,
with the end that libsvm has. Pairs (i, j) with i < j are numbered (0, 1), (0, 2), ..., (1, 2), ...
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value
from edgepar.ops.support import pairs

LEAST = 1e-7
MOST = 0.9999999

#: Relative errors of the pairs up to which their effect is taken as linear, and the factor for what that leaves out.
_MOST_RELATIVE, _NONLINEAR = 2.0**-6, 1.25
#: The same for absolute errors, of probabilities that are themselves small.
_MOST_ABSOLUTE, _FAR_NONLINEAR = 2.0**-20, 4.0
#: Numbers in an array of the bound's computation at most.
_BLOCK_LEN = 1 << 22


def epsilon(n_classes: int) -> float:
    """Within which the conditions of the optimum have to hold."""
    return 0.005 / n_classes


def most_sweeps(n_classes: int) -> int:
    """After which it ends in any case."""
    return max(100, n_classes)


@dataclass(frozen=True, eq=False)
class PairwiseProba(Op):
    """``1 / (1 + exp(a score + b))``, limited, for the first class of each pair, then what is left for the second."""

    a: Array
    b: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.a.shape != (x.len,) or self.b.shape != (x.len,):
            raise UnsupportedModelError(
                f"{self.origin}: {self.a.size} slopes and {self.b.size} shifts for {x.len} scores; give one each."
            )
        return Value(self.output, (2 * x.len,), "float32")

    def _exponents(self, x: Array) -> Array:
        return np.asarray(x.reshape(len(x), -1) * self.a + self.b)

    def evaluate(self, *inputs: Array) -> Array:
        first = np.clip(_logistic(-self._exponents(inputs[0])), LEAST, MOST)
        return np.hstack([first, 1.0 - first])

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """The sigmoid at both ends of its exponent's error, ten roundings, and limits as float32."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(x.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            z = self._exponents(x)
            scaled = np.abs(self.a) * (np.abs(x) + error)
            off = np.abs(self.a) * error + self.sides * 4 * U32 * (scaled + np.abs(self.b))
            off = np.nan_to_num(np.hstack([off, off]), nan=np.inf)
            exact = np.hstack([-z, z])
            high = np.clip(_logistic(exact + off) * (1 + self.sides * 10 * U32), LEAST, MOST)
            low = np.clip(_logistic(exact - off) * (1 - self.sides * 10 * U32), LEAST, MOST)
        bound = np.maximum(high - output, output - low) + 2 * U32 * output
        if self.arithmetic == "float32":
            # onnxruntime takes the sigmoid from 1, and that from 1 again: neither has digits below those of 1.
            bound = bound + 6 * U32
        return np.asarray(bound)


def _logistic(x: Array) -> Array:
    with np.errstate(over="ignore"):
        odds = np.exp(-np.abs(x))
    return np.where(x < 0, odds, 1.0) / (1.0 + odds)


@dataclass(frozen=True, eq=False)
class CoupledProba(Op):
    """Probabilities of the classes from those of the pairs, first classes and then second ones."""

    n_classes: int

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.n_classes < 2 or x.len != self.n_classes * (self.n_classes - 1):
            raise UnsupportedModelError(
                f"{self.origin}: {x.len} probabilities do not fit {self.n_classes} classes; give two for each pair."
            )
        return Value(self.output, (self.n_classes,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        r = inputs[0].reshape(len(inputs[0]), -1)
        p, active = np.full((len(r), self.n_classes), 1.0 / self.n_classes), np.arange(len(r))
        q = _matrix(r, self.n_classes)
        for _ in range(most_sweeps(self.n_classes)):
            shares = _Shares(q[active], p[active])
            goes_on = shares.off().max(axis=1) >= epsilon(self.n_classes)
            active, shares = active[goes_on], shares.of(goes_on)
            if not len(active):
                break
            for t in range(self.n_classes):
                shares.step(t)
            p[active] = shares.p
        return p

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """As ``bound_of_coupling`` has it, for float32."""
        r = inputs[0].reshape(len(inputs[0]), -1)
        return np.asarray(bound_of_coupling(r, errors[0].reshape(r.shape), output, U32) * self.sides)


def _matrix(r: Array, n_classes: int) -> Array:
    """``[n_samples, n_classes, n_classes]``: squares of what speaks against a class, and negative products beside."""
    first, second = pairs(n_classes)
    of_first, of_second = r[:, : len(first)], r[:, len(first) :]
    q = np.zeros((len(r), n_classes, n_classes))
    q[:, first, second] = q[:, second, first] = -of_first * of_second
    for t in range(n_classes):
        q[:, t, t] = (of_first[:, second == t] ** 2).sum(axis=1) + (of_second[:, first == t] ** 2).sum(axis=1)
    return q


class _Shares:
    """Shares p of the classes of each sample with q p and p q p, while a sweep goes on."""

    def __init__(self, q: Array, p: Array) -> None:
        self.q, self.p = q, p
        self.qp = np.einsum("ntj,nj->nt", q, p)
        self.pqp = (p * self.qp).sum(axis=1)

    def of(self, samples: npt.NDArray[np.bool_]) -> _Shares:
        """The same of some samples."""
        return _Shares(self.q[samples], self.p[samples])

    def off(self) -> Array:
        """How far the conditions of the optimum are from being met."""
        return np.asarray(np.abs(self.qp - self.pqp[:, None]))

    def difference(self, t: int) -> Array:
        """What class t gets."""
        return np.asarray((self.pqp - self.qp[:, t]) / self.q[:, t, t])

    def step(self, t: int) -> None:
        """Give class t its best share, and make the sum 1 again."""
        d, own = self.difference(t), self.q[:, t, t]
        grown = 1.0 + d
        self.pqp = (self.pqp + d * (d * own + 2.0 * self.qp[:, t])) / grown / grown
        self.qp = (self.qp + d[:, None] * self.q[:, t]) / grown[:, None]
        self.p = self.p.copy()
        self.p[:, t] += d
        self.p /= grown[:, None]


def bound_of_coupling(r: Array, error: Array, output: Array, unit: float) -> Array:
    """How far probabilities may be from ``output`` in arithmetic of this unit round-off.

    Parameters
    ----------
    r, error
        [n_samples, 2 n_pairs], probabilities of pairs, and how far those of the arithmetic may be from them.
    output
        [n_samples, n_classes], the probabilities by float64.
    unit
        Unit round-off.

    Returns
    -------
    [n_samples, n_classes], 1 at most. docs/exactness.md derives it.
    """
    n_classes = output.shape[1]
    bound = np.ones(output.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        linear = (error <= _MOST_RELATIVE * r).all(axis=1)
        small = ((error <= _MOST_RELATIVE * r) | (error <= _MOST_ABSOLUTE)).all(axis=1)
    rows = np.flatnonzero(small)
    factor = np.where(linear, _NONLINEAR, _FAR_NONLINEAR)[:, None]
    # Columns for the pairs and for the roundings of a few sweeps.
    block = max(1, _BLOCK_LEN // (n_classes * (r.shape[1] + 8 * n_classes)))
    for begin in range(0, len(rows), block):
        some = rows[begin : begin + block]
        found = np.zeros((len(some), n_classes))
        for ends_here, p, off in _ends(r[some], error[some], factor[some], unit):
            here = np.abs(p - output[some]) + off
            found = np.where(ends_here[:, None], np.maximum(found, here), found)
        bound[some] = np.where(found <= _MOST_RELATIVE, found, 1.0)
    return np.minimum(bound, 1.0)


def _ends(
    r: Array, error: Array, factor: Array, unit: float
) -> Iterator[tuple[npt.NDArray[np.bool_], Array, Array]]:
    """Sweep by sweep: where the arithmetic may end, the shares there by float64, and how far it may be from them.

    ``factor`` is by how much more than to first order they may move.
    """
    n_classes = round((1 + np.sqrt(1 + 4 * r.shape[1])) / 2)
    shares = _Shares(_matrix(r, n_classes), np.full((len(r), n_classes), 1.0 / n_classes))
    moved = _Moved(r, error, n_classes)
    moved.add(unit * shares.p)
    alive = np.ones(len(r), dtype=np.bool_)
    for _ in range(most_sweeps(n_classes)):
        rounded = _Rounded(shares, unit)
        slack = moved.off(shares) * factor + rounded.qp + rounded.pqp[:, None] + 2 * unit * shares.off()
        off, end = shares.off(), epsilon(n_classes)
        yield alive & (off - slack < end * (1 + 2 * unit)).all(axis=1), shares.p, factor * moved.p()
        alive = alive & ~(off + slack < end * (1 - 2 * unit)).all(axis=1)
        if not alive.any():
            return
        for t in range(n_classes):
            rounded.step(shares, t)
            moved.step(shares, t)
            shares.step(t)
        moved.add(rounded.p)
        shares = _Shares(shares.q, shares.p)
    yield alive, shares.p, factor * moved.p()


class _Moved:
    """How each share moves, to first order, with each probability of a pair and with the roundings of past sweeps.

    ``by[n, c, g]`` is what cause g, at its largest, does to share c. Causes keep their signs, so that a step that takes
    a move back is seen to do so.
    """

    def __init__(self, r: Array, error: Array, n_classes: int) -> None:
        first, second = pairs(n_classes)
        self._winner, self._loser = np.concatenate([first, second]), np.concatenate([second, first])
        half = len(first)
        self._r, self._other, self._error = r, np.hstack([r[:, half:], r[:, :half]]), error
        self.by = np.zeros((len(r), n_classes, 2 * half))

    def p(self) -> Array:
        """How far each share may have moved."""
        return np.asarray(np.abs(self.by).sum(axis=2))

    def add(self, rounding: Array) -> None:
        """Further causes: the roundings of each share in a sweep."""
        self.by = np.concatenate([self.by, rounding[:, :, None] * np.eye(rounding.shape[1])], axis=2)

    def _of_matrix(self, p: Array) -> tuple[Array, Array, Array]:
        """What the pairs do to (q p) of their winner and loser, and to p q p, by way of q alone."""
        winner, loser = p[:, self._winner], p[:, self._loser]
        of_winner = -self._other * loser * self._error
        of_loser = (2.0 * self._r * loser - self._other * winner) * self._error
        return of_winner, of_loser, winner * of_winner + loser * of_loser

    def _of_qp(self, shares: _Shares, t: int) -> Array:
        moved = np.einsum("nj,njg->ng", shares.q[:, t], self.by)
        of_winner, of_loser, _ = self._of_matrix(shares.p)
        moved[:, : len(self._winner)] += (self._winner == t) * of_winner + (self._loser == t) * of_loser
        return np.asarray(moved)

    def _of_pqp(self, shares: _Shares) -> Array:
        moved = 2.0 * np.einsum("nj,njg->ng", shares.qp, self.by)
        moved[:, : len(self._winner)] += self._of_matrix(shares.p)[2]
        return np.asarray(moved)

    def off(self, shares: _Shares) -> Array:
        """How far each condition of the optimum may have moved."""
        of_pqp = self._of_pqp(shares)
        moved = [np.abs(self._of_qp(shares, t) - of_pqp).sum(axis=1) for t in range(shares.p.shape[1])]
        return np.stack(moved, axis=1)

    def step(self, shares: _Shares, t: int) -> None:
        """The derivative of ``shares.step``, which is still to come."""
        d = shares.difference(t)[:, None]
        own = shares.q[:, t, t][:, None]
        of_d = (self._of_pqp(shares) - self._of_qp(shares, t)) / own
        losses = (self._loser == t) * 2.0 * self._r * self._error
        of_d[:, : len(self._winner)] -= d / own * losses
        p_new = shares.p / (1.0 + d)
        p_new[:, t] += d[:, 0] / (1.0 + d[:, 0])
        self.by[:, t] += of_d
        self.by -= p_new[:, :, None] * of_d[:, None]
        self.by /= (1.0 + d)[:, :, None]


class _Rounded:
    """Bounds of what the roundings of one sweep add to p, q p and p q p, step by step."""

    def __init__(self, shares: _Shares, unit: float) -> None:
        n_classes = shares.p.shape[1]
        self._unit = unit
        # An entry beside the diagonal is one product, one on it a sum of n_classes - 1 squares.
        self._matrix = unit * (1.0 + (n_classes - 2) * np.eye(n_classes))
        self.p = np.zeros(shares.p.shape)
        self.qp = np.einsum("tj,ntj,nj->nt", self._matrix + n_classes * unit, np.abs(shares.q), shares.p)
        self.pqp = (shares.p * (self.qp + n_classes * unit * np.abs(shares.qp))).sum(axis=1)

    def step(self, shares: _Shares, t: int) -> None:
        """The step of class t, which is still to come, with its derivatives by p, q p and p q p."""
        unit, d, own, row = self._unit, shares.difference(t), shares.q[:, t, t], shares.q[:, t]
        grown, both = 1.0 + d, shares.pqp + shares.qp[:, t]
        of_d = (self.pqp + self.qp[:, t]) / own + (self._matrix[t, t] + 2 * unit) * np.abs(d)
        pqp_new = (shares.pqp + d * both) / grown**2
        qp_new = (shares.qp + d[:, None] * row) / grown[:, None]
        p_new = shares.p / grown[:, None]
        p_new[:, t] += d / grown
        # By p q p itself, by q p, by the difference, which is the best one, so that it counts little; then roundings.
        self.pqp = (
            self.pqp / np.abs(grown)
            + np.abs(d) * self.qp[:, t] / grown**2
            + np.abs(d * (own + both) / grown**3) * of_d
            + unit * (np.abs(shares.pqp) + 3 * np.abs(d * both)) / grown**2
            + 6 * unit * np.abs(pqp_new)
        )
        self.qp = (
            self.qp / np.abs(grown)[:, None]
            + np.abs(row - qp_new) * (of_d / np.abs(grown))[:, None]
            + (self._matrix[t] + unit) * np.abs(d[:, None] * row / grown[:, None])
            + 4 * unit * np.abs(qp_new)
        )
        by_d = p_new.copy()
        by_d[:, t] = 1.0 - p_new[:, t]
        self.p = (
            self.p / np.abs(grown)[:, None]
            + by_d * (of_d / np.abs(grown))[:, None]
            + 4 * unit * p_new
            + 2.0**-149
        )
