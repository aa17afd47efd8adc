# SPDX-License-Identifier: Apache-2.0
"""Every page there is, and who looks at it: for the checks of each page and for the screenshots.

``tests/web/test_places.py`` fails for a route that is neither here nor said to be no page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from playwright.sync_api import Page

LONG_NAME = "남궁황보제갈독고사공선우망절소봉어금"
WORKER, CROWDED, IDLE, OFFICER = "care_worker", "crowded_worker", "idle_worker", "welfare_officer"
ELDER, FAMILY, STRANGER = "elder", "daughter", "stranger"
AGENT = "call_agent"
KEYED = "keyed"
"""Who signs in with an authenticator app and has a passkey."""
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Of that person's authenticator app."""


@dataclass(frozen=True)
class Place:
    """A page by a short name; ``user`` None is a visitor; ``expects`` is the status it answers with.

    ``{name}`` in the address stands for what LINKS finds.
    """

    name: str
    address: str
    user: str | None = None
    expects: int = 200
    half_way: bool = False
    """Shown to somebody who has typed their password and not yet their code."""


@dataclass(frozen=True)
class Link:
    """Where an address is found: by ``user`` on the page ``where`` (which may need another link), in the first link (or
    form) that ``selector`` finds, the part that ``pattern`` cuts out of it. ``sample`` is of the same shape."""

    user: str | None
    where: str
    selector: str
    sample: str
    pattern: str = "(.*)"

    def found_by(self, page: Page) -> str:
        """The address in the city that ``page`` is shown."""
        page.goto(self.where)
        link = page.locator(self.selector).first
        whole = link.get_attribute("href") or link.get_attribute("action") or ""
        part = re.search(self.pattern, whole)
        assert part is not None, f"{whole!r} on {self.where}"
        return part[1]


