# SPDX-License-Identifier: Apache-2.0
"""``dure simulate run``: the made city lives by the clock and speaks to the platform's doors until it is stopped."""

from __future__ import annotations

import json
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .city import load_city
from .complaints.doors import App, Page
from .complaints.happenings import happenings_of
from .complaints.living import FEED as OPEN311
from .complaints.living import STATE as COMPLAINTS
from .complaints.living import Complaining, bins_that_overflow
from .complaints.office import Office, Pages, clerks_of
from .doors import Door, HttpDoor, MqttDoor
from .feeder import Deliveries, Feeder
from .life import Life, begin_life, truth_between
from .memory import State, Truth
from .pace import SLOTS_PER_DAY, Pace, moment, slot_of, start_of
from .persistence import say
from .telephone import Answering, AwayNotices, Telephone
from .waste.bins import FEED
from .waste.citizens import Citizens, QrPage
from .waste.fleet import FEED as FLEET
from .waste.fleet import trucks_of
from .waste.living import Means, Uplinks, WasteLife, begin_waste
from .waste.network import HttpNetwork, MqttNetwork, Network
from .waste.trucks import Fleet
from .wearers import Wearers

TRUTH_REAL_SECONDS = 5.0
"""How often the keeper of the truth looks whether a city day has begun."""


@dataclass(frozen=True)
class RunOptions:
    """``keys`` by feed code (ami, telecom, telephony, …), and by ``device:{code}`` of devices with a key of their own;
    ``mqtt`` is host:port or "" for HTTP only; ``per_second`` bounds the readings a feed sends in a real second."""

    url: str
    keys: dict[str, str]
    pace: Pace
    backfill_days: int = 35
    mqtt: str = ""
    mqtt_ca: str = ""
    per_second: float = 20_000.0


def read_keys(path: Path) -> dict[str, str]:
    """The file ``{feed code: key}``. Raises ValueError naming the file when it is something else."""
    keys = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise ValueError(f"{path}: expected {{feed: key}}")
    return keys


def live(folder: Path, options: RunOptions, stop: threading.Event) -> int:
    """Live until ``stop`` is set. Returns 1 when a part of the city failed by a fault of its own, else 0."""
    city, state, truth = load_city(folder), State(folder), Truth(folder)
    live_from = state.once("live_from", slot_of(options.pace.now()))
    backfill_days = state.once("backfill_days", options.backfill_days)
    life = begin_life(city, live_from, backfill_days)
    truth.lived("began", moment(live_from))
    say("city", homes=city.plan.homes, live_from=moment(live_from), backfill_days=backfill_days)
    _say_shifts(life)
    failed: list[str] = []
    with ExitStack() as open_things:
        for kept in (state, truth):
            open_things.callback(kept.close)
        running = _Running(life, options, state, truth, stop, open_things, live_from, backfill_days)
        threads = [_started(name, part, failed) for name, part in running.parts().items()]
        _keep_truth(running, threads)
        for thread in threads:
            thread.join()
    return 1 if failed else 0


