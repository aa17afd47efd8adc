# SPDX-License-Identifier: Apache-2.0
"""A program that is updated while it runs does not tear the files of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.test import RequestFactory, override_settings

from dure.web.static_files import StaticFiles, digest, kept

pytestmark = pytest.mark.django_db
"""An answer that ends looks after the process's database connections."""


@pytest.fixture
def sheet(tmp_path: Path) -> Iterator[Path]:
    """Found among the static files of a process that has just started."""
    sheet = tmp_path / "sheets" / "one.css"
    sheet.parent.mkdir()
    sheet.write_text("a { color: red }")
    finder = "django.contrib.staticfiles.finders.FileSystemFinder"
    with override_settings(STATICFILES_DIRS=[tmp_path], STATICFILES_FINDERS=[finder]):
        start_again()
        yield sheet
    start_again()


def start_again() -> None:
    kept.cache_clear()
    digest.cache_clear()


def asked(files: StaticFiles, address: str) -> tuple[int, str, str | None]:
    """Status, body and the length that was promised."""
    with closing(files(RequestFactory().get(address))) as answer:
        body = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code, body.decode(), answer.headers.get("Content-Length")


def nothing_there(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("the city", status=404)


def test_file_stays_as_it_was_until_the_server_starts_again(sheet: Path) -> None:
    files, address = StaticFiles(nothing_there), static("sheets/one.css")
    for change in (lambda: None, lambda: sheet.write_text("a { color: rebeccapurple }"), sheet.unlink):
        change()
        assert asked(files, address) == (200, "a { color: red }", "16")
    start_again()
    assert asked(StaticFiles(nothing_there), static("sheets/one.css"))[0] == 404


def test_browser_keeps_a_file_for_good_and_a_changed_one_has_another_address(sheet: Path) -> None:
    address = static("sheets/one.css")
    with closing(StaticFiles(nothing_there)(RequestFactory().get(address))) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    start_again()
    assert static("sheets/one.css") == address
    sheet.write_text("a { color: blue }")
    start_again()
    assert static("sheets/one.css") != address
    assert asked(StaticFiles(nothing_there), static("sheets/one.css"))[1] == "a { color: blue }"
