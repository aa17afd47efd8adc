# SPDX-License-Identifier: Apache-2.0
"""Complaints that many people sign, and the committee that has to be heard before some of them end."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.sealed import SealedTextField

from .complaints import Complaint


class CollectiveStage(models.TextChoices):
    SEEN = "seen", _("프로그램이 봄")
    CONFIRMED = "confirmed", _("다수인 관련 민원")
    DISMISSED = "dismissed", _("아님")


class Collective(models.Model):
    """A complaint of many (다수인관련민원, 법 제2조 제6호): five people or more sign it together, about what five
    households or more have in common. The program sees words of it (``words``, masked), a person decides."""

    complaint = models.OneToOneField(Complaint, models.CASCADE, related_name="collective")
    seen_at = models.DateTimeField("알아챈 시각")
    words = models.JSONField("그 말 (가린 것)", default=list)
    signers = models.PositiveIntegerField("함께 낸 사람 (명)", null=True, blank=True)
    households = models.PositiveIntegerField("세대", null=True, blank=True)
    stage = models.CharField("단계", max_length=9, choices=CollectiveStage.choices, default=CollectiveStage.SEEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("정한 시각", null=True, blank=True)

    class Meta:
        verbose_name = "다수인 관련 민원"


class Matter(models.TextChoices):
    """What a committee is asked (영 제38조 제1항)."""

    ENDING = "ending", _("다수인 관련 민원의 종결")
    OBJECTION = "objection", _("거부처분에 대한 이의")
    MEASURES = "measures", _("오래되거나 되풀이되는 민원의 해소")
    COMPETENCE = "competence", _("맡을 부서가 분명하지 않음")


class Decision(models.TextChoices):
    """What came of it."""

    AGREED = "agreed", _("그렇게 하기로 함")
    AGAINST = "against", _("그렇게 하지 않기로 함")
    OMITTED = "omitted", _("심의를 생략함")


class CommitteeReview(models.Model):
    """The city's committee for complaints (민원조정위원회, 법 제34조) was asked; ``decision`` "" while it has not said.

    OMITTED: where the law lets it be left out (영 제38조 제2항), with why.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="reviews")
    matter = models.CharField("무엇을", max_length=10, choices=Matter.choices)
    reason = models.CharField("까닭", max_length=200)
    asked_at = models.DateTimeField("올린 시각")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    held_on = models.DateField("회의한 날", null=True, blank=True)
    decision = models.CharField("결과", max_length=7, choices=Decision.choices, blank=True)
    opinion = SealedTextField("의견", null=True, blank=True)
    recorded_at = models.DateTimeField("적은 시각", null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "민원조정위원회 심의"
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "matter"], condition=models.Q(decision=""), name="one_review_of_a_matter"
            )
        ]
