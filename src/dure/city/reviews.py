# SPDX-License-Identifier: Apache-2.0
"""Automatic decisions are never final: explanation, refusal and review by a person, for every service.

개인정보 보호법 제37조의2 gives the three rights; 시행령 제44조의3 has them answered within 30 days, and the period
extended for a good reason that the person is told. We take the stricter reading of how far: at most twice, by at most
30 days each. The 행정기본법 제20조 dispositions it exempts are none of ours.

A request is a case of its service: it has a team and a due time, is on the worklist, and grows loud when it is late. A
refusal holds from the moment it is said until a person upholds the decision, with their reason, or it is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from dure.city import audit, cases, clock, findings, rules
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.errors import Conflict, Invalid, NotAllowed, NotFound
from dure.city.models import (
    AskedAs,
    Case,
    Finding,
    Level,
    Person,
    Review,
    ReviewKind,
    ReviewResult,
    Role,
    User,
)
from dure.city.outcomes import CommonOutcome
from dure.city.people import reach_of
from dure.city.purposes import Purpose, require_reach
from dure.city.roles import roles_of
from dure.city.rules import rule
from dure.city.teams import team_for

ACTOR = "city:reviews"
SERVICE = "city"
CASE_KIND = "review"
LONGEST_TEXT = 4_000
TITLES = {
    ReviewKind.EXPLANATION: {"ko": "자동 판단을 설명해 달라는 요구", "en": "An explanation of a decision is asked for"},
    ReviewKind.REVIEW: {"ko": "자동 판단을 다시 봐 달라는 요구", "en": "A review of a decision is asked for"},
    ReviewKind.REFUSAL: {"ko": "자동 결정을 거부한다는 요구", "en": "Automatic decisions are refused"},
}
OUTCOMES = {
    ReviewResult.EXPLAINED: CommonOutcome.REVIEW_EXPLAINED,
    ReviewResult.UPHELD: CommonOutcome.REVIEW_UPHELD,
    ReviewResult.CHANGED: CommonOutcome.REVIEW_CHANGED,
    ReviewResult.STOPPED: CommonOutcome.REVIEW_STOPPED,
}
_services: dict[str, frozenset[str]] = {}
"""The services that decide automatically, and the kinds of their cases that a person opens by their own act."""


@dataclass(frozen=True)
class ReviewRules:
    """How soon a request is answered; a city may be quicker than the law, never slower."""

    answer_days: int = field(
        default=30,
        metadata=rule(
            ko="자동 결정에 대한 요구에 답하는 기한",
            en="Days to answer a request about an automatic decision",
            unit=_("일"),
            source=_("개인정보 보호법 시행령 제44조의3: 30일"),
            least=1,
            most=30,
        ),
    )
    extension_days: int = field(
        default=30,
        metadata=rule(
            ko="그 기한을 한 번에 늘리는 날수",
            en="Days by which that is extended at once",
            unit=_("일"),
            source=_("개인정보 보호법 시행령 제44조의3: 정당한 까닭을 알리고 연장"),
            least=1,
            most=30,
        ),
    )
    extensions: int = field(
        default=2,
        metadata=rule(
            ko="그 기한을 늘리는 횟수",
            en="Times that it is extended",
            unit=_("번"),
            source=_("개인정보 보호법 시행령 제44조의3의 좁은 해석: 두 번, 모두 60일까지"),
            least=0,
            most=2,
        ),
    )


def register(service: str, *, own_acts: Iterable[str] = ()) -> None:
    """Say that ``service`` decides something about people automatically, so that they can ask about it. Cases of the
    kinds ``own_acts`` are a person's own doing, which no refusal holds back: whoever presses for help is heard."""
    _services[service] = frozenset(own_acts)


def services() -> tuple[str, ...]:
    """The services that decide automatically."""
    return tuple(_services)


def decided() -> Q:
    """Findings that are a decision of a program, not somebody's own act."""
    return Q(*(Q(service=name) & ~Q(kind__in=own) for name, own in _services.items()), _connector=Q.OR)


@transaction.atomic
def ask(
    person: Person, *, service: str, kind: ReviewKind, actor: User, text: str = "", finding: Finding | None = None
) -> Review:
    """Keep what was asked, open its case, and from now on heed a refusal. Asking again while it is open is the same.

    ``actor`` is the person, family whom they let see them, or staff who write down what they said. Raises NotAllowed
    for anybody else, Invalid for an unknown ``service``, somebody else's ``finding`` or too long a ``text``.
    """
    asked_as = _standing(actor, person)
    _check(person, service, text, finding)
    audit.take_turn()
    same = Review.objects.filter(person=person, service=service, kind=kind, finding=finding, case__closed_at=None)
    if (known := same.first()) is not None:
        return known
    at, area = clock.now(), person.household.area
    allowed = rules.load(ReviewRules, SERVICE)
    review = Review(person=person, service=service, finding=finding, kind=kind, asked_as=asked_as, asked_by=actor,
                    asked_at=at, text=text.strip() or None)  # fmt: skip
    review.case = cases.open_case(
        service=service,
        kind=CASE_KIND,
        level=Level.ATTENTION,
        title=TITLES[kind],
        area=area,
        team=team_for(service, area),
        due_at=at + timedelta(days=allowed.answer_days),
        actor=ACTOR,
        about=f"review:{review.ref}",
    )
    review.save()
    _record("city:review:asked", review, actor, {"kind": kind, "as": asked_as, "finding": finding and finding.pk})
    if kind == ReviewKind.REFUSAL:
        _tell_open_cases(review, "자동화된 결정을 거부하셨습니다: 이제부터 사람이 판단합니다. / "
                                 "Automatic decisions are refused: a person decides from now on.")  # fmt: skip
    return review


