# SPDX-License-Identifier: Apache-2.0
"""The duty roster: who answers when a plan asks for somebody, week by week, and when nobody would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dure.city import cases, clock, duty
from dure.city.errors import Invalid, NotFound
from dure.city.escalation import NEEDS_SOMEBODY
from dure.city.models import Channel, DutyShift, EscalationPlan, Role, Team, User
from dure.city.roles import areas_of, open_to, roles_of, user_of
from dure.web import plan_words
from dure.web.duty_forms import ShiftForm
from dure.web.duty_week import Week, monday_of, week_of
from dure.web.plan_pages import LEADERS
from dure.web.worklist import STAFF

SETTERS = (*LEADERS, Role.ADMINISTRATOR)
AHEAD = timedelta(days=7)
"""How far ahead the list of teams looks for times without anybody."""

CENTURIES = range(1900, 2200)
"""Years of which a week can be asked for."""


@dataclass(frozen=True)
class TeamNow:
    """One team of the list: who is on duty now, and the first time of the next days at which nobody is."""

    team: Team
    on_duty: list[User]
    first_gap: tuple[datetime, datetime] | None


@require_safe
@open_to(*STAFF)
def teams(request: HttpRequest) -> HttpResponse:
    """The reader's teams; where there is one only, its roster."""
    user = user_of(request)
    found = list(_teams_of(user))
    if len(found) == 1:
        return roster(request, found[0].pk)
    now = clock.now()
    shown = [TeamNow(one, duty.on_duty(one, now), next(iter(duty.gaps(one, now, now + AHEAD)), None)) for one in found]
    return render(request, "duty.html", {"teams": shown})


@require_safe
@open_to(*STAFF)
def roster(request: HttpRequest, team: int) -> HttpResponse:
    """One team's week (``?week=2026-11-02``: the week of that day; without it, this week)."""
    found = _team(user_of(request), team)
    return _page(request, found, week_of(found, _day_asked(request.GET.get("week", ""))))


@require_POST
@open_to(*SETTERS)
def add(request: HttpRequest, team: int) -> HttpResponse:
    """Put somebody on duty. What is on the roster already is not put there twice."""
    user = user_of(request)
    found = _team_to_set(user, team)
    week = week_of(found, _day_asked(request.POST.get("week", "")))
    form = ShiftForm(request.POST, team=found, monday=week.monday)
    if form.is_valid():
        try:
            added, known = _add(form, found, user)
        except Invalid as error:
            where = {"user": "user", "ends_at": "ends"}.get(error.field or "", "starts")
            form.add_error(where, error.in_language(request.LANGUAGE_CODE))
        else:
            said = ngettext("당직 %(n)d번을 넣었습니다.", "당직 %(n)d번을 넣었습니다.", added) % {"n": added}
            if known:
                said += " " + _("%(n)d번은 이미 있었습니다.") % {"n": known}
            messages.success(request, said)
            return redirect(f"{reverse('roster', args=[team])}?week={week.monday}")
    return _page(request, found, week, form, status=422)


@transaction.atomic
def _add(form: ShiftForm, team: Team, actor: User) -> tuple[int, int]:
    """How many shifts were added, and how many were there already."""
    user, added, known = form.cleaned_data["user"], 0, 0
    for starts_at, ends_at in form.stretches():
        if DutyShift.objects.filter(team=team, user=user, starts_at=starts_at, ends_at=ends_at).exists():
            known += 1
        else:
            duty.add_shift(team, user, starts_at=starts_at, ends_at=ends_at, actor=actor)
            added += 1
    return added, known


@require_POST
@open_to(*SETTERS)
def remove(request: HttpRequest, team: int, shift: int) -> HttpResponse:
    """Take a shift off the roster (POST ``later``: with all that repeat it in the weeks after)."""
    user = user_of(request)
    found = _team_to_set(user, team)
    one = DutyShift.objects.filter(pk=shift, team=found).first()
    week = monday_of(_day_asked(request.POST.get("week", "")))
    if one is not None:
        with transaction.atomic():
            gone = [one, *(_repetitions(one) if request.POST.get("later") else [])]
            for each in gone:
                duty.remove_shift(each, actor=user)
        said = ngettext("당직 %(n)d번을 뺐습니다.", "당직 %(n)d번을 뺐습니다.", len(gone))
        messages.success(request, said % {"n": len(gone)})
    return redirect(f"{reverse('roster', args=[team])}?week={week}")


