# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import timedelta

import pytest

from dure.city.devices import (
    SeriesSpec,
    digest_of,
    holder_of,
    issue_key,
    register_device,
    register_feed,
    retire_device,
    revoke_key,
    silent_devices,
    silent_feeds,
)
from dure.city.errors import Conflict, Invalid
from dure.city.models import Device, DeviceKey, Feed, RegistryStamp, Series
from tests.conftest import StandingClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]
POWER = SeriesSpec("power", "kWh", 30, 0, 50)


@pytest.fixture
def feed(standing_clock: StandingClock) -> Feed:
    return register_feed("ami", "AMI", "ami", silent_after_minutes=180, actor="tests")


def test_registering_the_same_again_changes_nothing_and_new_series_are_added(feed: Feed) -> None:
    first = register_device(feed, "meter-1", "power_meter", series=[POWER], actor="tests")
    second = register_device(feed, "meter-1", "power_meter", series=[POWER, SeriesSpec("voltage", "V")], actor="tests")

    assert register_feed("ami", "AMI", "ami", actor="tests") == feed
    assert first == second
    assert list(Series.objects.order_by("name").values_list("name", "unit", "min_value", "max_value")) == [
        ("power", "kWh", 0, 50),
        ("voltage", "V", None, None),
    ]


@pytest.mark.parametrize("code", ["", "a/b", "a+", "#", "meter 1", "미터", "-x", "x" * 65, "a\n"])
def test_a_code_must_be_a_topic_level(feed: Feed, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        register_device(feed, code, "power_meter", series=[POWER], actor="tests")
    assert refused.value.field == "code"


@pytest.mark.parametrize("spec", [SeriesSpec("rejected", "x"), SeriesSpec("a/b", "x"), SeriesSpec("a", "x", 30, 2, 1)])
def test_a_series_must_have_a_name_of_its_own_and_a_range(feed: Feed, spec: SeriesSpec) -> None:
    with pytest.raises(Invalid):
        register_device(feed, "meter-1", "power_meter", series=[spec], actor="tests")
    assert not Device.objects.exists()


def test_one_code_is_one_thing(feed: Feed) -> None:
    register_device(feed, "meter-1", "power_meter", series=[POWER], actor="tests")
    other = register_feed("telecom", "통신", "telecom", actor="tests")

    with pytest.raises(Conflict):
        register_device(other, "meter-1", "power_meter", series=[POWER], actor="tests")
    with pytest.raises(Conflict):
        register_device(feed, "telecom", "power_meter", series=[POWER], actor="tests")
    with pytest.raises(Conflict):
        register_feed("meter-1", "x", "ami", actor="tests")
    with pytest.raises(Conflict):
        register_feed("ami", "x", "telecom", actor="tests")


def test_a_key_says_who_holds_it_until_it_is_revoked(feed: Feed) -> None:
    device = register_device(feed, "meter-1", "power_meter", series=[POWER], actor="tests")
    of_feed, of_device = issue_key(feed, actor="tests"), issue_key(device, actor="tests")

    assert (holder := holder_of(of_feed)) is not None
    assert (holder.feed, holder.device) == (feed, None)
    assert (holder := holder_of(of_device)) is not None
    assert (holder.feed, holder.device) == (feed, device)
    assert holder_of("guess") is None
    assert revoke_key(of_device, actor="tests")
    assert not revoke_key(of_device, actor="tests")
    assert holder_of(of_device) is None


def test_a_retired_devices_key_is_worthless(feed: Feed) -> None:
    device = register_device(feed, "meter-1", "power_meter", series=[POWER], actor="tests")
    key = issue_key(device, actor="tests")
    retire_device(device, actor="tests")

    assert holder_of(key) is None


def test_only_digests_of_a_key_are_kept(feed: Feed) -> None:
    key = issue_key(feed, actor="tests")
    kept = DeviceKey.objects.values().get()

    assert key not in str(kept)
    assert kept["digest"] == digest_of(key)
    assert kept["broker_digest"].startswith("$7$101$")


def test_every_change_that_a_door_must_know_of_renews_the_stamp(feed: Feed) -> None:
    device = register_device(feed, "meter-1", "power_meter", series=[POWER], actor="tests")
    issue_key(feed, actor="tests")
    changes = [
        lambda: Series.objects.update(max_value=1),
        lambda: Device.objects.update(retired_at=device.registered_at),
        lambda: DeviceKey.objects.update(revoked_at=device.registered_at),
        lambda: Feed.objects.update(kind="other"),
        lambda: Series.objects.all().delete(),
        lambda: register_device(feed, "meter-2", "power_meter", series=[], actor="tests"),
    ]
    for change in changes:
        before = RegistryStamp.objects.get().stamp
        change()
        assert RegistryStamp.objects.get().stamp != before
    before = RegistryStamp.objects.get().stamp
    Device.objects.update(last_seen_at=device.registered_at)  # every few seconds: it must not
    Feed.objects.update(last_seen_at=device.registered_at)
    assert RegistryStamp.objects.get().stamp == before


def test_silence_is_counted_from_the_last_sign_or_from_registration(feed: Feed, standing_clock: StandingClock) -> None:
    heard = register_device(feed, "heard", "power_meter", series=[POWER], silent_after_minutes=60, actor="tests")
    register_device(feed, "never", "power_meter", series=[POWER], silent_after_minutes=60, actor="tests")
    patient = register_device(feed, "patient", "power_meter", series=[POWER], silent_after_minutes=600, actor="tests")
    gone = register_device(feed, "gone", "power_meter", series=[POWER], silent_after_minutes=60, actor="tests")
    retire_device(gone, actor="tests")
    now = standing_clock.move(minutes=61)
    Device.objects.filter(pk__in=[heard.pk, patient.pk]).update(last_seen_at=now - timedelta(minutes=60))
    Feed.objects.update(last_seen_at=now)

    assert [device.code for device in silent_devices(now)] == ["never"]
    assert [device.code for device in silent_devices(now + timedelta(seconds=1))] == ["heard", "never"]
    assert list(silent_feeds(now)) == []


def test_a_silent_feed_is_one_fault_and_not_one_a_device(feed: Feed, standing_clock: StandingClock) -> None:
    other = register_feed("telecom", "통신", "telecom", silent_after_minutes=10_000, actor="tests")
    register_feed("empty", "빈 공급원", "ami", silent_after_minutes=1, actor="tests")
    for of in (feed, other):
        register_device(of, f"{of.code}-1", "x", series=[POWER], silent_after_minutes=60, actor="tests")
    now = standing_clock.move(hours=4)

    assert list(silent_feeds(now)) == [feed]
    assert [device.code for device in silent_devices(now)] == ["telecom-1"]
