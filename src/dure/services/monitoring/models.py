# SPDX-License-Identifier: Apache-2.0
"""Records only monitoring needs: whose a device is, what is usual for a person, and how a case ends."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Device, Finding, Person
from dure.city.sealed import SealedTextField
from dure.engines.vitals import Source, Vital


class SignOf(models.TextChoices):
    """The signs that are judged, in words."""

    HEART_RATE = Vital.HEART_RATE.value, _("심박수")
    BREATHING = Vital.BREATHING.value, _("호흡수")
    SPO2 = Vital.SPO2.value, _("산소포화도")
    BODY_TEMPERATURE = Vital.BODY_TEMPERATURE.value, _("체온")
    SKIN_TEMPERATURE = Vital.SKIN_TEMPERATURE.value, _("피부 온도")


class SetHow(models.TextChoices):
    """Where a kept range is from; a published one needs no row."""

    LEARNED = Source.LEARNED.value, _("본인의 지난 날에서 익힘")
    CLINICIAN = Source.CLINICIAN.value, _("의료진이 정함")


class PersonalDevice(models.Model):
    """Whose body a device speaks of. A device in a home says nothing of anybody's health before it is given to one."""

    device = models.OneToOneField(Device, models.PROTECT, related_name="personal")
    person = models.ForeignKey(Person, models.PROTECT, related_name="personal_devices")
    since = models.DateTimeField("맡긴 시각")
    ended_at = models.DateTimeField("거둔 시각", null=True, blank=True)

    class Meta:
        verbose_name = "건강 기기"


class UsualRange(models.Model):
    """What is usual for a person, in the unit of the sign. A clinician's goes before a learned one until it ends."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="usual_ranges")
    sign = models.CharField("수치", max_length=20, choices=SignOf.choices)
    low = models.FloatField("아래 끝")
    high = models.FloatField("위 끝")
    source = models.CharField("출처", max_length=10, choices=SetHow.choices)
    days = models.PositiveSmallIntegerField("익힌 날수", default=0)
    clinician = models.CharField("정한 의료진", max_length=60, blank=True)
    reason = SealedTextField("까닭", null=True, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    set_at = models.DateTimeField("정한 시각")
    valid_until = models.DateTimeField("유효 기한", null=True, blank=True)
    ended_at = models.DateTimeField("그만둔 시각", null=True, blank=True)

    class Meta:
        verbose_name = "평소 범위"
        indexes = [models.Index(fields=["person", "sign", "ended_at"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(low__lt=models.F("high")), name="range_has_width"),
            models.UniqueConstraint(
                fields=["person", "sign", "source"],
                condition=models.Q(ended_at__isnull=True),
                name="one_range_of_a_source",
            ),
        ]


class OutsideNote(models.Model):
    """The words in which somebody outside told us of a person; the finding itself says only that they did."""

    finding = models.OneToOneField(Finding, models.PROTECT, related_name="outside_note")
    text = SealedTextField("알려 온 글")

    class Meta:
        verbose_name = "알려 온 글"


class Outcome(models.TextChoices):
    """How a monitoring case ends. The first two are written by the platform, the others by people."""

    BACK_TO_USUAL = "back_to_usual", _("수치가 평소로 돌아옴")
    WATCH_ENDED = "watch_ended", _("동의가 끝나 살피지 않음")
    WELL_BY_PHONE = "well_by_phone", _("전화로 안부 확인")
    WELL_ON_VISIT = "well_on_visit", _("방문해 안부 확인")
    HELPED = "helped", _("도움을 드림")
    SAW_DOCTOR = "saw_doctor", _("진료를 받으심")
    TO_HOSPITAL = "to_hospital", _("병원으로 모심")
    DIED = "died", _("돌아가심")
    PRESSED_BY_MISTAKE = "pressed_by_mistake", _("잘못 눌렀음")
    DEVICE_FAULT = "device_fault", _("기기·데이터 문제")
    FALSE_ALARM = "false_alarm", _("잘못된 알림")


BY_PLATFORM = (Outcome.BACK_TO_USUAL, Outcome.WATCH_ENDED)
"""Outcomes the program writes; nobody chooses them."""

FALSE_ALARMS = (Outcome.DEVICE_FAULT, Outcome.FALSE_ALARM)
"""Outcomes by which people say that there was nothing about the person."""
