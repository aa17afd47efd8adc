# SPDX-License-Identifier: Apache-2.0
"""What each made home has and how each made person lives: drawn once from (seed, home), arrays of shape [homes].

Set by us: a home uses about 4.5 to 6 kWh a day, and 100 to 120 W at night (measured). No measured set of
Korean one-person homes was at hand (ADR 0010 lists which figures are sourced and which are ours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chance import Floats, normal, uniform
from .residents import Residents
from .spans import Integers


@dataclass(frozen=True)
class Habits:
    """Power in kW, times in hours of the day, ``…_share`` are probabilities a day."""

    standby: Floats
    fridge: Floats
    fridge_duty: Floats
    fridge_hours: Floats
    kimchi_fridge: Floats
    wakes: Floats
    sleeps: Floats
    regular: Floats
    """Spread of the daily times, hours (sd)."""
    cooks: Floats
    breakfast_share: Floats
    lunch_share: Floats
    dinner_share: Floats
    tv: Floats
    tv_share: Floats
    light: Floats
    bath_share: Floats
    laundry_share: Floats
    boiler: Floats
    boiler_timer: NDArray[np.bool_]
    """Whether heating runs on a timer, and so runs on in an empty home."""
    boiler_morning: Floats
    boiler_evening: Floats
    mat: Floats
    cooling: Floats
    forgets_lamp: NDArray[np.bool_]
    coarse: NDArray[np.bool_]
    """The meter counts in steps of 10 Wh instead of 1 Wh."""
    phone_per_hour: Floats


def habits_of(residents: Residents, home: Integers) -> Habits:
    """The habits of these homes."""
    seed = residents.seed

    def between(topic: str, low: float, high: float) -> Floats:
        return uniform(seed, topic, home, low=low, high=high)

    def some(topic: str, share: float) -> NDArray[np.bool_]:
        return uniform(seed, topic, home) < share

    age = residents.age[home]
    size = np.exp(normal(seed, "size", home, mean=0.1, sd=0.4))
    wakes = normal(seed, "wakes", home, sd=0.8) + np.interp(age, (50, 70, 90), (6.9, 6.2, 5.9))
    phone = np.exp(normal(seed, "phone use", home, mean=0.45, sd=0.7)) * np.interp(age, (60, 90), (1.6, 0.5))
    return Habits(
        standby=np.clip(np.exp(normal(seed, "standby", home, mean=np.log(0.030), sd=0.55)), 0.006, 0.15),
        fridge=between("fridge", 0.08, 0.14),
        fridge_duty=between("fridge duty", 0.3, 0.5),
        fridge_hours=between("fridge cycle", 0.6, 1.3),
        kimchi_fridge=np.where(some("kimchi fridge", 0.6), between("kimchi fridge power", 0.05, 0.09), 0.0),
        wakes=np.clip(wakes, 4.2, 9.5),
        sleeps=np.clip(normal(seed, "sleeps", home, mean=22.2, sd=0.9), 20.0, 23.7),
        regular=between("regular", 0.2, 0.8),
        cooks=between("cooks", 0.3, 1.1) * size,
        breakfast_share=between("breakfast", 0.6, 0.97),
        lunch_share=between("lunch", 0.45, 0.9),
        dinner_share=between("dinner", 0.7, 0.97),
        tv=between("tv", 0.07, 0.17) * size,
        tv_share=between("tv habit", 0.3, 0.95),
        light=between("light", 0.02, 0.08) * size,
        bath_share=between("bath", 0.25, 0.8),
        laundry_share=between("laundry", 0.1, 0.45),
        boiler=between("boiler", 0.07, 0.13),
        boiler_timer=some("boiler timer", 0.55),
        boiler_morning=between("boiler morning", 4.5, 7.0),
        boiler_evening=between("boiler evening", 16.5, 20.0),
        mat=np.where(some("electric mat", 0.45), between("mat power", 0.05, 0.12), 0.0),
        cooling=np.where(some("air conditioner", 0.55), between("cooling", 0.3, 0.7), 0.05),
        forgets_lamp=some("forgets lamp", 0.06),
        coarse=some("coarse meter", 0.2),
        phone_per_hour=np.where(some("hardly phones", 0.15), 0.08, phone),
    )
