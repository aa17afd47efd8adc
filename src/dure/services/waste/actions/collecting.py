# SPDX-License-Identifier: Apache-2.0
"""What drivers say at their stops, by phone or by the truck's own unit, often long after they pressed the button.

A word is never refused because the plan has changed meanwhile: who was there knows what became of the stop. It counts
whatever the plan has made of the stop since: cancelled, given to another truck, or over with its round. Of several
words about a stop the one that was pressed last holds, in whatever order they arrive, but that what one truck emptied
was emptied though another could not; all are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.city import audit, cases, clock
from dure.city.duty import require_aware
from dure.city.errands import settle_errand
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import Errand, ErrandStatus, Role, User
from dure.city.roles import areas_of
from dure.services.waste.actions.reports import SAME, case_for
from dure.services.waste.actions.rounds import broke_down
from dure.services.waste.models import Bin, CouldNot, Deed, Pickup, Press, ReportKind, Turn, TurnStatus
from dure.services.waste.models import Truck as TruckRow

Driver = User | TruckRow
"""Who says it: a person, or the unit on board of a truck."""
AHEAD = timedelta(minutes=5)
"""How far the clock of a phone or a truck may run before ours."""
LONGEST_NOTE = 400
MOST_FOUND, MOST_KG = 200, 50_000
PROCESS = "waste:driver"
OPEN = (ErrandStatus.ORDERED, ErrandStatus.PLANNED)
CASES = {
    CouldNot.BROKEN: ("driver_broken", {"ko": "기사: 수거함 고장", "en": "Driver: a bin is broken"}),
    CouldNot.MISSING: ("driver_missing", {"ko": "기사: 수거함이 없음", "en": "Driver: a bin is not there"}),
}
"""Reasons that somebody else has to do something about: the case's kind and title."""


@dataclass(frozen=True)
class _Word:
    """What was said, and when; in percent and kilograms."""

    deed: Deed
    at: datetime
    client_id: UUID
    reason: str = ""
    note: str = ""
    found: float | None = None
    kg: int | None = None

    def facts(self) -> dict[str, Any]:
        """What the chain keeps of it: not the free text."""
        said = {"at": self.at, "reason": self.reason or None, "found": self.found, "kg": self.kg}
        return {name: value for name, value in said.items() if value is not None}


@transaction.atomic
def start(turn: Turn, driver: Driver, *, at: datetime | None = None) -> None:
    """The truck leaves; again changes nothing. Raises NotFound when it is not this driver's."""
    audit.take_turn()
    _lock(turn)
    _require_part(turn, driver)
    _start(turn, _within(turn, at), _actor(driver))


@transaction.atomic
def back(turn: Turn, driver: Driver, *, at: datetime | None = None) -> None:
    """The truck is back; again changes nothing. Stops that are open stay so: the dispatcher sees them."""
    audit.take_turn()
    _lock(turn)
    _require_part(turn, driver)
    if turn.status == TurnStatus.BACK:
        return
    turn.status, turn.ended_at = TurnStatus.BACK, _within(turn, at)
    turn.started_at = turn.started_at or turn.ended_at
    turn.save(update_fields=["status", "ended_at", "started_at"])
    left = turn.pickups.filter(errand__status__in=OPEN).count()
    _record("waste:turn:back", turn, _actor(driver), {"at": turn.ended_at, "left": left})


def stranded(
    turn: Turn, driver: Driver, *, at: datetime | None = None, lon: float | None = None, lat: float | None = None
) -> None:
    """The truck goes no further: see rounds.broke_down. Not within a transaction of the caller's."""
    _require_part(turn, driver)
    broke_down(turn, _actor(driver), _within(turn, at), lon, lat)
    turn.refresh_from_db()


def collected(errand: Errand, driver: Driver, *, at: datetime, client_id: UUID, found: float | None = None) -> Press:
    """The bin was emptied. ``found``: percent that it looked filled to before (above 100: it overflowed)."""
    if found is not None and not 0 <= found <= MOST_FOUND:
        raise Invalid(f"0~{MOST_FOUND} %여야 합니다", f"must be 0 to {MOST_FOUND} percent", field="found")
    return _press(errand, driver, _Word(Deed.COLLECTED, at, client_id, found=found))