@transaction.atomic
def extend(review: Review, *, reason: str, actor: User) -> Review:
    """Take more time, and tell the person why. Raises Conflict when it is answered, late, or was extended before."""
    _lock(review)
    require_actor(actor, review.case)
    _require_unanswered(review)
    if not 0 < len(reason.strip()) <= LONGEST_TEXT:
        raise Invalid("까닭을 적어 주세요", "say why", field="reason")
    allowed = rules.load(ReviewRules, SERVICE)
    if review.extensions >= allowed.extensions:
        raise Conflict("더 늘릴 수 없습니다", "the time cannot be extended again", field="reason")
    if review.case.due_at < clock.now():
        raise Conflict("이미 기한이 지나 늘릴 수 없습니다", "it is late already and cannot be extended", field="reason")
    review.extensions += 1
    review.extension_reason = reason.strip()
    review.save(update_fields=["extensions", "extension_reason"])
    cases.set_due(review.case, review.case.due_at + timedelta(days=allowed.extension_days), actor=actor)
    _record("city:review:extended", review, actor, {"until": review.case.due_at.isoformat()})
    return review


@transaction.atomic
def answer(review: Review, *, result: ReviewResult, text: str, actor: User) -> Review:
    """Answer in plain words, under one's own name, and close the case.

    STOPPED ends the finding that it is about. Raises Invalid (``text``, ``result``), Conflict when it is answered.
    """
    _lock(review)
    require_actor(actor, review.case)
    _require_unanswered(review)
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise Invalid("쉬운 말로 답을 적어 주세요", "answer in plain words", field="text")
    if result == ReviewResult.EXPLAINED and review.kind != ReviewKind.EXPLANATION:
        raise Invalid("설명만으로는 답이 되지 않습니다", "this asks for more than an explanation", field="result")
    review.result, review.answer = result, text.strip()
    review.answered_by, review.answered_at = actor, clock.now()
    review.save(update_fields=["result", "answer", "answered_by", "answered_at"])
    cases.close(review.case, actor=actor, outcome=OUTCOMES[result])
    _record("city:review:answered", review, actor, {"result": result})
    if result == ReviewResult.STOPPED and review.finding is not None:
        findings.end_finding(review.finding, clock.now())
    if result in (ReviewResult.CHANGED, ReviewResult.STOPPED):
        _tell_open_cases(review, f"사람이 다시 보았습니다: {result.label} / A person looked again: {result.value}.")
    return review


@transaction.atomic
def withdraw(review: Review, *, actor: User) -> Review:
    """Whoever may ask takes the request back; a refusal ends with it. Doing it again changes nothing."""
    _standing(actor, review.person)
    _lock(review)
    if review.withdrawn_at is None:
        review.withdrawn_at = clock.now()
        review.save(update_fields=["withdrawn_at"])
        if review.case.closed_at is None:
            cases.close(review.case, actor=ACTOR, outcome=CommonOutcome.REVIEW_WITHDRAWN)
        _record("city:review:withdrawn", review, actor, {"kind": review.kind})
    return review


def refuses(person: Person, service: str) -> bool:
    """Whether the person refuses that ``service`` decides about them automatically: a person must then decide."""
    return _holding_refusals().filter(person=person, service=service).exists()


def refusers_of(people: QuerySet[Person], service: str) -> bool:
    """Whether any of ``people`` does."""
    return _holding_refusals().filter(person__in=people, service=service).exists()


def refused(case: Case) -> bool:
    """Whether whom ``case`` is about (of a home: anybody who lives there) refuses that its service decides about them
    automatically: then nothing rings or is handed over by itself."""
    if case.kind in _services.get(case.service, ()):
        return False
    people = Person.objects.filter(left_at=None)
    kind, _colon, ref = case.about.partition(":")
    if kind == "person":
        return refusers_of(people.filter(ref=ref), case.service)
    return case.household_id is not None and refusers_of(people.filter(household=case.household_id), case.service)


