# SPDX-License-Identifier: Apache-2.0
"""The dispatcher's words that every plan keeps to: go there, do not, by this truck; and who drives today."""

from __future__ import annotations

from django.db import transaction

from dure.city import clock
from dure.city.errands import OPEN
from dure.city.errors import Conflict, Invalid
from dure.city.models import Errand, Role, User
from dure.city.roles import roles_of
from dure.services.waste.models import Bin, Round, RoundStatus, Truck, Turn, TurnStatus, Wish, WishKind
from dure.services.waste.round_record import shift_in, whole

from .drafting import replan_for_all
from .turns import begin, keep, outdate, require_dispatcher


@transaction.atomic
def wish(round_: Round, of: Bin, kind: str, truck: Truck | None, actor: User) -> Wish:
    """Say that the bin must be visited, must not, or by which truck; the newest word on a bin holds. The plan follows
    with the next :func:`replan`.

    Raises Invalid naming ``kind``, ``truck`` (none given, not in this round, or not for such bins) or ``bin``.
    """
    require_dispatcher(actor, of.area)
    if kind not in WishKind.values:
        raise Invalid("하나를 골라 주세요", f"must be one of {', '.join(WishKind.values)}", field="kind")
    begin(round_, None)
    if of.retired_at is not None:
        raise Invalid("철거한 수거함입니다", "the bin was taken away", field="bin")
    if (kind == WishKind.TRUCK) != (truck is not None):
        raise Invalid("차량을 고르세요", "a truck belongs to this wish, and to no other", field="truck")
    if truck is not None:
        require_fit(round_, of, truck)
    said = keep_wish(round_, of, kind, truck, actor)
    outdate(round_)
    detail = {"bin": of.code, "kind": kind, "truck": truck.code if truck else None}
    keep(round_, "waste:round:wished", actor=actor, detail=detail)
    return said


def keep_wish(round_: Round, of: Bin, kind: str, truck: Truck | None, actor: User) -> Wish:
    """The word in the record, within the caller's transaction."""
    said = {"kind": kind, "truck": truck, "said_by": actor, "said_at": clock.now()}
    return Wish.objects.update_or_create(round=round_, bin=of, defaults=said)[0]


def require_fit(round_: Round, of: Bin, truck: Truck) -> None:
    """Raise Invalid (``truck``) where the truck is not out in this round, or cannot take what the bin holds."""
    turn = Turn.objects.filter(round=round_, truck=truck).first()
    if turn is None or turn.status in (TurnStatus.OFF, TurnStatus.BROKEN, TurnStatus.BACK):
        raise Invalid("이 차수에 나가지 않는 차량입니다", "the truck is not out in this round", field="truck")
    if truck.waste_kinds and of.waste_kind not in truck.waste_kinds:
        raise Invalid("이 차량이 싣지 않는 종류입니다", "the truck does not take this kind of waste", field="truck")
    if of.narrow and not truck.narrow:
        raise Invalid("이 차량은 좁은 길에 들어가지 못합니다", "the truck is too wide for this street", field="truck")


@transaction.atomic
def unwish(round_: Round, of: Bin, actor: User) -> None:
    """Take the word on the bin back; without any, nothing changes."""
    require_dispatcher(actor, of.area)
    begin(round_, None)
    if Wish.objects.filter(round=round_, bin=of).delete()[0]:
        outdate(round_)
        keep(round_, "waste:round:unwished", actor=actor, detail={"bin": of.code})


def set_turn(round_: Round, truck: Truck, driver: User | None, actor: User | str) -> Turn:
    """Let ``driver`` drive the truck in this round, or (None) let it stay at home. Once the round is given out, the
    stops go to the new driver at once, and those of a truck that stays at home to the others, by a new plan.

    Raises Invalid (``driver``, ``truck``), Conflict when the driver has another truck, or the truck is back or broken.
    """
    require_dispatcher(actor)
    turn, had_stops = _set(round_, truck, driver, actor)
    if driver is None and had_stops:
        replan_for_all(round_, actor)
    return turn


@transaction.atomic
def _set(round_: Round, truck: Truck, driver: User | None, actor: User | str) -> tuple[Turn, bool]:
    if driver is not None and (not driver.is_active or Role.DRIVER not in roles_of(driver)):
        raise Invalid("기사가 아닙니다", "is no driver", field="driver")
    begin(round_, None)
    if shift_in(truck, whole(round_)) is None or truck.retired_at is not None:
        raise Invalid("이 차수의 시간에 일하지 않는 차량입니다", "does not work at this time", field="truck")
    turn = Turn.objects.get_or_create(round=round_, truck=truck, defaults={"status": TurnStatus.OFF})[0]
    if turn.status in (TurnStatus.BROKEN, TurnStatus.BACK):
        raise Conflict("이미 끝난 운행입니다", "its turn is over", field="truck")
    if driver is None and turn.status == TurnStatus.DRIVING:
        raise Conflict(
            "이미 떠난 차량입니다. 더 갈 수 없으면 고장으로 알리세요.",
            "has left already; if it cannot go on, say that it broke down",
            field="truck",
        )
    if driver is not None and Turn.objects.filter(round=round_, driver=driver).exclude(pk=turn.pk).exists():
        raise Conflict("이 차수에 다른 차량을 모는 기사입니다", "drives another truck in this round", field="driver")
    off, was_off = driver is None, turn.status == TurnStatus.OFF
    if (off and was_off) or (not was_off and turn.driver == driver):
        return turn, False
    turn.driver = driver
    if off or was_off:
        turn.status = TurnStatus.OFF if off else TurnStatus.PLANNED
        outdate(round_)
    turn.save(update_fields=["driver", "status"])
    had_stops = _give_to(turn, driver)
    detail = {"truck": truck.code, "driver": driver.username if driver else None}
    keep(round_, "waste:round:turn_set", actor=actor, detail=detail)
    return turn, had_stops


def _give_to(turn: Turn, driver: User | None) -> bool:
    """The stops that the turn still has become the driver's; whether it has any."""
    if turn.route is None or turn.round.status != RoundStatus.GIVEN_OUT:
        return False
    left = Errand.objects.filter(pickup__turn=turn, status__in=OPEN)
    if driver is not None:
        turn.route.user = driver
        turn.route.save(update_fields=["user"])
        left.update(assignee=driver)
    return left.exists()