@transaction.atomic
def could_not(errand: Errand, driver: Driver, *, reason: str, at: datetime, client_id: UUID, note: str = "") -> Press:
    """It could not be done, and why. A bin that is broken or gone becomes a case, or a word in the one that is open.

    Raises Invalid naming ``reason`` or ``note``.
    """
    if reason not in CouldNot.values:
        raise Invalid("까닭을 골라 주세요", f"must be one of {', '.join(CouldNot.values)}", field="reason")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"{LONGEST_NOTE}자까지 적어 주세요", f"must be at most {LONGEST_NOTE} characters", field="note")
    if reason == CouldNot.OTHER and not note:
        raise Invalid("까닭을 적어 주세요", "say why", field="note")
    audit.take_turn()
    known = Press.objects.filter(client_id=client_id).exists()
    press = _press(errand, driver, _Word(Deed.COULD_NOT, at, client_id, reason, note))
    of = errand.pickup.bin
    if not known and of is not None and CouldNot(reason) in CASES:
        _tell_case(of, CouldNot(reason), press, note)
    return press


def unloaded(errand: Errand, driver: Driver, *, at: datetime, client_id: UUID, kg: int | None = None) -> Press:
    """The truck was emptied at a site. ``kg``: what the scale said, None where there is none."""
    if kg is not None and not 0 <= kg <= MOST_KG:
        raise Invalid(f"0~{MOST_KG} kg이어야 합니다", f"must be 0 to {MOST_KG} kg", field="kg")
    return _press(errand, driver, _Word(Deed.UNLOADED, at, client_id, kg=kg))


def undo(errand: Errand, driver: Driver, *, at: datetime, client_id: UUID) -> Press:
    """Take back the newest word about the stop: it is as it was before. Raises Conflict where nothing was said."""
    return _press(errand, driver, _Word(Deed.UNDONE, at, client_id))


def require_stop(errand: Errand, driver: Driver, at: datetime) -> None:
    """Raise NotFound unless ``driver`` may say something about the stop, Invalid unless it can have been at ``at``."""
    _check_time(_turn_of(_pickup(errand), driver), at)


def earliest(turn: Turn) -> datetime:
    """Before this nothing can have been done on the turn: it was not given out."""
    return min(turn.round.begins_at, turn.round.given_out_at or turn.round.begins_at)


def within_bounds(turn: Turn, at: datetime) -> datetime:
    """The nearest time at which it can have been pressed: for a phone whose clock is wrong, so that nothing is lost."""
    return min(max(at, earliest(turn)), clock.now())


@transaction.atomic
def _press(errand: Errand, driver: Driver, word: _Word) -> Press:
    audit.take_turn()
    if known := Press.objects.filter(client_id=word.client_id).first():
        if (known.errand_id, known.deed) != (errand.pk, word.deed):
            raise Conflict(
                "이미 다른 기록에 쓰인 번호입니다", "this number belongs to another entry", field="client_id"
            )
        return known
    pickup = _pickup(errand)
    _check_deed(pickup, word.deed)
    turn = _turn_of(pickup, driver)
    _check_time(turn, word.at)
    newest = Press.objects.filter(errand=errand).order_by("at", "pk").last()
    late = newest is not None and _holds_against(newest, word, turn)
    if word.deed == Deed.UNDONE and not late and (newest is None or newest.deed == Deed.UNDONE):
        raise Conflict("되돌릴 것이 없습니다", "there is nothing to take back")
    errand.refresh_from_db(from_queryset=Errand.objects.select_for_update(no_key=True))
    press = Press.objects.create(
        errand=errand, turn=turn, by=driver if isinstance(driver, User) else None, deed=word.deed, at=word.at,
        received_at=clock.now(), client_id=word.client_id, reason=word.reason, note=word.note or None,
        found=word.found, kg=word.kg,
        before={"status": errand.status, "outcome": errand.outcome, "ended_at": errand.ended_at},
    )  # fmt: skip
    facts = {"truck": turn.truck.code, "stop": _name(pickup)} | word.facts()
    if late:
        tag, subject = f"waste:pickup:{word.deed}", f"errand:{errand.pk}"
        audit.record(tag, actor=_actor(driver), subject=subject, detail=facts | {"late": True})
        return press
    _hold(pickup, press, newest, _actor(driver), facts)
    if turn.status == TurnStatus.PLANNED:
        _start(turn, word.at, _actor(driver))
    return press


