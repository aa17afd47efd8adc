# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dure.city import readings, tasks
from dure.city.models import Device, LatestReading, Quality, Reading, Series, Watermark
from dure.city.readings import ReadingBatch, advance_latest, pull, store
from tests.conftest import StandingClock
from tests.factories import make_feed

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 1, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def series(standing_clock: StandingClock) -> Series:
    return make_series("meter-1")


def make_series(code: str) -> Series:
    from dure.city.devices import SeriesSpec, register_device

    device = register_device(
        make_feed(), code, "power_meter", series=[SeriesSpec("power", "kWh", 30, 0, 50)], actor="tests"
    )
    return device.series.get()


def batch(*rows: tuple[Series, int, float | None]) -> ReadingBatch:
    """Rows of (series, half hours after START, value)."""
    return ReadingBatch.of(
        (one.pk, START + step * HALF_HOUR, value, Quality.NO_VALUE if value is None else Quality.GOOD)
        for one, step, value in rows
    )


def test_what_is_stored_can_be_read_back(series: Series) -> None:
    result = store(batch((series, 0, 0.1), (series, 1, None), (series, 2, 1e-300)))

    assert (result.stored, result.duplicates, result.conflicts) == (3, {}, [])
    assert list(Reading.objects.order_by("arrival").values_list("at", "value", "quality")) == [
        (START, 0.1, Quality.GOOD),
        (START + HALF_HOUR, None, Quality.NO_VALUE),
        (START + 2 * HALF_HOUR, 1e-300, Quality.GOOD),
    ]


def test_microseconds_are_kept(series: Series) -> None:
    at = START + timedelta(microseconds=1)
    store(ReadingBatch.of([(series.pk, at, 1.0, Quality.GOOD)]))

    assert Reading.objects.get(at=at).at == at


def test_the_same_again_changes_nothing(series: Series) -> None:
    sent = batch((series, 0, 0.1), (series, 1, None))
    store(sent)
    result = store(sent)

    assert (result.stored, result.duplicates, result.conflicts) == (0, {0: 0.1, 1: None}, [])
    assert Reading.objects.count() == 2


def test_another_value_for_the_same_time_is_a_conflict_and_the_first_stays(series: Series) -> None:
    store(batch((series, 0, 0.1), (series, 1, None)))
    result = store(batch((series, 1, 0.7), (series, 2, 0.3), (series, 0, 0.2)))

    assert (result.stored, result.duplicates, result.conflicts) == (1, {0: None, 2: 0.1}, [0, 2])
    assert list(Reading.objects.order_by("at").values_list("value", flat=True)) == [0.1, None, 0.3]


def test_repeats_within_one_batch_are_judged_by_the_first(series: Series) -> None:
    result = store(batch((series, 0, 0.1), (series, 0, 0.1), (series, 0, 0.2), (series, 1, 0.5)))

    assert (result.stored, result.duplicates, result.conflicts) == (2, {1: 0.1, 2: 0.1}, [2])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.lists(
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from([None, 0.0, -0.0, 0.1, 1e308, 5e-324])),
            max_size=12,
        ),
        max_size=5,
    )
)
def test_whatever_is_sent_the_first_value_of_each_time_is_kept(
    series: Series, sent: list[list[tuple[int, float | None]]]
) -> None:
    Reading.objects.all().delete()
    first: dict[int, float | None] = {}
    for rows in sent:
        result = store(batch(*((series, step, value) for step, value in rows)))
        known = dict(first)
        for position, (step, value) in enumerate(rows):
            assert (position in result.duplicates) == (step in known)
            assert (position in result.conflicts) == (step in known and known[step] != value)
            known.setdefault(step, value)
        first = known

    kept = {(at - START) // HALF_HOUR: value for at, value in Reading.objects.values_list("at", "value")}
    assert kept == first


def test_a_consumer_gets_each_reading_once_in_arrival_order(series: Series) -> None:
    store(batch((series, 5, 0.5), (series, 6, 0.6)))
    with pull("c", limit=10) as first:
        pass
    store(batch((series, 1, 0.1)))  # six hours late, and newer in arrival
    with pull("c", limit=10) as second:
        pass
    with pull("c", limit=10) as third:
        pass

    assert [one.value for one in first] == [0.5, 0.6]
    assert [one.value for one in second] == [0.1]
    assert third == []


def test_a_pull_takes_no_more_than_its_limit_and_goes_on_there(series: Series) -> None:
    store(batch(*((series, step, float(step)) for step in range(7))))
    taken = []
    for _ in range(4):
        with pull("c", limit=3) as some:
            taken.append([one.value for one in some])

    assert taken == [[0, 1, 2], [3, 4, 5], [6], []]


def test_a_consumer_that_fails_reads_the_same_again(series: Series) -> None:
    store(batch((series, 0, 0.1)))
    with pytest.raises(RuntimeError), pull("c", limit=10):
        Device.objects.update(lon=1.0)
        raise RuntimeError

    assert not Device.objects.filter(lon=1.0).exists()
    with pull("c", limit=10) as again:
        assert [one.value for one in again] == [0.1]


def test_consumers_do_not_disturb_each_other(series: Series) -> None:
    store(batch((series, 0, 0.1)))
    with pull("one", limit=10) as readings_of_one:
        pass
    with pull("other", limit=10) as readings_of_other:
        pass

    assert readings_of_one == readings_of_other != []
    assert readings.behind("one") == 0
    assert readings.behind("third") >= 1


def test_latest_keeps_the_newest_and_when_devices_were_heard(series: Series, standing_clock: StandingClock) -> None:
    device = series.device
    Device.objects.filter(pk=device.pk).update(silent_since=START)
    store(batch((series, 8, 0.8), (series, 9, None)))
    assert advance_latest() == 2
    standing_clock.move(hours=6)
    store(batch((series, 1, 0.1)))
    assert advance_latest() == 1
    assert advance_latest() == 0

    latest = LatestReading.objects.get()
    assert (latest.series, latest.at, latest.value) == (series, START + 9 * HALF_HOUR, None)
    device.refresh_from_db()
    assert device.silent_since is None
    assert device.last_seen_at == device.feed.__class__.objects.get().last_seen_at == standing_clock.now
    assert Watermark.objects.get(pk="latest").moved_at == standing_clock.now


def test_latest_takes_more_series_than_a_query_has_parameters(standing_clock: StandingClock) -> None:
    every = [make_series(f"meter-{number}") for number in range(501)]
    store(batch(*((one, 0, 1.0) for one in every)))
    with connection.cursor():
        assert advance_latest() == 501

    assert LatestReading.objects.count() == 501
    assert Device.objects.filter(last_seen_at=standing_clock.now).count() == 501


def test_a_backlog_that_grows_as_fast_as_it_is_worked_off_does_not_hold_up_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns: list[int] = []

    def endless() -> int:
        turns.append(20_000)
        return 20_000

    monkeypatch.setattr(tasks, "advance_latest", endless)
    tasks.keep_latest()
    assert len(turns) == tasks.GROUPS_AT_ONCE
