# SPDX-License-Identifier: Apache-2.0
"""Every process says that it lives; one that stops saying so becomes a case."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from dure.city import clock
from dure.city.models import ProcessSign

_started_at = clock.real_now()


def alive(name: str, detail: dict[str, Any] | None = None, *, silent_after_seconds: int = 60) -> None:
    """Write this process's sign of life. ``detail`` is shown on the board as it is: figures and faults."""
    ProcessSign.objects.update_or_create(
        name=name,
        defaults={
            "pid": os.getpid(),
            "started_at": _started_at,
            "alive_at": clock.real_now(),
            "silent_after_seconds": silent_after_seconds,
            "detail": detail or {},
        },
    )


def leave(name: str) -> None:
    """Say goodbye: a process that was stopped on purpose is not a silent one."""
    ProcessSign.objects.filter(name=name, pid=os.getpid()).delete()


def signs() -> QuerySet[ProcessSign]:
    """All processes, by name."""
    return ProcessSign.objects.order_by("name")


def silent(now: datetime | None = None) -> list[ProcessSign]:
    """Processes whose last sign is older than they promised, or of a time that the clock has since been put back
    from. ``now`` is real time, not city time."""
    moment = now or clock.real_now()
    return [sign for sign in signs() if abs(moment - sign.alive_at) > timedelta(seconds=sign.silent_after_seconds)]