PLACES = (
    Place("login", "/accounts/login/"),
    Place("code", "/accounts/2fa/authenticate/", user=KEYED, half_way=True),
    Place("offline", "/offline/"),
    Place("missing", "/no-such-page/", expects=404),
    Place("refused", "/board/", user="citizen", expects=403),
    Place("home", "/", user="administrator"),
    Place("home-nothing", "/", user="nobody"),
    Place("board", "/board/", user=OFFICER),
    Place("board-filtered", "/board/?level=4&mine=on", user=OFFICER),
    Place("monitoring-nobody", "/monitoring/people/", user=OFFICER),
    Place("monitoring-no-devices", "/monitoring/devices/", user=OFFICER),
    Place("bins", "/waste/", user="dispatcher"),
    Place("bins-end", "/waste/?when=end", user="dispatcher"),
    Place("bin", "/bin/aram-1/"),
    Place("complain", "/complain/"),
    Place("complain-follow", "/complain/follow/"),
    Place("desk", "/complaints/", user=AGENT),
    Place("desk-new", "/complaints/new/", user=AGENT),
    Place("complaint", "{complaint}", user=AGENT),
    Place("complaint-rough", "{rough}", user=AGENT),
    Place("complaint-sent", "{sent}", user="officer"),
    Place("desk-rules", "/complaints/rules/", user="desk_lead"),
    Place("days-off", "/complaints/holidays/", user="desk_lead"),
    Place("opinions", "/complaints/opinions/", user="officer"),
    Place("desk-board", "/complaints/board/", user="desk_lead"),
    Place("texts", "/complaints/texts/", user="desk_lead"),
    Place("texts-nothing", "/complaints/texts/?when=removed", user="desk_lead"),
    Place("text", "{text}", user="desk_lead"),
    Place("text-read", "{text}", user=AGENT),
    Place("synonyms", "/complaints/synonyms/", user=AGENT),
    Place("templates-of-answers", "/complaints/templates/", user="desk_lead"),
    Place("template-of-answers", "{answer_template}", user="desk_lead"),
    Place("template-new", "/complaints/templates/new/", user="desk_lead"),
    Place("text-new", "/complaints/texts/new/", user="desk_lead"),
    Place("rounds", "/waste/rounds/", user="dispatcher"),
    Place("round", "{round}", user="dispatcher"),
    Place("round-draft", "{draft}", user="dispatcher"),
    Place("round-bin", "{draft_bin}?truck=truck-2", user="dispatcher"),
    Place("waste-rules", "/waste/rules/", user="dispatcher"),
    Place("influences", "/waste/influences/", user="dispatcher"),
    Place("account", "/waste/account/", user="planner"),
    Place("account-nothing", "/waste/account/?week=2026-W40", user="planner"),
    Place("drive", "/waste/drive/", user="driver"),
    Place("stop", "{told}", user="dispatcher"),
    Place("drive-no-stops", "/waste/drive/", user="other_driver"),
    Place("board-empty", "/board/", user="planner"),
    Place("case", "{open}", user=OFFICER),
    Place("case-closed", "{closed}", user=OFFICER),
    Place("case-unknown", "/cases/2026-999999/", user=OFFICER, expects=404),
    Place("audit", "/audit/", user="privacy_officer"),
    Place("audit-nothing", "/audit/?actor=nobody-of-that-name", user="privacy_officer"),
    Place("duty", "/duty/", user="administrator"),
    Place("duty-nobody", "/duty/", user="control_operator"),
    Place("roster-gaps", "{team}", user=OFFICER),
    Place("plans-none", "/plans/", user=OFFICER),
    Place("api", "/api/v1/docs", user="administrator"),
    Place("logout", "/accounts/logout/", user=OFFICER),
    Place("password", "/accounts/password/change/", user=OFFICER),
    Place("reauthenticate", "/accounts/reauthenticate/", user=OFFICER),
    Place("mfa", "/accounts/2fa/", user=OFFICER),
    Place("mfa-on", "/accounts/2fa/", user=KEYED),
    Place("totp", "/accounts/2fa/totp/activate/", user=OFFICER),
    Place("totp-off", "/accounts/2fa/totp/deactivate/", user=KEYED),
    Place("codes", "/accounts/2fa/recovery-codes/", user=KEYED),
    Place("codes-new", "/accounts/2fa/recovery-codes/generate/", user=KEYED),
    Place("passkeys", "/accounts/2fa/webauthn/", user=OFFICER),
    Place("passkeys-one", "/accounts/2fa/webauthn/", user=KEYED),
    Place("passkey-add", "/accounts/2fa/webauthn/add/", user=OFFICER),
    Place("passkey-name", "/accounts/2fa/webauthn/keys/{passkey}/edit/", user=KEYED),
    Place("passkey-remove", "/accounts/2fa/webauthn/keys/{passkey}/remove/", user=KEYED),
    Place("reauthenticate-code", "/accounts/2fa/reauthenticate/", user=KEYED),
    Place("reauthenticate-passkey", "/accounts/2fa/webauthn/reauthenticate/", user=KEYED),
)
CARE_PLACES = (
    Place("today", "/care/today/", user=WORKER),
    Place("today-crowded", "/care/today/", user=CROWDED),
    Place("today-nobody", "/care/today/", user=IDLE),
    Place("person", "{urgent}", user=WORKER),
    Place("person-calm", "{long_name}", user=WORKER),
    Place("consents", "{long_name}consents/", user=WORKER),
    Place("care-case", "{worker_case}", user=WORKER),
    Place("care-board", "/care/board/", user=OFFICER),
    Place("person-of-officer", "{unassigned}", user=OFFICER),
    Place("rules", "/care/rules/", user=OFFICER),
    Place("areas", "/care/areas/?of=4199151000", user=OFFICER),
    Place("workers", "/care/workers/", user=OFFICER),
    Place("workers-one", "/care/workers/?of=crowded_worker&all", user=OFFICER),
    Place("workers-nobodys", "/care/workers/?of=none", user=OFFICER),
    Place("plans", "/plans/", user=OFFICER),
    Place("plan", "/plans/care/city/", user=OFFICER),
    Place("plan-of-area", "/plans/care/{area}/", user=OFFICER),
    Place("roster", "{team}", user=OFFICER),
    Place("roster-of-worker", "{team}", user=WORKER),
    Place("day-plan", "{long_name}plan/", user=WORKER),
    Place("day-plan-missed", "{missed}", user=WORKER),
    Place("routine", "{routine}", user=WORKER),
    Place("templates", "/care/templates/", user=OFFICER),
    Place("template", "{template}", user=OFFICER),
    Place("my-day", "/care/my/day/", user=ELDER),
    Place("my-care", "/care/my/", user=ELDER),
    Place("my-stop", "/care/my/stop/all/", user=ELDER),
    Place("family", "/care/family/", user=FAMILY),
    Place("family-nobody", "/care/family/", user=STRANGER),
    Place("readers", "{long_name}family/", user=WORKER),
    Place("decisions", "/decisions/?level=3", user=OFFICER),
    Place("decisions-nothing", "/decisions/?since=2031-01-01", user=OFFICER),
    Place("report", "/care/report/?month=2026-11", user=OFFICER),
    Place("report-nothing", "/care/report/?month=2026-01", user=OFFICER),
    Place("my-decisions", "/my/decisions/", user=ELDER),
    Place("family-decisions", "/my/decisions/", user=FAMILY),
    Place("reviews", "/reviews/", user=OFFICER),
    Place("review", "{review}", user=OFFICER),
    Place("review-answered", "{answered}", user=OFFICER),
    Place("review-ask", "{asking}", user=WORKER),
    Place("monitoring", "/monitoring/people/", user=OFFICER),
    Place("monitoring-of-worker", "/monitoring/people/", user=WORKER),
    Place("monitored-person", "{monitored}", user=OFFICER),
    Place("monitoring-devices", "/monitoring/devices/", user=OFFICER),
    Place("monitoring-rules", "/monitoring/rules/", user=OFFICER),
    Place("phone", "/care/phone/"),
    Place("call", "{call}"),
)
COMPLAINT = "/complaints/C-2026-000001/"
UUID = "00000000-0000-4000-8000-000000000000"
LINKS = {
    "complaint": Link(AGENT, "/complaints/?whose=nobody", "[data-row]", COMPLAINT),
    "rough": Link(AGENT, "/complaints/?door=email", "[data-row]", COMPLAINT),
    "sent": Link("officer", "/complaints/?whose=sent", "[data-row]", COMPLAINT),
    "answer_template": Link("desk_lead", "/complaints/templates/", "main li a.button", "/complaints/templates/1/"),
    "text": Link("desk_lead", "/complaints/texts/", "main table a", "/complaints/texts/1/"),
    "told": Link("dispatcher", "{round}", "a[href^='/waste/stops/']", "/waste/stops/1/"),
    "open": Link(OFFICER, "/board/", "[data-row]", "/cases/2026-000001/"),
    "closed": Link(OFFICER, "/board/?state=closed", "[data-row]", "/cases/2026-000001/"),
    "team": Link(OFFICER, "/duty/", "main h2 a[href^='/duty/'], form[action*=add]", "/duty/1/", r"(/duty/\d+/)"),
    "round": Link("dispatcher", "/waste/rounds/", "[data-round]", "/waste/rounds/1/"),
    "draft": Link("dispatcher", "/waste/rounds/", "li:last-child [data-round]", "/waste/rounds/2/"),
    "draft_bin": Link("dispatcher", "{draft}", "main [data-change]", "/waste/rounds/2/bins/1/"),
    "passkey": Link(KEYED, "/accounts/2fa/webauthn/", "a[href*='/edit/']", "1", r"/(\d+)/edit/"),
    "urgent": Link(WORKER, "/care/today/", "article a[href^='/care/people/']", f"/care/people/{UUID}/"),
    "long_name": Link(WORKER, "/care/today/", f"#calm li:has-text('{LONG_NAME}') a", f"/care/people/{UUID}/"),
    "worker_case": Link(WORKER, "/care/today/", "article a[href^='/cases/']", "/cases/2026-000001/"),
    "unassigned": Link(OFFICER, "/care/board/", "[aria-labelledby=unassigned] a", f"/care/people/{UUID}/"),
    "review": Link(OFFICER, "/reviews/", "[data-row]", f"/reviews/{UUID}/"),
    "answered": Link(OFFICER, "/reviews/", "[aria-labelledby=answered] a", f"/reviews/{UUID}/"),
    "asking": Link(WORKER, "{long_name}", "main a[href^='/reviews/ask/']", f"/reviews/ask/{UUID}/"),
    "area": Link(OFFICER, "/plans/", ".chips li:last-child a", "4199151000", r"/care/(\w+)/"),
    "missed": Link(WORKER, "/care/today/", "[aria-labelledby=missed-title] a", f"/care/people/{UUID}/plan/"),
    "routine": Link(WORKER, "{missed}", "a[href^='/care/routines/']", f"/care/routines/{UUID}/"),
    "template": Link(OFFICER, "/care/templates/", "main a.button", "/care/templates/1/"),
    "monitored": Link(OFFICER, "/monitoring/people/", "main article a", f"/monitoring/people/{UUID}/"),
    "call": Link(None, "/care/phone/", "#ringing a", f"/care/call/{UUID}/"),
}
"""What stands in an address for what only the city itself knows."""


def address_of(place: Place, page_of: Callable[[str | None], Page], known: dict[str, str]) -> str:
    """The place's address in a city that is served; ``known`` keeps what was found in it before."""
    for name in re.findall(r"{(\w+)}", place.address):
        if name not in known:
            link = LINKS[name]
            where = address_of(Place(name, link.where), page_of, known)
            known[name] = replace(link, where=where).found_by(page_of(link.user))
    return place.address.format(**known)
