# SPDX-License-Identifier: Apache-2.0
"""What a person asked about an automatic decision (개인정보 보호법 제37조의2), and the answer of a named person."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.sealed import SealedTextField

from .cases import Case
from .findings import Finding
from .people import Person


class ReviewKind(models.TextChoices):
    """What the law lets somebody ask for."""

    EXPLANATION = "explanation", _("설명해 주세요")
    REVIEW = "review", _("사람이 다시 봐 주세요")
    REFUSAL = "refusal", _("자동 결정을 거부합니다")


class AskedAs(models.TextChoices):
    SELF = "self", _("본인")
    FAMILY = "family", _("가족")
    STAFF = "staff", _("본인의 말씀을 직원이 적음")


class ReviewResult(models.TextChoices):
    EXPLAINED = "explained", _("설명해 드림")
    UPHELD = "upheld", _("판단을 그대로 둠")
    CHANGED = "changed", _("사람이 판단을 바꿈")
    STOPPED = "stopped", _("자동 결정을 그만둠")


class Review(models.Model):
    """One request. ``finding`` None: about all automatic decisions of ``service``. Its case holds team and due time."""

    ref = models.UUIDField("공개 번호", default=uuid.uuid4, unique=True, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="review")
    person = models.ForeignKey(Person, models.PROTECT, related_name="reviews")
    service = models.CharField("서비스", max_length=20)
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="reviews")
    kind = models.CharField("무엇을", max_length=12, choices=ReviewKind.choices)
    asked_as = models.CharField("누가", max_length=8, choices=AskedAs.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="asked_reviews")
    asked_at = models.DateTimeField("요구한 시각")
    text = SealedTextField("하신 말씀", null=True, blank=True)
    extensions = models.PositiveSmallIntegerField("기한을 늘린 횟수", default=0)
    extension_reason = SealedTextField("기한을 늘린 까닭", null=True, blank=True)
    result = models.CharField("결과", max_length=10, choices=ReviewResult.choices, blank=True)
    answer = SealedTextField("답", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="answered_reviews"
    )
    answered_at = models.DateTimeField("답한 시각", null=True, blank=True)
    withdrawn_at = models.DateTimeField("거둔 시각", null=True, blank=True)

    class Meta:
        verbose_name = "자동 결정에 대한 요구"
        indexes = [models.Index(fields=["person", "service", "kind"]), models.Index(fields=["asked_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result="", answered_at__isnull=True, answered_by__isnull=True)
                | ~models.Q(result="") & models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="review_answered_by_somebody",
            )
        ]
