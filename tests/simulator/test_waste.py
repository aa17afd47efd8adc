# SPDX-License-Identifier: Apache-2.0
"""The made city's bins: what falls in, what their sensors send, and what the platform understands of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dure.gateways.lorawan.decoders import DECODERS
from dure.gateways.lorawan.envelopes import Uplink, from_chirpstack
from dure.services.waste.kinds import KINDS
from dure.simulator.areas import make_areas
from dure.simulator.doors import Answer
from dure.simulator.memory import Event, State, Truth
from dure.simulator.pace import Pace, real_now
from dure.simulator.residents import make_residents
from dure.simulator.waste.bins import Bins, make_bins, word
from dure.simulator.waste.contents import Contents
from dure.simulator.waste.deposits import hour_of, start_of_hour
from dure.simulator.waste.faults import BinFaults, FaultKind
from dure.simulator.waste.living import FULL, Means, Uplinks, begin_waste
from dure.simulator.waste.network import uplink
from dure.simulator.waste.payloads import MODELS, Model, Seen
from dure.simulator.waste.scoring import WasteTold, score_waste, waste_as_json, waste_as_lines
from dure.simulator.waste.sensors import Frame, Sensors

from .living import CITY_START, LIVE_FROM, wait_until

DAY = 86_400.0
HOUR = hour_of(CITY_START)
AREAS = make_areas(5, 6)


@pytest.fixture(scope="module")
def bins() -> Bins:
    return make_bins(5, 24, make_residents(5, 60, len(AREAS)), AREAS)


def contents_of(bins: Bins, known: list[tuple[int, float]] | None = None) -> Contents:
    """The contractor comes until CITY_START."""
    return Contents(bins, HOUR // 24 - 3, CITY_START, known or [])


def sensors_of(bins: Bins, contents: Contents) -> Sensors:
    return Sensors(bins, contents, BinFaults(bins, CITY_START), CITY_START)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
def test_the_platform_reads_what_a_sensor_of_this_model_sends(model: Model) -> None:
    seen = Seen(distance_mm=1234, celsius=-7.3, tilted=True, charge=0.5)
    told = {one.series: one.value for one in DECODERS[model.kind](model.port, model.encode(seen, 7))}
    assert told.pop("distance") == 1234
    assert told.pop("battery") in (50, 3.3)
    assert told == ({"temperature": -7.3} if model.warm else {}) | ({"tilt": 1} if model.tilts else {})
    assert model.blind_mm == KINDS[model.kind].blind_mm


def test_what_falls_in_does_not_depend_on_who_empties_and_a_restart_changes_nothing(bins: Bins) -> None:
    emptied, left = contents_of(bins), contents_of(bins)
    at = CITY_START + 7_230.0
    held = emptied.empty(3, at)
    assert held == pytest.approx(left.level(3, at))
    assert emptied.level(3, at) <= 4
    assert emptied.empty(3, at) == held
    hours = range(HOUR, HOUR + 30)
    assert all(np.array_equal(emptied.fell_in(hour), left.fell_in(hour)) for hour in hours)
    later = at + DAY
    assert emptied.level(3, later) - emptied.level(3, at) == pytest.approx(left.level(3, later) - left.level(3, at))
    again = contents_of(bins, [(3, at)])
    assert np.allclose(again.levels(later), emptied.levels(later))
    assert [(one.bin, one.at) for one in again.emptied(CITY_START, later)] == [(3, at)]


def test_frames_go_out_once_an_hour_and_the_envelope_is_read(bins: Bins) -> None:
    sensors = sensors_of(bins, contents_of(bins))
    frames = [sensors.frame(one) for hour in range(HOUR, HOUR + 24) for one in sensors.heard(hour)]
    assert [one.at for one in frames] == sorted(one.at for one in frames)
    distinct = {(one.bin, one.at): one for one in frames}
    assert len(frames) > len(distinct)  # told twice, just as it was
    assert 24 * 22 < len(distinct) < 24 * 24
    for at in range(len(bins)):
        counters = [one.counter for one in distinct.values() if one.bin == at]
        assert counters == sorted(set(counters))
    for frame in frames:
        read = from_chirpstack(json.dumps(uplink(frame)).encode())
        assert isinstance(read, Uplink)
        assert (read.time, read.counter, read.payload) == (
            datetime.fromtimestamp(frame.at, UTC), frame.counter, frame.payload
        )  # fmt: skip


def told(sensors: Sensors, one: int, begin: float, end: float) -> list[dict[str, Any]]:
    """What the platform decodes of a bin's frames between two times."""
    hours = range(hour_of(begin), hour_of(end) + 1)
    frames = [due for hour in hours for due in sensors.heard(hour) if due.bin == one and begin <= due.at < end]
    kind = sensors.bins.model_of(one).kind
    decoded = [(due.at, sensors.frame(due)) for due in frames]
    return [
        {"at": at} | {said.series: said.value for said in DECODERS[kind](frame.port, frame.payload)}
        for at, frame in decoded
    ]


def test_the_first_day_has_a_fallen_bin_a_silent_one_and_a_fire_and_their_frames_say_so(bins: Bins) -> None:
    sensors, faults = sensors_of(bins, contents_of(bins)), BinFaults(bins, CITY_START)
    first = {one.kind: one for one in reversed(faults.during(CITY_START, CITY_START + DAY / 3))}
    fallen, silent, fire = (first[kind] for kind in (FaultKind.FALLEN, FaultKind.SILENT, FaultKind.FIRE))
    assert {one["tilt"] for one in told(sensors, fallen.bin, fallen.begin, fallen.end)} == {1.0}
    assert told(sensors, fallen.bin, fallen.begin, fallen.begin + 60)  # at once
    assert not told(sensors, silent.bin, silent.begin, silent.end)
    assert told(sensors, silent.bin, silent.end, silent.end + 3 * 3600)
    assert all(one["temperature"] > 60 for one in told(sensors, fire.bin, fire.begin, fire.end))
    assert any(one["temperature"] < 60 for one in told(sensors, fire.bin, fire.end, fire.end + 4 * 3600))


