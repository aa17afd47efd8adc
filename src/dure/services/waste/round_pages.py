# SPDX-License-Identifier: Apache-2.0
"""The dispatcher's rounds: the plan with its reasons, what a change costs before it is made, and giving it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock, rules
from dure.city.errors import DureError, Invalid, NotFound
from dure.city.models import AuditEntry, Role, User
from dure.city.roles import open_to, user_of
from dure.city.rule_form import rules_page
from dure.city.templatetags.dure import in_language
from dure.engines.routing import Kind
from dure.services.waste import round_sheets
from dure.services.waste.actions import rounds
from dure.services.waste.actions.rounds.drafting import next_decision
from dure.services.waste.actions.rounds.turns import subject_of
from dure.services.waste.models import Bin, Round, Site, Truck, Turn, TurnStatus, WishKind
from dure.services.waste.round_record import done_in
from dure.services.waste.round_rules import RoundRules
from dure.services.waste.round_words import change_in_words, compared, policy_in_words, verdict
from dure.services.waste.rules import CollectingRules, SensorRules

KINDS: tuple[tuple[type[Any], str], ...] = (
    (RoundRules, "waste"),
    (SensorRules, "waste"),
    (CollectingRules, "waste"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.DISPATCHER)
def round_list(request: HttpRequest) -> HttpResponse:
    """Today's rounds and those of the last week; by POST the next one is planned now."""
    following = next_decision(clock.now(), rules.load(RoundRules, "waste"))
    if request.method == "POST":
        try:
            made = rounds.make_round(following, user_of(request))
        except DureError as error:
            _say(request, error)
            return redirect("waste:rounds")
        return redirect("waste:round", made.pk)
    current, past = round_sheets.summaries()
    context = {
        "current": current,
        "past": past,
        "following": following,
        "planned": any(one.round.begins_at == following for one in current),
        "trucks": Truck.objects.filter(retired_at=None).count(),
    }
    return render(request, "waste/rounds.html", context)


@require_safe
@open_to(Role.DISPATCHER)
def round_page(request: HttpRequest, number: int) -> HttpResponse:
    """The plan of a round. ``chosen`` (ids of bins) and ``truck`` come back from a change that was not accepted."""
    round_ = _round(number)
    sheet = round_sheets.sheet_of(round_)
    plan = round_.plan
    whole = "habit" in plan and not _changed_since_given_out(round_)
    lines = compared(plan["figures"], plan["habit"]) if whole else []
    context = {
        "sheet": sheet,
        "round": round_,
        "basis": in_language(dict(zip(("ko", "en"), plan["basis"], strict=True))) if "basis" in plan else "",
        "compared": lines,
        "verdict": verdict(lines) if lines else "",
        "policy": policy_in_words(plan["habit"]["policy"]) if whole else "",
        "habit_left": plan["habit"]["left_out"] if whole else 0,
        "drivers": drivers(),
        "chosen": set(request.GET.getlist("chosen")),
        "chosen_truck": request.GET.get("truck", ""),
        "since": since_of(plan),
    }
    return render(request, "waste/round.html", context)


def _changed_since_given_out(round_: Round) -> bool:
    """From then on the plan's figures are of what was left, and cannot be compared with a whole round of the habit."""
    if round_.given_out_at is None:
        return False
    tags = ("waste:round:planned", "waste:round:moved", "waste:round:split")
    entries = AuditEntry.objects.filter(subject=subject_of(round_), tag__in=tags, at__gt=round_.given_out_at)
    return entries.exists()


def since_of(plan: dict[str, Any]) -> dict[str, Any]:
    """What the newest plan changed against the one before; nothing where there was none."""
    since = plan.get("since", {})
    if not any(since.get(name) for name in ("new", "gone", "elsewhere")):
        return {}
    cost = change_in_words(since["metres"], since["minutes"]) if "metres" in since else ""
    return since | {"cost": cost}


@require_safe
@open_to(Role.DISPATCHER)
def round_map(request: HttpRequest, number: int) -> JsonResponse:
    """The routes for the map."""
    return JsonResponse(round_sheets.map_of(round_sheets.sheet_of(_round(number))))


@require_safe
@open_to(Role.DISPATCHER)
def round_version(request: HttpRequest, number: int) -> JsonResponse:
    """A word that is another one when the page would be: asked for often, so it is short."""
    return JsonResponse({"version": round_sheets.version_of(_round(number))})


