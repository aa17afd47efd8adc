# SPDX-License-Identifier: Apache-2.0
"""The last sign of life of every process, feed door and consumer."""

from django.db import models


class ProcessSign(models.Model):
    """A process that should be running; in real time, because a pace must not hide a dead process."""

    name = models.CharField("이름", max_length=60, unique=True)
    pid = models.PositiveIntegerField("프로세스 번호")
    started_at = models.DateTimeField("시작")
    alive_at = models.DateTimeField("마지막 신호")
    silent_after_seconds = models.PositiveIntegerField("침묵으로 보는 시간 (초)", default=60)
    detail = models.JSONField("상태", default=dict)

    class Meta:
        verbose_name = "프로세스"