def test_a_sensor_measures_its_bin_with_noise_of_three_points(bins: Bins) -> None:
    contents = contents_of(bins)
    sensors = sensors_of(bins, contents)
    off = []
    for one, at, mm in sensors.history(HOUR - 48, HOUR):
        level = contents.level(one, at)
        if level < 80:
            off.append(100 * (bins.empty_mm[one] - mm) / (bins.empty_mm[one] - bins.full_mm[one]) - level)
    assert len(off) > 500
    assert abs(float(np.mean(off))) < 0.5
    assert 2.5 < float(np.std(off)) < 3.5


def test_words_are_distinct_and_what_the_platform_takes() -> None:
    words = {word(1, at) for at in range(1000)}
    assert len(words) == 1000
    assert all((len(one) == 6 and one.isalnum() and one.islower()) or one.isdecimal() for one in words)


def test_levels_lie_where_a_street_bin_s_do(bins: Bins) -> None:
    contents = contents_of(bins)
    levels = np.stack([contents.levels(start_of_hour(hour)) for hour in range(HOUR - 48, HOUR)])
    assert 20 < float(np.median(levels)) < 60
    assert 0 < float((levels >= 100).mean()) < 0.3


def at(hours: float) -> datetime:
    return datetime.fromtimestamp(CITY_START + 3600 * hours, UTC)


def test_score_of_a_tiny_truth(tmp_path: Path) -> None:
    truth = Truth(tmp_path)
    truth.keep_bin_hours((code, at(hour), 5.0, level) for code, level in (("a", 50), ("b", 120)) for hour in range(168))
    truth.keep(
        [
            Event("bin_emptied", "a", at(10), at(10), "90"),
            Event("bin_emptied", "b", at(20), at(20), "130"),
            Event("bin_emptied", "b", at(30), at(30), "20"),
            Event("bin_fallen", "a", at(40), at(50)),
            Event("bin_silent", "b", at(60), at(90)),
            Event("bin_fire", "b", at(100), at(102)),
            Event("bin_complaint", "b", at(15), at(15), "overflowing"),
        ]
    )
    hours, events = truth.bin_hours(at(0), at(168), FULL), truth.events()
    truth.close()
    emptyings = [{"bin": "a", "at": at(12).isoformat()}, {"bin": "a", "at": at(60).isoformat()}]
    cases = [("a", "7", "tilted", 42), ("a", "7", "tilted", 70), (None, "8", "silent", 68), ("b", "8", "burning", 95)]
    answer = {
        "emptyings": emptyings,
        "cases": [
            {"bin": code, "area": area, "kind": kind, "opened_at": at(hour).isoformat()}
            for code, area, kind, hour in cases
        ],
        "reports": [{"bin": "b", "at": at(15).isoformat()}],
    }
    told, area_of = WasteTold.read(answer), {"a": "7", "b": "8"}
    score = score_waste(events, hours, told, since=at(0), until=at(168), area_of=area_of)
    assert (score.bins, score.bin_weeks, score.overflow_hours) == (2, 2, 168)
    assert (score.emptied, score.visible, score.seen, score.false) == (3, 2, 1, 1)
    assert {name: (one.began, one.hours) for name, one in score.faults.items() if one.began} == {
        "fallen": (1, [2.0]), "silent": (1, [8.0]), "fire": (1, [])
    }  # fmt: skip
    assert (score.complaints, score.reports) == (1, 1)
    assert waste_as_json(score)["overflow_hours_per_bin_week"] == 84
    assert "84.00 overflow-hours" in waste_as_lines(score)


class Recorder:
    """A network server's platform, and a readings' door, that keep what they are sent."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.old: list[Mapping[str, object]] = []

    def send(self, frames: Sequence[Frame]) -> None:
        self.frames += frames

    def tell(self, readings: Sequence[Mapping[str, object]]) -> Answer:
        self.old += readings
        return Answer(len(readings))


def test_uplinks_go_on_where_they_were_stopped_and_each_hour_s_truth_is_kept(bins: Bins, tmp_path: Path) -> None:
    recorder = Recorder()

    def live_until(hour: int) -> None:
        state, truth, stop = State(tmp_path), Truth(tmp_path), threading.Event()
        means = Means(state, truth, Pace(36_000.0, real_now(), CITY_START), stop)
        life = begin_waste(bins, LIVE_FROM, 2, trucks=False, state=state)
        thread = threading.Thread(target=Uplinks(life, means, recorder, recorder).run)
        thread.start()
        wait_until(lambda: (truth.when("bins known") or at(0)) >= at(hour))
        stop.set()
        thread.join()
        state.close()
        truth.close()

    live_until(3)
    first = len(recorder.old), len(recorder.frames)
    assert first[0] > 24 * 33 * 0.95
    live_until(6)
    assert len(recorder.old) == first[0]
    keys = [(one.bin, one.counter) for one in recorder.frames]
    assert len(keys) - len(set(keys)) <= 24 + 5  # at most the hour in which it was stopped comes twice
    assert {counter for _, counter in keys} >= set(range(6))
    kept = Truth(tmp_path)
    hours = kept.bin_hours(at(0), at(6), FULL)
    assert {known for known, _ in hours.values()} == {6}
    assert any(event.kind == "bin_fallen" for event in kept.events())
    kept.close()