@require_safe
@open_to(Role.DISPATCHER)
def round_bin(request: HttpRequest, number: int, bin_number: int) -> HttpResponse:
    """A bin in a round: what is expected of it, and what visiting it with ``truck`` at ``position`` would cost."""
    round_, of = _round(number), _bin(bin_number)
    turns = [one for one in _turns(round_) if one.status in (TurnStatus.PLANNED, TurnStatus.DRIVING)]
    now_with = next((one for one in turns if (Kind.STOP, of.code) in _steps(round_, one)), None)
    wanted = request.GET.get("truck", now_with.truck.code if now_with else "")
    truck = next((one.truck for one in turns if one.truck.code == wanted), None)
    position = request.GET.get("position", "")
    context = {
        "round": round_,
        "bin": of,
        "reason": round_.plan.get("reasons", {}).get(of.code, {}),
        "wish": round_.wishes.filter(bin=of).select_related("truck").first(),
        "is_over": of.pk in done_in(round_),
        "turns": turns,
        "now_with": now_with,
        "truck": truck,
        "position": position,
        "places": _places(round_, truck, of) if truck else [],
        "asked": "truck" in request.GET,
    }
    if truck and "truck" in request.GET:
        context |= _cost(round_, of, truck, position)
    return render(request, "waste/round_bin.html", context)


@require_safe
@open_to(Role.DISPATCHER)
def round_find(request: HttpRequest, number: int) -> HttpResponse:
    """To the page of the bin with this ``code`` in the round, whether or not the plan has it."""
    round_, code = _round(number), request.GET.get("code", "").strip()
    found = Bin.objects.filter(code=code, retired_at=None).first()
    if found is None:
        messages.error(request, _("그런 수거함이 없습니다: %s") % code)
        return redirect("waste:round", round_.pk)
    return redirect("waste:round_bin", round_.pk, found.pk)


def _cost(round_: Round, of: Bin, truck: Truck, position: str) -> dict[str, Any]:
    """In words: what it costs, and what it would break."""
    try:
        cost = rounds.cost_of_move(round_, of, truck, _whole(position))
    except DureError as error:
        return {"wrong": [error.in_language(get_language() or "ko")]}
    return {
        "cost": change_in_words(cost.metres, cost.minutes),
        "wrong": [in_language({"ko": ko, "en": en}) for ko, en in cost.wrong],
    }


def _places(round_: Round, truck: Truck, of: Bin) -> list[tuple[int, str]]:
    """Where among the truck's stops the bin may be put: index, and the place that it would follow."""
    steps = round_sheets.order_of(round_, truck.code, without=of.code)
    sites = dict(Site.objects.filter(code__in=[name for _kind, name in steps]).values_list("code", "name"))
    return [
        (number, f"{number}. {sites.get(name, name) if kind is Kind.SITE else name}")
        for number, (kind, name) in enumerate(steps, start=1)
    ]


def _steps(round_: Round, turn: Turn) -> tuple[tuple[Kind, str], ...]:
    return tuple(round_sheets.order_of(round_, turn.truck.code))


@require_POST
@open_to(Role.DISPATCHER)
def round_act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """One of VERBS. What cannot be done is said in words, and what was chosen is still chosen."""
    round_ = _round(number)
    if verb not in VERBS:
        raise NotFound("그런 일이 없습니다", "there is no such verb")
    try:
        done = VERBS[verb](round_, request.POST, user_of(request))
    except DureError as error:
        _say(request, error)
        return redirect(_back_to(round_, verb, request.POST))
    messages.success(request, done)
    return redirect("waste:round", round_.pk)


def _back_to(round_: Round, verb: str, form: QueryDict) -> str:
    """Where the same can be tried again."""
    again = QueryDict(mutable=True)
    if form.get("truck"):
        again["truck"] = form.get("truck", "")
    if verb == "move":
        again["position"] = form.get("position", "")
        return f"{reverse('waste:round_bin', args=[round_.pk, _bin(form.get('bin', '')).pk])}?{again.urlencode()}"
    if verb == "chosen":
        again.setlist("chosen", form.getlist("bin"))
    return f"{reverse('waste:round', args=[round_.pk])}?{again.urlencode()}"


def _plan(round_: Round, form: QueryDict, user: User) -> str:
    rounds.replan(round_, user, _version(form))
    return _("다시 계획했습니다.")


def _give_out(round_: Round, form: QueryDict, user: User) -> str:
    rounds.give_out(round_, user, _version(form))
    return _("기사들에게 나눠 주었습니다.")


def _end(round_: Round, form: QueryDict, user: User) -> str:
    rounds.end_round(round_, user)
    return _("차수를 마감했습니다.")


def _wish(round_: Round, form: QueryDict, user: User) -> str:
    of, kind = _bin(form.get("bin", "")), form.get("kind", "")
    if kind == "":
        rounds.unwish(round_, of, user)
    else:
        rounds.wish(round_, of, kind, _truck(form) if kind == WishKind.TRUCK else None, user)
    return _("적었습니다. 다시 계획하면 따릅니다.")


