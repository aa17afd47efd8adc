# SPDX-License-Identifier: Apache-2.0
"""Giving a device to a person, and taking it back."""

from __future__ import annotations

from django.db import transaction

from dure.city import audit, clock, devices, people
from dure.city.cases.access import may_act_in
from dure.city.errors import Conflict, Invalid, require_one_of
from dure.city.models import ConsentPurpose, Feed, Person, User
from dure.city.purposes import Purpose, require_reach
from dure.city.teams import team_for
from dure.services.monitoring.kinds import KINDS
from dure.services.monitoring.models import PersonalDevice
from dure.services.monitoring.plan import ensure_plan

SILENT_AFTER_MINUTES = 12 * 60
"""A device on a body is charged at night; half a day without a word is a device that lies in a drawer."""


@transaction.atomic
def give(person: Person, *, feed: Feed, code: str, kind: str, actor: User | str) -> PersonalDevice:
    """Let the device ``code`` of ``feed`` speak of ``person``; the same again changes nothing.

    Raises Invalid for an unknown kind (field ``kind``) or a missing consent to ``health_watch`` (``consent``), Conflict
    when it is somebody else's or registered elsewhere, and when no team would answer for it, NotAllowed for a user who
    does not work where the person lives.
    """
    area = person.household.area
    require_reach(actor, area, Purpose.WELL_BEING_CHECK)
    require_one_of(KINDS, kind, "kind")
    if not people.has_consent(person, ConsentPurpose.HEALTH_WATCH, clock.now()):
        raise Invalid("건강 정보 확인 동의가 있어야 합니다", "consent to health_watch is needed", field="consent")
    if not any(may_act_in(member, "monitoring", area) for member in team_for("monitoring", area).members.all()):
        raise Conflict(
            "이 지역의 건강 모니터링 사건을 맡을 사람이 팀에 없습니다. 먼저 팀을 정하세요.",
            "nobody in the team that answers for monitoring here may act on its cases: set a team first",
        )
    ensure_plan(area, actor)
    audit.take_turn()
    device = devices.register_device(
        feed,
        code,
        kind,
        series=KINDS[kind].series,
        household=person.household,
        silent_after_minutes=SILENT_AFTER_MINUTES,
        actor=actor,
    )
    given = PersonalDevice.objects.filter(device=device).first()
    if given is not None and given.person_id != person.pk and given.ended_at is None:
        raise Conflict("다른 분의 기기입니다", "the device is somebody else's", field="code")
    if given is not None and given.person_id == person.pk and given.ended_at is None:
        return given
    given = given or PersonalDevice(device=device)
    given.person, given.since, given.ended_at = person, clock.now(), None
    given.save()
    _record("monitoring:device:given", given, actor)
    return given


@transaction.atomic
def take_back(given: PersonalDevice, *, actor: User | str) -> None:
    """From now on the device speaks of nobody; again changes nothing."""
    require_reach(actor, given.person.household.area, Purpose.WELL_BEING_CHECK)
    audit.take_turn()
    if PersonalDevice.objects.filter(pk=given.pk, ended_at=None).update(ended_at=clock.now()):
        given.refresh_from_db(fields=["ended_at"])
        _record("monitoring:device:taken_back", given, actor)


def _record(tag: str, given: PersonalDevice, actor: User | str) -> None:
    detail = {"refs": [given.person.ref], "kind": given.device.kind}
    audit.record(tag, actor=actor, subject=f"device:{given.device.code}", purpose="health_check", detail=detail)
