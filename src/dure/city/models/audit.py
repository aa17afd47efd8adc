# SPDX-License-Identifier: Apache-2.0
"""The hash chain. Written by :func:`dure.city.audit.record` only."""

from django.db import models


class AuditEntry(models.Model):
    """``source:subject:action``, who, why, on whom. ``seq`` has no gaps; ``hash`` covers the entry before it."""

    seq = models.BigIntegerField("차례", primary_key=True)
    at = models.DateTimeField("시각", db_index=True)
    tag = models.CharField("무엇", max_length=80, db_index=True)
    actor = models.CharField("누가", max_length=160, db_index=True)
    subject = models.CharField("누구를", max_length=120, db_index=True)
    purpose = models.CharField("왜", max_length=40, blank=True)
    detail = models.JSONField("내용", default=dict)
    previous = models.CharField("앞 해시", max_length=64)
    hash = models.CharField("해시", max_length=64)

    class Meta:
        verbose_name = "감사 기록"


class AuditMention(models.Model):
    """Whom an entry about many names: so that all that concerns one person is found without reading every entry.

    Made from the entry's ``detail["refs"]``, and as append-only as the chain; the chain alone is the proof.
    """

    ref = models.UUIDField("공개 번호")
    seq = models.BigIntegerField("차례")

    class Meta:
        verbose_name = "감사 기록에 나온 사람"
        indexes = [models.Index(fields=["ref", "seq"])]


class AuditHead(models.Model):
    """The chain's end, sealed with a key that is not in the database: a cut-off chain no longer fits it."""

    seq = models.BigIntegerField("마지막 차례")
    hash = models.CharField("마지막 해시", max_length=64)
    mac = models.CharField("HMAC-SHA-256", max_length=64)

    class Meta:
        verbose_name = "감사 기록의 끝"
