# SPDX-License-Identifier: Apache-2.0
"""What every test can use: no outside network, a clock that stands still, shared data where there is some."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.utils import translation

from dure.city import clock
from tests.empty_city import KEPT, copy_empty, copy_empty_on_server
from tests.factories import City, make_city
from tests.postgres_cluster import Cluster, ClusterError

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("dure", deadline=None)
hypothesis.settings.load_profile("dure")

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
LONGEST = ("browser", "kill", "broker")
"""Marks of tests that start other programs."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process is left with it at the end. On a second database
    (``DATABASE_URL``) only what touches a database runs again."""
    items.sort(key=_turn)
    if "DATABASE_URL" not in os.environ:
        return
    again = [item for item in items if _touches_a_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _touches_a_database(item)])
    items[:] = again


def _turn(item: pytest.Item) -> int:
    return next((n for n, mark in enumerate(LONGEST) if item.get_closest_marker(mark)), len(LONGEST))


def _touches_a_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marks = ("django_db", "broker", "kill", "browser")
    return bool(fixtures & {"db", "transactional_db"}) or any(item.get_closest_marker(mark) for mark in marks)


class OutsideNetwork(RuntimeError):
    """A test tried to reach something that is not this machine."""


def _is_here(address: object) -> bool:
    """Whether a socket address is a Unix socket or this machine's loopback."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Python code under test connects to loopback and Unix sockets and looks up no names."""

    def guarded(name: str, address_of: Callable[..., object]) -> tuple[object, str, Callable[..., Any]]:
        owner: Any = socket if name == "getaddrinfo" else socket.socket
        real = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            address = address_of(*arguments, **options)
            if not _is_here(address):
                raise OutsideNetwork(f"{name}{address}: tests reach nothing outside this machine")
            return real(*arguments, **options)

        return owner, name, call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(*guarded(name, lambda _, address: address))
        patch.setattr(*guarded("getaddrinfo", lambda host, *_, **__: (_text(host),)))
        yield


def _text(host: str | bytes | None) -> str:
    return host.decode() if isinstance(host, bytes) else host or ""


class StandingClock:
    """City time that moves only when told to."""

    def __init__(self, stack: ExitStack, at: datetime) -> None:
        self._stack = stack
        self.stand_at(at)

    @property
    def now(self) -> datetime:
        return clock.now()

    def stand_at(self, at: datetime) -> None:
        """Put city time to ``at`` (aware)."""
        self._stack.enter_context(clock.frozen(at))

    def move(self, **by: float) -> datetime:
        """Move city time on, as in ``move(minutes=30)``; the new time is returned."""
        self.stand_at(clock.now() + timedelta(**by))
        return clock.now()


@pytest.fixture
def standing_clock() -> Iterator[StandingClock]:
    """City time stands at Monday 2 November 2026, 09:00 in Seoul."""
    with ExitStack() as stack:
        yield StandingClock(stack, datetime(2026, 11, 2, 0, 0, tzinfo=UTC))


@pytest.fixture
def city(db: None) -> City:
    """A small city: a district of two 행정동, a user for each role, a team."""
    return make_city()


@pytest.fixture(autouse=True)
def korean_again() -> Iterator[None]:
    """A page that was asked for in English leaves its language to whatever runs next in the process."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def append_only_tables_are_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Before Django empties every table after a test with real transactions: these refuse it, as they should."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection, transaction

    from dure.city.database import triggers_lifted
    from dure.city.triggers import APPEND_ONLY

    for table in APPEND_ONLY:
        with transaction.atomic(), triggers_lifted(table), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measured data that lies beside a checkout; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no {SHARED_DATA.relative_to(ROOT.parent)} beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def one_empty_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All processes of a test run begin their SQLite cities with copies of one empty database."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEPT, str(shared / "empty.sqlite3"))
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(one_empty_city: None, django_db_modify_db_settings: None) -> bool:
    """This process's test database begins as a copy of the run's empty one, which Django then only keeps."""
    from django.db import connection

    names = connection.settings_dict
    name = names["TEST"]["NAME"] or f"test_{names['NAME']}"
    if connection.vendor == "sqlite":
        copy_empty(Path(name))
    else:
        copy_empty_on_server(name)
    return True


@pytest.fixture
def postgres_cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, which it may stop and kill."""
    try:
        cluster = Cluster()
    except ClusterError as error:
        pytest.skip(str(error))
    with cluster:
        yield cluster
