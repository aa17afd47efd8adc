# SPDX-License-Identifier: Apache-2.0
"""Who signs in, in which role, for which area."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from .areas import Area


class Role(models.TextChoices):
    """The people of DESIGN §1."""

    CARE_WORKER = "care_worker", _("생활지원사")
    WELFARE_OFFICER = "welfare_officer", _("복지 공무원")
    CALL_AGENT = "call_agent", _("상담사")
    DESK_LEAD = "desk_lead", _("민원실 책임자")
    OFFICER = "officer", _("부서 담당자")
    CONTROL_OPERATOR = "control_operator", _("관제요원")
    TRAFFIC_ENGINEER = "traffic_engineer", _("교통 담당")
    DISPATCHER = "dispatcher", _("청소 배차 담당")
    DRIVER = "driver", _("청소 기사")
    TRADE_OFFICER = "trade_officer", _("통상·기업 담당")
    EDUCATION_OFFICER = "education_officer", _("교육 담당")
    PLANNER = "planner", _("기획 담당")
    NETWORK_OFFICER = "network_officer", _("국제교류 담당")
    PRIVACY_OFFICER = "privacy_officer", _("개인정보 보호책임자")
    CITIZEN = "citizen", _("시민")
    FAMILY = "family", _("가족")
    ADMINISTRATOR = "administrator", _("시스템 관리자")


class User(AbstractUser):
    """An account. A citizen's account points at their own person record."""

    display_name = models.CharField("표시 이름", max_length=60, blank=True)
    person = models.OneToOneField(
        "city.Person", models.SET_NULL, null=True, blank=True, related_name="user", verbose_name="본인"
    )

    class Meta:
        verbose_name = "사용자"

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """A role that a user holds in an area and everything below it; no area means the whole city."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField("역할", max_length=20, choices=Role.choices)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, verbose_name="관할")

    class Meta:
        verbose_name = "역할과 관할"
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "area"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(area=None), name="membership_of_the_whole_city_once"
            ),
        ]


class Team(models.Model):
    """People who own cases together where no single person does (a dong office, the night centre)."""

    name = models.CharField("이름", max_length=60)
    service = models.CharField("서비스 (비면 모든 서비스)", max_length=20, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, verbose_name="관할")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="teams", blank=True)

    class Meta:
        verbose_name = "팀"

    def __str__(self) -> str:
        return self.name
