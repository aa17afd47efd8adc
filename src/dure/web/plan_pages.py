# SPDX-License-Identifier: Apache-2.0
"""The escalation plans of a service: what happens with a case until somebody takes it, and where which plan holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dure.city import cases, clock
from dure.city.errors import Invalid, NotFound
from dure.city.escalation_plans import plan_for, retire_plan, set_plan
from dure.city.models import Area, AreaLevel, AuditEntry, EscalationPlan, Membership, Role, Team, User
from dure.city.roles import areas_of, open_to, user_of
from dure.web import plan_words
from dure.web.plan_forms import PlanEditor

LEADERS = (Role.WELFARE_OFFICER,)
"""Roles that lead a service (dure.city.cases.led_by says which)."""
CITY = "city"
"""Stands in an address for the whole city."""
KEPT_CHANGES = 20


@dataclass(frozen=True)
class Shown:
    """One plan of the list: where it is for, where it holds in the end, and how it goes."""

    plan: EscalationPlan
    place: str
    name: str
    areas: list[Area]
    brief: str


@dataclass(frozen=True)
class Change:
    """One change of a plan, from the audit chain."""

    at: datetime
    who: str
    name: str
    brief: str
    retired: bool


@require_safe
@open_to(*LEADERS)
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan of the services that the reader leads, and where it holds."""
    user = user_of(request)
    services = [(service, _shown(service), _areas_to_plan(user, service)) for service in sorted(cases.led_by(user))]
    return render(request, "plans.html", {"services": services})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*LEADERS)
def plan(request: HttpRequest, service: str, place: str) -> HttpResponse:
    """One plan: in sentences, as a form, where it holds, and who changed it when."""
    user = user_of(request)
    area = _place(user, service, place)
    found = _plan_of(service, area)
    may = _may_set(user, service, area)
    teams = Team.objects.filter(Q(service=service) | Q(service="")).order_by("name")
    changes = _changes(found)
    seen = changes[0][0] if changes else 0
    editor = PlanEditor.of(found or _inherited(service, area), _("%s의 계획") % _name(area), teams, seen)
    status = 200
    if request.method == "POST" and may:
        do = request.POST.get("do", "save")
        sent = PlanEditor.sent(request.POST, teams)
        if do == "retire" and found:
            retire_plan(found, actor=user)
            messages.success(request, _("이 지역의 계획을 없앴습니다. 이제 위 지역의 계획을 따릅니다."))
            return redirect("plans")
        if do == "save":
            if _saved(sent, service, area, user, seen):
                messages.success(request, _("계획을 바꾸었습니다. 진행 중인 사건도 새 계획으로 이어집니다."))
                return redirect("plan", service=service, place=place)
            editor, status = sent, 422
        else:
            editor = sent if do == "preview" else sent.rearranged(request.POST, do)
    elif request.method == "POST":
        raise NotFound("그런 계획이 없습니다", "there is no such plan")
    return render(
        request,
        "plan.html",
        {
            "service": service,
            "place": place,
            "place_name": _name(area),
            "plan": found,
            "editor": editor,
            "said": _said(editor, found or _inherited(service, area)),
            "faults": editor.faults() if request.method == "POST" else [],
            "areas": _holds_in(service).get(found.pk, []) if found else [],
            "changes": [change for _seq, change in changes],
            "may": may,
            "inherits": found is None,
        },
        status=status,
    )


def _saved(sent: PlanEditor, service: str, area: Area | None, user: User, seen: int) -> bool:
    """Set the plan; False, with the reason beside its field, where that cannot be."""
    if not sent.is_valid():
        return False
    if (sent.plan.cleaned_data["seen"] or 0) != seen:
        said = _("그 사이 다른 사람이 이 계획을 바꾸었습니다. 아래 바뀐 기록을 보고 다시 저장해 주세요.")
        sent.plan.data = sent.plan.data.copy()  # type: ignore[attr-defined]
        sent.plan.data["seen"] = str(seen)  # type: ignore[index]
        sent.plan.add_error(None, said)
        return False
    known = sent.plan.cleaned_data
    try:
        set_plan(
            service=service,
            name=known["name"],
            rearm_minutes=known["rearm_minutes"],
            steps=sent.specs(),
            area=area,
            actor=user,
        )
    except Invalid as error:
        sent.refuse(error)
        return False
    return True


@dataclass(frozen=True)
class Said:
    """A plan in words."""

    lines: list[plan_words.Line]
    again: list[str]


