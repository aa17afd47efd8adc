# SPDX-License-Identifier: Apache-2.0
"""Who may open what, and for which areas. Every view says it; a test walks all routes × all roles."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from dure.city.areas import reach
from dure.city.errors import NotAllowed
from dure.city.models import Area, Membership, Role, User

View = TypeVar("View", bound=Callable[..., Any])


def roles_of(user: User) -> frozenset[Role]:
    """The roles a user holds anywhere."""
    return frozenset(Role(role) for role in user.memberships.values_list("role", flat=True))


def areas_of(user: User, *roles: Role) -> QuerySet[Area]:
    """The areas in which ``user`` holds one of ``roles``, with everything below them and what they became or were."""
    if everywhere(user, *roles):
        return Area.objects.all()
    memberships = Membership.objects.filter(user=user, role__in=roles)
    return Area.objects.filter(id__in=reach(memberships.values_list("area_id", flat=True)))


def everywhere(user: User, *roles: Role) -> bool:
    """Whether ``user`` holds one of ``roles`` in the whole city."""
    return Membership.objects.filter(user=user, role__in=roles, area__isnull=True).exists()


def open_to(*roles: Role) -> Callable[[View], View]:
    """Allow a view to signed-in users who hold one of ``roles``; the middleware turns others away."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require_role(request.user, *roles)
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def user_of(request: HttpRequest) -> User:
    """Who asks, within a view that only signed-in users reach."""
    user: User = request.user  # type: ignore[assignment]
    return user


def open_to_signed_in(view: View) -> View:
    """Allow a view to everyone who is signed in, whatever the role, and to those who have none yet."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_signed_in(request.user)
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    guarded.roles = frozenset(Role)  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def open_to_all(view: View) -> View:
    """Allow a view without signing in. The view itself must prove what it needs (a key, a token, nothing)."""
    view.roles = None  # type: ignore[attr-defined]
    return view


def require_signed_in(user: Any) -> None:
    """Raise NotAllowed unless ``user`` is signed in."""
    if not user.is_authenticated:
        raise NotAllowed("로그인이 필요합니다", "sign in first")


def require_role(user: Any, *roles: Role) -> None:
    """Raise NotAllowed unless ``user`` is signed in and holds one of ``roles``."""
    require_signed_in(user)
    if not roles_of(user) & set(roles):
        raise NotAllowed("이 화면을 볼 권한이 없습니다", "your role may not open this")
