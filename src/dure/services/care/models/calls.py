# SPDX-License-Identifier: Apache-2.0
"""Automatic calls."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Case, Contact, EscalationAttempt, Person
from dure.city.sealed import SealedTextField

from .daily import Occasion


class CallState(models.TextChoices):
    RINGING = "ringing", _("울리는 중")
    TALKING = "talking", _("통화 중")
    ANSWERED = "answered", _("받음")
    UNANSWERED = "unanswered", _("받지 않음")
    CANCELLED = "cancelled", _("그만둠")


ON_THE_LINE = (CallState.RINGING, CallState.TALKING)
"""A person has at most one call in these states."""


class CallOutcome(models.TextChoices):
    """How a conversation ended: what the ends of the scripts (scripts/*.toml) are called."""

    WELL = "well", _("괜찮다고 하심")
    DONE = "done", _("하셨다고 함")
    NOT_DONE = "not_done", _("안 하셨다고 함")
    LATER = "later", _("나중에 하자고 하심")
    PAIN = "pain", _("아프거나 불편하다고 하심")
    HELP = "help", _("도움을 청하심")
    TOLD = "told", _("가족이 연락해 보기로 함")
    VOUCHED = "vouched", _("가족이 통화해 보고 잘 계신다고 함")
    LOST = "lost", _("대답을 알아듣지 못함")
    CUT_OFF = "cut_off", _("말씀 중에 끊어짐")


ALIVE = (CallOutcome.WELL, CallOutcome.DONE, CallOutcome.NOT_DONE, CallOutcome.LATER)
"""Ends for which somebody must have been there and understood what was asked: a sign of life. Whoever is in pain or
asks for help is alive too, but must not close what is open about them. What family says is no sign of theirs."""

CONCERNS = (CallOutcome.PAIN, CallOutcome.HELP)
"""After these a person has to look; no program closes the case."""


FAMILY = "family"
"""The script of a call to a contact of the person; every other rings the person."""


class Call(models.Model):
    """One automatic call that follows a script. What was said in it is sealed; conversation.py alone opens it."""

    ref = models.UUIDField("번호", default=uuid.uuid4, unique=True, editable=False)
    attempt = models.OneToOneField(EscalationAttempt, models.PROTECT, null=True, blank=True, related_name="call")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="calls")
    occasion = models.ForeignKey(Occasion, models.PROTECT, null=True, blank=True, related_name="calls")
    person = models.ForeignKey(Person, models.PROTECT, related_name="calls")
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="calls", verbose_name="전화받을 가족"
    )
    script = models.CharField("대본", max_length=40, default="wellbeing")
    state = models.CharField("상태", max_length=10, choices=CallState.choices, default=CallState.RINGING)
    ringing_since = models.DateTimeField("울리기 시작")
    rings_until = models.DateTimeField("이때까지 대답을 기다림")
    dialogue = SealedTextField("대화 (Dialogue.as_dict, JSON)", null=True, blank=True)
    outcome = models.CharField("대화의 끝", max_length=10, choices=CallOutcome.choices, blank=True)
    is_well = models.BooleanField("좋은 끝", default=False)
    ended_at = models.DateTimeField("끝", null=True, blank=True)

    class Meta:
        verbose_name = "자동 전화"
        indexes = [
            models.Index(fields=["state", "rings_until"]),
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="call_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(state__in=("ringing", "talking")) & ~models.Q(script=FAMILY),
                name="one_call_a_person",
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(state__in=("ringing", "talking")), name="one_call_a_contact"
            ),
        ]