def _holding_refusals() -> QuerySet[Review]:
    said = Review.objects.filter(kind=ReviewKind.REFUSAL, withdrawn_at=None)
    return said.exclude(result__in=(ReviewResult.UPHELD, ReviewResult.EXPLAINED))


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, repr=False)
class OpenedReview:
    """A request with its words opened."""

    review: Review
    text: str
    answer: str
    extension_reason: str

    @property
    def late(self) -> bool:
        """Whether its time is over and nobody has answered."""
        return self.review.case.closed_at is None and self.review.case.due_at < clock.now()

    def __repr__(self) -> str:
        return f"<OpenedReview {self.review.ref}>"


def reviews_at_work(user: User) -> QuerySet[Review]:
    """The requests whose cases ``user`` sees as staff, those that are due first before the others."""
    visible = cases.visible_cases(user).filter(kind=CASE_KIND)
    return _drawn().filter(case__in=visible).order_by("case__due_at", "pk")


def late_reviews(user: User) -> int:
    """How many of them are past their time and unanswered."""
    return reviews_at_work(user).filter(case__closed_at=None, case__due_at__lt=clock.now()).count()


def reviews_by(user: User) -> QuerySet[Review]:
    """What was asked about the citizen ``user`` by anybody, and what ``user`` asked for a relative who still agrees."""
    as_family = _kin_of(user) if Role.FAMILY in roles_of(user) else Person.objects.none()
    mine = Q(person=user.person_id) if user.person_id else Q(pk__in=())
    return _drawn().filter(mine | Q(asked_by=user, person__in=as_family)).order_by("-asked_at", "-pk")


@transaction.atomic
def open_reviews(user: User, found: QuerySet[Review]) -> list[OpenedReview]:
    """Open the words of ``found`` (of :func:`reviews_at_work` or :func:`reviews_by`); the reading is one entry."""
    rows = list(found)
    if rows:
        refs = list(dict.fromkeys(one.person.ref for one in rows))
        detail = {"refs": refs, "reviews": [str(one.ref) for one in rows]}
        audit.record("city:review:read", actor=user, subject=audit.about("person", refs), detail=detail)
    return [OpenedReview(one, _words(one.text), _words(one.answer), _words(one.extension_reason)) for one in rows]


def access_review(user: User, ref: UUID) -> OpenedReview:
    """One request for the staff who work on it. Raises NotFound."""
    found = open_reviews(user, reviews_at_work(user).filter(ref=ref))
    if not found:
        raise NotFound("그런 요구가 없습니다", "there is no such request")
    return found[0]


def review_of_case(case: Case) -> Review | None:
    """The request that a case is about."""
    return Review.objects.filter(case=case).first() if case.kind == CASE_KIND else None


def _drawn() -> QuerySet[Review]:
    return Review.objects.select_related("case__area", "case__team", "case__assignee", "person__household__area",
                                         "finding", "asked_by", "answered_by")  # fmt: skip


def _words(sealed: object) -> str:
    return sealed.open() if sealed else ""  # type: ignore[attr-defined]


# ---------------------------------------------------------------- steps


def _standing(actor: User, person: Person) -> AskedAs:
    """In which part ``actor`` speaks for ``person``. Raises NotAllowed."""
    if not actor.is_active:
        raise NotAllowed("이 일을 할 권한이 없습니다", "you may not do this")
    if actor.person_id == person.pk:
        return AskedAs.SELF
    if Role.FAMILY in roles_of(actor) and _kin_of(actor).filter(pk=person.pk).exists():
        return AskedAs.FAMILY
    require_reach(actor, person.household.area, Purpose.CONSENT)
    return AskedAs.STAFF


def _kin_of(user: User) -> QuerySet[Person]:
    return reach_of(user, Purpose.FAMILY)


def _check(person: Person, service: str, text: str, finding: Finding | None) -> None:
    if service not in _services:
        raise Invalid("그런 서비스가 없습니다", f"one of {', '.join(_services)}", field="service")
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"{LONGEST_TEXT}자까지입니다", f"at most {LONGEST_TEXT} characters", field="text")
    if finding is not None and (finding.household_id, finding.service) != (person.household_id, service):
        raise Invalid("이분에 관한 판단이 아닙니다", "this decision is not about that person", field="finding")


def _lock(review: Review) -> None:
    lock(review.case)
    review.refresh_from_db(fields=["result", "extensions", "withdrawn_at"])


def _require_unanswered(review: Review) -> None:
    if review.result or review.withdrawn_at is not None:
        raise Conflict("이미 답했거나 거두신 요구입니다", "this was answered or taken back already", field="result")


def _tell_open_cases(review: Review, text: str) -> None:
    home = review.person.household_id
    for case in Case.objects.filter(service=review.service, household=home, closed_at=None):
        cases.add_note(case, actor=ACTOR, text=text)


def _record(tag: str, review: Review, actor: User, detail: dict[str, object]) -> None:
    about = {"review": str(review.ref), "case": review.case.number}
    audit.record(tag, actor=actor, subject=f"person:{review.person.ref}", detail=about | detail)
