# SPDX-License-Identifier: Apache-2.0
"""Stops that somebody must make, and the order in which they make them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.sealed import SealedTextField

from .areas import Area
from .cases import Case


class ErrandStatus(models.TextChoices):
    ORDERED = "ordered", _("주문")
    PLANNED = "planned", _("계획")
    DONE = "done", _("마침")
    COULD_NOT = "could_not", _("못 함")
    CANCELLED = "cancelled", _("취소")


class Errand(models.Model):
    """A stop: where, when it may be, how long, which skills it needs and what load it brings."""

    service = models.CharField("서비스", max_length=20)
    kind = models.CharField("종류", max_length=40)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="errands")
    area = models.ForeignKey(Area, models.PROTECT, related_name="errands")
    place = SealedTextField("위치 (경도,위도)", null=True, blank=True)
    window_from = models.DateTimeField("이때부터")
    window_to = models.DateTimeField("이때까지")
    minutes = models.PositiveSmallIntegerField("걸리는 시간 (분)")
    skills = models.JSONField("필요한 기술", default=list)
    load = models.JSONField("짐 (종류: 양)", default=dict)
    status = models.CharField("상태", max_length=10, choices=ErrandStatus.choices, default=ErrandStatus.ORDERED)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    client_id = models.UUIDField("보낸 쪽 번호", null=True, blank=True, unique=True)
    ordered_at = models.DateTimeField("주문 시각")
    ended_at = models.DateTimeField("끝난 시각", null=True, blank=True)
    outcome = models.CharField("결과", max_length=200, blank=True)

    class Meta:
        verbose_name = "심부름"
        indexes = [models.Index(fields=["assignee", "status", "window_from"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(window_to__gt=models.F("window_from")), name="errand_window")
        ]


class Route(models.Model):
    """One person's errands of one day in order."""

    day = models.DateField("날")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="routes")
    made_at = models.DateTimeField("만든 시각")

    class Meta:
        verbose_name = "경로"


class RouteStop(models.Model):
    """An errand's position on a route with the planned arrival."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="stops")
    errand = models.OneToOneField(Errand, models.PROTECT, related_name="stop")
    position = models.PositiveSmallIntegerField("차례")
    arrive_at = models.DateTimeField("도착 예정")

    class Meta:
        verbose_name = "경로의 정거장"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["route", "position"], name="stop_once_per_route")]
