# SPDX-License-Identifier: Apache-2.0
"""One request's readings, from its body to its answer."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from dure.city.devices import holder_of_digest
from dure.city.errors import DureError, NotAllowed
from dure.city.readings import available
from dure.gateways.http.json_body import from_json
from dure.gateways.http.limits import Parsed
from dure.gateways.http.schemas import ARROW
from dure.gateways.intake import Intake, Submission, Taken, UnknownKey

JSON = "application/json"
RETRY_SECONDS = 5
"""What a sender is asked to wait when nothing could be stored."""

intake = Intake("http")


class Answer(NamedTuple):
    """What a request is told: JSON."""

    status: int
    body: bytes


class NotThisType(DureError):
    """A body in a format that this door does not read."""

    status = 415


def take(body: bytes, content_type: str, encoding: str, key: str) -> Answer:
    """Store what a request carries, sent with the key of this digest. Returns after the commit.

    ``encoding``: what the request says of its Content-Encoding, which must be nothing: a compressed body could stand
    for any size. Raises DureError when nothing of it was stored.
    """
    if content_type == ARROW:
        check_key(key)  # before anything is unpacked for a stranger
    try:
        columns, text = _parse(body, content_type, encoding)
    except DureError:
        check_key(key)
        raise
    taken = intake.take(Submission(columns, text, key))
    if taken.foreign:
        raise NotAllowed(
            "이 열쇠로 보낼 수 있는 기기가 아닙니다", "this key may not speak for this device", field="device"
        )
    return _answer(taken)


def check_key(key: str) -> None:
    """Raise UnknownKey unless somebody holds the key of this digest."""
    with available():
        known = holder_of_digest(key) is not None
    if not known:
        raise UnknownKey


def error_headers(status: int) -> dict[str, str]:
    """What an error's status asks of the sender."""
    if status == 503:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def _parse(body: bytes, content_type: str, encoding: str) -> Parsed:
    if encoding not in ("", "identity"):
        raise NotThisType("압축하지 말고 보내 주십시오", "send the body without compression", field="Content-Encoding")
    if content_type == ARROW:
        from dure.gateways.http.arrow_body import from_arrow  # noqa: PLC0415 - a library that few cities send for

        return from_arrow(body)
    if content_type == JSON:
        return from_json(body)
    raise NotThisType("읽을 수 없는 형식입니다", f"{JSON} or {ARROW}", field="Content-Type")


def _answer(taken: Taken) -> Answer:
    nothing = taken.stored == taken.duplicates == 0
    return Answer(422 if nothing else 200, told(taken))


def told(taken: Taken) -> bytes:
    """What became of a submission, as a ReadingsAnswer."""
    content = {
        "stored": taken.stored,
        "duplicates": taken.duplicates,
        "conflicts": taken.conflicts,
        "rejected": taken.rejected,
    }
    return msgspec.json.encode(content)
