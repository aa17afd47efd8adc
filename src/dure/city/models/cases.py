# SPDX-License-Identifier: Apache-2.0
"""Work that a named person must finish: a case is a thread of append-only events."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.sealed import SealedTextField

from .areas import Area
from .devices import Device
from .findings import Finding, Level
from .people import Household
from .users import Team


class CaseStatus(models.TextChoices):
    OPEN = "open", _("열림")
    ACKNOWLEDGED = "acknowledged", _("확인함")
    IN_PROGRESS = "in_progress", _("처리 중")
    WAITING = "waiting", _("기다리는 중")
    HANDOVER_READY = "handover_ready", _("인계 준비")
    HANDOVER_SENT = "handover_sent", _("인계 보냄")
    HANDOVER_FAILED = "handover_failed", _("인계 실패")
    HANDOVER_ACCEPTED = "handover_accepted", _("인계 접수됨")
    CLOSED = "closed", _("닫힘")


class Case(models.Model):
    """One case. Change it through :mod:`dure.city.cases` only: status moves along ALLOWED_STATUS_CHANGES."""

    number = models.CharField("번호", max_length=20, unique=True)
    service = models.CharField("서비스", max_length=20)
    kind = models.CharField("종류", max_length=40)
    level = models.PositiveSmallIntegerField("수준", choices=Level.choices)
    status = models.CharField("상태", max_length=20, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    title = models.JSONField("제목 (ko, en; 개인정보 없이)")
    area = models.ForeignKey(Area, models.PROTECT, related_name="cases", verbose_name="지역")
    lon = models.FloatField("경도 (°E)", null=True, blank=True)
    lat = models.FloatField("위도 (°N)", null=True, blank=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="cases")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="cases")
    about = models.CharField("무엇에 관한 일 (사람·기기가 아니면)", max_length=120, blank=True, db_index=True)
    findings = models.ManyToManyField(Finding, related_name="cases", blank=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="cases", verbose_name="맡은 팀")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases")
    opened_at = models.DateTimeField("연 시각", db_index=True)
    due_at = models.DateTimeField("기한")
    overdue_told_at = models.DateTimeField("기한 넘김을 알린 시각", null=True, blank=True)
    acknowledged_at = models.DateTimeField("확인 시각", null=True, blank=True)
    closed_at = models.DateTimeField("닫은 시각", null=True, blank=True)
    outcome = models.CharField("결과", max_length=40, blank=True)

    class Meta:
        verbose_name = "사건"
        indexes = [
            models.Index(fields=["status", "due_at"]),
            models.Index(fields=["service", "household"]),
            # Open is ``closed_at IS NULL`` wherever many cases are looked through: this index leads to them.
            models.Index(fields=["closed_at", "due_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status=CaseStatus.CLOSED, closed_at__isnull=False) & ~models.Q(outcome="")
                | ~models.Q(status=CaseStatus.CLOSED) & models.Q(closed_at__isnull=True, outcome=""),
                name="case_closed_with_outcome",
            )
        ]

    def __str__(self) -> str:
        return self.number


class CaseNumber(models.Model):
    """The last case number given in a year (of Korea). Its row lock is what keeps numbers unique and without gaps."""

    year = models.PositiveSmallIntegerField("해", primary_key=True)
    last = models.PositiveIntegerField("마지막 번호", default=0)

    class Meta:
        verbose_name = "사건 번호"


class CaseEventKind(models.TextChoices):
    OPENED = "opened", _("열림")
    STATUS = "status", _("상태 바뀜")
    LEVEL = "level", _("수준 바뀜")
    FINDING = "finding", _("발견 더해짐")
    ASSIGNED = "assigned", _("맡김")
    DUE = "due", _("기한 바뀜")
    NOTE = "note", _("메모")
    CALL = "call", _("전화")
    VISIT = "visit", _("방문")
    HANDOVER = "handover", _("인계")
    ERRAND = "errand", _("후속 지원")
    ESCALATION = "escalation", _("단계 올림")
    OVERRULED = "overruled", _("사람이 판단을 바꿈")
    OUTCOME = "outcome", _("결과")


class Audience(models.TextChoices):
    STAFF = "staff", _("직원")
    FAMILY = "family", _("가족")
    CITIZEN = "citizen", _("본인")


class CaseEvent(models.Model):
    """One thing that happened in a case. Never changed, never removed (a database trigger holds it).

    ``client_id`` is made by the page that typed it, so that sending again after a lost answer changes nothing.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    at = models.DateTimeField("시각")
    kind = models.CharField("종류", max_length=12, choices=CaseEventKind.choices)
    audience = models.CharField("볼 사람", max_length=8, choices=Audience.choices, default=Audience.STAFF)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    actor_name = models.CharField("한 이 (사람이 아니면)", max_length=60, blank=True)
    text = SealedTextField("글", null=True, blank=True)
    data = models.JSONField("내용 (개인정보 없이)", default=dict)
    client_id = models.UUIDField("보낸 쪽 번호", null=True, blank=True, unique=True)

    class Meta:
        verbose_name = "사건 기록"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["case", "at"])]


class HandoverState(models.TextChoices):
    READY = "ready", _("준비")
    SENT = "sent", _("보냄")
    FAILED = "failed", _("실패")
    ACCEPTED = "accepted", _("접수됨")
    WITHDRAWN = "withdrawn", _("거둠")


class Handover(models.Model):
    """A case on its way to an outside system (119): an outbox row that is retried until accepted or withdrawn.

    ``id`` is the number by which the other side recognises a second sending of the same handover.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="handovers")
    target = models.CharField("받는 곳", max_length=20)
    state = models.CharField("상태", max_length=9, choices=HandoverState.choices, default=HandoverState.READY)
    payload = SealedTextField("보내는 것")
    reference = models.CharField("받는 곳의 번호", max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField("시도", default=0)
    created_at = models.DateTimeField("만든 시각")
    next_at = models.DateTimeField("다음 시도", null=True, blank=True)

    class Meta:
        verbose_name = "인계"
        indexes = [models.Index(fields=["state", "next_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=("ready", "sent", "failed")),
                name="one_handover_under_way",
            )
        ]
