# SPDX-License-Identifier: Apache-2.0
"""Records only care needs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import EscalationAttempt, Household, Person, Series


class Enrolment(models.Model):
    """A person watched over in a home. ``row`` is the home's place in the engine's arrays, given once."""

    household = models.OneToOneField(Household, models.PROTECT, related_name="enrolment")
    person = models.OneToOneField(Person, models.PROTECT, related_name="enrolment")
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="enrolments"
    )
    row = models.PositiveIntegerField("엔진의 자리", unique=True)
    power = models.OneToOneField(Series, models.PROTECT, related_name="power_of")
    phone = models.OneToOneField(Series, models.PROTECT, null=True, blank=True, related_name="phone_of")
    enrolled_at = models.DateTimeField("등록 시각")
    proved_alive_at = models.DateTimeField("사람이 안부를 확인한 마지막 시각")
    ended_at = models.DateTimeField("종결 시각", null=True, blank=True)

    class Meta:
        verbose_name = "안부 확인 대상"


class HabitState(models.Model):
    """The habit engine's state in parts (see habit_state.py), written in the same transaction as what it found."""

    part = models.PositiveIntegerField("차례", primary_key=True)
    data = models.BinaryField("상태")

    class Meta:
        verbose_name = "습관 상태"


class AwaySource(models.TextChoices):
    ELDER = "elder", _("본인")
    FAMILY = "family", _("가족")
    WORKER = "worker", _("생활지원사")


class Away(models.Model):
    """ "I am away": no alarms from ``starts_at`` until ``ends_at`` or until activity says that they are back."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="aways")
    starts_at = models.DateTimeField("떠나는 시각")
    ends_at = models.DateTimeField("돌아오는 시각")
    said_by = models.CharField("알린 이", max_length=8, choices=AwaySource.choices)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    recorded_at = models.DateTimeField("적은 시각")
    returned_at = models.DateTimeField("돌아온 시각", null=True, blank=True)

    class Meta:
        verbose_name = "외출"
        indexes = [models.Index(fields=["household", "starts_at", "ends_at"])]


class CallState(models.TextChoices):
    RINGING = "ringing", _("울리는 중")
    ANSWERED = "answered", _("받음")
    UNANSWERED = "unanswered", _("받지 않음")
    CANCELLED = "cancelled", _("그만둠")


class Call(models.Model):
    """One automatic call. The stand-in for telephony: whoever answers presses 1 (fine), 2 (help) or nothing."""

    ref = models.UUIDField("번호", default=uuid.uuid4, unique=True, editable=False)
    attempt = models.OneToOneField(EscalationAttempt, models.PROTECT, related_name="call")
    person = models.ForeignKey(Person, models.PROTECT, related_name="calls")
    state = models.CharField("상태", max_length=10, choices=CallState.choices, default=CallState.RINGING)
    ringing_since = models.DateTimeField("울리기 시작")
    rings_until = models.DateTimeField("울림 끝")
    key = models.CharField("누른 번호", max_length=1, blank=True)
    ended_at = models.DateTimeField("끝", null=True, blank=True)

    class Meta:
        verbose_name = "자동 전화"
        indexes = [models.Index(fields=["state", "rings_until"])]


class Outcome(models.TextChoices):
    """How a care case ends. The first two are written by the platform, the others by people."""

    CONFIRMED_BY_CALL = "confirmed_by_call", _("자동 전화로 안부 확인")
    ACTIVITY_RETURNED = "activity_returned", _("생활 신호가 돌아옴")
    WELL_BY_PHONE = "well_by_phone", _("전화로 안부 확인")
    WELL_ON_VISIT = "well_on_visit", _("방문해 안부 확인")
    WAS_AWAY = "was_away", _("외출·여행 중이었음")
    HELPED = "helped", _("도움을 드림")
    TO_HOSPITAL = "to_hospital", _("병원으로 모심")
    DIED = "died", _("돌아가심")
    DATA_FAULT = "data_fault", _("기기·데이터 문제")
    FALSE_ALARM = "false_alarm", _("잘못된 알림")


BY_PLATFORM = (Outcome.CONFIRMED_BY_CALL, Outcome.ACTIVITY_RETURNED)
"""Outcomes the program writes; nobody chooses them."""

WELL = (
    Outcome.CONFIRMED_BY_CALL,
    Outcome.WELL_BY_PHONE,
    Outcome.WELL_ON_VISIT,
    Outcome.WAS_AWAY,
    Outcome.HELPED,
    Outcome.FALSE_ALARM,
)
"""Outcomes that say the person was alive and well when the case closed: the watch starts afresh from then."""
