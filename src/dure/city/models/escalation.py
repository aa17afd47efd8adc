# SPDX-License-Identifier: Apache-2.0
"""Who is reached, in which order, how often, until somebody answers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .areas import Area
from .cases import Case
from .findings import Level
from .users import Team


class Channel(models.TextChoices):
    """How a step reaches somebody. A service registers what each channel does."""

    AI_CALL = "ai_call", _("자동 전화")
    FAMILY_CALL = "family_call", _("가족에게 자동 전화")
    WORKER_CALL = "worker_call", _("담당자 전화")
    VISIT = "visit", _("방문")
    HANDOVER_119 = "handover_119", _("119 인계")
    NOTIFY_TEAM = "notify_team", _("팀 알림")


class QuietAction(models.TextChoices):
    DELAY = "delay", _("끝날 때까지 미룸")
    SKIP = "skip", _("다음 단계로")
    GO = "go", _("그대로 진행")


class EscalationPlan(models.Model):
    """A city's own plan for a service; a plan of an area goes before the plan of the whole city."""

    service = models.CharField("서비스", max_length=20)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True)
    name = models.CharField("이름", max_length=60)
    rearm_minutes = models.PositiveIntegerField("확인 뒤 다시 시작까지 (분)", default=120)
    active = models.BooleanField("사용", default=True)

    class Meta:
        verbose_name = "단계 계획"
        constraints = [models.CheckConstraint(condition=models.Q(rearm_minutes__gte=1), name="plan_comes_back")]

    def __str__(self) -> str:
        return self.name


class EscalationStep(models.Model):
    """One step: up to ``attempts`` tries ``gap_minutes`` apart, then ``wait_minutes`` before the next step.

    Gaps and waits count from the end of a try; a try that nobody ends is over after ``timeout_minutes``.
    Quiet hours are local clock times; 22:00 to 07:00 spans midnight.
    """

    plan = models.ForeignKey(EscalationPlan, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField("차례")
    channel = models.CharField("방법", max_length=14, choices=Channel.choices)
    from_level = models.PositiveSmallIntegerField("이 수준부터", choices=Level.choices, default=Level.ATTENTION)
    attempts = models.PositiveSmallIntegerField("횟수", default=1)
    gap_minutes = models.PositiveIntegerField("시도 사이 (분)", default=10)
    wait_minutes = models.PositiveIntegerField("다음 단계까지 (분)", default=30)
    timeout_minutes = models.PositiveIntegerField("응답을 기다리는 시간 (분)", default=30)
    quiet_from = models.TimeField("조용한 시간 시작", null=True, blank=True)
    quiet_to = models.TimeField("조용한 시간 끝", null=True, blank=True)
    quiet_action = models.CharField(
        "조용한 시간에는", max_length=5, choices=QuietAction.choices, default=QuietAction.DELAY
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, verbose_name="맡을 팀")

    class Meta:
        verbose_name = "단계"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="step_once_per_plan"),
            models.CheckConstraint(
                condition=models.Q(position__gte=1, attempts__gte=1, timeout_minutes__gte=1), name="step_can_be_tried"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="step_quiet_from_and_to",
            ),
        ]


class EscalationState(models.TextChoices):
    RUNNING = "running", _("진행")
    ACKNOWLEDGED = "acknowledged", _("확인됨")
    STOPPED = "stopped", _("끝남")
    EXHAUSTED = "exhausted", _("단계를 다 씀")


class Escalation(models.Model):
    """Where a case's plan stands. ``round`` counts re-arms, so that a step of a new round is a new attempt.

    ``step`` is the position from which the next step is looked for, ``attempt`` the number its next try will have.
    While a try is pending, ``next_at`` is the time at which it is given up. Within a round (step, attempt) only grows.
    """

    case = models.OneToOneField(Case, models.PROTECT, related_name="escalation")
    plan = models.ForeignKey(EscalationPlan, models.PROTECT)
    state = models.CharField("상태", max_length=12, choices=EscalationState.choices, default=EscalationState.RUNNING)
    round = models.PositiveSmallIntegerField("바퀴", default=1)
    step = models.PositiveSmallIntegerField("단계", default=1)
    attempt = models.PositiveSmallIntegerField("시도", default=1)
    next_at = models.DateTimeField("다음 시각", null=True, blank=True)

    class Meta:
        verbose_name = "단계 진행"
        indexes = [models.Index(fields=["state", "next_at"])]


class AttemptResult(models.TextChoices):
    PENDING = "pending", _("진행 중")
    REACHED = "reached", _("닿음")
    NO_ANSWER = "no_answer", _("응답 없음")
    FAILED = "failed", _("실패")
    NOBODY_ON_DUTY = "nobody_on_duty", _("당직자 없음")
    STOPPED = "stopped", _("그만둠")


class EscalationAttempt(models.Model):
    """One try, made at most once: the row is written in the transaction that starts it."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="tries")
    round = models.PositiveSmallIntegerField("바퀴")
    step = models.PositiveSmallIntegerField("단계")
    attempt = models.PositiveSmallIntegerField("시도")
    channel = models.CharField("방법", max_length=14, choices=Channel.choices)
    level = models.PositiveSmallIntegerField("그때의 수준", choices=Level.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    started_at = models.DateTimeField("시작")
    times_out_at = models.DateTimeField("이때까지 답이 없으면 끝")
    ended_at = models.DateTimeField("끝", null=True, blank=True)
    result = models.CharField("결과", max_length=14, choices=AttemptResult.choices, default=AttemptResult.PENDING)

    class Meta:
        verbose_name = "시도"
        constraints = [
            models.UniqueConstraint(fields=["escalation", "round", "step", "attempt"], name="attempt_once"),
            models.UniqueConstraint(
                fields=["escalation"], condition=models.Q(result="pending"), name="one_pending_attempt"
            ),
        ]


class DutyShift(models.Model):
    """Who is on duty for a team, from when to when."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="shifts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField("시작")
    ends_at = models.DateTimeField("끝")

    class Meta:
        verbose_name = "당직"
        indexes = [models.Index(fields=["team", "starts_at", "ends_at"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_start")
        ]
