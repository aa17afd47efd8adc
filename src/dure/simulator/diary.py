# SPDX-License-Identifier: Apache-2.0
"""What the days of the made people hold: trips, outings, days in bed. Pure functions of (seed, home, day)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chance import Floats, chosen, uniform
from .pace import SLOTS_PER_DAY
from .residents import Residents
from .spans import Integers, Spans, during, painted

NIGHTS = (1, 2, 3, 4, 5, 7, 9)
NIGHT_WEIGHTS = (45, 25, 13, 6, 4, 4, 3)
LONGEST_TRIP_DAYS = 10
TRIPS_PER_DAY = 0.018
"""Mean over homes: one trip in eight weeks. Set by us; nobody has published it for enrolled elders."""

DECLARED_SHARE = 0.4
"""Share of trips of people with a watched phone that they declare beforehand ("I am away")."""

DECLARED, UNDECLARED = 1, 0
SICK_PER_DAY = 0.008
OUT_ALL_DAY = 0.05


def trips_beginning(residents: Residents, home: Integers, day: int) -> Spans:
    """Trips of these homes that begin on ``day``; variant 1 = declared. Four in ten hardly travel, the old less."""
    seed = residents.seed
    eager = np.where(uniform(seed, "stays at home", home) < 0.4, 0.25, 1.5)
    eager = eager * np.interp(residents.age[home], (60, 90), (1.25, 0.6))
    goes = home[uniform(seed, "trip", home, day) < TRIPS_PER_DAY * eager]
    begin = day * SLOTS_PER_DAY + uniform(seed, "trip begins", goes, day, low=14, high=40).astype(np.int64)
    nights = np.asarray(NIGHTS)[chosen(seed, "nights", NIGHT_WEIGHTS, goes, day)]
    back = uniform(seed, "trip ends", goes, day, low=-10, high=10).astype(np.int64)
    declared = (uniform(seed, "declared", goes, day) < DECLARED_SHARE) & residents.phone_watched[goes]
    return Spans(goes, begin, begin + nights * SLOTS_PER_DAY + back, declared.astype(np.int64))


def trips_during(residents: Residents, first_day: int, last_day: int) -> Spans:
    """Trips that touch the days, both included. Trips of one home may overlap; together they are one absence."""
    home = residents.homes
    return during(lambda day: trips_beginning(residents, home, day), first_day, last_day, LONGEST_TRIP_DAYS)


def is_travelling(residents: Residents, home: int, slot: int) -> bool:
    """Whether one home's person is on a trip in this slot."""
    one, day = np.asarray([home]), slot // SLOTS_PER_DAY
    trips = during(lambda begun: trips_beginning(residents, one, begun), day, day, LONGEST_TRIP_DAYS)
    return len(trips.touching(slot, slot + 1)) > 0


def travelling(residents: Residents, day: int) -> NDArray[np.bool_]:
    """Whether each home's person is on a trip; shape [homes, 48]."""
    return painted(trips_during(residents, day, day), len(residents), day)


@dataclass(frozen=True)
class Outing:
    """Hours of the day at which each home's person leaves and is back, shape [homes]; both 0 = stays in."""

    leaves: Floats
    returns: Floats


def outing(residents: Residents, home: Integers, day: int) -> Outing:
    """One outing a day at most: 경로당, market, hospital; one day in twenty with family until evening."""
    seed = residents.seed
    likely = 0.35 + 0.4 * uniform(seed, "goes out", home)
    goes = uniform(seed, "outing", home, day) < likely * np.interp(residents.age[home], (65, 95), (1.0, 0.6))
    leaves = uniform(seed, "leaves", home, day, low=9.0, high=14.5)
    hours = uniform(seed, "out for", home, day, low=1.0, high=4.5)
    long = uniform(seed, "out all day", home, day) < OUT_ALL_DAY
    leaves = np.where(long, uniform(seed, "leaves early", home, day, low=8.0, high=10.0), leaves)
    hours = np.where(long, uniform(seed, "out for long", home, day, low=8.0, high=12.0), hours)
    goes |= long
    return Outing(np.where(goes, leaves, 0.0), np.where(goes, leaves + hours, 0.0))


def in_bed(residents: Residents, home: Integers, day: int) -> NDArray[np.bool_]:
    """Whether each person spends the day ill in bed, doing little; shape [homes]."""
    return uniform(residents.seed, "ill", home, day) < SICK_PER_DAY
