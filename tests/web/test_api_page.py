# SPDX-License-Identifier: Apache-2.0
"""The page of the API says all that the document says, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dure.web.api import api
from dure.web.api_page import Document

pytestmark = pytest.mark.django_db
DOCS = "/api/v1/docs"


def page(language: str) -> str:
    return unescape(Client(headers={"accept-language": language}).get(DOCS).content.decode())


def told(part: Any) -> Iterator[str]:
    """Every text of the document that is for people."""
    if isinstance(part, dict):
        yield from (part[name] for name in ("summary", "description") if isinstance(part.get(name), str))
        for one in part.values():
            yield from told(one)
    elif isinstance(part, list):
        for one in part:
            yield from told(one)


def test_every_operation_and_shape_is_on_the_page() -> None:
    text, schema = page("en"), api.get_openapi_schema()
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f'<span class="method">{method.upper()}</span> {path}</code>' in text
    for name in schema["components"]["schemas"]:
        assert f'id="shape-{name}"' in text
    links = re.findall(r'href="#([^"]+)"', text)
    assert [link for link in links if f'id="{link}"' not in text] == []


def test_every_text_of_the_document_has_its_korean() -> None:
    with translation.override("ko"):
        document = Document(api.get_openapi_schema(), "")
        texts = [document.text(english) for english in told(document.all)]
    assert sorted({one.text for one in texts if one and one.lang == "en"}) == []


def test_page_speaks_the_readers_language() -> None:
    assert "측정값 보내기" in page("ko")
    assert "시각 (RFC 3339, 시간대와 함께)" in page("ko")
    english = page("en")
    assert "Send readings" in english
    assert not re.search("[가-힣]", english.partition("<main")[2].partition("</main>")[0].replace("Dure 두레", ""))


def test_example_is_what_the_door_takes() -> None:
    text = page("en")
    assert "curl http://testserver/api/v1/readings" in text
    assert '"device": "meter-000001", "series": "power", "at": "2026-11-02T09:00:00+09:00", "value": 0.12' in text
    assert "/api/v1/care/cases?since=2026-11-02T09:00:00%2B09:00" in text
