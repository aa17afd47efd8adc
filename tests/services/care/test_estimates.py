# SPDX-License-Identifier: Apache-2.0
"""Intervals against published values, against SciPy, and against what they promise."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.services.care.estimates import (
    at_least,
    at_most,
    differs,
    poisson_rate,
    quantile,
    share_differs,
    wilson_share,
)


@pytest.fixture(scope="module")
def stats() -> Any:
    """SciPy's, loaded where it is asked and not in every process that collects tests."""
    from scipy import stats as of_scipy

    return of_scipy


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (50, 37.110, 65.919)],
)
def test_rate_has_the_published_interval(count: int, low: float, high: float) -> None:
    """Exact limits for a Poisson count as tabulated (Garwood 1936; Ulm, Am J Epidemiol 1990)."""
    seen = poisson_rate(count, 1)
    assert (seen.low, seen.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


@given(st.integers(0, 100_000))
def test_rate_has_the_interval_of_chi_squared(stats: Any, count: int) -> None:
    seen = poisson_rate(count, 1, confidence=0.95)
    expected = (stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0, stats.chi2.ppf(0.975, 2 * count + 2) / 2)
    assert (seen.low, seen.high) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 5_000), st.floats(0.01, 5_000))
def test_tails_are_those_of_the_poisson_distribution(stats: Any, count: int, mean: float) -> None:
    assert at_most(count, mean) == pytest.approx(stats.poisson.cdf(count, mean), rel=1e-9, abs=1e-12)
    assert at_least(count, mean) == pytest.approx(stats.poisson.sf(count - 1, mean), rel=1e-9, abs=1e-12)


@given(st.integers(1, 5_000), st.data())
def test_share_has_the_interval_of_wilson(stats: Any, of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    seen = wilson_share(hits, of)
    expected = stats.binomtest(hits, of).proportion_ci(0.95, method="wilson")
    assert (seen.low, seen.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("of", [1, 7, 10, 300])
def test_share_of_none_or_all_has_a_whole_end(of: int) -> None:
    assert (wilson_share(0, of).low, wilson_share(of, of).high) == (0.0, 1.0)


def test_median_of_few_has_no_interval_and_of_more_the_known_ranks() -> None:
    """For n = 10 the 95 % interval of the median is from the 2nd to the 9th value (97.9 %)."""
    assert (quantile([3.0], 0.5).low, quantile([1.0, 2.0, 3.0], 0.5).high) == (None, None)
    seen = quantile([float(one) for one in range(1, 11)], 0.5)
    assert (seen.value, seen.low, seen.high) == (5, 2, 9)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_interval_of_a_quantile_covers_as_it_promises(stats: Any, share: float) -> None:
    chance, covered = random.Random(5), 0
    true = stats.expon.ppf(share)
    for _ in range(400):
        seen = quantile([chance.expovariate(1) for _ in range(60)], share)
        covered += (seen.low or 0) <= true <= (seen.high or 1e9)
    assert covered / 400 > 0.93


@pytest.mark.parametrize(
    ("count", "expected", "found"), [(10, 10, 0), (17, 10, 0), (24, 10, 1), (1, 10, -1), (0, 0, 0)]
)
def test_area_differs_only_beyond_chance(count: int, expected: float, found: int) -> None:
    assert differs(count, expected) == found


def test_areas_that_do_not_differ_are_flagged_two_in_a_thousand(stats: Any) -> None:
    draws = stats.poisson.rvs(12, size=20_000, random_state=3)
    assert sum(differs(int(one), 12) != 0 for one in draws) / 20_000 < 0.0025


def test_share_differs_from_the_city_s() -> None:
    assert [share_differs(5, 10, 0.5), share_differs(95, 100, 0.5), share_differs(1, 100, 0.5)] == [0, 1, -1]
