# SPDX-License-Identifier: Apache-2.0
"""The made city's clerks: they sign in and work at the desk's pages, as people do, in office hours.

They know what is true of a complaint, so what they choose teaches the platform rightly. They leave some of the work,
all that is dangerous, and every department without a clerk of its own, to whoever sits in front of the demo.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

import httpx

from dure.simulator.chance import uniform
from dure.simulator.doors import ANSWERS_WITHIN, DoorClosed
from dure.simulator.memory import Said
from dure.simulator.pace import KOREA
from dure.simulator.persistence import Persistent, Stopped, say
from dure.simulator.waste.living import Means

KEY = "clerk:"
"""Keys are ``clerk:DEPARTMENT:USERNAME`` (``desk`` for an agent), their values passwords."""
DESK = "desk"
DOES = 0.8
"""Share of the complaints that clerks do themselves."""
OPEN_HOURS = range(9, 18)
EVERY = 3600.0
"""City seconds between two looks at the list."""
UNANSWERED = 2 * 3600.0
"""City seconds for which a department thinks about an answer."""
WITHOUT_A_DRAFT = "살펴보았습니다. 담당자가 현장을 확인하고 처리했습니다."
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ROW = re.compile(r'href="/complaints/([A-Z0-9-]+)/" data-row')
_HIDDEN = re.compile(r'<input type="hidden" name="(client_id|version|draft)" value="([^"]*)"')
_ANSWER = re.compile(r'<textarea id="answer-text"[^>]*>(.*?)</textarea>', re.DOTALL)
_ANSWER_FORM = re.compile(r'action="/complaints/[^"]+/answer/".*?</form>', re.DOTALL)


@dataclass(frozen=True)
class Clerk:
    """Who works where; ``department``: a code, or DESK."""

    department: str
    username: str
    password: str


def clerks_of(keys: Mapping[str, str]) -> list[Clerk]:
    """Those whose keys the city has given."""
    named = [(*key.removeprefix(KEY).split(":", 1), password) for key, password in keys.items() if key.startswith(KEY)]
    return [Clerk(*one) for one in named]


class Pages:
    """The desk's pages, as one clerk's browser sees them."""

    def __init__(self, url: str, clerk: Clerk, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=url.rstrip("/"), timeout=ANSWERS_WITHIN, transport=transport, follow_redirects=True
        )
        self._clerk, self._token = clerk, ""

    def get(self, path: str) -> str:
        """The page; who is not signed in any more signs in again. "" where it cannot be seen. Raises DoorClosed."""
        answer = self._asked("GET", path)
        if "/accounts/login/" in str(answer.url):
            self._asked("POST", "/accounts/login/", login=self._clerk.username, password=self._clerk.password)
            answer = self._asked("GET", path)
        return answer.text if answer.is_success else ""

    def post(self, path: str, **form: str) -> bool:
        """Whether it was done. Raises DoorClosed."""
        return self._asked("POST", path, **form).is_success

    def close(self) -> None:
        self._client.close()

    def _asked(self, method: str, path: str, **form: str) -> httpx.Response:
        body = urlencode(form | {"csrfmiddlewaretoken": self._token}) if method == "POST" else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            answer = self._client.request(method, path, content=body, headers=headers)
        except httpx.TransportError as error:
            raise DoorClosed(f"{type(error).__name__}: {error}") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DoorClosed(f"{method} {path}: {answer.status_code}")
        if token := _TOKEN.search(answer.text):
            self._token = token[1]
        return answer


class Office:
    """All clerks, one after the other."""

    def __init__(self, clerks: list[Clerk], pages: Callable[[Clerk], Pages], means: Means) -> None:
        self._pages = {clerk: pages(clerk) for clerk in clerks}
        self._means = means
        self._persistent = Persistent("clerks", means.stop)

    def run(self) -> None:
        """Until told to stop."""
        pace = self._means.pace
        try:
            while True:
                now = pace.now()
                if is_open(now):
                    self.work(now)
                self._persistent.sleep(pace.real_seconds_until(now + EVERY))
        except Stopped:
            say("stopped", feed="clerks")

    def work(self, now: float) -> None:
        """One look of each at what waits for them."""
        truth = {one.number: one for one in self._means.truth.said_lately() if is_theirs(one)}
        for clerk, pages in self._pages.items():
            done = self._desk(pages, truth) if clerk.department == DESK else self._department(clerk, pages, truth, now)
            if done:
                say("clerk", department=clerk.department, done=done)

    def _desk(self, pages: Pages, truth: Mapping[str, Said]) -> int:
        """Give what nobody could tell to its department; the platform learns from it."""
        done = 0
        for number in self._listed(pages, "/complaints/?whose=nobody&undecided=on"):
            one = truth.get(number)
            if one is not None and one.departments:
                chosen = {"department": one.departments[0], "topic": one.topics[0]}
                if self._persistent(pages.post, f"/complaints/{number}/choose/", **chosen):
                    given = {"department": one.departments[0], "reason": "담당 부서"}
                    done += self._persistent(pages.post, f"/complaints/{number}/transfer/", **given)
        return done

    def _department(self, clerk: Clerk, pages: Pages, truth: Mapping[str, Said], now: float) -> int:
        """Say whether it is theirs, and answer what is."""
        done = 0
        for number in self._listed(pages, "/complaints/?whose=sent"):
            theirs = number not in truth or clerk.department in truth[number].departments
            verb, form = ("accept", {}) if theirs else ("refuse", {"reason": "다른 부서의 일입니다"})
            done += self._persistent(pages.post, f"/complaints/{number}/{verb}/", **form)
        for number in self._listed(pages, "/complaints/?whose=team"):
            if number in truth and truth[number].at.timestamp() + UNANSWERED < now:
                done += self._answer(pages, number)
        return done

    def _answer(self, pages: Pages, number: str) -> bool:
        """From the assistant's draft, where it finds something to quote."""
        address = f"/complaints/{number}/"
        self._persistent(pages.post, f"{address}draft/")
        found = _ANSWER_FORM.search(self._persistent(pages.get, address))
        if found is None:
            return False
        text = _ANSWER.search(found[0])
        written = unescape(text[1]).strip() if text else ""
        form = {name: unescape(value) for name, value in _HIDDEN.findall(found[0])}
        if not written:
            form.pop("draft", None)
        outcome = "explained" if written else "done"
        return self._persistent(
            pages.post, f"{address}answer/", **form, text=written or WITHOUT_A_DRAFT, outcome=outcome
        )

    def _listed(self, pages: Pages, path: str) -> Iterator[str]:
        page = self._persistent(pages.get, path)
        yield from dict.fromkeys(_ROW.findall(page))


def is_open(at: float) -> bool:
    """Whether clerks are at work at a moment (UTC epoch seconds): on weekdays, whatever holidays there are."""
    day, seconds = divmod(at + KOREA.total_seconds(), 86_400)
    return (int(day) + 3) % 7 < 5 and int(seconds // 3600) in OPEN_HOURS  # 1970-01-01 was a Thursday


def is_theirs(one: Said) -> bool:
    """Whether clerks do it, not whoever sits in front of the demo."""
    return not one.danger and float(uniform(1, "clerks do", UUID(one.ref).int % 2**62)) < DOES
