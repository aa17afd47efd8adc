# SPDX-License-Identifier: Apache-2.0
"""Who is watched over, and what the engine knows of their homes."""

from django.conf import settings
from django.db import models

from dure.city.models import Household, Person, Series


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
    voice_words_per_minute = models.PositiveSmallIntegerField("전화 목소리 빠르기 (낱말/분)", null=True, blank=True)
    voice_pitch = models.PositiveSmallIntegerField("전화 목소리 높이 (0~99)", null=True, blank=True)

    class Meta:
        verbose_name = "안부 확인 대상"


class HabitState(models.Model):
    """The habit engine's state in parts (see habit_state.py), written in the same transaction as what it found."""

    part = models.PositiveIntegerField("차례", primary_key=True)
    data = models.BinaryField("상태")

    class Meta:
        verbose_name = "습관 상태"
