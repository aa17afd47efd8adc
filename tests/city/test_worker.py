# SPDX-License-Identifier: Apache-2.0
"""The worker runs what is due on the city's clock, and one failing task stops nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dure.city import clock, processes, worker
from dure.city.models import ProcessSign

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def only_our_tasks() -> Iterator[None]:
    before = dict(worker.TASKS)
    worker.TASKS.clear()
    yield
    worker.TASKS.clear()
    worker.TASKS.update(before)


def test_a_task_runs_once_per_interval_of_city_time() -> None:
    ran: list[datetime] = []
    worker.every(minutes=5)(lambda: ran.append(clock.now()))
    one = worker.LaneRunner("worker", worker.Lane.ORDINARY)
    for minute in range(12):
        with clock.frozen(START + timedelta(minutes=minute)):
            one.run_due()
    assert ran == [START, START + timedelta(minutes=5), START + timedelta(minutes=10)]


def test_a_clock_that_is_put_back_holds_no_task_up() -> None:
    ran: list[datetime] = []
    worker.every(minutes=5)(lambda: ran.append(clock.now()))
    one = worker.LaneRunner("worker", worker.Lane.ORDINARY)
    back = START - timedelta(hours=9)
    for moment in (START, back, back + timedelta(minutes=4), back + timedelta(minutes=5)):
        with clock.frozen(moment):
            one.run_due()
    assert ran == [START, back, back + timedelta(minutes=5)]


@pytest.mark.django_db
def test_a_sign_of_life_from_a_time_that_the_clock_was_put_back_from_proves_nothing() -> None:
    processes.alive("w")
    assert not processes.silent()
    assert [sign.name for sign in processes.silent(clock.real_now() - timedelta(hours=9))] == ["w"]


@pytest.mark.django_db(transaction=True)
def test_a_failing_task_is_shown_and_the_others_go_on() -> None:
    stop = threading.Event()

    @worker.every(minutes=1)
    def breaks() -> None:
        raise OSError("the disk is full")

    signs: list[ProcessSign] = []

    @worker.every(minutes=1)
    def looks() -> None:
        signs.append(ProcessSign.objects.get(name="worker-under-test"))
        stop.set()

    worker.Worker("worker-under-test").run(stop)
    assert signs[0].detail["failing"] == {
        f"{breaks.__module__}.breaks": "OSError: the disk is full",
    }
    assert not ProcessSign.objects.exists(), "a stopped worker is not a silent one"


@pytest.mark.django_db(transaction=True)
def test_a_lane_does_not_wait_for_another_and_each_gives_its_own_sign_of_life() -> None:
    stop, urgent_ran = threading.Event(), threading.Event()
    signs: list[tuple[str, str]] = []

    @worker.every(minutes=1)
    def takes_long() -> None:
        assert urgent_ran.wait(30), "the urgent task waited for this one"
        signs.extend(ProcessSign.objects.order_by("name").values_list("name", "detail__lane"))
        stop.set()

    worker.every(minutes=1, lane=worker.Lane.URGENT)(urgent_ran.set)
    one = worker.Worker("w")
    one.run(stop)
    assert {lane.failing == {} for lane in one.lanes} == {True}
    assert set(signs) >= {("w", "ordinary"), ("w-urgent", "urgent")}


@pytest.mark.django_db(transaction=True)
def test_a_lane_that_breaks_ends_the_worker_so_that_it_is_started_again_whole() -> None:
    @worker.every(minutes=1, lane=worker.Lane.OUTSIDE)
    def breaks() -> None:
        raise SystemExit("out of everything")

    with pytest.raises(SystemExit):
        worker.Worker("w").run(threading.Event())
    assert list(ProcessSign.objects.values_list("name", flat=True)) == ["w-outside"], "the broken lane said no goodbye"


def test_a_task_that_failed_once_and_works_again_is_no_longer_failing() -> None:
    answers = iter([OSError("no"), None])

    @worker.every(minutes=1)
    def sometimes() -> None:
        answer = next(answers)
        if answer:
            raise answer

    one = worker.LaneRunner("worker", worker.Lane.ORDINARY)
    with clock.frozen(START):
        one.run_due()
    assert one.failing
    with clock.frozen(START + timedelta(minutes=1)):
        one.run_due()
    assert not one.failing


def test_an_interval_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="interval"):
        worker.every(minutes=0)


@pytest.mark.django_db
def test_a_process_that_stops_saying_it_lives_is_silent() -> None:
    processes.alive("gateway-1", silent_after_seconds=60)
    sign = ProcessSign.objects.get(name="gateway-1")
    assert processes.silent(sign.alive_at + timedelta(seconds=59)) == []
    assert [one.name for one in processes.silent(sign.alive_at + timedelta(seconds=61))] == ["gateway-1"]
