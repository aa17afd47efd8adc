# SPDX-License-Identifier: Apache-2.0
"""A program that is updated while it runs does not tear the files of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from dure.web.static_files import StaticFiles


@pytest.fixture
def sheet(tmp_path: Path) -> Iterator[Path]:
    sheet = tmp_path / "sheet.css"
    sheet.write_text("a { color: red }")
    with override_settings(STATIC_ROOT=tmp_path):
        yield sheet


def asked(files: StaticFiles, **headers: str) -> tuple[int, str, str | None]:
    """Status, body and the length that was promised."""
    with closing(files(RequestFactory().get("/static/sheet.css", headers=headers))) as answer:
        body = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code, body.decode(), answer.headers.get("Content-Length")


def nothing_there(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("the city", status=404)


def test_changed_file_is_sent_whole_with_its_new_length(sheet: Path) -> None:
    files = StaticFiles(nothing_there)
    assert asked(files) == (200, "a { color: red }", "16")
    tag = files.files["/static/sheet.css"].etag
    sheet.write_text("a { color: rebeccapurple }")
    assert asked(files) == (200, "a { color: rebeccapurple }", "26")
    assert asked(files, **{"if-none-match": tag})[0] == 200, "whoever kept the old one is given the new one"


def test_file_that_goes_is_missing_and_is_there_again_when_it_comes_back(sheet: Path) -> None:
    files = StaticFiles(nothing_there)
    sheet.unlink()
    assert asked(files) == (404, "the city", None)
    sheet.write_text("b {}")
    assert asked(files) == (200, "b {}", "4")
