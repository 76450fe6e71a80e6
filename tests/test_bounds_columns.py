# SPDX-License-Identifier: Apache-2.0
"""Derived bounds of features made of features, against a float32 emulation of the kernels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import CategoryCodes, CountEdges, Fill, MissingFlags, PlaceFlags, Polynomial

f32 = np.float32
SEEDS = st.integers(0, 2**32 - 1)


def term_factors(powers: np.ndarray) -> np.ndarray:
    """The factors of each term, shorter terms filled up by the number of features."""
    terms = [np.repeat(np.arange(powers.shape[1]), exponents) for exponents in powers]
    degree = max(1, *map(len, terms))
    return np.array([[*term, *[powers.shape[1]] * (degree - len(term))] for term in terms])


def polynomial(op: Polynomial, x: np.ndarray) -> np.ndarray:
    """ep_products_f32 on float32 rows."""
    padded = np.hstack([x, np.ones((len(x), 1), f32)])
    product = np.ones((len(x), len(op.factors)), f32)
    for column in op.factors.T:
        product = product * padded[:, column]
    return product


def moved(rng: np.random.Generator, x: np.ndarray, off: float) -> tuple[np.ndarray, np.ndarray]:
    """What the device holds of x, and how far that may be off."""
    error = np.abs(x) * off * rng.random(x.shape)
    device = (x + error * rng.uniform(-1, 1, x.shape)).astype(f32)
    return device, error + np.abs(device - x)


@settings(max_examples=80)
@given(SEEDS, st.integers(1, 6), st.integers(1, 5), st.sampled_from((0.0, 1e-6, 1e-2)),
       st.sampled_from((1e-30, 1e-9, 1.0, 1e7)))  # fmt: skip
def test_polynomial(seed: int, n: int, degree: int, off: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    powers = rng.integers(0, 2, (12, n)) * rng.integers(0, degree + 1, (12, n))
    op = Polynomial(("x",), "y", "test", term_factors(powers))
    x = rng.standard_normal((20, n)) * scale
    device, errors = moved(rng, x, off)
    reference = op.evaluate(x)
    np.testing.assert_allclose(reference, np.prod(x[:, None] ** powers, axis=2), rtol=1e-13, atol=1e-300)
    bound = op.bound((x,), (errors,), reference)
    with np.errstate(all="ignore"):
        found = polynomial(op, device).astype(np.float64)
        finite = np.isfinite(bound)
        assert (np.abs(found - reference)[finite] <= bound[finite]).all()
        assert finite[np.abs(reference) < 1e30].all() or off > 0 or scale > 1.0


def test_polynomial_bound_is_a_few_roundings() -> None:
    op = Polynomial(("x",), "y", "test", term_factors(np.array([[0, 0], [1, 0], [1, 1], [0, 3]])))
    x = np.array([[1.5, -3.0]])
    bound = op.bound((x,), (np.zeros_like(x),), op.evaluate(x))
    assert (bound[0, :2] == 0).all()
    assert (bound[0, 2:] <= [4.6 * 2.0**-24, 55 * 2.0**-24]).all()


def test_a_product_beyond_float32_has_no_bound() -> None:
    op = Polynomial(("x",), "y", "test", np.array([[1, 0, 0]]))
    x = np.array([[1e30, 1e-30], [1e18, 1.0]])
    bound = op.bound((x,), (np.zeros_like(x),), op.evaluate(x))
    # 1e-30 * 1e30 * 1e30 goes through 1, 1 * 1e36 is still a float32.
    assert np.isfinite(bound).all()
    other_way = Polynomial(("x",), "y", "test", np.array([[0, 0, 1]]))
    assert np.isinf(other_way.bound((x,), (np.zeros_like(x),), other_way.evaluate(x))[0])
    assert np.isinf(op.bound((x * 1e9,), (np.zeros_like(x),), op.evaluate(x * 1e9))).all()


@settings(max_examples=80)
@given(SEEDS, st.sampled_from((0.0, 1e-7, 1e-2)))
def test_count_edges(seed: int, off: float) -> None:
    rng = np.random.default_rng(seed)
    edges = tuple(np.sort(rng.standard_normal(k)) for k in (0, 1, 3, 30))
    op = CountEdges(("x",), "y", "test", edges)
    x = np.stack([rng.choice(np.append(edges[k], 0.5), 40) for k in range(4)], axis=1)
    x = np.where(rng.random(x.shape) < 0.5, x, rng.standard_normal(x.shape)).astype(f32).astype(np.float64)
    device, errors = moved(rng, x, off)
    limits = op.device_edges()
    found = np.stack([np.searchsorted(limits[f], device[:, f], side="right") for f in range(4)], axis=1)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(found - reference) <= bound).all()
    if off == 0.0:
        assert (bound == 0).all()


def test_edges_of_the_device_part_the_float32_as_those_of_the_model_do() -> None:
    edges = np.array([-1e39, -1.0, 0.1, np.nextafter(0.5, 1), 3e38, 1e39])
    op = CountEdges(("x",), "y", "test", (edges,))
    (device,) = op.device_edges()
    near = np.clip(edges, -3.4e38, 3.4e38).astype(f32)
    for x in (near, np.nextafter(near, f32(9e37)), np.nextafter(near, f32(-9e37))):
        wide = x.astype(np.float64)[:, None]
        np.testing.assert_array_equal(wide >= edges, wide >= device)


@settings(max_examples=80)
@given(SEEDS, st.sampled_from((np.nan, -1.0, 0.1)), st.sampled_from((0.0, 1e-7, 1e-2)), st.booleans())
def test_missing_values(seed: int, missing: float, off: float, rounds: bool) -> None:
    rng = np.random.default_rng(seed)
    x = rng.choice([-1.0, 0.1, 2.5, -1.0001, np.nan if np.isnan(missing) else 3.0], (30, 4)).astype(f32)
    device, errors = moved(rng, x.astype(np.float64), off)
    x = x.astype(np.float64)
    fill = rng.standard_normal(4)
    op = Fill(("x",), "y", "test", missing, fill, rounds=rounds)
    empty = np.isnan(device) if np.isnan(missing) else device.astype(np.float64) == missing
    found = np.where(empty, fill.astype(f32), device).astype(np.float64)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert not np.isnan(bound).any()
    np.testing.assert_array_equal(np.isnan(found), np.isnan(reference))
    assert (np.abs(found - reference)[~np.isnan(found)] <= bound[~np.isnan(found)]).all()
    flags = MissingFlags(("x",), "y", "test", missing)
    known = flags.bound((x,), (errors,), flags.evaluate(x)) == 0
    np.testing.assert_array_equal(empty[known], flags.evaluate(x)[known])
    if off == 0.0:
        assert known.all()
        assert (bound <= 2.0**-24 * np.abs(fill)).all()


@settings(max_examples=80)
@given(SEEDS, st.sampled_from((0.0, 1e-7, 1e-2, 0.3)), st.booleans())
def test_codes_of_categories(seed: int, off: float, has_nan: bool) -> None:
    rng = np.random.default_rng(seed)
    categories = tuple(np.sort(rng.choice(np.arange(-4.0, 5), k, replace=False)) for k in (0, 1, 5))
    codes = tuple(rng.choice([0.1, 1.0, 2.0], len(row)) for row in categories)
    unknown, missing = np.array([-1.0, 7.0, np.nan if has_nan else -2.0]), np.array([np.nan, 0.3, 1.0])
    op = CategoryCodes(("x",), "y", "test", categories, codes, unknown, missing)
    x = rng.choice([*np.arange(-5.0, 6), 0.5, np.nan], (60, 3))
    device, errors = moved(rng, x, off)
    errors = np.nan_to_num(errors)
    reference = op.evaluate(x)
    found = op.evaluate(device.astype(np.float64)).astype(f32).astype(np.float64)
    bound = op.bound((x,), (errors,), reference)
    sure = np.isfinite(bound)
    with np.errstate(invalid="ignore"):
        miss = np.where(np.isnan(found) & np.isnan(reference), 0.0, np.abs(found - reference))
    assert (miss[sure] <= bound[sure]).all()
    flags = PlaceFlags(("c",), "y", "test", (2, 1, 3))
    set_, wanted = flags.evaluate(found), flags.evaluate(reference)
    limit = flags.bound((reference,), (bound,), wanted)
    assert (np.abs(set_ - wanted) <= limit).all()
    if off == 0.0:
        assert (bound < 1e-7).all()
