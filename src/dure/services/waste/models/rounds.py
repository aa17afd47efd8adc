# SPDX-License-Identifier: Apache-2.0
"""Records of collecting: trucks and sites, a round's plan, who drives it, and what came of each stop.

A round is one decision of the day ("06:00"): which bins, by which trucks. While it is a draft its plan stands in
``Round.plan`` and the dispatcher changes it; when it is given out, its stops become errands of ``city`` on a ``Route``
a truck (the record that every service's drivers work by), and a ``Pickup`` says what waste collection knows besides.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Area, Device, Errand, Route

from .bins import Bin


class SiteKind(models.TextChoices):
    DEPOT = "depot", _("차고지")
    TIP = "tip", _("하역지")


class Site(models.Model):
    """Where trucks start and end, or unload: ``minutes`` each time, open ``opens`` to ``closes`` (None: always)."""

    code = models.CharField("코드", max_length=40, unique=True)
    kind = models.CharField("종류", max_length=5, choices=SiteKind.choices)
    name = models.CharField("이름", max_length=60)
    lon = models.FloatField("경도 (°E)")
    lat = models.FloatField("위도 (°N)")
    minutes = models.PositiveSmallIntegerField("걸리는 시간 (분)", default=0)
    opens = models.TimeField("여는 시각", null=True, blank=True)
    closes = models.TimeField("닫는 시각", null=True, blank=True)

    class Meta:
        verbose_name = "차고지·하역지"

    def __str__(self) -> str:
        return self.name


class Truck(models.Model):
    """A truck, its usual driver and hours. Times of day are the city's own clock.

    ``waste_kinds``: what it may take (empty: anything), one kind a round. ``areas``: where it works (none: all).
    ``narrow``: fits streets that only small trucks enter. ``grams_per_litre``: of what it brings to the tip, for the
    account; ``co2_g_per_km``: of its exhaust.
    """

    code = models.CharField("코드", max_length=40, unique=True)
    name = models.CharField("부르는 이름", max_length=60)
    depot = models.ForeignKey(Site, models.PROTECT, related_name="trucks", verbose_name="차고지")
    tips = models.ManyToManyField(Site, related_name="unloading_trucks", verbose_name="하역지")
    areas = models.ManyToManyField(Area, blank=True, related_name="trucks", verbose_name="맡은 지역")
    waste_kinds = models.JSONField("싣는 것", default=list, blank=True)
    capacity_l = models.PositiveIntegerField("싣는 부피 (L)")
    narrow = models.BooleanField("좁은 길에 들어감", default=False)
    shift_from = models.TimeField("일 시작")
    shift_to = models.TimeField("일 끝")
    lunch_from = models.TimeField("점심을 이때부터 시작", null=True, blank=True)
    lunch_to = models.TimeField("점심을 이때까지 시작", null=True, blank=True)
    lunch_minutes = models.PositiveSmallIntegerField("점심 (분)", default=0)
    grams_per_litre = models.PositiveIntegerField("쓰레기 무게 (g/L)", default=100)
    co2_g_per_km = models.PositiveIntegerField("CO₂ (g/km)", default=900)
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="trucks", verbose_name="기사"
    )
    device = models.OneToOneField(Device, models.PROTECT, null=True, blank=True, related_name="truck")
    enrolled_at = models.DateTimeField("등록 시각")
    retired_at = models.DateTimeField("뺀 시각", null=True, blank=True)

    class Meta:
        verbose_name = "차량"
        constraints = [models.CheckConstraint(condition=models.Q(capacity_l__gt=0), name="truck_holds_something")]

    def __str__(self) -> str:
        return self.name


class RoundStatus(models.TextChoices):
    DRAFT = "draft", _("계획 중")
    GIVEN_OUT = "given_out", _("나눠 줌")
    OVER = "over", _("끝남")


class Round(models.Model):
    """One decision: what is collected between ``begins_at`` and ``ends_at``. ``next_at``: the next time anybody can go.

    ``plan``: the newest plan as data (dure.services.waste.planning says its members). ``version`` grows with every
    change of it, so that two dispatchers do not overwrite each other.
    """

    begins_at = models.DateTimeField("시작", unique=True)
    ends_at = models.DateTimeField("끝")
    next_at = models.DateTimeField("다음 기회")
    status = models.CharField("상태", max_length=9, choices=RoundStatus.choices, default=RoundStatus.DRAFT)
    plan = models.JSONField("계획", default=dict, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField("판", default=0)
    made_at = models.DateTimeField("만든 시각")
    given_out_at = models.DateTimeField("나눠 준 시각", null=True, blank=True)

    class Meta:
        verbose_name = "수거 차수"
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("begins_at")), name="round_has_length")
        ]


class WishKind(models.TextChoices):
    MUST = "must", _("꼭 감")
    NEVER = "never", _("가지 않음")
    TRUCK = "truck", _("이 차량으로")


class TurnStatus(models.TextChoices):
    PLANNED = "planned", _("떠나기 전")
    DRIVING = "driving", _("수거 중")
    BROKEN = "broken", _("고장")
    BACK = "back", _("돌아옴")
    OFF = "off", _("나가지 않음")


class Turn(models.Model):
    """A truck's part in a round: who drives it, its route once given out, and how it went.

    ``lon``, ``lat``, ``free_at``: where and from when a plan made during the round may use it (None: its depot, its
    shift); ``on_board_l``: what it carries then.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="turns")
    truck = models.ForeignKey(Truck, models.PROTECT, related_name="turns")
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="turns")
    route = models.OneToOneField(Route, models.SET_NULL, null=True, blank=True, related_name="turn")
    status = models.CharField("상태", max_length=7, choices=TurnStatus.choices, default=TurnStatus.PLANNED)
    started_at = models.DateTimeField("떠난 시각", null=True, blank=True)
    ended_at = models.DateTimeField("끝난 시각", null=True, blank=True)
    lon = models.FloatField("경도 (°E)", null=True, blank=True)
    lat = models.FloatField("위도 (°N)", null=True, blank=True)
    free_at = models.DateTimeField("이때부터", null=True, blank=True)
    on_board_l = models.PositiveIntegerField("실은 양 (L)", default=0)
    planned_metres = models.PositiveIntegerField("계획한 거리 (m)", default=0)

    class Meta:
        verbose_name = "차량의 한 차수"
        constraints = [models.UniqueConstraint(fields=["round", "truck"], name="truck_once_a_round")]