def _holds_against(newest: Press, word: _Word, turn: Turn) -> bool:
    """Whether the newest word about a stop stands although there is another: it was pressed later; or one truck emptied
    the bin that another could not, for then it was emptied."""
    if newest.turn_id != turn.pk and {newest.deed, word.deed} == {Deed.COLLECTED, Deed.COULD_NOT}:
        return newest.deed == Deed.COLLECTED
    return newest.at > word.at


def _hold(pickup: Pickup, press: Press, newest: Press | None, actor: User | str, facts: dict[str, Any]) -> None:
    """The press says what became of the stop: ``press.turn`` was there, whoever was to go."""
    given_to, turn = pickup.turn, press.turn
    status, outcome = ErrandStatus.DONE, ""
    ended_at: datetime | None = press.at
    if press.deed == Deed.COULD_NOT:
        status, outcome = ErrandStatus.COULD_NOT, press.reason
    elif press.deed == Deed.UNDONE:
        status, outcome, ended_at = _as_before(newest)
    pickup.turn, pickup.found, pickup.kg = turn, press.found, press.kg
    pickup.save(update_fields=["turn", "found", "kg"])
    settle_errand(
        pickup.errand, status, tag=f"waste:pickup:{press.deed}", actor=actor, ended_at=ended_at, outcome=outcome,
        assignee=turn.driver, detail=facts,
    )  # fmt: skip
    if press.deed == Deed.COLLECTED:
        _spare_others(pickup)
    for moved in {given_to, turn}:
        _place(moved)


def _as_before(taken_back: Press | None) -> tuple[ErrandStatus, str, datetime | None]:
    """Status, outcome and end of the stop before that word."""
    before: Mapping[str, Any] = taken_back.before if taken_back is not None else {}
    ended_at = before.get("ended_at")
    return (
        ErrandStatus(before.get("status", ErrandStatus.PLANNED)),
        str(before.get("outcome", "")),
        datetime.fromisoformat(ended_at) if ended_at else None,
    )


def _spare_others(pickup: Pickup) -> None:
    """A plan made meanwhile may send another truck to the same bin: nobody needs to go any more."""
    same = Pickup.objects.filter(bin=pickup.bin, turn__round=pickup.turn.round, errand__status__in=OPEN)
    for other in same.exclude(pk=pickup.pk).select_related("errand"):
        settle_errand(
            other.errand, ErrandStatus.CANCELLED, tag="waste:pickup:spared", actor=PROCESS, ended_at=clock.now(),
            outcome="emptied", detail={"stop": _name(other), "by": pickup.turn.truck.code},
        )  # fmt: skip


def _place(turn: Turn) -> None:
    """Where the truck was last, and what it carries: counted anew, for words arrive in any order."""
    ended = Pickup.objects.filter(turn=turn, errand__status__in=(ErrandStatus.DONE, ErrandStatus.COULD_NOT))
    said = ended.filter(errand__presses__isnull=False).distinct().select_related("bin", "site", "errand")
    on_board = 0.0
    for one in said.order_by("errand__ended_at"):
        place, at = one.bin or one.site, one.errand.ended_at
        if place and at and (turn.free_at is None or at >= turn.free_at):
            turn.lon, turn.lat, turn.free_at = place.lon, place.lat, at
        if one.errand.status == ErrandStatus.DONE:
            on_board = on_board + litres(one) if one.bin else 0.0
    turn.on_board_l = round(on_board)
    turn.save(update_fields=["lon", "lat", "free_at", "on_board_l"])


def litres(pickup: Pickup) -> float:
    """What came out of the bin: as the driver saw it, else as it was expected."""
    fill = pickup.found if pickup.found is not None else pickup.fill
    return (pickup.bin.volume_l if pickup.bin else 0) * (fill or 0) / 100