def stop_on_signals(stop: threading.Event) -> None:
    """Ctrl-C and SIGTERM end the city in good order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())


@dataclass(frozen=True)
class _Running:
    life: Life
    options: RunOptions
    state: State
    truth: Truth
    stop: threading.Event
    open_things: ExitStack
    live_from: int
    backfill_days: int

    def parts(self) -> dict[str, Callable[[], None]]:
        """What runs side by side, each with its own connection: no door waits for another."""
        life, residents, pace, keys = self.life, self.life.city.residents, self.options.pace, self.options.keys
        parts: dict[str, Callable[[], None]] = {}
        if _has("ami", keys):
            live = self._mqtt_door("ami") if self.options.mqtt else self._door("ami")
            parts["ami"] = self._feeder(life.power, live)
        if residents.phone_watched.any() and _has("telecom", keys):
            parts["telecom"] = self._feeder(life.phones, self._door("telecom"))
            away = AwayNotices(
                self._door("telecom"), residents, life.emergencies, state=self.state, pace=pace, stop=self.stop
            )
            parts["away"] = partial(away.run, self.live_from)
        for sensors in life.sensors:
            if len(sensors) and _has(sensors.feed, keys):
                parts[sensors.feed] = self._feeder(sensors, self._door(sensors.feed))
        doors = {code: self._door(name) for code in life.worn.devices if (name := f"device:{code}") in keys}
        if doors:
            wearers = Wearers(life.worn, doors, state=self.state, pace=pace, stop=self.stop)
            parts["wear"] = partial(wearers.run, self.live_from)
        means = Means(self.state, self.truth, pace, self.stop)
        waste = self._waste(means) if len(life.city.bins) and _has(FEED, keys) else None
        parts |= self._waste_parts(waste, means) if waste else {}
        parts |= self._complaint_parts(waste, means) if life.city.plan.complaints_per_day else {}
        if _has("telephony", keys):
            answering = Answering(residents, life.emergencies, life.at_home)
            parts["telephony"] = Telephone(self._door("telephony"), answering, self.truth, pace, self.stop).run
        return parts

    def _waste(self, means: Means) -> WasteLife:
        drives = _has(FLEET, self.options.keys)
        return begin_waste(self.life.city.bins, self.live_from, self.backfill_days, trucks=drives, state=means.state)

    def _waste_parts(self, life: WasteLife, means: Means) -> dict[str, Callable[[], None]]:
        options, bins = self.options, self.life.city.bins
        opened, key, door = self.open_things.enter_context, options.keys[FEED], self._door(FEED)
        network: Network = HttpNetwork(door)
        if options.mqtt:
            network = opened(closing(MqttNetwork(options.mqtt, key, options.mqtt_ca)))
        page = opened(closing(QrPage(options.url)))
        parts = {FEED: Uplinks(life, means, door, network).run, "citizens": Citizens(life, means, page).run}
        if FLEET in options.keys:
            parts[FLEET] = Fleet(life, means, trucks_of(bins), self._door(FLEET)).run
        return parts

    def _complaint_parts(self, waste: WasteLife | None, means: Means) -> dict[str, Callable[[], None]]:
        options, city = self.options, self.life.city
        app = None
        if _has(OPEN311, options.keys):
            app = self.open_things.enter_context(closing(App(options.url, options.keys[OPEN311])))
        overflowing = bins_that_overflow(waste) if waste else None
        telling = Complaining(happenings_of(city), means, Page(options.url), app, overflowing)
        parts: dict[str, Callable[[], None]] = {COMPLAINTS: partial(telling.run, start_of(self.live_from))}
        if clerks := clerks_of(options.keys):
            opened = self.open_things.enter_context
            parts["clerks"] = Office(clerks, lambda one: opened(closing(Pages(options.url, one))), means).run
        return parts

    def _door(self, feed: str, bulk: bool = False) -> HttpDoor:
        return self.open_things.enter_context(closing(HttpDoor(self.options.url, self.options.keys[feed], bulk)))

    def _mqtt_door(self, feed: str) -> MqttDoor:
        options = self.options
        return self.open_things.enter_context(
            closing(MqttDoor(options.mqtt, feed, options.keys[feed], options.mqtt_ca))
        )

    def _feeder(self, deliveries: Deliveries, live: Door) -> Callable[[], None]:
        options = self.options
        feeder = Feeder(
            deliveries,
            self._door(deliveries.feed, bulk=True),
            live,
            state=self.state,
            pace=options.pace,
            stop=self.stop,
            per_second=options.per_second,
        )
        return partial(feeder.run, self.live_from - self.backfill_days * SLOTS_PER_DAY, self.live_from)


def _has(feed: str, keys: dict[str, str]) -> bool:
    if feed not in keys:
        say("off", feed=feed, reason="no key in --keys")
    return feed in keys


def _started(name: str, part: Callable[[], None], failed: list[str]) -> threading.Thread:
    def guarded() -> None:
        try:
            part()
        except Exception:  # noqa: BLE001 - one part's fault must not end the others; it is said and ends in status 1
            failed.append(name)
            say("failed", name=name, error=traceback.format_exc())

    thread = threading.Thread(target=guarded, name=name)
    thread.start()
    return thread


def _keep_truth(running: _Running, threads: list[threading.Thread]) -> None:
    """Write down each day's truth as the day begins, from the first day of live life, while anything runs."""
    truth, kept = running.truth, running.live_from // SLOTS_PER_DAY - 1
    while not running.stop.is_set() and any(thread.is_alive() for thread in threads):
        now = slot_of(running.options.pace.now())
        today = now // SLOTS_PER_DAY
        if today > kept:
            truth.keep(truth_between(running.life, kept + 1, today))
            kept = today
        truth.lived("known", moment(now))
        running.stop.wait(TRUTH_REAL_SECONDS)


def _say_shifts(life: Life) -> None:
    """How real homes were moved: the weeks, and how many days their season is off."""
    if life.shifts:
        weeks = [shift.weeks for shift in life.shifts]
        season = [shift.season_days for shift in life.shifts]
        say("real homes", weeks=[min(weeks), max(weeks)], season_off_days=[min(season), max(season)])
