# SPDX-License-Identifier: Apache-2.0
"""The people of the city and where they live, as arrays over homes. Each home has one watched person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .areas import Dong
from .chance import Floats, chosen, poisson, uniform
from .names import STREETS, names, phone
from .shapes import inside, points_inside

AGE_BANDS = (45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95)
"""Lower ends of five-year bands, years."""

AGE_WEIGHTS = {
    "F": (1.0, 1.5, 2.5, 4.0, 1855, 1265, 982, 810, 513, 203, 55),
    "M": (2.0, 3.0, 5.0, 6.0, 1754, 1127, 799, 526, 249, 66, 12),
}
"""65+: thousands of registered residents (행정안전부 주민등록 인구, 2024-12, nation). Below 65: the share in per
cent of all watched people of that sex, set by us: cities also watch 중장년 1인가구 at risk."""

ALONE_EXTRA = (1.0, 1.0, 1.0, 1.0, 0.6, 0.85, 1.1, 1.4, 1.5, 1.4, 1.2)
"""How much more than their share people of the band live alone and are enrolled: set by us."""

FEW = {"wears": (0.05, 40), "water meter": (0.1, 2_000), "sensors": (0.04, 1_000)}
"""Share of homes with a device on the wrist, a water meter that is read from afar, sensors in the rooms, and how many
at most: a device on the wrist reports every five minutes."""

FEMALE_SHARE = 0.68
"""Share of women among those enrolled: set by us (older women outlive their husbands)."""

CONTACT_NUMBERS_FROM = 5_000_000
RELATIONS = (
    ("딸", 0.34, True),
    ("아들", 0.30, False),
    ("며느리", 0.10, True),
    ("이웃", 0.14, True),
    ("조카", 0.12, False),
)
"""Word, share, and whether a woman."""


@dataclass(frozen=True)
class Residents:
    """Arrays of shape [homes]; ``area`` indexes the city's list of dong. ``phone_watched`` has a phone device, ``worn``
    one on the wrist, ``water`` a water meter, ``sensed`` sensors of motion and of the door."""

    seed: int
    area: NDArray[np.int64]
    age: NDArray[np.int64]
    female: NDArray[np.bool_]
    phone_watched: NDArray[np.bool_]
    worn: NDArray[np.bool_]
    water: NDArray[np.bool_]
    sensed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.area)

    @property
    def homes(self) -> NDArray[np.int64]:
        return np.arange(len(self))


def make_residents(seed: int, homes: int, areas: int, only_meters: bool = False) -> Residents:
    """People of realistic ages, 65+ and those alone most of them, spread over the areas unevenly. ``only_meters``:
    nobody has any other device."""
    home = np.arange(homes)
    area = chosen(seed, "home area", uniform(seed, "area weight", np.arange(areas), low=0.5, high=1.6), home)
    female = uniform(seed, "female", home) < FEMALE_SHARE
    band = np.where(female, _bands(seed, "F", home), _bands(seed, "M", home))
    age = np.asarray(AGE_BANDS)[band] + (uniform(seed, "age", home) * 5).astype(np.int64)
    watched = (uniform(seed, "phone watched", home) < 0.7) & (not only_meters)
    worn, water, sensed = (_few(seed, topic, home) & (not only_meters) for topic in FEW)
    return Residents(seed, area, age, female, watched, worn, water, sensed)


def _few(seed: int, topic: str, home: NDArray[np.int64]) -> NDArray[np.bool_]:
    share, most = FEW[topic]
    chosen_homes = np.zeros(len(home), np.bool_)
    chosen_homes[np.argsort(uniform(seed, topic, home), kind="stable")[: min(int(share * len(home)), most)]] = True
    return chosen_homes


def _bands(seed: int, sex: str, home: NDArray[np.int64]) -> NDArray[np.int64]:
    weights = np.asarray(AGE_WEIGHTS[sex]) * np.asarray(ALONE_EXTRA)
    old = np.asarray(AGE_BANDS) >= 65
    weights[old] *= (100 - weights[~old].sum()) / weights[old].sum()
    return chosen(seed, f"age band {sex}", weights, home)


def meter_code(home: int) -> str:
    return f"meter-{home + 1:06d}"


def phone_code(home: int) -> str:
    return f"phone-{home + 1:06d}"


def water_code(home: int) -> str:
    return f"water-{home + 1:06d}"


def motion_code(home: int) -> str:
    return f"motion-{home + 1:06d}"


def door_code(home: int) -> str:
    return f"door-{home + 1:06d}"


def band_code(home: int) -> str:
    """Of the device on the wrist."""
    return f"band-{home + 1:06d}"


def app_code(home: int) -> str:
    """Of the program on the phone of somebody who wears a device."""
    return f"app-{home + 1:06d}"


@dataclass(frozen=True)
class Addresses:
    """``text`` and ``place`` ([homes, 2], °E °N) of each home."""

    text: list[str]
    place: Floats

    def front(self, home: int) -> str:
        """The street and the number of the house."""
        return " ".join(self.text[home].split(" (")[0].split(",")[0].split()[-2:])


def make_addresses(residents: Residents, areas: list[Dong]) -> Addresses:
    """Homes stand along short made streets of their dong, so that the map looks like streets, not like rain."""
    seed, home = residents.seed, residents.homes
    place = np.empty((len(residents), 2))
    street = np.empty(len(residents), dtype=np.int64)
    for index, dong in enumerate(areas):
        here = np.flatnonzero(residents.area == index)
        streets = int(np.clip(len(here) // 12, 3, 40))
        street[here] = (uniform(seed, "street", here) * streets).astype(np.int64)
        anchors = points_inside(dong.rings, streets, seed, index)
        place[here] = _along(seed, dong, anchors, street[here], here)
    number = 1 + (uniform(seed, "street number", home) * 140).astype(int)
    room = uniform(seed, "room", home)
    text = []
    for at, (index, way, door, share) in enumerate(zip(residents.area, street, number, room, strict=True)):
        dong, name = areas[index], STREETS[(way * 7 + index * 5) % len(STREETS)]
        lane = f"{name}로" if way % 3 == 0 else f"{name}{3 + way * 2}길"
        flat = f", {1 + int(share * 60) // 4}0{1 + at % 4}호" if share < 0.55 else ""
        text.append(f"{dong.city} {lane} {door}{flat} ({dong.name})")
    return Addresses(text, np.round(place, 6))


def _along(seed: int, dong: Dong, anchors: Floats, street: NDArray[np.int64], home: NDArray[np.int64]) -> Floats:
    """Places along the streets through ``anchors``; one that would fall outside moves towards its anchor."""
    key = np.round(anchors[:, 0] * 1e6).astype(np.int64)
    angle = uniform(seed, "street angle", key, high=np.pi)
    length = uniform(seed, "street length", key, low=0.003, high=0.008)
    along = uniform(seed, "along street", home, low=-1.0) * length[street]
    aside = uniform(seed, "beside street", home, low=-1.0) * 0.0003
    offset = np.stack(
        [
            along * np.cos(angle[street]) - aside * np.sin(angle[street]),
            along * np.sin(angle[street]) + aside * np.cos(angle[street]),
        ],
        axis=1,
    )
    place = anchors[street] + offset
    for _ in range(12):
        outside = ~inside(dong.rings, place[:, 0], place[:, 1])
        if not outside.any():
            break
        offset[outside] /= 2
        place = anchors[street] + offset
    return place


def enrolments(
    residents: Residents, areas: list[Dong], start: datetime, workers: list[str]
) -> Iterator[dict[str, Any]]:
    """Lines for ``dure care enrol``, one a home, in order of home."""
    seed, home = residents.seed, residents.homes
    addresses = make_addresses(residents, areas)
    fashion = [names(seed, "resident", home, residents.female, old) for old in (True, False)]
    contacts = _contacts(seed, home)
    until = (20 + uniform(seed, "consent days", home) * 345).astype(int)
    alone = uniform(seed, "alone", home) < 0.88
    foreign = uniform(seed, "language", home) < 0.01
    called = uniform(seed, "call consent", home) < 0.94
    asked_daily = called & (uniform(seed, "daily consent", home) < 0.12)
    worker = worker_of(residents, workers)
    for at in range(len(residents)):
        consents = ["power_watch"]
        consents += ["phone_watch"] * bool(residents.phone_watched[at]) + ["ai_call"] * bool(called[at])
        consents += ["home_watch"] * bool(residents.water[at] or residents.sensed[at])
        consents += ["health_watch"] * bool(residents.worn[at])
        consents += ["family_share"] * bool(contacts[at]) + ["daily_care"] * bool(asked_daily[at])
        yield {
            "area": areas[residents.area[at]].code,
            "address": addresses.text[at],
            "lon": float(addresses.place[at, 0]),
            "lat": float(addresses.place[at, 1]),
            "person": {
                "name": fashion[0][at] if residents.age[at] >= 60 else fashion[1][at],
                "phone": phone(at),
                "birth_year": start.year - int(residents.age[at]),
                "sex": "F" if residents.female[at] else "M",
                "lives_alone": bool(alone[at]),
                "language": "en" if foreign[at] else "ko",
            },
            "contacts": contacts[at],
            "consents": consents,
            "consent_until": (start + timedelta(days=int(until[at]))).date().isoformat(),
            "worker": worker[at],
            "devices": _devices(residents, at),
        }


def _contacts(seed: int, home: NDArray[np.int64]) -> list[list[dict[str, str]]]:
    """None to three family members or neighbours of each home."""
    count = np.minimum(poisson(1.5, uniform(seed, "contacts", home)), 3)
    contacts: list[list[dict[str, str]]] = [[] for _ in home]
    for position in range(3):
        kind = chosen(seed, "relation", [weight for _, weight, _ in RELATIONS], home, position)
        female = np.asarray([is_female for *_, is_female in RELATIONS])[kind]
        called = names(seed, f"contact {position}", home, female, old=False)
        for at in np.flatnonzero(count > position):
            number = phone(CONTACT_NUMBERS_FROM + 3 * int(at) + position)
            contacts[at].append({"name": called[at], "phone": number, "relation": RELATIONS[kind[at]][0]})
    return contacts


def worker_of(residents: Residents, workers: list[str]) -> list[str | None]:
    """The worker of each home: equal shares (one home more or less), neighbours with the same worker."""
    if not workers:
        return [None] * len(residents)
    worker: list[str | None] = [None] * len(residents)
    for rank, home in enumerate(np.argsort(residents.area, kind="stable")):
        worker[home] = workers[rank * len(workers) // len(residents)]
    return worker


def _devices(residents: Residents, home: int) -> list[dict[str, Any]]:
    """What speaks of the home; devices on people's bodies are given apart (:func:`worn_devices`)."""
    power = {"name": "power", "unit": "kWh", "interval_minutes": 30, "min": 0, "max": 50}
    activity = {"name": "activity", "unit": "count", "interval_minutes": 60, "min": 0, "max": 10_000}
    water = {"name": "water", "unit": "L", "interval_minutes": 60, "min": 0, "max": 5_000}
    motion = {"name": "motion", "unit": "count", "interval_minutes": 30, "min": 0, "max": 10_000}
    door = {"name": "door", "unit": "count", "interval_minutes": 30, "min": 0, "max": 1_000}
    listed = [
        (True, "ami", meter_code, "power_meter", power),
        (residents.phone_watched[home], "telecom", phone_code, "phone", activity),
        (residents.water[home], "water", water_code, "water_meter", water),
        (residents.sensed[home], "motion", motion_code, "motion_sensor", motion),
        (residents.sensed[home], "door", door_code, "door_sensor", door),
    ]
    return [
        {"feed": feed, "code": code(home), "kind": kind, "series": [series]}
        for is_there, feed, code, kind, series in listed
        if is_there
    ]


def worn_devices(residents: Residents) -> Iterator[dict[str, str]]:
    """Lines of wearables.jsonl: whose home (by its meter), and the device on the wrist, or the program on the phone of
    those who agreed that their phone is looked at."""
    for home in np.flatnonzero(residents.worn):
        meter = meter_code(int(home))
        yield {"meter": meter, "feed": "wear", "code": band_code(int(home)), "kind": "wearable"}
        if residents.phone_watched[home]:
            yield {"meter": meter, "feed": "wear", "code": app_code(int(home)), "kind": "smartphone"}
