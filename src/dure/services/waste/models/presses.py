# SPDX-License-Identifier: Apache-2.0
"""What drivers said at their stops, as they said it: nothing here is ever changed, and the newest word holds."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Errand
from dure.city.sealed import SealedTextField

from .rounds import Turn


class Deed(models.TextChoices):
    COLLECTED = "collected", _("비움")
    COULD_NOT = "could_not", _("못 비움")
    UNLOADED = "unloaded", _("하역함")
    UNDONE = "undone", _("되돌림")


class CouldNot(models.TextChoices):
    """Why a bin could not be emptied, or a site not be used."""

    BLOCKED = "blocked", _("막힌 길")
    PARKED = "parked", _("주차 차량")
    MISSING = "missing", _("수거함 없음")
    LOCKED = "locked", _("잠김")
    DANGER = "danger", _("위험")
    BROKEN = "broken", _("고장")
    OTHER = "other", _("기타")


class Press(models.Model):
    """One word of a driver about a stop. ``at``: when it was pressed, ``received_at``: when we heard of it.

    Of several words about a stop, in whatever order they arrive, the one with the latest ``at`` holds. ``by`` None: the
    truck's own unit said it. ``found``: percent that was seen. ``before``: the errand's status, outcome and end before
    this word, for taking it back. ``note`` may hold anything they typed, so it is sealed.
    """

    errand = models.ForeignKey(Errand, models.PROTECT, related_name="presses")
    turn = models.ForeignKey(Turn, models.PROTECT, related_name="presses")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="presses")
    deed = models.CharField("무엇", max_length=9, choices=Deed.choices)
    at = models.DateTimeField("누른 시각")
    received_at = models.DateTimeField("받은 시각")
    client_id = models.UUIDField("보낸 쪽 번호", unique=True)
    reason = models.CharField("까닭", max_length=8, choices=CouldNot.choices, blank=True)
    note = SealedTextField("글", null=True, blank=True)
    found = models.FloatField("가 보니 (%)", null=True, blank=True)
    kg = models.PositiveIntegerField("저울 (kg)", null=True, blank=True)
    before = models.JSONField("그 전", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "기사의 말"


class Photo(models.Model):
    """A picture from a stop: JPEG without metadata, sealed, for a while (CollectingRules.photo_days)."""

    errand = models.ForeignKey(Errand, models.PROTECT, related_name="photos")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="photos")
    at = models.DateTimeField("찍은 시각")
    received_at = models.DateTimeField("받은 시각", db_index=True)
    client_id = models.UUIDField("보낸 쪽 번호", unique=True)
    picture = SealedTextField("사진 (JPEG, base64)")

    class Meta:
        verbose_name = "수거 사진"
