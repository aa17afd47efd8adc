# SPDX-License-Identifier: Apache-2.0
"""The city's bins as arrays: where they stand, what they hold, which sensor looks into them; and their enrolment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.simulator.areas import Dong
from dure.simulator.chance import Floats, chosen, hashed, normal, uniform
from dure.simulator.residents import Residents, make_addresses
from dure.simulator.spans import Integers
from dure.simulator.waste.payloads import MODELS, Model
from dure.simulator.waste.settings import SETTINGS

FEED = "chirpstack"
HOMES_A_BIN = 10
FEWEST, MOST = 24, 1_000
"""Bins of a city that nobody asked for a number of: enough to plan for, and no more than a demo enrols in seconds."""

LITRES = (120, 240, 660, 1100)
LITRES_WEIGHTS = (20, 50, 22, 8)
DEPTH_MM = (750, 950, 1100, 1250)
"""From the lid to the floor, of each size."""
ABOVE_RIM_MM = 60
"""How far a sensor that is not blind there sits above waste that is level with the rim."""
BODY_SHARE = 0.35
"""Of bins whose sensor sits on the body, not on the lid."""
PLASTIC_SHARE = 0.2
NARROW_SHARE = 0.15
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class Bins:
    """Arrays of shape [bins]; ``place`` is [bins, 2] (°E, °N), ``area`` indexes the city's list of dong, ``setting``
    indexes SETTINGS and ``model`` MODELS."""

    seed: int
    area: Integers
    place: Floats
    street: list[str]
    setting: Integers
    model: Integers
    litres: Integers
    empty_mm: Integers
    full_mm: Integers
    on_body: NDArray[np.bool_]
    plastic: NDArray[np.bool_]
    narrow: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.area)

    @property
    def every(self) -> Integers:
        """All of them, by number."""
        return np.arange(len(self))

    def model_of(self, at: int) -> Model:
        return MODELS[self.model[at]]

    def tells(self, what: str) -> list[int]:
        """The bins whose sensors are ``warm``, ``tilts`` or ``alarms``."""
        return [at for at in range(len(self)) if getattr(self.model_of(at), what)]


def usual_count(homes: int) -> int:
    """Bins of a city of so many watched homes."""
    return min(max(FEWEST, homes // HOMES_A_BIN), MOST)


def make_bins(seed: int, count: int, residents: Residents, areas: list[Dong]) -> Bins:
    """Bins along the streets on which people live."""
    at = np.arange(count)
    # Every so many homes in the order of their dong, so that bins are where people are.
    ranked = np.argsort(residents.area + uniform(seed, "bin home", residents.homes))
    home = ranked[(at * len(residents)) // count] if count else at
    addresses = make_addresses(residents, areas)
    beside = normal(seed, "bin place", at[:, None], np.arange(2), sd=0.00008)
    size = chosen(seed, "bin size", LITRES_WEIGHTS, at)
    model = _shared(seed, "sensor model", [one.share for one in MODELS], at)
    empty = np.asarray(DEPTH_MM)[size] + np.round(uniform(seed, "bin depth", at, low=-40, high=40)).astype(np.int64)
    blind = np.asarray([one.blind_mm for one in MODELS])[model]
    empty = empty + np.maximum(blind - ABOVE_RIM_MM, 0)
    return Bins(
        seed,
        residents.area[home],
        np.round(addresses.place[home] + beside, 6),
        [addresses.front(int(one)) for one in home],
        _shared(seed, "bin setting", [one.share for one in SETTINGS], at),
        model,
        np.asarray(LITRES)[size],
        empty,
        np.maximum(blind, ABOVE_RIM_MM) + 10,
        uniform(seed, "sensor mount", at) < BODY_SHARE,
        _shared(seed, "bin kind", [1 - PLASTIC_SHARE, PLASTIC_SHARE], at) == 1,
        _shared(seed, "bin street", [1 - NARROW_SHARE, NARROW_SHARE], at) == 1,
    )


def _shared(seed: int, topic: str, shares: list[float], at: Integers) -> Integers:
    """A kind for each, in just these shares: also a city of few bins has some of each."""
    rank = np.argsort(np.argsort(uniform(seed, topic, at)))
    bounds = np.cumsum(shares) / np.sum(shares)
    return np.searchsorted(bounds, (rank + 0.5) / max(len(at), 1)).astype(np.int64)


def bin_code(at: int) -> str:
    return f"bin-{at + 1:05d}"


def dev_eui(at: int) -> str:
    """Its second bit says "locally given" (EUI-64), so it is no maker's."""
    return f"d2ee{at + 1:012x}"


def word(seed: int, at: int) -> str:
    """What its QR code leads to: three letters of chance, three of its number, so that no two are the same."""
    chance, number = int(hashed(seed, "bin word", at)), at
    letters = []
    for _ in range(3):
        chance, first = divmod(chance, len(LETTERS))
        number, last = divmod(number, len(LETTERS))
        letters += [LETTERS[first], LETTERS[last]]
    return "".join(letters)


def enrolments(bins: Bins, areas: list[Dong]) -> Iterator[dict[str, Any]]:
    """Lines for ``dure waste enrol``, one a bin."""
    for at in range(len(bins)):
        lon, lat = bins.place[at]
        yield {
            "code": bin_code(at),
            "lon": float(lon),
            "lat": float(lat),
            "area": areas[bins.area[at]].code,
            "place": f"{SETTINGS[bins.setting[at]].name}, {bins.street[at]}",
            "volume_l": int(bins.litres[at]),
            "waste_kind": "plastic" if bins.plastic[at] else "other",
            "mount": "body" if bins.on_body[at] else "lid",
            "empty_mm": int(bins.empty_mm[at]),
            "full_mm": int(bins.full_mm[at]),
            "word": word(bins.seed, at),
            "narrow": bool(bins.narrow[at]),
            "sensor": {"feed": FEED, "code": dev_eui(at), "kind": bins.model_of(at).kind},
        }
