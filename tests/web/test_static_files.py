# SPDX-License-Identifier: Apache-2.0
"""A program that is updated while it runs does not tear the files of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from dure.web.static_files import StaticFiles, kept


@pytest.fixture
def sheet(tmp_path: Path) -> Iterator[Path]:
    """Found among the static files of a process that has just started."""
    sheet = tmp_path / "sheets" / "one.css"
    sheet.parent.mkdir()
    sheet.write_text("a { color: red }")
    finder = "django.contrib.staticfiles.finders.FileSystemFinder"
    with override_settings(STATICFILES_DIRS=[tmp_path], STATICFILES_FINDERS=[finder]):
        kept.cache_clear()
        yield sheet
    kept.cache_clear()


def asked(files: StaticFiles) -> tuple[int, str, str | None]:
    """Status, body and the length that was promised."""
    with closing(files(RequestFactory().get("/static/sheets/one.css"))) as answer:
        body = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code, body.decode(), answer.headers.get("Content-Length")


def nothing_there(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("the city", status=404)


def test_file_stays_as_it_was_until_the_server_starts_again(sheet: Path) -> None:
    files = StaticFiles(nothing_there)
    for change in (lambda: None, lambda: sheet.write_text("a { color: rebeccapurple }"), sheet.unlink):
        change()
        assert asked(files) == (200, "a { color: red }", "16")
    kept.cache_clear()
    assert asked(StaticFiles(nothing_there))[0] == 404
