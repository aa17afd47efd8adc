# SPDX-License-Identifier: Apache-2.0
"""Daily plans: what a person does at which time of day, and what came of it each day.

Titles and doses are health data (개인정보 보호법 제23조) and sealed; dure.services.care.day_plan alone opens them.
"""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Case, Person, Series
from dure.city.sealed import SealedTextField

EVERY_DAY = "1234567"


class RoutineKind(models.TextChoices):
    GREETING = "greeting", _("안부 인사")
    MEDICINE = "medicine", _("약")
    MEAL = "meal", _("식사")
    EXERCISE = "exercise", _("운동")
    APPOINTMENT = "appointment", _("약속")


class ConfirmBy(models.TextChoices):
    CALL = "call", _("전화로 여쭈어")
    BUTTON = "button", _("본인이 눌러서")
    SENSOR = "sensor", _("감지기 (약통, 문)")


class Timing(models.Model):
    """What a routine and an item of a template have in common."""

    kind = models.CharField("종류", max_length=12, choices=RoutineKind.choices)
    at = models.TimeField("시각 (한국)")
    weekdays = models.CharField("요일 (월 1 … 일 7)", max_length=7, default=EVERY_DAY,
                                validators=[RegexValidator(r"^1?2?3?4?5?6?7?$")])  # fmt: skip
    on_holidays = models.BooleanField("공휴일에도", default=True)
    confirm_by = models.CharField("확인", max_length=6, choices=ConfirmBy.choices, default=ConfirmBy.CALL)
    grace_minutes = models.PositiveSmallIntegerField("기다림 (분; 비면 규칙대로)", null=True, blank=True)
    repeats = models.PositiveSmallIntegerField("다시 묻는 횟수 (비면 규칙대로)", null=True, blank=True)
    gap_minutes = models.PositiveSmallIntegerField("다시 묻기까지 (분; 비면 규칙대로)", null=True, blank=True)

    class Meta:
        abstract = True


class Routine(Timing):
    """One thing that a person does at one time of day."""

    ref = models.UUIDField("번호", default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="routines")
    title = SealedTextField("무엇")
    dose = SealedTextField("얼마나", null=True, blank=True)
    from_day = models.DateField("첫날")
    to_day = models.DateField("마지막 날", null=True, blank=True)
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="routines")
    paused_until = models.DateTimeField("이때까지 쉼", null=True, blank=True)
    since = models.DateTimeField("이때부터")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    ended_at = models.DateTimeField("그만둔 시각", null=True, blank=True)

    class Meta:
        verbose_name = "일과"
        indexes = [models.Index(fields=["ended_at", "at"]), models.Index(fields=["person", "ended_at"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(confirm_by=ConfirmBy.SENSOR) | models.Q(series__isnull=False),
                name="routine_sensor_has_series",
            )
        ]


class RoutineTemplate(models.Model):
    """A day's plan that an officer keeps and applies to people. Nobody's health data: its texts are plain."""

    name = models.CharField("이름", max_length=60, unique=True)
    ended_at = models.DateTimeField("그만둔 시각", null=True, blank=True)

    class Meta:
        verbose_name = "일과 틀"

    def __str__(self) -> str:
        return self.name


class TemplateItem(Timing):
    """One routine of a template."""

    template = models.ForeignKey(RoutineTemplate, models.CASCADE, related_name="items")
    title = models.CharField("무엇", max_length=60)
    dose = models.CharField("얼마나", max_length=60, blank=True)

    class Meta:
        verbose_name = "일과 틀의 항목"
        ordering = ["at", "id"]


class OccasionState(models.TextChoices):
    WAITING = "waiting", _("기다리는 중")
    ASKING = "asking", _("여쭙는 중")
    CONFIRMED = "confirmed", _("하셨음")
    MISSED = "missed", _("놓침")
    EXCUSED = "excused", _("쉼")


OPEN_OCCASION = (OccasionState.WAITING, OccasionState.ASKING)


class ConfirmedHow(models.TextChoices):
    CALL = "call", _("전화로")
    BUTTON = "button", _("본인이 눌러")
    SENSOR = "sensor", _("감지기로")
    STAFF = "staff", _("직원이")


class Excuse(models.TextChoices):
    TRIP = "trip", _("외출 중")
    HOSPITAL = "hospital", _("입원 중")
    PAUSED = "paused", _("일과를 쉬는 중")
    HOLIDAY = "holiday", _("공휴일")
    NO_CONSENT = "no_consent", _("동의 없음")
    NOT_ASKED = "not_asked", _("제때 여쭙지 못함")
    ENDED = "ended", _("일과가 없어짐")


class Occasion(models.Model):
    """One day's time of a routine and what came of it. Once a routine and day, whatever the clock does."""

    ref = models.UUIDField("번호", default=uuid.uuid4, unique=True, editable=False)
    routine = models.ForeignKey(Routine, models.PROTECT, related_name="occasions")
    day = models.DateField("날 (한국)")
    opens_at = models.DateTimeField("이때부터 하신 것이 이날의 것")
    due_at = models.DateTimeField("때")
    deadline = models.DateTimeField("이때까지")
    state = models.CharField("상태", max_length=9, choices=OccasionState.choices, default=OccasionState.WAITING)
    asked = models.PositiveSmallIntegerField("여쭌 횟수", default=0)
    next_at = models.DateTimeField("다음에 볼 때", null=True, blank=True)
    how = models.CharField("어떻게 확인", max_length=6, choices=ConfirmedHow.choices, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    ended_at = models.DateTimeField("확인하거나 놓친 시각", null=True, blank=True)
    excuse = models.CharField("까닭", max_length=10, choices=Excuse.choices, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="occasions")

    class Meta:
        verbose_name = "일과의 하루"
        indexes = [
            models.Index(fields=["state", "next_at"]),
            models.Index(fields=["routine", "-due_at"]),
            models.Index(fields=["ended_at"], condition=models.Q(how="button"), name="occasion_tapped"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["routine", "day"], name="occasion_once_a_day"),
            models.UniqueConstraint(fields=["routine", "due_at"], name="occasion_once_a_time"),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN_OCCASION, ended_at__isnull=True)
                | (~models.Q(state__in=OPEN_OCCASION) & models.Q(ended_at__isnull=False)),
                name="occasion_ends_once",
            ),
        ]