def _pickup(errand: Errand) -> Pickup:
    found = Pickup.objects.select_related("turn__round", "turn__truck", "turn__driver", "bin__area", "site")
    pickup = found.filter(pk=errand.pk).first()
    if pickup is None:
        raise NotFound("그런 수거가 없습니다", "there is no such stop")
    errand.pickup = pickup
    return pickup


def _check_deed(pickup: Pickup, deed: Deed) -> None:
    wrong = Deed.UNLOADED if pickup.bin else Deed.COLLECTED
    if deed == wrong:
        raise Invalid("이곳에서 할 일이 아닙니다", "is not what is done at this stop", field="deed")


def _turns_of(driver: Driver) -> QuerySet[Turn]:
    """The turns in which ``driver`` has, or had, a part: a plan may have given theirs to somebody else meanwhile."""
    if isinstance(driver, TruckRow):
        return Turn.objects.filter(truck=driver)
    return Turn.objects.filter(Q(driver=driver) | Q(presses__by=driver) | Q(truck__driver=driver)).distinct()


def _require_part(turn: Turn, driver: Driver) -> None:
    """Raise NotFound unless it is their turn, or they plan in the areas of its round."""
    if _turns_of(driver).filter(pk=turn.pk).exists():
        return
    if isinstance(driver, TruckRow) or not areas_of(driver, Role.DISPATCHER).exists():
        raise NotFound("그런 운행이 없습니다", "there is no such turn of yours")


def _turn_of(pickup: Pickup, driver: Driver) -> Turn:
    """Whose truck was there: the driver's own of the round; the stop's, where the dispatcher says it for them."""
    own = _turns_of(driver).filter(round=pickup.turn.round).select_related("round", "truck", "driver")
    found = own.filter(pk=pickup.turn.pk).first() or own.order_by("pk").first()
    if found is not None:
        return found
    if isinstance(driver, User) and areas_of(driver, Role.DISPATCHER).filter(pk=pickup.errand.area_id).exists():
        return pickup.turn
    raise NotFound("그런 수거가 없습니다", "there is no such stop of yours")


def _check_time(turn: Turn, at: datetime) -> None:
    require_aware(at, "at")
    if at > clock.now() + AHEAD:
        raise Invalid("아직 오지 않은 시각입니다", "lies in the future", field="at")
    if at < earliest(turn):
        raise Invalid("차수를 나눠 주기 전입니다", "lies before the round was given out", field="at")


def _within(turn: Turn, at: datetime | None) -> datetime:
    if at is None:
        return clock.now()
    _check_time(turn, at)
    return at


def _lock(turn: Turn) -> None:
    turn.refresh_from_db(from_queryset=Turn.objects.select_related("round", "truck").select_for_update(of=("self",)))


def _start(turn: Turn, at: datetime, actor: User | str) -> None:
    if turn.started_at is not None:
        return
    turn.status, turn.started_at = TurnStatus.DRIVING, at
    turn.save(update_fields=["status", "started_at"])
    _record("waste:turn:started", turn, actor, {"at": at})


def _tell_case(of: Bin, reason: CouldNot, press: Press, note: str) -> None:
    kind, title = CASES[reason]
    joins = ("reported_broken", *SAME[ReportKind.BROKEN]) if reason == CouldNot.BROKEN else ()
    case = case_for(of, kind, title, joins=joins, actor=PROCESS)
    at = f"{press.at.astimezone(clock.SEOUL):%m-%d %H:%M}"
    said = f"{at} {reason.label}: {note}" if note else f"{at} {reason.label}"
    cases.add_note(case, actor=PROCESS, text=said, data={"press": press.pk})


def _name(pickup: Pickup) -> str:
    place = pickup.bin or pickup.site
    return place.code if place else ""


def _actor(driver: Driver) -> User | str:
    return driver if isinstance(driver, User) else f"truck:{driver.code}"


def _record(tag: str, turn: Turn, actor: User | str, detail: dict[str, Any]) -> None:
    subject = f"turn:{turn.pk}"
    audit.record(tag, actor=actor, subject=subject, detail={"truck": turn.truck.code} | detail)
