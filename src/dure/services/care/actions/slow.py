# SPDX-License-Identifier: Apache-2.0
"""Slow change becomes a finding of the level 관심 for a person to read: never a case, an alarm or a call."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.db import transaction

from dure.city import clock, findings
from dure.city.models import Finding, Level
from dure.engines import habits
from dure.engines.habits import SlowChange, words
from dure.engines.habits.slow import KINDS
from dure.services.care import habit_state
from dure.services.care.actions.away import away_at
from dure.services.care.actions.consents import agreed
from dure.services.care.models import Enrolment

SLOW = "slow_"
"""Kinds of findings: this and the engine's word."""
HEARD = timedelta(hours=48)
"""A home whose newest reading is older is not judged."""


def read_slow_changes() -> int:
    """Open a finding for every home that has slowly changed and end those that are over; returns how many are new.
    Running it again changes nothing."""
    watch, now = habit_state.load(), clock.now()
    enrolments = list(
        Enrolment.objects.filter(agreed(), ended_at=None, row__lt=len(watch)).select_related("household__area")
    )
    rows = np.array([one.row for one in enrolments], np.int64)
    heard = watch.known_until(rows) >= (now - HEARD).timestamp()
    changes = watch.slow_changes(rows)
    told = _told()
    new = 0
    for kind in KINDS:
        for k in np.flatnonzero(changes.over[kind]).tolist():
            if finding := told.get((enrolments[k].household_id, kind)):
                findings.end_finding(finding, now)
        begun = [
            enrolments[k]
            for k in np.flatnonzero(changes.begun[kind] & heard).tolist()
            if (enrolments[k].household_id, kind) not in told
        ]
        empty = away_at([one.household_id for one in begun], now)
        place = {one.row: k for k, one in enumerate(enrolments)}
        for one in begun:
            if one.household_id not in empty:
                _open(one, changes.of(kind, place[one.row]))
                new += 1
    return new


def _told() -> dict[tuple[int | None, str], Finding]:
    """Findings that are open, by home and the engine's kind."""
    found = Finding.objects.filter(service="care", kind__in=[SLOW + kind for kind in KINDS], ended_at=None)
    return {(one.household_id, one.kind.removeprefix(SLOW)): one for one in found.select_related("household")}


@transaction.atomic
def _open(enrolment: Enrolment, change: SlowChange) -> None:
    findings.open_finding(
        service="care",
        kind=SLOW + change.kind,
        level=Level.INTEREST,
        score=change.sigmas,
        reason={one: words.slow_reason(change, one) for one in words.LANGUAGES},
        evidence=change.as_dict()
        | {"what_would_change_it": {one: words.slow_would_change(change, one) for one in words.LANGUAGES}},
        engine="habits",
        engine_version=habits.VERSION,
        found_at=clock.now(),
        area=enrolment.household.area,
        household=enrolment.household,
    )
