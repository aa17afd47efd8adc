# SPDX-License-Identifier: Apache-2.0
"""What a caller asks for, read strictly: everything that is wrong is said at once, by the name of its parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite
from typing import TypeVar

from dure.city.errors import DureError, Invalid
from dure.city.plain_text import plain
from dure.gateways.open311.answers import Refused
from dure.gateways.open311.requests import DETAILED, MOST, SPAN, Asked

Value = TypeVar("Value")
FURTHEST = 50_000.0
"""Metres: no city is wider."""


class Reader:
    """Reads parameters and keeps what was wrong. An empty one counts as not given (the specification's rule)."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.errors: list[DureError] = []

    def text(self, name: str, longest: int = 400) -> str:
        """What was given, without the control characters that no text has, or ""."""
        text = plain(self._given.get(name, "")).strip()
        if len(text) > longest:
            self.refuse(name, f"{longest}자까지입니다", f"must be at most {longest} characters")
        return text[:longest]

    def listed(self, name: str) -> tuple[str, ...]:
        """Words between commas."""
        words = tuple(word.strip() for word in self.text(name, 40_000).split(",") if word.strip())
        if len(words) > MOST:
            self.refuse(name, f"{MOST}개까지입니다", f"must be at most {MOST}")
        return words[:MOST]

    def one_of(self, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """As :meth:`listed`, each of what is ``known``."""
        words = self.listed(name)
        for word in words:
            if word not in known:
                self.refuse(name, f"다음 가운데 하나여야 합니다: {', '.join(known)}", f"must be of {', '.join(known)}")
        return words

    def flag(self, name: str) -> bool:
        """Whether ``true`` was given."""
        return self.text(name).lower() == "true"

    def number(self, name: str, least: float, most: float) -> float | None:
        """A finite number within these bounds."""

        def read(text: str) -> float:
            number = float(text)
            if not (isfinite(number) and least <= number <= most):
                raise ValueError
            return number

        return self._read(
            name, read, f"{least:g}에서 {most:g}까지의 수여야 합니다", f"must be a number from {least:g} to {most:g}"
        )

    def moment(self, name: str) -> datetime | None:
        """A time with its zone."""

        def read(text: str) -> datetime:
            moment = datetime.fromisoformat(text.replace(" ", "+"))  # a + in a query that nobody encoded is a space
            if moment.tzinfo is None:
                raise ValueError
            return moment

        return self._read(
            name,
            read,
            "시간대가 있는 시각이어야 합니다. 예: 2026-11-22T09:00:00+09:00",
            "must be a time with its zone, e.g. 2026-11-22T00:00:00Z",
        )

    def _read(self, name: str, read: Callable[[str], Value], ko: str, en: str) -> Value | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return read(text)
        except (ValueError, OverflowError):
            self.refuse(name, ko, en)
            return None

    def refuse(self, name: str, ko: str, en: str) -> None:
        """Take note that a parameter is wrong."""
        self.errors.append(Invalid(ko, en, field=name))

    def check(self) -> None:
        """Raise Refused with all that was wrong, if anything was."""
        if self.errors:
            raise Refused(*self.errors)


def asked_of(given: Mapping[str, str]) -> Asked:
    """Which requests a caller wants to see. Raises Refused."""
    reader = Reader(given)
    since, until = reader.moment("start_date"), reader.moment("end_date")
    if since and until and not since <= until <= since + SPAN:
        reader.refuse("end_date", "시작부터 90일 안이어야 합니다", "must be within 90 days after start_date")
    asked = Asked(
        numbers=reader.listed("service_request_id"),
        codes=reader.listed("service_code"),
        statuses=reader.one_of("status", ("open", "closed")),
        detailed=reader.one_of("detailed_status", tuple(sorted({*DETAILED.values(), "REJECTED"}))),
        since=since,
        until=until,
        updated_after=reader.moment("updated_after"),
        near=_near(reader),
        page=int(reader.number("page", 1, 1_000_000) or 1),
        size=int(reader.number("page_size", 1, MOST) or MOST),
    )
    reader.check()
    return asked


def _near(reader: Reader) -> tuple[float, float, float] | None:
    lat, lon = reader.number("lat", -90, 90), reader.number("long", -180, 180)
    radius = reader.number("radius", 1, FURTHEST)
    if lat is None and lon is None and radius is None:
        return None
    if lat is None or lon is None or radius is None:
        if not reader.errors:
            reader.refuse("radius", "lat, long, radius는 함께 보내야 합니다", "lat, long and radius belong together")
        return None
    return lat, lon, radius
