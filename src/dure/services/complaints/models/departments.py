# SPDX-License-Identifier: Apache-2.0
"""Who in the city does what (업무분장): departments, their duties, and the topics that citizens choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Team


class Kind(models.TextChoices):
    """What the law calls it; each has its own period (민원 처리에 관한 법률 제2조, 시행령 제14~17조)."""

    LAW_QUESTION = "law_question", _("법령 질의")
    QUESTION = "question", _("질의")
    SUGGESTION = "suggestion", _("건의")
    GRIEVANCE = "grievance", _("고충")
    APPLICATION = "application", _("법정 민원")
    OTHER = "other", _("기타")


class PeriodUnit(models.TextChoices):
    """In what a period is given: working days, or by the calendar (법 제19조 제2항·제3항)."""

    DAY = "day", _("근무일")
    WEEK = "week", _("주")
    MONTH = "month", _("개월")
    YEAR = "year", _("년")


class Department(models.Model):
    """A department of the city, or (``outside``) another institution to which a complaint may have to be sent."""

    code = models.SlugField("코드", max_length=40, unique=True)
    name = models.JSONField("이름 (ko, en)")
    phone = models.CharField("전화", max_length=20, blank=True)
    outside = models.BooleanField("다른 기관", default=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="departments", verbose_name="팀")
    retired_at = models.DateTimeField("없어진 시각", null=True, blank=True)

    class Meta:
        verbose_name = "부서"
        ordering = ["code"]

    def __str__(self) -> str:
        return str(self.name["ko"])


class Duty(models.Model):
    """One line of the table of duties, in the city's own words: what the classifier starts from."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="duties")
    text = models.TextField("하는 일")

    class Meta:
        verbose_name = "업무"
        constraints = [models.UniqueConstraint(fields=["department", "text"], name="duty_once")]


class Topic(models.Model):
    """What a complaint is about, as citizens choose it: an Open311 service.

    ``fields``: what else is asked, as ``[{"code","name":{ko,en},"type":"text|number|datetime|one|many","required",
    "values":[{"key","name":{ko,en}}]}]``. ``metres`` and ``days``: reports of this topic so near and so soon after
    one another are of one thing (0: never joined). ``period``, in ``period_unit``s: its own, for a statutory
    application or another complaint; else the law's for ``kind``.
    """

    code = models.SlugField("코드", max_length=40, unique=True)
    name = models.JSONField("이름 (ko, en)")
    about = models.JSONField("설명 (ko, en)", default=dict)
    group = models.JSONField("묶음 (ko, en)", default=dict)
    keywords = models.JSONField("찾는 말", default=list)
    department = models.ForeignKey(Department, models.PROTECT, related_name="topics", verbose_name="맡은 부서")
    kind = models.CharField("민원의 종류", max_length=12, choices=Kind.choices, default=Kind.OTHER)
    period = models.PositiveSmallIntegerField("처리 기간", null=True, blank=True)
    period_unit = models.CharField("처리 기간의 단위", max_length=5, choices=PeriodUnit.choices, default=PeriodUnit.DAY)
    placed = models.BooleanField("자리가 있음", default=False)
    public = models.BooleanField("로그인 없이 알릴 수 있음", default=True)
    metres = models.PositiveSmallIntegerField("같은 일로 보는 거리 (m)", default=0)
    days = models.PositiveSmallIntegerField("같은 일로 보는 날수", default=14)
    fields = models.JSONField("더 묻는 것", default=list, blank=True)
    retired_at = models.DateTimeField("없어진 시각", null=True, blank=True)

    class Meta:
        verbose_name = "민원 갈래"
        ordering = ["code"]

    def __str__(self) -> str:
        return str(self.name["ko"])
