# SPDX-License-Identifier: Apache-2.0
"""Records only waste collection needs: the bins, how each one is now, when it was emptied, and what was said of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Area, Case, Device
from dure.city.sealed import SealedTextField


class WasteKind(models.TextChoices):
    """What a bin is for, in the words of the smart-data-models WasteContainer (``storedWasteKind``)."""

    OTHER = "other", _("일반")
    ORGANIC = "organic", _("음식물")
    PAPER = "paper", _("종이")
    PLASTIC = "plastic", _("플라스틱")
    GLASS = "glass", _("유리")
    METAL = "metal", _("캔·고철")
    BATTERIES = "batteries", _("폐건전지")
    ELECTRONICS = "electronics", _("소형 가전")
    OIL = "oil", _("폐식용유")
    HAZARDOUS = "hazardous", _("유해 폐기물")


class Mount(models.TextChoices):
    """Where the sensor sits: on a lid, being tilted means that the lid is open; on the body, that the bin fell over."""

    LID = "lid", _("뚜껑")
    BODY = "body", _("몸통")


class BinStatus(models.TextChoices):
    OK = "ok", _("정상")
    LID_OPEN = "lid_open", _("뚜껑 열림")
    TILTED = "tilted", _("넘어짐")
    STUCK = "stuck", _("값이 멈춤")
    BURNING = "burning", _("불")
    UNKNOWN = "unknown", _("알 수 없음")


class Bin(models.Model):
    """One bin in a public place, its sensor, and how the sensor's distance becomes a level.

    ``empty_mm`` and ``full_mm``: what the sensor measures to an empty bin's floor and to waste that is level with the
    rim. Below ``blind_mm`` the sensor cannot measure. ``word``: what the QR code on the bin leads to. ``narrow``: only
    trucks that fit narrow streets get there.
    """

    code = models.CharField("코드", max_length=64, unique=True)
    word = models.CharField("QR 낱말", max_length=16, unique=True)
    device = models.OneToOneField(Device, models.PROTECT, null=True, blank=True, related_name="bin")
    area = models.ForeignKey(Area, models.PROTECT, related_name="bins", verbose_name="지역")
    place = models.CharField("있는 곳", max_length=120, blank=True)
    lon = models.FloatField("경도 (°E)")
    lat = models.FloatField("위도 (°N)")
    volume_l = models.PositiveIntegerField("부피 (L)")
    waste_kind = models.CharField("담는 것", max_length=12, choices=WasteKind.choices, default=WasteKind.OTHER)
    mount = models.CharField("감지기 자리", max_length=4, choices=Mount.choices, default=Mount.LID)
    empty_mm = models.PositiveIntegerField("비었을 때 거리 (mm)")
    full_mm = models.PositiveIntegerField("찼을 때 거리 (mm)")
    blind_mm = models.PositiveIntegerField("재지 못하는 거리 (mm)", default=0)
    narrow = models.BooleanField("좁은 길", default=False)
    enrolled_at = models.DateTimeField("등록 시각")
    retired_at = models.DateTimeField("철거 시각", null=True, blank=True)

    class Meta:
        verbose_name = "수거함"
        constraints = [
            models.CheckConstraint(condition=models.Q(full_mm__lt=models.F("empty_mm")), name="bin_has_depth"),
            models.CheckConstraint(condition=models.Q(volume_l__gt=0), name="bin_has_volume"),
        ]

    def __str__(self) -> str:
        return self.code


class BinState(models.Model):
    """How a bin is now, as far as its sensor has said, and what the next reading is judged by.

    ``fill``: percent of the calibrated depth, of ``fill_at``; it stays while the sensor cannot say. ``recent``: the
    newest believed levels, oldest first, as (s since 1970, percent, the ``fill`` that was shown before it).
    ``same_level`` and ``same_since``: the level at which the sensor has stayed, and since when. ``heard_at``: time of
    the newest reading.
    """

    bin = models.OneToOneField(Bin, models.CASCADE, primary_key=True, related_name="state")
    fill = models.FloatField("찬 정도 (%)", null=True, blank=True)
    fill_at = models.DateTimeField("잰 시각", null=True, blank=True)
    status = models.CharField("상태", max_length=8, choices=BinStatus.choices, default=BinStatus.UNKNOWN)
    status_since = models.DateTimeField("이 상태가 된 시각", null=True, blank=True)
    burnt_at = models.DateTimeField("불이 보인 마지막 시각", null=True, blank=True)
    full_since = models.DateTimeField("가득 찬 시각", null=True, blank=True)
    heard_at = models.DateTimeField("마지막 값의 시각", null=True, blank=True)
    emptied_at = models.DateTimeField("마지막으로 비운 시각", null=True, blank=True)
    recent = models.JSONField("최근 값", default=list)
    same_level = models.FloatField("머문 값 (%)", null=True, blank=True)
    same_since = models.DateTimeField("머문 시각", null=True, blank=True)

    class Meta:
        verbose_name = "수거함 상태"
        indexes = [models.Index(fields=["status"])]


class Emptying(models.Model):
    """A bin was emptied: seen from a drop that stayed, without anybody pressing a button."""

    bin = models.ForeignKey(Bin, models.PROTECT, related_name="emptyings")
    at = models.DateTimeField("비운 시각 (처음으로 낮아진 값의)")
    fill_before = models.FloatField("비우기 전 (%)")
    fill_after = models.FloatField("비운 뒤 (%)")

    class Meta:
        verbose_name = "비움"
        constraints = [models.UniqueConstraint(fields=["bin", "at"], name="emptied_once")]


class ReportKind(models.TextChoices):
    OVERFLOWING = "overflowing", _("넘침")
    BROKEN = "broken", _("고장")
    OTHER = "other", _("기타")


class Report(models.Model):
    """What a passer-by said at the bin, without signing in. ``text`` may hold anything they typed, so it is sealed."""

    bin = models.ForeignKey(Bin, models.PROTECT, related_name="reports")
    kind = models.CharField("무엇", max_length=12, choices=ReportKind.choices)
    text = SealedTextField("글", null=True, blank=True)
    at = models.DateTimeField("알린 시각", db_index=True)
    client_id = models.UUIDField("보낸 쪽 번호", unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="bin_reports")

    class Meta:
        verbose_name = "수거함 신고"


class IntervalOrder(models.Model):
    """How often a sensor shall report, on its way to it by the network server. ``topic``: where it was published."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="interval_orders")
    minutes = models.PositiveIntegerField("보고 간격 (분)")
    ordered_at = models.DateTimeField("정한 시각")
    published_at = models.DateTimeField("보낸 시각", null=True, blank=True)
    refused = models.CharField("보내지 못한 까닭", max_length=200, blank=True)

    class Meta:
        verbose_name = "보고 간격"
        indexes = [
            models.Index(
                fields=["device"], condition=models.Q(published_at__isnull=True, refused=""), name="order_waits"
            )
        ]


class DownlinkPath(models.Model):
    """Where a sensor's network server takes messages for it: learned from the topic of its newest uplink."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="downlink_path")
    topic = models.CharField("주제", max_length=255)

    class Meta:
        verbose_name = "내려보내는 길"


class Outcome(models.TextChoices):
    """How a case about a bin ends. The first is written by the platform, the others by people."""

    NORMAL_AGAIN = "normal_again", _("다시 정상")
    EMPTIED = "emptied", _("비움")
    CLEANED = "cleaned", _("둘레를 치움")
    REPAIRED = "repaired", _("고침")
    REPLACED = "replaced", _("수거함·감지기 바꿈")
    FIRE_OUT = "fire_out", _("불을 끔")
    PASSED_ON = "passed_on", _("다른 부서에 넘김")
    NOTHING_FOUND = "nothing_found", _("가 보니 이상 없음")
    FALSE_ALARM = "false_alarm", _("잘못된 알림")


BY_PLATFORM = (Outcome.NORMAL_AGAIN,)
"""Outcomes the program writes; nobody chooses them."""

FALSE_ALARMS = (Outcome.NOTHING_FOUND, Outcome.FALSE_ALARM)
"""Outcomes by which people say that there was nothing about the bin."""
