# SPDX-License-Identifier: Apache-2.0
"""The topics of the desk as Open311 services, and what each asks besides."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from dure.city.errors import NotFound
from dure.services.complaints.models import Topic

DATATYPES = {
    "text": "text",
    "number": "number",
    "datetime": "datetime",
    "one": "singlevaluelist",
    "many": "multivaluelist",
}
"""By a field's ``type`` in :class:`Topic`, what the specification calls it."""


def offered() -> QuerySet[Topic]:
    """What anybody may report."""
    return Topic.objects.filter(public=True, retired_at=None).select_related("department").order_by("code")


def find(code: str) -> Topic:
    """Raises NotFound naming ``service_code``."""
    topic = offered().filter(code=code).first()
    if topic is None:
        raise NotFound("그런 서비스가 없습니다", f"there is no service {code[:40]!r}", field="service_code")
    return topic


def said(words: dict[str, str], language: str) -> str | None:
    """``words`` in ``language``, else in Korean; None where nothing is said."""
    return words.get("ko" if language.startswith("ko") else "en") or words.get("ko") or None


def service(topic: Topic, language: str) -> dict[str, Any]:
    """One entry of the list of services."""
    return {
        "service_code": topic.code,
        "service_name": said(topic.name, language),
        "description": said(topic.about, language),
        "metadata": bool(topic.fields),
        "type": "realtime",
        "keywords": ", ".join(topic.keywords) or None,
        "group": said(topic.group, language),
    }


def definition(topic: Topic, language: str) -> dict[str, Any]:
    """What a report of this topic also says."""
    return {
        "service_code": topic.code,
        "attributes": [_attribute(field, order, language) for order, field in enumerate(topic.fields, 1)],
    }


def _attribute(field: dict[str, Any], order: int, language: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "variable": True,
        "code": field["code"],
        "datatype": DATATYPES[field["type"]],
        "required": bool(field.get("required")),
        "datatype_description": None,
        "order": order,
        "description": said(field["name"], language),
    }
    if field.get("values"):
        made["values"] = [{"key": one["key"], "name": said(one["name"], language)} for one in field["values"]]
    return made
