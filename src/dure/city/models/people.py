# SPDX-License-Identifier: Apache-2.0
"""People and homes: the least that the work needs. Read them through :mod:`dure.city.people` only."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.clock import SEOUL
from dure.city.sealed import SealedTextField

from .areas import Area


class Sex(models.TextChoices):
    FEMALE = "F", _("여")
    MALE = "M", _("남")


class Household(models.Model):
    """A home. Its address and its place on the map are as personal as a name, so both are sealed."""

    ref = models.UUIDField("공개 번호", default=uuid.uuid4, unique=True, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="households", verbose_name="지역")
    address = SealedTextField("주소")
    place = SealedTextField("위치 (경도,위도)", null=True, blank=True)

    class Meta:
        verbose_name = "가구"


class Person(models.Model):
    """A resident the city looks after."""

    ref = models.UUIDField("공개 번호", default=uuid.uuid4, unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="people", verbose_name="가구")
    name = SealedTextField("이름")
    phone = SealedTextField("전화", null=True, blank=True)
    phone_index = models.CharField("전화 찾기표", max_length=64, blank=True, db_index=True)
    birth_year = models.PositiveSmallIntegerField("태어난 해")
    sex = models.CharField("성별", max_length=1, choices=Sex.choices)
    lives_alone = models.BooleanField("홀로 삶", default=True)
    language = models.CharField("쓰는 말", max_length=5, default="ko")
    registered_at = models.DateTimeField("등록 시각")
    left_at = models.DateTimeField("떠난 시각", null=True, blank=True)

    class Meta:
        verbose_name = "주민"


class Contact(models.Model):
    """Family or neighbour of a person, called in ``position`` order; ``user`` is their account, if they have one."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    name = SealedTextField("이름")
    phone = SealedTextField("전화")
    relation = models.CharField("관계", max_length=20)
    position = models.PositiveSmallIntegerField("순서", default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="relatives", verbose_name="계정"
    )

    class Meta:
        verbose_name = "연락처"
        ordering = ["position"]


class ConsentPurpose(models.TextChoices):
    POWER_WATCH = "power_watch", _("전력 사용으로 안부 확인")
    PHONE_WATCH = "phone_watch", _("통신 이용으로 안부 확인")
    HOME_WATCH = "home_watch", _("수도·집 안 감지기로 안부 확인")
    AI_CALL = "ai_call", _("자동 안부 전화")
    FAMILY_SHARE = "family_share", _("가족에게 알림")
    HEALTH_WATCH = "health_watch", _("건강 정보 확인 (민감정보)")
    DAILY_CARE = "daily_care", _("약·식사 등 일과 돌봄 (민감정보)")


class Consent(models.Model):
    """One purpose a person agreed to, until it expires or is withdrawn (개인정보 보호법 제15조·제23조)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.CharField("목적", max_length=20, choices=ConsentPurpose.choices)
    granted_at = models.DateTimeField("동의 시각")
    expires_at = models.DateTimeField("만료 시각")
    withdrawn_at = models.DateTimeField("철회 시각", null=True, blank=True)
    how = models.CharField("받은 방법", max_length=40)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    @property
    def last_day(self) -> date:
        """The last day in Korea on which it holds: ``expires_at`` is the first moment at which it does not."""
        return (self.expires_at - timedelta.resolution).astimezone(SEOUL).date()

    class Meta:
        verbose_name = "동의"
        indexes = [models.Index(fields=["person", "purpose"]), models.Index(fields=["expires_at"])]
