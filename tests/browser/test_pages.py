# SPDX-License-Identifier: Apache-2.0
"""Every page, in both languages, both schemes and both sizes (axe.py says which of them together)."""

from __future__ import annotations

import pytest

from tests.browser.axe import LOCALES, korean_words, look_over
from tests.browser.conftest import Lookers, SignIn
from tests.browser.pages import PLACES, Place

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_is_accessible_fits_and_speaks_one_language(lookers: Lookers, place: Place, language: str) -> None:
    page = lookers.open(place, LOCALES[language])
    if page.locator("#map").count():
        page.locator("#map[data-drawn]").wait_for(state="attached", timeout=60_000)
    look_over(page, language)
    if language == "en":
        assert korean_words(page, names()) == []
    lookers.made.judge()


def names() -> set[str]:
    """Users are called by their roles' Korean names in the made city; their teams and keys have names, too."""
    from dure.city.models import Role

    called = {"아직 역할 없음", "열쇠 가진 이", "돌봄팀", "청소팀", "도시통합운영센터", "내 휴대전화", "Dure 두레"}
    called |= {"도로과", "민원실", "자원순환과"}
    called |= {"1호차", "2호차", "아람로 1", "하역장", "박운전"}
    return {*(str(role.label) for role in Role), *called}


def test_print_leaves_only_the_case(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/?state=closed")
    page.goto(str(page.locator("[data-row]").first.get_attribute("href")))
    page.emulate_media(media="print")
    assert not page.locator(".bar").is_visible()
    assert not page.locator(".case__do").is_visible()
    assert page.locator("h1").is_visible()
    assert page.locator(".thread").is_visible()
