# SPDX-License-Identifier: Apache-2.0
"""A report that came by POST: checked against its service's definition, then received as any complaint is."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from django.http import QueryDict

from dure.city import clock, phones
from dure.city.errors import Invalid
from dure.city.pictures import made_anew
from dure.gateways.open311.answers import Refused
from dure.gateways.open311.parameters import Reader
from dure.gateways.open311.services import find
from dure.services.complaints.actions.receiving import Received
from dure.services.complaints.models import Door, Topic

LONGEST = 4_000
"""Characters of a description (the specification's limit)."""
MOST_PICTURE_BYTES = 8 * 2**20
NAMESPACE = uuid5(NAMESPACE_URL, "dure/open311")
_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}")
_HANGUL = re.compile("[가-힣]")


def report_of(form: QueryDict, feed: str, key: str, language: str) -> Received:
    """The complaint that a form stands for.

    ``feed``: the app's code; ``key``: its own number for this report (header ``Idempotency-Key``), or "". The same
    number, and without one the same words of the same app on the same day, make the same ``client_id``.
    Raises Refused with everything that is wrong, NotFound (``service_code``).
    """
    reader = Reader(form)
    topic = _topic(reader.text("service_code", 40))
    lat, lon, address = _place(reader, topic)
    answers = _answers(reader, form, topic)
    if link := _link(reader):
        answers["media_url"] = link
    received = Received(
        door=Door.OPEN311,
        text=reader.text("description", LONGEST) or str(topic.name["ko"]),
        language="ko" if language.startswith("ko") else "en",
        topic=topic,
        name=_name(reader),
        phone=_phone(reader),
        email=_email(reader),
        address=address,
        lon=lon,
        lat=lat,
        answers=answers,
        client_id=_client_id(form, feed, key),
        pictures=tuple(_pictures(reader)),
    )
    reader.check()
    return received


def _topic(code: str) -> Topic:
    if not code:
        raise Refused(Invalid("빠져 있습니다", "is missing", field="service_code"))
    return find(code)


def _place(reader: Reader, topic: Topic) -> tuple[float | None, float | None, str]:
    lat, lon = reader.number("lat", -90, 90), reader.number("long", -180, 180)
    address = reader.text("address_string")
    if number := reader.text("address_id", 60):
        address = f"{address} (건물관리번호 {number})" if address else f"건물관리번호 {number}"
    if (lat is None) != (lon is None) and not reader.errors:
        reader.refuse("lat", "lat와 long은 함께 보내야 합니다", "lat and long belong together")
    if topic.placed and lat is None and not address and not reader.errors:
        reader.refuse(
            "lat",
            "자리가 필요합니다: lat와 long, address_string, address_id 가운데 하나",
            "a place is needed: lat and long, or address_string, or address_id",
        )
    return lat, lon, address


def _answers(reader: Reader, form: QueryDict, topic: Topic) -> dict[str, Any]:
    given = {
        name.removeprefix("attribute[").removesuffix("[]").removesuffix("]"): form.getlist(name)
        for name in form
        if name.startswith("attribute[")
    }
    fields = {field["code"]: field for field in topic.fields}
    for code in given.keys() - fields.keys():
        reader.refuse(f"attribute[{code[:40]}]", "이 서비스에 없는 항목입니다", "this service has no such attribute")
    answers = {}
    for code, field in fields.items():
        values = [text for one in given.get(code, ()) if (text := Reader({code: one}).text(code, LONGEST))]
        if not values:
            if field.get("required"):
                reader.refuse(f"attribute[{code}]", "빠져 있습니다", "is missing")
            continue
        try:
            answers[code] = _answer(field, values)
        except ValueError:
            reader.refuse(f"attribute[{code}]", "값이 맞지 않습니다", f"is not a {field['type']} of this attribute")
    return answers


def _answer(field: dict[str, Any], values: list[str]) -> Any:
    """What was answered, by the field's type. Raises ValueError."""
    known = [one["key"] for one in field.get("values", ())]
    if field["type"] == "many":
        if set(values) - set(known):
            raise ValueError
        return values
    (value,) = values
    if field["type"] == "one" and value not in known:
        raise ValueError
    if field["type"] == "number":
        float(value)
    if field["type"] == "datetime":
        datetime.fromisoformat(value)
    return value


def _link(reader: Reader) -> str:
    """A link to a photo, which nobody here opens by himself."""
    link = reader.text("media_url", 400)
    if link and urlsplit(link).scheme not in {"http", "https"}:
        reader.refuse("media_url", "http나 https 주소여야 합니다", "must be an http or https address")
    return link


def _name(reader: Reader) -> str:
    first, last = reader.text("first_name", 40), reader.text("last_name", 40)
    return f"{last}{first}" if _HANGUL.search(last + first) else f"{first} {last}".strip()


def _phone(reader: Reader) -> str:
    phone = reader.text("phone", 40)
    try:
        return phones.normalise(phone) if phone else ""
    except Invalid as error:
        reader.errors.append(error)
        return ""


def _email(reader: Reader) -> str:
    email = reader.text("email", 254)
    if email and not _EMAIL.fullmatch(email):
        reader.refuse("email", "전자우편 주소가 아닙니다", "is no e-mail address")
    return email


def _pictures(reader: Reader) -> Iterable[bytes]:
    """The photo that a CitySDK app sends in base64."""
    media = reader.text("media", MOST_PICTURE_BYTES * 4 // 3 + 4)
    if media and not reader.errors:
        try:
            yield made_anew(base64.b64decode("".join(media.split()), validate=True), most_bytes=MOST_PICTURE_BYTES)
        except binascii.Error:
            reader.refuse("media", "base64가 아닙니다", "is not base64")
        except Invalid as error:
            reader.refuse("media", error.ko, error.en)


def _client_id(form: QueryDict, feed: str, key: str) -> UUID:
    if key:
        return uuid5(NAMESPACE, f"{feed}\n{key}")
    words = sorted((name, *form.getlist(name)) for name in form if name != "api_key")
    digest = sha256(repr(words).encode()).hexdigest()
    return uuid5(NAMESPACE, f"{feed}\n{clock.today()}\n{digest}")
