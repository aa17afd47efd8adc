# SPDX-License-Identifier: Apache-2.0
"""What the devices on people's bodies measure, and the falls they feel: pure functions of (seed, home, time).

Healthy values lie in NEWS2's zero band (Royal College of Physicians 2017): heart 51 to 90 /min, breathing 12 to 20 /min
at rest. The rest is set by us: how much they vary from hour to hour and on a walk, when a device is charged, and how
often it feels a fall or one that was none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from .chance import Floats, normal, poisson, uniform
from .diary import in_bed, outing
from .emergencies import Emergencies, Emergency, EmergencyKind
from .habits import habits_of
from .pace import SLOT_SECONDS, start_of
from .residents import Residents, app_code, band_code

STEP_SECONDS = 300
"""A device on the wrist tells its values every five minutes."""
STEPS_A_SLOT = SLOT_SECONDS // STEP_SECONDS
STEPS_A_DAY = 48 * STEPS_A_SLOT

FELT_SHARE = 0.9
"""Of falls; the others only the home's silence, or a racing heart, tells."""
FALSE_FALLS_PER_DAY = 0.01
"""Of one device: a hand that hits the table."""
GAP_SHARE = 0.02
"""Of the steps: the radio was out of reach."""


def step_start(step: int) -> float:
    """UTC epoch seconds at which a step begins; steps are counted as slots are, from 1970-01-01 00:00 in Korea."""
    return start_of(0) + step * STEP_SECONDS


def fall_moment(seed: int, fall: Emergency) -> float:
    """UTC epoch seconds, within the slot in which it begins."""
    return start_of(fall.begin) + float(np.floor(uniform(seed, "fall moment", fall.home, fall.begin, high=1500.0)))


def is_felt(seed: int, fall: Emergency) -> bool:
    """Whether the device tells of it."""
    return bool(uniform(seed, "fall felt", fall.home, fall.begin) < FELT_SHARE)


@dataclass(frozen=True)
class Said:
    """Readings of one device, as the doors take them."""

    device: str
    readings: list[dict[str, object]]