def _chosen(round_: Round, form: QueryDict, user: User) -> str:
    """The same for several bins: to a truck at once, or a word on each."""
    bins, kind = [_bin(one) for one in form.getlist("bin")], form.get("kind", "")
    if kind == WishKind.TRUCK or not bins:
        rounds.split(round_, bins, _truck(form), user, _version(form))
        return _("%d곳을 옮겼습니다.") % len(bins)
    for one in bins:
        rounds.wish(round_, one, kind, None, user)
    return _("적었습니다. 다시 계획하면 따릅니다.")


def _move(round_: Round, form: QueryDict, user: User) -> str:
    of, truck = _bin(form.get("bin", "")), _truck(form)
    rounds.move(round_, of, truck, _whole(form.get("position", "")), user, expected_version=_version(form))
    return _("옮겼습니다.")


def _turn(round_: Round, form: QueryDict, user: User) -> str:
    """``driver``: an id, or "" for a truck that stays at home."""
    wanted = form.get("driver", "")
    driver = next((one for one in drivers() if str(one.pk) == wanted), None)
    if wanted and driver is None:
        raise Invalid("기사가 아닙니다", "is no driver", field="driver")
    rounds.set_turn(round_, _truck(form), driver, user)
    return _("기사를 바꾸었습니다.") if driver else _("이 차량은 나가지 않습니다.")


def _broke_down(round_: Round, form: QueryDict, user: User) -> str:
    turn = _turns(round_).filter(truck=_truck(form)).first()
    if turn is None:
        raise NotFound("그런 운행이 없습니다", "there is no such turn")
    rounds.broke_down(turn, user, None, None, None)
    return _("고장으로 적고, 남은 곳을 다른 차량에 나누었습니다.")


VERBS: dict[str, Callable[[Round, QueryDict, User], str]] = {
    "plan": _plan,
    "give-out": _give_out,
    "end": _end,
    "wish": _wish,
    "chosen": _chosen,
    "move": _move,
    "turn": _turn,
    "broke-down": _broke_down,
}


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.DISPATCHER)
def round_rules(request: HttpRequest) -> HttpResponse:
    """Every rule of collection; whoever dispatches for the whole city sets them."""
    groups = (
        (_("차수"), (
            "first_hour", "second_hour", "third_hour", "round_hours", "lead_minutes", "give_out_by_itself",
            "end_after_minutes",
        )),
        (_("무엇을 비울지"), ("overflow_hour_visits", "must_percent", "margin_points", "stop_metres")),
        (_("길과 시간"), ("bin_seconds", "kmh", "stop_on_the_right", "solve_seconds")),
        (_("견줄 지난 방식"), ("habit_percent", "habit_weekdays")),
        (_("감지기의 값"), (
            "emptied_points", "above_empty_percent", "near_full_percent", "recent_hours", "no_level_hours",
            "full_percent",
        )),
        (_("사건을 여는 때"), (
            "fire_celsius", "fire_recent_hours", "tilted_minutes", "lid_open_minutes", "stuck_hours", "full_hours",
            "again_hours", "fire_due_minutes", "due_hours",
        )),
    )  # fmt: skip

    def meaning(name: str, value: float) -> str:
        if name not in ("habit_percent", "habit_weekdays"):
            return ""
        return _("지금: %s") % policy_in_words(rules.load(RoundRules, "waste").habit)

    return rules_page(
        request, "waste:rules", "waste/rules.html", role=Role.DISPATCHER, kinds=KINDS, groups=groups, note=meaning
    )


def drivers() -> list[User]:
    """Who may drive a truck."""
    found = User.objects.filter(memberships__role=Role.DRIVER, is_active=True).distinct()
    return sorted(found, key=str)


def _round(number: int) -> Round:
    found = Round.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("그런 차수가 없습니다", "there is no such round")
    return found


def _turns(round_: Round) -> QuerySet[Turn]:
    return round_.turns.select_related("round", "truck__depot", "driver").order_by("truck__code")


def _bin(number: int | str) -> Bin:
    known = str(number)
    found = None
    if known.isascii() and known.isdigit() and len(known) < 19:
        found = Bin.objects.select_related("area", "state").filter(pk=int(known), retired_at=None).first()
    if found is None:
        raise NotFound("그런 수거함이 없습니다", "there is no such bin")
    return found


def _truck(form: QueryDict) -> Truck:
    found = Truck.objects.filter(code=form.get("truck", "")).first()
    if found is None:
        raise Invalid("차량을 고르세요", "choose a truck", field="truck")
    return found


def _version(form: QueryDict) -> int | None:
    return _whole(form.get("version", ""))


def _whole(text: str) -> int | None:
    """None for nothing. Raises Invalid for what is no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("숫자가 아닙니다", "is no whole number", field="position")
    return int(text)


def _say(request: HttpRequest, error: DureError) -> None:
    messages.error(request, error.in_language(get_language() or "ko"))