def _repetitions(shift: DutyShift) -> list[DutyShift]:
    """The same person's shifts of the same length, whole weeks later."""
    later = DutyShift.objects.filter(team=shift.team, user=shift.user, starts_at__gt=shift.starts_at)
    length = shift.ends_at - shift.starts_at
    return [
        one
        for one in later
        if one.ends_at - one.starts_at == length and not (one.starts_at - shift.starts_at) % timedelta(weeks=1)
    ]


def _page(
    request: HttpRequest, team: Team, week: Week, form: ShiftForm | None = None, status: int = 200
) -> HttpResponse:
    user = user_of(request)
    context = {
        "team": team,
        "week": week,
        "this_monday": monday_of(clock.today()),
        "on_duty": duty.on_duty(team),
        "nobody": _what_happens(team),
        "form": form or ShiftForm(team=team, monday=week.monday),
        "may": _may_set(user, team),
        "several": _teams_of(user).count() > 1,
    }
    return render(request, "roster.html", context, status=status)


def _what_happens(team: Team) -> list[str]:
    """What a plan does while nobody of the team is on duty, in sentences."""
    plans = EscalationPlan.objects.filter(active=True, **({"service": team.service} if team.service else {}))
    plan = plans.filter(Q(area=team.area) | Q(area=None)).order_by("area").first()
    if plan is None:
        return [_("이 팀의 서비스에는 단계 계획이 없습니다. 사건은 기한까지 아무에게도 저절로 알려지지 않습니다.")]
    asked = [Channel(one.channel).label for one in plan.steps.all() if one.channel in NEEDS_SOMEBODY]
    if not asked:
        return [_("지금의 단계 계획에는 당직자를 부르는 단계가 없습니다.")]
    names = " · ".join(dict.fromkeys(str(one) for one in asked))
    return [
        _("%s 단계는 부를 사람이 없어 ‘당직자 없음’으로 남고, 기다리지 않고 바로 다음 단계로 갑니다.") % names,
        _("끝까지 아무도 없으면 사건에 크게 표시되고, %s 뒤 처음부터 다시 시작합니다.")
        % plan_words.minutes(plan.rearm_minutes),
    ]


def _teams_of(user: User) -> QuerySet[Team]:
    """Teams that the user works in or leads; an administrator's are all."""
    if Role.ADMINISTRATOR in roles_of(user):
        return Team.objects.order_by("name", "pk")
    theirs = Q(members=user)
    for service, roles in cases.led_by(user).items():
        theirs |= Q(service=service) & (Q(area=None) | Q(area__in=areas_of(user, *roles)))
    return Team.objects.filter(theirs).distinct().order_by("name", "pk")


def _team(user: User, pk: int) -> Team:
    team = _teams_of(user).filter(pk=pk).first()
    if team is None:
        raise NotFound("그런 팀이 없습니다", "there is no such team")
    return team


def _may_set(user: User, team: Team) -> bool:
    """An administrator, or who leads the team's service; in a team for all services, a member who leads one."""
    if Role.ADMINISTRATOR in roles_of(user):
        return True
    led = cases.led_by(user)
    return team.service in led if team.service else bool(led) and team.members.filter(pk=user.pk).exists()


def _team_to_set(user: User, pk: int) -> Team:
    team = _team(user, pk)
    if not _may_set(user, team):
        raise NotFound("그런 팀이 없습니다", "there is no such team")
    return team


def _day_asked(text: str) -> date:
    """A day of our times; today where it is none, or lies where no calendar has a week before or after it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return clock.today()
    return day if day.year in CENTURIES else clock.today()
