# SPDX-License-Identifier: Apache-2.0
"""One document, as JSON or as XML: the JSON is the XML without its root and without the names of a list's items
(the specification's "Spark convention")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse

from dure.city.errors import DureError

ITEMS = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
"""What one item of each list is called in XML."""
TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (§2.2) has no way to write."""


class Refused(Exception):
    """Everything that is wrong with a request, at once."""

    def __init__(self, *errors: DureError) -> None:
        super().__init__(*errors)
        self.errors = errors

    @property
    def status(self) -> int:
        """The specification's: 403 for the key, 404 for what is not there, 400 for any other fault of the caller;
        and where we are at fault or ask for patience, what HTTP says."""
        status = self.errors[0].status
        return status if status in {403, 404, 413, 429} or status >= 500 else 400


def answer(form: str, root: str, content: Any, status: int = 200) -> HttpResponse:
    """``content`` (a list of ``root``'s items, or one mapping) in the form that was asked for."""
    text = json.dumps(content, ensure_ascii=False) if form == "json" else _xml(root, content)
    return HttpResponse(text.encode(), content_type=TYPES[form], status=status)


def refusal(form: str, refused: Refused, language: str) -> HttpResponse:
    """The array of errors."""
    said = [
        {"code": refused.status, "description": f"{one.field}: {told}" if one.field else told}
        for one in refused.errors
        for told in [one.in_language(language)]
    ]
    response = answer(form, "errors", said, refused.status)
    if refused.status in {429, 503}:
        response.headers["Retry-After"] = "60"
    return response


def _xml(root: str, content: Any) -> str:
    element = ElementTree.Element(root)
    _fill(element, content)
    ElementTree.indent(element)
    body = ElementTree.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _fill(element: ElementTree.Element, content: Any) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(ElementTree.SubElement(element, name), value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for value in content:
            _fill(ElementTree.SubElement(element, ITEMS[element.tag]), value)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = _NOT_XML.sub("", str(content))
