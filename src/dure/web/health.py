# SPDX-License-Identifier: Apache-2.0
"""For those who keep the platform running: does it live, can it work, and what has it done.

Every figure of ``/metrics`` comes from the record, so any web process answers for all processes: what only a process
knows (how many readings came through its door) it writes into its sign of life. Nothing here counts the hot table.
"""

from __future__ import annotations

import ipaddress
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dure.city import clock, processes, readings
from dure.city.models import Case, Feed, Finding, Reading, Watermark
from dure.city.readings import READINGS
from dure.city.roles import open_to_all
from dure.city.worker import Lane

FINDINGS_KEPT_SECONDS = 30.0
"""Findings are counted at most this often, however many scrape."""


class Check(NamedTuple):
    """One thing that must be so for the platform to work, in words for a log and for people."""

    ok: bool
    ko: str
    en: str


@open_to_all
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_all
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when this process can do its work, 503 with the reasons when it cannot."""
    checks = {"database": _database()}
    if checks["database"].ok:
        checks |= {"migrations": _migrations(), "worker": _worker(), "clock": _clock()}
    checks["disk"] = _disk()
    ready = all(check.ok for check in checks.values())
    body = {"ready": ready, "checks": {name: check._asdict() for name, check in checks.items()}}
    return JsonResponse(body, status=200 if ready else 503, json_dumps_params={"ensure_ascii": False})


@open_to_all
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for the addresses of ``DURE_METRICS_FROM`` alone (this machine by default)."""
    address = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - not a bind address
    if not any(address in network for network in settings.DURE_METRICS_FROM):
        return HttpResponseForbidden("metrics are not shown to this address\n", content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(Record())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def door_counts() -> dict[str, int]:
    """Readings that came to this process since it started, by what became of them; for its sign of life."""
    counts: dict[str, int] = {}
    for sample in (sample for metric in READINGS.collect() for sample in metric.samples):
        if sample.name.endswith("_total"):
            counts[sample.labels["result"]] = counts.get(sample.labels["result"], 0) + int(sample.value)
    return counts


# --- ready -----------------------------------------------------------------------------------------------------


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check(False, "데이터베이스에 닿지 않습니다", f"the database does not answer: {error}".strip())
    return Check(True, "데이터베이스가 답합니다", "the database answers")


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return Check(False, f"데이터베이스 변경 {waiting}개가 남았습니다", f"{waiting} migrations wait: dure migrate")
    return Check(True, "데이터베이스 모양이 맞습니다", "the database has this version's shape")


def _worker() -> Check:
    silent = {sign.name for sign in processes.silent()}
    alive = {sign.detail.get("lane") for sign in processes.signs() if sign.name not in silent}
    missing = ", ".join(lane for lane in Lane if lane not in alive)
    if missing:
        return Check(False, f"작업 프로세스의 신호가 없습니다: {missing}", f"no sign of life: dure worker, {missing}")
    return Check(True, "작업 프로세스가 살아 있습니다", "a worker is alive")


def _clock() -> Check:
    since = readings.clock_fell_back_from()
    if since is None:
        return Check(True, "시계가 맞습니다", "the clock is right")
    return Check(
        False,
        f"시계가 뒤로 갔습니다: 벌써 {since:%Y-%m-%dT%H:%M:%SZ}였습니다",
        f"the clock has fallen back: it was {since:%Y-%m-%dT%H:%M:%SZ} already",
    )


def _disk() -> Check:
    free = shutil.disk_usage(settings.DURE_HOME).free // 2**20
    enough = free >= settings.DURE_MIN_FREE_MIB
    return Check(enough, f"디스크에 {free:,} MiB 남았습니다", f"{free:,} MiB free on disk")


# --- metrics ---------------------------------------------------------------------------------------------------


class Record(Collector):
    """What the record says at this moment, as Prometheus metrics."""

    def collect(self) -> Iterable[Metric]:
        parts: tuple[Callable[[], Iterator[Metric]], ...] = (_of_processes, _of_readings, _of_findings, _of_cases)
        for part in parts:
            yield from part()
        free = GaugeMetricFamily("dure_disk_free_bytes", "Free space where the platform keeps its files")
        free.add_metric([], shutil.disk_usage(settings.DURE_HOME).free)
        yield free
        city = GaugeMetricFamily("dure_city_time_seconds", "City time, seconds since 1970 (real time but in a demo)")
        city.add_metric([], clock.now().timestamp())
        yield city


def _of_processes() -> Iterator[Metric]:
    alive = GaugeMetricFamily(
        "dure_process_alive_seconds", "Last sign of life of each process, seconds since 1970", labels=["name"]
    )
    readings = CounterMetricFamily(
        "dure_readings",
        "Readings that came to a process since it started, by what became of them",
        labels=["name", "result"],
    )
    for sign in processes.signs():
        alive.add_metric([sign.name], sign.alive_at.timestamp())
        for result, count in sign.detail.get("readings", {}).items():
            readings.add_metric([sign.name, result], count)
    yield alive
    yield readings


def _of_readings() -> Iterator[Metric]:
    last = Reading.objects.aggregate(last=Max("arrival"))["last"] or 0
    behind = GaugeMetricFamily(
        "dure_consumer_behind", "Arrivals a consumer has not read yet (an upper bound)", labels=["consumer"]
    )
    for mark in Watermark.objects.order_by("consumer"):
        behind.add_metric([mark.consumer], max(0, last - mark.arrival))
    yield behind
    seen = GaugeMetricFamily(
        "dure_feed_seen_seconds", "City time at which a feed was last heard, seconds since 1970", labels=["feed"]
    )
    for feed in Feed.objects.exclude(last_seen_at=None).order_by("code"):
        seen.add_metric([feed.code], feed.last_seen_at.timestamp() if feed.last_seen_at else 0)
    yield seen


_findings: tuple[float, list[tuple[str, int, int]]] = (float("-inf"), [])


def _of_findings() -> Iterator[Metric]:
    global _findings  # noqa: PLW0603 - one answer kept for a moment
    if time.monotonic() - _findings[0] > FINDINGS_KEPT_SECONDS:
        rows = Finding.objects.values_list("service", "level").annotate(count=Count("id")).order_by("service", "level")
        _findings = (time.monotonic(), list(rows))
    found = CounterMetricFamily("dure_findings", "Findings of all time", labels=["service", "level"])
    for service, level, count in _findings[1]:
        found.add_metric([service, str(level)], count)
    yield found


def _of_cases() -> Iterator[Metric]:
    still_open = Case.objects.filter(closed_at=None)
    cases = GaugeMetricFamily("dure_cases_open", "Cases that are not closed", labels=["service", "level", "status"])
    overdue = GaugeMetricFamily("dure_cases_overdue", "Open cases past their due time", labels=["service", "level"])
    rows = still_open.values_list("service", "level", "status").annotate(
        count=Count("id"), late=Count("id", filter=Q(due_at__lt=clock.now()))
    )
    late_of: dict[tuple[str, int], int] = {}
    for service, level, status, count, past_due in rows.order_by("service", "level", "status"):
        cases.add_metric([service, str(level), status], count)
        late_of[service, level] = late_of.get((service, level), 0) + past_due
    for (service, level), count in late_of.items():
        overdue.add_metric([service, str(level)], count)
    yield cases
    yield overdue