def _said(editor: PlanEditor, kept: EscalationPlan | None) -> Said | None:
    """What is on the form where it is whole, else what the record has."""
    if editor.plan.is_bound:
        if not editor.is_valid():
            return None
        specs = editor.specs()
        return Said(plan_words.lines(specs), plan_words.again(editor.plan.cleaned_data["rearm_minutes"], specs))
    if kept is None:
        return None
    steps = list(kept.steps.select_related("team"))
    return Said(plan_words.lines(steps), plan_words.again(kept.rearm_minutes, steps))


def _place(user: User, service: str, place: str) -> Area | None:
    """The area of the address (None: the whole city). Raises NotFound for a service or an area that is not theirs."""
    roles = cases.led_by(user).get(service)
    if not roles:
        raise NotFound("그런 계획이 없습니다", "there is no such plan")
    if place == CITY:
        return None
    area = areas_of(user, *roles).filter(_valid(), code=place).first()
    if area is None:
        raise NotFound("그런 계획이 없습니다", "there is no such plan")
    return area


def _valid() -> Q:
    today = clock.today()
    return Q(valid_from__lte=today) & (Q(valid_to=None) | Q(valid_to__gt=today))


def _may_set(user: User, service: str, area: Area | None) -> bool:
    """Whoever leads the service in a part of the city sees the whole city's plan, but does not set it."""
    if area is not None:
        return True
    roles = cases.led_by(user)[service]
    return Membership.objects.filter(user=user, role__in=roles, area=None).exists()


def _plan_of(service: str, area: Area | None) -> EscalationPlan | None:
    return EscalationPlan.objects.filter(service=service, area=area, active=True).first()


def _inherited(service: str, area: Area | None) -> EscalationPlan | None:
    """What holds in an area that has no plan of its own: the place from which a new one begins."""
    return plan_for(service, area) if area else None


def _name(area: Area | None) -> str:
    return area.name if area else _("도시 전체")


def _holds_in(service: str) -> dict[int, list[Area]]:
    """By plan, the 읍·면·동 in which it is the nearest one."""
    own = {plan.area_id: plan.pk for plan in EscalationPlan.objects.filter(service=service, active=True)}
    parents = dict(Area.objects.values_list("pk", "parent"))
    found: dict[int, list[Area]] = {}
    for dong in Area.objects.filter(_valid(), level=AreaLevel.DONG).order_by("name"):
        place: int | None = dong.pk
        while place is not None and place not in own:
            place = parents[place]
        if place in own:
            found.setdefault(own[place], []).append(dong)
    return found


def _shown(service: str) -> list[Shown]:
    """The whole city's first, then by area."""
    holds = _holds_in(service)
    found = EscalationPlan.objects.filter(service=service, active=True).select_related("area")
    shown = [
        Shown(
            plan=one,
            place=one.area.code if one.area else CITY,
            name=_name(one.area),
            areas=holds.get(one.pk, []),
            brief=plan_words.brief(list(one.steps.all())),
        )
        for one in found.prefetch_related("steps")
    ]
    return sorted(shown, key=lambda one: (one.plan.area is not None, one.plan.area.code if one.plan.area else ""))


def _areas_to_plan(user: User, service: str) -> QuerySet[Area]:
    """Areas of the reader that have no plan of their own yet."""
    taken = EscalationPlan.objects.filter(service=service, active=True, area__isnull=False).values("area")
    roles = cases.led_by(user)[service]
    return areas_of(user, *roles).filter(_valid()).exclude(pk__in=taken).order_by("code")


def _changes(plan: EscalationPlan | None) -> list[tuple[int, Change]]:
    """The newest first, each with its number on the chain; saving a plan as it was changed nothing."""
    if plan is None:
        return []
    written = AuditEntry.objects.filter(subject=f"plan:{plan.pk}").order_by("seq")
    found = [entry for before, entry in pairwise([None, *written]) if entry and not _same(before, entry)]
    names = {f"user:{user.username}": str(user) for user in User.objects.filter(is_active=True)}
    return [
        (
            one.seq,
            Change(
                at=one.at,
                who=names.get(one.actor, one.actor),
                name=str(one.detail.get("name", "")),
                brief=plan_words.brief(plan_words.steps_of(one.detail)),
                retired=one.tag.endswith("plan_retired"),
            ),
        )
        for one in reversed(found[-KEPT_CHANGES:])
    ]


def _same(before: AuditEntry | None, entry: AuditEntry) -> bool:
    return before is not None and (before.tag, before.detail) == (entry.tag, entry.detail)
