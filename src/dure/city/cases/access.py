# SPDX-License-Identifier: Apache-2.0
"""Who may see a case, and who may act on it: one table per service, and the areas of the role."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from django.db.models import Q, QuerySet

from dure.city.errors import NotAllowed, NotFound
from dure.city.models import Area, Case, Role, User
from dure.city.roles import areas_of, roles_of


class Sees(Enum):
    """Which of a service's cases a role sees."""

    AREA = "all in the role's areas"
    ASSIGNED = "in the role's areas, those assigned to the user or to a team of theirs"
    HOME = "those of the user's own home, and of their threads what is meant for them"


@dataclass(frozen=True)
class ServiceAccess:
    """One service's row of the table."""

    readers: Mapping[Role, Sees]
    actors: frozenset[Role]


_services: dict[str, ServiceAccess] = {}


def register_service(service: str, *, readers: Mapping[Role, Sees], actors: Collection[Role]) -> None:
    """Say who sees and who acts on the cases of ``service``; nobody does before. An actor must be a reader too.

    Raises ValueError when an actor is not a reader.
    """
    if unseen := set(actors) - set(readers):
        raise ValueError(f"register_service({service}): {sorted(unseen)} may act but not see")
    _services[service] = ServiceAccess(dict(readers), frozenset(actors))


def led_by(user: User) -> dict[str, frozenset[Role]]:
    """The services whose work ``user`` oversees, each with the roles by which: they see all cases of their areas and
    act on them, so the escalation plans and the duty rosters of those services are theirs to set."""
    held = roles_of(user) if user.is_active else frozenset[Role]()
    found = {
        service: frozenset(role for role in held & access.actors if access.readers[role] is Sees.AREA)
        for service, access in _services.items()
    }
    return {service: roles for service, roles in found.items() if roles}


def visible_cases(user: User) -> QuerySet[Case]:
    """The cases that ``user`` may know of."""
    return Case.objects.filter(_scope(user, acting=False))


def access_case(user: User, number: str) -> Case:
    """The case of that number. Raises NotFound for those who must not know of it as for a number that is none."""
    case = visible_cases(user).filter(number=number).first()
    if case is None:
        raise NotFound("그런 사건이 없습니다", "there is no such case")
    return case


def require_actor(actor: User | str, case: Case) -> None:
    """Raise NotFound or NotAllowed unless ``actor`` (a process always may) may act on ``case``."""
    if isinstance(actor, str) or Case.objects.filter(_scope(actor, acting=True), pk=case.pk).exists():
        return
    access_case(actor, case.number)
    raise NotAllowed("이 사건을 처리할 권한이 없습니다", "you may see this case but not act on it")


def may_act_in(user: User, service: str, area: Area) -> bool:
    """Whether ``user`` acts on cases of ``service`` in ``area``."""
    access = _services.get(service)
    if access is None or not user.is_active:
        return False
    return areas_of(user, *access.actors).filter(pk=area.pk).exists()


def sees_own_home_only(user: User, case: Case) -> bool:
    """Whether ``user`` sees ``case`` as the one it is about, and in no other role."""
    return not Case.objects.filter(_scope(user, acting=False, leave_out=Sees.HOME), pk=case.pk).exists()


def _scope(user: User, *, acting: bool, leave_out: Sees | None = None) -> Q:
    """The condition for the cases that one of the user's roles opens."""
    found = Q(pk__in=())
    roles = roles_of(user) if user.is_active else frozenset[Role]()
    for service, access in _services.items():
        for role in roles & access.readers.keys():
            sees = access.readers[role]
            if sees is not leave_out and (not acting or role in access.actors):
                found |= Q(service=service) & _reach(user, role, sees)
    return found


def _reach(user: User, role: Role, sees: Sees) -> Q:
    if sees is Sees.HOME:
        return Q(household=user.person.household_id) if user.person else Q(pk__in=())
    reach = Q(area__in=areas_of(user, role))
    if sees is Sees.ASSIGNED:
        reach &= Q(assignee=user) | Q(team__in=user.teams.values("pk"))
    return reach