class Wish(models.Model):
    """The dispatcher's word on a bin in a round, which every re-plan keeps to."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="wishes")
    bin = models.ForeignKey(Bin, models.PROTECT, related_name="wishes")
    kind = models.CharField("무엇", max_length=5, choices=WishKind.choices)
    truck = models.ForeignKey(Truck, models.PROTECT, null=True, blank=True)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    said_at = models.DateTimeField("말한 시각")

    class Meta:
        verbose_name = "배차 담당의 말"
        constraints = [
            models.UniqueConstraint(fields=["round", "bin"], name="one_wish_a_bin"),
            models.CheckConstraint(
                condition=models.Q(kind=WishKind.TRUCK) ^ models.Q(truck__isnull=True), name="wish_names_its_truck"
            ),
        ]


class Pickup(models.Model):
    """What waste collection knows of a stop on a route: a ``bin`` to be emptied or a ``site`` to unload at.

    ``fill``: percent expected at the planned time; ``reason``: why it is worth going (``chance`` that it is full by
    ``full_by``, ``must``, ``wish``). ``found``: percent the driver saw, ``kg``: what the tip's scale said, where they
    said it. ``ended_at`` of the errand is the time at the place, also when the phone could send it only later.
    """

    errand = models.OneToOneField(Errand, models.CASCADE, primary_key=True, related_name="pickup")
    turn = models.ForeignKey(Turn, models.PROTECT, related_name="pickups")
    bin = models.ForeignKey(Bin, models.PROTECT, null=True, blank=True, related_name="pickups")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="pickups")
    fill = models.FloatField("예상한 찬 정도 (%)", null=True, blank=True)
    reason = models.JSONField("까닭", default=dict, encoder=DjangoJSONEncoder)
    found = models.FloatField("가 보니 (%)", null=True, blank=True)
    kg = models.PositiveIntegerField("저울 (kg)", null=True, blank=True)

    class Meta:
        verbose_name = "수거"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(bin__isnull=True) ^ models.Q(site__isnull=True), name="pickup_is_somewhere"
            )
        ]


class Forecast(models.Model):
    """The forecast engine's state for all bins as of the full hour ``at``; row r of it is the bin whose place in
    ``bins`` (ids) is r.

    ``said``: what the next readings are judged by: ``levels`` (last believed, percent) and ``wrong`` (a status other
    than ok) by bin id, and ``told``: errands of the last days whose collection the engine knows of.
    """

    at = models.DateTimeField("시각")
    bins = models.JSONField("수거함")
    data = models.BinaryField("상태")
    said = models.JSONField("아는 것", default=dict)

    class Meta:
        verbose_name = "수거함 예측"


class BinForecast(models.Model):
    """What is expected of a bin, as of ``at``: for pages, so that nobody has to compute it to read it.

    ``level``: percent now, also where the sensor is silent; ``full_at``: when it is full with a chance of one half
    (None: not within a week); ``chances``: probability of being full within 6, 12, 24 and 48 hours.
    """

    bin = models.OneToOneField(Bin, models.CASCADE, primary_key=True, related_name="forecast")
    at = models.DateTimeField("시각")
    level = models.FloatField("지금 (%)")
    full_at = models.DateTimeField("가득 찰 때", null=True, blank=True)
    chances = models.JSONField("찰 확률", default=list)

    class Meta:
        verbose_name = "수거함 예측값"
