# SPDX-License-Identifier: Apache-2.0
"""How sure a figure is: intervals of rates, shares and times, and whether an area differs from its city by more than
chance. Pure functions; no table of quantiles is needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
FUNNEL = 0.998
"""Control limits of a funnel plot, ±3.09 standard deviations of the normal (Spiegelhalter, Statistics in Medicine
2005; 24: 1185–1202): of 1,000 areas that do not differ, about two lie outside."""


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its interval; None where too little was seen to give one."""

    value: float
    low: float | None
    high: float | None


def poisson_rate(count: int, exposure: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """Events per unit of ``exposure`` (> 0), with the exact interval of Garwood (Biometrika 1936; 28: 437–442).

    Its ends are the means μ for which so many events or more, or so many or fewer, have a probability of half of what
    the confidence leaves.
    """
    tail = (1 - confidence) / 2
    widest = count + 12 * math.sqrt(count + 1) + 30
    low = _root(lambda mean: at_least(count, mean) - tail, 0.0, widest) if count else 0.0
    high = _root(lambda mean: tail - at_most(count, mean), 0.0, widest)
    return Estimate(count / exposure, low / exposure, high / exposure)


def wilson_share(hits: int, of: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """``hits`` of ``of`` (> 0) with the score interval of Wilson (JASA 1927; 22: 209–212)."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, squared = hits / of, z * z / of
    middle = (share + squared / 2) / (1 + squared)
    half = z / (1 + squared) * math.sqrt(share * (1 - share) / of + squared / (4 * of))
    low = max(0.0, middle - half) if hits else 0.0  # there middle and half are one figure, and differ by rounding
    high = min(1.0, middle + half) if hits < of else 1.0
    return Estimate(share, low, high)


def quantile(values: Sequence[float], share: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """The least of ``values`` (not empty) with at least ``share`` of them at or below it, and the order statistics that
    hold the true quantile with at least the confidence, whatever the distribution (David & Nagaraja, Order Statistics,
    2003, 7.1). An end is None where the values are too few to give it."""
    ordered, n, tail = sorted(values), len(values), (1 - confidence) / 2
    below, total = [], 0.0
    for k in range(n + 1):
        total += _binomial(k, n, share)
        below.append(total)
    low = max((rank for rank in range(1, n + 1) if below[rank - 1] <= tail), default=None)
    high = min((rank for rank in range(1, n + 1) if below[rank - 1] >= 1 - tail), default=None)
    return Estimate(
        ordered[max(0, math.ceil(share * n) - 1)],
        None if low is None else ordered[low - 1],
        None if high is None else ordered[high - 1],
    )


def differs(count: int, expected: float, *, confidence: float = FUNNEL) -> int:
    """1 where ``count`` is more above ``expected`` events than chance explains, -1 below, else 0 (exact Poisson)."""
    tail = (1 - confidence) / 2
    if expected > 0 and at_least(count, expected) < tail:
        return 1
    return -1 if at_most(count, expected) < tail else 0


def share_differs(hits: int, of: int, city: float, *, confidence: float = FUNNEL) -> int:
    """As :func:`differs` for a share against that of the city."""
    if not of:
        return 0
    seen = wilson_share(hits, of, confidence=confidence)
    return int((seen.low or 0) > city) - int((seen.high or 1) < city)


def at_least(count: int, mean: float) -> float:
    """The probability of ``count`` events or more of a Poisson variable: the regularised incomplete gamma function
    P(count, mean) (Abramowitz & Stegun 26.4.21)."""
    return 1.0 if count <= 0 else _lower_gamma(count, mean)


def at_most(count: int, mean: float) -> float:
    """The probability of ``count`` events or fewer."""
    return 1.0 - _lower_gamma(count + 1, mean)


def _lower_gamma(a: float, x: float) -> float:
    """P(a, x): its power series below the mean (6.5.29), the continued fraction of its complement above (6.5.31)."""
    if x <= 0:
        return 0.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1.0 / a
        step = a
        while term > total * 1e-16:
            step += 1
            term *= x / step
            total += term
        return min(1.0, scale * total)
    return max(0.0, 1.0 - scale * _upper_fraction(a, x))


def _upper_fraction(a: float, x: float) -> float:
    """The continued fraction of Γ(a, x) eˣ x⁻ᵃ by the modified Lentz method, x ≥ a + 1."""
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    found = d
    for n in range(1, 10_000):
        factor = -n * (n - a)
        b += 2
        d = factor * d + b
        d = 1 / (d if abs(d) > tiny else tiny)
        c = b + factor / c
        c = c if abs(c) > tiny else tiny
        found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return found


def _binomial(k: int, n: int, share: float) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(share) + (n - k) * math.log1p(-share))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses zero between ``low`` and ``high``, by halving."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
