# SPDX-License-Identifier: Apache-2.0
"""No page is forgotten: every route is looked at in the browser, or it is said here why it is no page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from dure.web import views
from tests.browser.pages import CARE_PLACES, LINKS, PLACES, Place

NO_PAGES = {
    "board_areas": "GeoJSON for the map",
    "board_devices": "GeoJSON for the map",
    "live": "a stream of events",
    "set_language": "a form is sent there",
    "service_worker": "a script",
    "healthz": "for machines",
    "readyz": "for machines",
    "metrics": "for machines",
    "case_act": "a form is sent there",
    "roster_add": "a form is sent there",
    "roster_remove": "a form is sent there",
    "care:away": "a form is sent there",
    "care:back": "a form is sent there",
    "care:worker": "a form is sent there",
    "care:grant": "a form is sent there",
    "care:withdraw": "a form is sent there",
    "care:share": "a form is sent there; tests/services/care/test_pages_workers.py reads the answer",
    "care:give": "a form is sent there",
    "care:plan_add": "a form is sent there",
    "care:plan_apply": "a form is sent there",
    "care:plan_voice": "a form is sent there",
    "care:routine_pause": "a form is sent there",
    "care:routine_end": "a form is sent there",
    "care:routine_done": "a form is sent there",
    "care:template_end": "a form is sent there",
    "care:my_done": "a form is sent there",
    "my_decisions_ask": "a form is sent there",
    "my_decisions_withdraw": "a form is sent there",
    "review_answer": "a form is sent there",
    "review_extend": "a form is sent there",
    "care:report_file": "a file; tests/services/care/test_report.py reads each kind",
    "care:my_away": "a form is sent there",
    "care:my_back": "a form is sent there",
    "care:family_away": "a form is sent there",
    "care:family_back": "a form is sent there",
    "care:reader_end": "a form is sent there",
    "care:sound": "a sound",
    "monitoring:set_range": "a form is sent there",
    "monitoring:end_range": "a form is sent there",
    "monitoring:give": "a form is sent there",
    "monitoring:take_back": "a form is sent there",
    "complaints:suggest": "words are sent there; a part of a page comes back",
    "complaints:call_lines": "for the page of a new complaint",
    "complaints:take": "a form is sent there",
    "complaints:act": "a form is sent there",
    "complaints:picture": "a photo",
    "complaints:board_file": "a file; tests/services/complaints/test_board.py reads it",
    "complaints:holiday_clear": "a form is sent there",
    "complaints:opinion": "a form is sent there",
    "complaints:text_remove": "a form is sent there",
    "complaints:synonym_remove": "a form is sent there",
    "complaints:template_remove": "a form is sent there",
    "waste:points": "GeoJSON for the map",
    "waste:areas": "GeoJSON for the map",
    "waste:round_map": "GeoJSON for the map",
    "waste:round_version": "for the round's page",
    "waste:round_find": "leads to a bin's page",
    "waste:round_act": "a form is sent there",
    "waste:drive_version": "for the driver's page",
    "waste:account_file": "a file; tests/services/waste/test_account.py reads it",
    "waste:influence_cancel": "a form is sent there",
    "waste:say": "a form is sent there",
    "waste:say_turn": "a form is sent there",
    "waste:photo": "a picture; tests/services/waste/test_drive_pages.py opens one",
    "complain_hints": "for the form, while somebody types",
    "complain_areas": "GeoJSON for the map",
    "complain_leave": "a form is sent there",
    "complain_say": "a form is sent there",
    "complain_picture": "a picture; tests/services/complaints/test_citizen_pages.py opens one",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "for the sign-in page's script",
    "open311:discovery": "for machines",
    "api:openapi-json": "for machines",
    "api:api-root": "for machines",
}
"""Routes that answer with no page of their own."""


def named_routes(resolver: URLResolver, within: str = "", prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every named route with its pattern."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            below = f"{within}{entry.namespace}:" if entry.namespace else within
            yield from named_routes(entry, below, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{within}{entry.name}", prefix + str(entry.pattern)


def is_closed(pattern: str) -> bool:
    """A door of allauth that the house does not open."""
    if "^" in pattern:
        return True
    return pattern.startswith("accounts/") and "<" not in pattern and resolve(f"/{pattern}").func is views.closed


def is_for_machines(name: str, pattern: str) -> bool:
    """An operation of the API; its documentation is a page."""
    return name.startswith("api:") and pattern.startswith("api/v1/") and name != "api:openapi-view"


ROUTES = [
    name
    for name, pattern in named_routes(get_resolver())
    if not is_closed(pattern) and not is_for_machines(name, pattern)
]


def route_of(place: Place) -> str:
    """The route that the place's address leads to."""
    address = place.address.format(**{name: link.sample for name, link in LINKS.items()})
    return resolve(address.partition("?")[0]).view_name


@pytest.mark.parametrize("name", ROUTES)
def test_route_is_looked_at_or_is_no_page(name: str) -> None:
    looked_at = {route_of(place) for place in (*PLACES, *CARE_PLACES) if place.expects == 200}
    assert (name in looked_at) != (name in NO_PAGES), f"{name}: add a Place to tests/browser/pages.py, or say why not"


def test_nothing_is_excused_that_is_not_there() -> None:
    known = {name for name, _ in named_routes(get_resolver())}
    assert set(NO_PAGES) - known == set()


def test_places_have_names_of_their_own() -> None:
    names = [place.name for place in (*PLACES, *CARE_PLACES)]
    assert len(names) == len(set(names))
