# SPDX-License-Identifier: Apache-2.0
"""Talks at the chat door. The other side can only answer what a citizen has just said, so what the city has to say
waits here until they write again."""

from django.db import models

from dure.city.sealed import SealedTextField

from .complaints import Complaint, Message


class TalkStep(models.TextChoices):
    """What the desk has asked last."""

    START = "start", "무엇을 할지"
    WHAT = "what", "무슨 일인지"
    WHERE = "where", "어디인지"
    CONSENT = "consent", "동의하는지"
    FOLLOW = "follow", "접수 번호와 비밀번호"
    PERSON = "person", "상담사에게 할 말"
    WITH_PERSON = "with_person", "상담사와 이야기"
    ENDED = "ended", "끝남"


class Talk(models.Model):
    """One talk of one citizen, known by a digest of their chat account alone (``caller_index``).

    ``said``: sealed JSON of what they said so far (``{"what","where","topic","person"}``), emptied when the talk ends,
    so that nothing of it comes into the next one. ``turns`` counts what was answered: two requests that arrive
    together do not both count.
    """

    ref = models.UUIDField("번호", unique=True)
    caller_index = models.CharField("말한 이 찾기표", max_length=64)
    step = models.CharField("단계", max_length=12, choices=TalkStep.choices, default=TalkStep.START)
    said = SealedTextField("지금까지 한 말")
    language = models.CharField("말", max_length=5, default="ko")
    turns = models.PositiveIntegerField("주고받은 수", default=0)
    started_at = models.DateTimeField("시작")
    heard_at = models.DateTimeField("마지막 말")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, blank=True, related_name="talks")

    class Meta:
        verbose_name = "채팅"
        indexes = [models.Index(fields=["caller_index", "started_at"]), models.Index(fields=["heard_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["caller_index"], condition=~models.Q(step="ended"), name="one_talk_at_a_time"
            )
        ]


class Waiting(models.Model):
    """Words of the city to a citizen at the chat, until they write again. Removed once they were said."""

    message = models.OneToOneField(Message, models.PROTECT, related_name="waiting")
    caller_index = models.CharField("들을 이 찾기표", max_length=64, db_index=True)
    number = models.CharField("접수 번호", max_length=20)
    text = SealedTextField("글")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = "채팅에서 할 말"
        ordering = ["at", "id"]
