# SPDX-License-Identifier: Apache-2.0
"""A fall does not wait for whatever else the worker is busy with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.module_loading import autodiscover_modules

from dure.city import clock, duty, worker
from dure.city.models import Case, EscalationAttempt, Level, Role
from tests.factories import City
from tests.gateways.running import wait_until
from tests.services.monitoring.wearing import wearing


@pytest.fixture
def all_tasks() -> Iterator[None]:
    """Those of every installed app; what a test adds is gone afterwards."""
    autodiscover_modules("tasks")
    before = dict(worker.TASKS)
    yield
    worker.TASKS.clear()
    worker.TASKS.update(before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("all_tasks")
def test_a_fall_is_a_case_and_a_worker_is_asked_while_a_long_task_runs(city: City) -> None:
    stop, busy, go_on = threading.Event(), threading.Event(), threading.Event()
    duty.add_shift(
        city.team,
        city.users[Role.CARE_WORKER],
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(hours=8),
        actor="tests",
    )
    worn = wearing(city)

    @worker.every(minutes=60)
    def takes_long() -> None:
        busy.set()
        go_on.wait(120)

    running = threading.Thread(target=worker.Worker("w").run, args=(stop,))
    running.start()
    try:
        assert busy.wait(60)
        assert worn.say("fall", 1, until=clock.now())["stored"] == 1
        wait_until(EscalationAttempt.objects.filter(result="pending").exists, "a worker is asked", 60)
        assert not go_on.is_set()
    finally:
        go_on.set()
        stop.set()
        running.join(60)
    assert not running.is_alive()
    case = Case.objects.get(service="monitoring", kind="fall")
    assert case.level == Level.SEVERE
    attempt = EscalationAttempt.objects.get(escalation__case=case)
    assert (attempt.channel, attempt.user) == ("worker_call", city.users[Role.CARE_WORKER])
