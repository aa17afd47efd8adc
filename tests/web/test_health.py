# SPDX-License-Identifier: Apache-2.0
"""Health, readiness and metrics say what is so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.db import connections
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from dure.city import clock, processes
from dure.city.models import Case, CaseStatus, Finding, ProcessSign, Watermark
from dure.city.readings import READINGS
from dure.city.worker import Lane, sign_name
from dure.web import health
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_findings_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_findings", (float("-inf"), []))


def _metrics(client: Client) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and its label values in order of the labels' names."""
    response = client.get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    samples = (sample for family in families for sample in family.samples)
    return {(one.name, *(one.labels[label] for label in sorted(one.labels))): one.value for one in samples}


def test_a_process_that_answers_is_healthy(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db(transaction=True)
def test_it_is_healthy_but_not_ready_without_its_database(client: Client, settings: Settings) -> None:
    with _no_database():
        assert client.get("/healthz").status_code == 200
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"]["ok"] is False


@contextmanager
def _no_database() -> Iterator[None]:
    """Within it the database cannot be reached: its address is wrong and no connection is open."""
    connection = connections["default"]
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict |= {"NAME": "/nowhere/at/all", "PORT": 1}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= before


def give_signs(*lanes: Lane) -> None:
    """As a worker's lanes do."""
    for lane in lanes or Lane:
        processes.alive(sign_name("worker", lane), {"lane": lane})


def test_it_is_not_ready_when_the_lane_of_falls_fell_silent(client: Client) -> None:
    give_signs(Lane.ORDINARY, Lane.OUTSIDE)
    check = client.get("/readyz").json()["checks"]["worker"]
    assert not check["ok"]
    assert "urgent" in check["en"]


def test_it_is_ready_with_a_worker(client: Client) -> None:
    give_signs()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["ready"] is True


def test_it_is_not_ready_when_the_worker_fell_silent(client: Client) -> None:
    give_signs()
    ProcessSign.objects.update(alive_at=clock.real_now() - timedelta(minutes=5))
    response = client.get("/readyz")
    assert response.status_code == 503
    failed = [name for name, check in response.json()["checks"].items() if not check["ok"]]
    assert failed == ["worker"]


def test_it_is_not_ready_on_a_full_disk(client: Client, settings: Settings) -> None:
    give_signs()
    settings.DURE_MIN_FREE_MIB = 2**40
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["disk"]["ok"] is False


def test_metrics_are_for_this_machine_alone(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200


def test_metrics_are_for_the_networks_of_the_setting(client: Client, settings: Settings) -> None:
    settings.DURE_METRICS_FROM = [ip_network("192.0.2.0/24")]
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403


def test_the_last_sign_of_life_of_every_process_is_shown(client: Client) -> None:
    processes.alive("worker")
    processes.alive("gateway-mqtt")
    signed = {sign.name: sign.alive_at.timestamp() for sign in processes.signs()}
    shown = {key[1]: value for key, value in _metrics(client).items() if key[0] == "dure_process_alive_seconds"}
    assert shown == pytest.approx(signed)


def test_readings_of_every_process_are_shown(client: Client) -> None:
    before = health.door_counts().get("stored", 0)
    READINGS.labels("http", "stored").inc(3)
    processes.alive("web", {"readings": health.door_counts()})
    processes.alive("gateway", {"readings": {"stored": 70, "rejected": 2}})
    shown = _metrics(client)
    assert shown["dure_readings_total", "web", "stored"] == before + 3
    assert shown["dure_readings_total", "gateway", "stored"] == 70
    assert shown["dure_readings_total", "gateway", "rejected"] == 2


def test_findings_and_open_cases_are_counted(client: Client, city: City, standing_clock: StandingClock) -> None:
    Finding.objects.create(**_finding(level=3))
    _case(city, number="C-1")
    _case(city, number="C-2", due_at=clock.now() - timedelta(minutes=1))
    _case(city, number="C-3", status=CaseStatus.CLOSED, closed_at=clock.now(), outcome="fine")
    shown = _metrics(client)
    assert shown["dure_findings_total", "3", "care"] == 1
    assert shown["dure_cases_open", "3", "care", "open"] == 2
    assert ("dure_cases_open", "3", "care", "closed") not in shown
    assert shown["dure_cases_overdue", "3", "care"] == 1


def _finding(level: int) -> dict[str, object]:
    return {
        "service": "care",
        "kind": "inactivity",
        "level": level,
        "score": 1.0,
        "found_at": clock.now(),
        "reason": {"ko": "까닭", "en": "reason"},
        "engine": "habits",
        "engine_version": "1",
    }


def _case(city: City, **fields: object) -> Case:
    known = {
        "service": "care",
        "kind": "inactivity",
        "level": 3,
        "title": {"ko": "제목", "en": "title"},
        "area": city.dongs[0],
        "team": city.team,
        "opened_at": clock.now(),
        "due_at": clock.now() + timedelta(hours=1),
    }
    return Case.objects.create(**(known | fields))


def test_how_far_a_consumer_is_behind_is_shown(client: Client) -> None:
    Watermark.objects.create(consumer="care", arrival=0)
    assert _metrics(client)["dure_consumer_behind", "care"] == 0


@pytest.fixture
def queries_of_hot_table() -> Iterator[list[str]]:
    seen: list[str] = []

    def watch(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "city_reading" in sql:
            seen.append(sql)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(watch):
        yield seen


def test_the_hot_table_is_never_counted(client: Client, queries_of_hot_table: list[str]) -> None:
    _metrics(client)
    assert queries_of_hot_table
    assert [sql for sql in queries_of_hot_table if "COUNT" in sql.upper()] == []