class Worn:
    """The devices of those who wear one. Threads may share it."""

    def __init__(self, residents: Residents, emergencies: Emergencies) -> None:
        self._residents, self._emergencies = residents, emergencies
        self.homes: NDArray[np.int64] = np.flatnonzero(residents.worn)
        self._has_app = residents.phone_watched[self.homes]
        self._habits = habits_of(residents, self.homes)

    @property
    def devices(self) -> list[str]:
        """The codes of all devices."""
        apps = [app_code(int(home)) for home in self.homes[self._has_app]]
        return [band_code(int(home)) for home in self.homes] + apps

    def said(self, step: int) -> list[Said]:
        """What each device tells when the step ends. One that is charged, out of reach or in a drawer tells nothing."""
        at = _text(step_start(step))
        heart, breath, skin, walked = self._measured(step)
        told = []
        for index in np.flatnonzero(self._on(step)):
            values = {
                "heart_rate": round(float(heart[index])),
                "breathing": round(float(breath[index])),
                "skin_temperature": round(float(skin[index]), 1),
                "steps": int(walked[index]),
            }
            code = band_code(int(self.homes[index]))
            told.append(Said(code, [_reading(code, name, at, value) for name, value in values.items()]))
        return told + (self._screens(step) if step % STEPS_A_SLOT == STEPS_A_SLOT - 1 else [])

    def falls_felt(self, step: int) -> list[tuple[float, str]]:
        """When (UTC epoch seconds) which device tells of a fall within the step, oldest first; some were none."""
        begin, end = step_start(step), step_start(step + 1)
        seed, slot = self._residents.seed, step // STEPS_A_SLOT
        real = [
            (fall_moment(seed, one), band_code(one.home))
            for one in self._emergencies.before(slot + 1)
            if one.kind is EmergencyKind.FALL and one.begin == slot and is_felt(seed, one)
        ]
        day = step // STEPS_A_DAY
        hour = uniform(seed, "false fall hour", self.homes, day, low=8.0, high=20.0)
        chance = uniform(seed, "false fall", self.homes, day) < FALSE_FALLS_PER_DAY
        false = [
            (float(np.floor(step_start(day * STEPS_A_DAY) + 3600 * hour[index])), band_code(int(self.homes[index])))
            for index in np.flatnonzero(chance & self._on(step))
        ]
        return sorted(one for one in real + false if begin <= one[0] < end)

    # --- the body ------------------------------------------------------------------------------------------------

    def _measured(self, step: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Heart and breathing a minute, °C of the skin, and steps, shape [wearers]."""
        seed, home = self._residents.seed, self.homes
        day, hour = step // STEPS_A_DAY, (step % STEPS_A_DAY) * 24 / STEPS_A_DAY
        asleep = (hour < self._habits.wakes) | (hour >= self._habits.sleeps)
        lying, ill = self._during(step, helpless=True), in_bed(self._residents, home, day)
        walks = self._walks(step, day, hour) & ~asleep & ~lying & ~ill
        heart = uniform(seed, "heart", home, low=60, high=76) - 6 * asleep + 5 * ill
        heart = np.clip(heart + normal(seed, "heart now", home, step, sd=2.5), 52, 88)
        breath = uniform(seed, "breath", home, low=13.5, high=17.5) - asleep + ill
        breath = np.clip(breath + normal(seed, "breath now", home, step, sd=0.8), 12, 20)
        skin = uniform(seed, "skin", home, low=32.4, high=34.0) + 0.8 * asleep - 0.5 * walks
        return (
            heart + 24 * walks + 27 * lying,
            breath + 5 * walks + 5 * lying,
            skin + normal(seed, "skin now", home, step, sd=0.2),
            np.where(walks, poisson(np.full(len(home), 40.0), uniform(seed, "steps", home, step)) * 9.0, 0.0),
        )

    def _walks(self, step: int, day: int, hour: float) -> NDArray[np.bool_]:
        """Mostly while out; about the house now and then, ten minutes at a time."""
        out = outing(self._residents, self.homes, day)
        likely = np.where((out.leaves <= hour) & (hour < out.returns), 0.5, 0.08)
        walks: NDArray[np.bool_] = uniform(self._residents.seed, "walk", self.homes, step // 2) < likely
        return walks

    def _on(self, step: int) -> NDArray[np.bool_]:
        """Whether each device is on its wrist and heard."""
        seed, hour = self._residents.seed, (step % STEPS_A_DAY) * 24 / STEPS_A_DAY
        charged_at = uniform(seed, "charged at", self.homes, low=17.0, high=21.0)
        charging = (charged_at <= hour) & (hour < charged_at + 1)
        gap = uniform(seed, "gap", self.homes, step) < GAP_SHARE
        on: NDArray[np.bool_] = ~charging & ~gap & ~self._during(step, helpless=False)
        return on

    def _during(self, step: int, *, helpless: bool) -> NDArray[np.bool_]:
        """Who lies helpless at the step, or (else) has been found and is in hospital."""
        slot, held = step // STEPS_A_SLOT, np.zeros(len(self.homes), np.bool_)
        for one in self._emergencies.during(slot, slot + 1):
            if (one.begin <= slot < one.found) == helpless:
                held |= self.homes == one.home
        return held

    def _screens(self, step: int) -> list[Said]:
        """Minutes of the half hour in which the phone's screen was lit."""
        seed, slot = self._residents.seed, step // STEPS_A_SLOT
        hour = (slot % 48) / 2
        awake = (hour >= self._habits.wakes) & (hour < self._habits.sleeps)
        held = ~self._during(step, helpless=True) & ~self._during(step, helpless=False)
        rate = np.where(awake & held, np.minimum(4 * self._habits.phone_per_hour, 15.0), 0.0)
        minutes = np.minimum(poisson(rate, uniform(seed, "screen", self.homes, slot)), 30)
        at = _text(start_of(slot))
        codes = {index: app_code(int(self.homes[index])) for index in np.flatnonzero(self._has_app)}
        return [Said(code, [_reading(code, "screen", at, int(minutes[index]))]) for index, code in codes.items()]


def _reading(device: str, series: str, at: str, value: float) -> dict[str, object]:
    return {"device": device, "series": series, "at": at, "value": value}


def _text(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
