# SPDX-License-Identifier: Apache-2.0
"""Chance without state: the same seed, topic and keys always give the same draw, vectorised over the keys.

A generator that is advanced draw by draw would have to be replayed from the beginning to make one interval of
one home again. Here a draw is a hash of its keys (the splitmix64 finaliser of Steele, Lea and Flood, "Fast
splittable pseudorandom number generators", OOPSLA 2014), so nothing has to be kept or replayed.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def hashed(seed: int, topic: str, *keys: ArrayLike) -> NDArray[np.uint64]:
    """64 bits for each element of ``keys`` broadcast together (integers; negative ones are allowed)."""
    start = int.from_bytes(blake2b(f"{seed}:{topic}".encode(), digest_size=8).digest(), "little")
    bits = np.asarray(start, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            bits = _mixed((bits ^ np.asarray(key, dtype=np.int64).astype(np.uint64)) + _GOLDEN)
    return bits


def uniform(seed: int, topic: str, *keys: ArrayLike, low: float = 0.0, high: float = 1.0) -> Floats:
    """Uniform in [low, high)."""
    share = (hashed(seed, topic, *keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return low + (high - low) * share


def normal(seed: int, topic: str, *keys: ArrayLike, mean: float = 0.0, sd: float = 1.0) -> Floats:
    """Normal by Box and Muller (1958), from the two halves of one hash."""
    bits = hashed(seed, topic, *keys)
    first = ((bits >> np.uint64(32)).astype(np.float64) + 1.0) * 2.0**-32
    second = (bits & np.uint64(0xFFFFFFFF)).astype(np.float64) * 2.0**-32
    return mean + sd * np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second)


def chosen(seed: int, topic: str, weights: ArrayLike, *keys: ArrayLike) -> NDArray[np.int64]:
    """Index into ``weights`` (any positive scale), drawn in their proportion."""
    share = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(share / share[-1], uniform(seed, topic, *keys), side="right").astype(np.int64)


def poisson(rate: ArrayLike, share: Floats) -> NDArray[np.int64]:
    """Counts of mean ``rate`` (0 to about 50) by inversion of the uniform draws ``share`` of the same shape."""
    rate = np.broadcast_to(np.asarray(rate, dtype=np.float64), share.shape)
    counts = np.zeros(share.shape, dtype=np.int64)
    term = np.exp(-rate)
    total = term.copy()
    for count in range(1, 200):
        more = share > total
        if not more.any():
            break
        counts[more] = count
        term = term * rate / count
        total += term
    return counts
