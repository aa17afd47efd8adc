# SPDX-License-Identifier: Apache-2.0
"""Why a person's record may be opened, and by whom: one table, which the privacy officer can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from dure.city.errors import NotAllowed
from dure.city.models import Area, ConsentPurpose, Role, User
from dure.city.roles import areas_of, roles_of


class Purpose(StrEnum):
    """Why somebody opens a record."""

    WELL_BEING_CHECK = "well_being_check"
    EMERGENCY = "emergency"
    HEALTH_CHECK = "health_check"
    FAMILY_SHARE = "family_share"
    ENROLMENT = "enrolment"
    CONSENT = "consent"
    COMPLAINT = "complaint"
    OVERSIGHT = "oversight"
    FAMILY = "family"
    OWN = "own"


WORDS = {
    Purpose.WELL_BEING_CHECK: _("안부를 살피려고"),
    Purpose.EMERGENCY: _("급한 일이 있어서"),
    Purpose.HEALTH_CHECK: _("건강 상태를 살피려고"),
    Purpose.FAMILY_SHARE: _("가족에게 알리려고"),
    Purpose.ENROLMENT: _("등록하려고"),
    Purpose.CONSENT: _("동의를 받거나 거두려고"),
    Purpose.COMPLAINT: _("민원을 처리하려고"),
    Purpose.OVERSIGHT: _("개인정보가 잘 지켜지는지 보려고"),
    Purpose.FAMILY: _("가족으로서"),
    Purpose.OWN: _("본인이"),
}
"""Why a record was opened, said to the person whose it is."""


@dataclass(frozen=True)
class Opening:
    """Who may open a record for one purpose.

    ``roles`` may in their areas; ``consent`` is needed whoever opens; ``automatic`` are the consents under any of which
    a process may open it with no person asking (개인정보 보호법 제15조·제37조의2), empty when none may; ``contacts``
    says whether family and neighbours are opened too.
    """

    roles: frozenset[Role]
    consent: ConsentPurpose | None = None
    automatic: tuple[ConsentPurpose, ...] = ()
    contacts: bool = False


_CARERS = frozenset({Role.CARE_WORKER, Role.WELFARE_OFFICER})

MAY_OPEN: dict[Purpose, Opening] = {
    Purpose.WELL_BEING_CHECK: Opening(_CARERS, automatic=(ConsentPurpose.AI_CALL,), contacts=True),
    # Art. 15(1)5: somebody's life is in danger, and consent cannot be waited for. A process opens a record for 119
    # only of somebody who agreed to be watched over: that is what the watching is for.
    Purpose.EMERGENCY: Opening(
        _CARERS | {Role.CONTROL_OPERATOR},
        automatic=(ConsentPurpose.POWER_WATCH, ConsentPurpose.HEALTH_WATCH),
        contacts=True,
    ),
    # Art. 23: health is sensitive, so nobody sees it without the person's own consent to that.
    Purpose.HEALTH_CHECK: Opening(
        _CARERS, consent=ConsentPurpose.HEALTH_WATCH, automatic=(ConsentPurpose.HEALTH_WATCH,), contacts=True
    ),
    Purpose.FAMILY_SHARE: Opening(
        _CARERS, consent=ConsentPurpose.FAMILY_SHARE, automatic=(ConsentPurpose.FAMILY_SHARE,), contacts=True
    ),
    Purpose.ENROLMENT: Opening(frozenset({Role.WELFARE_OFFICER}), contacts=True),
    Purpose.CONSENT: Opening(_CARERS),
    Purpose.COMPLAINT: Opening(frozenset({Role.CALL_AGENT, Role.DESK_LEAD, Role.OFFICER})),
    Purpose.OVERSIGHT: Opening(frozenset({Role.PRIVACY_OFFICER}), contacts=True),
    # Family with an account of their own: only of those whose contact they are (people.py), while these agree to it.
    Purpose.FAMILY: Opening(frozenset({Role.FAMILY}), consent=ConsentPurpose.FAMILY_SHARE),
    Purpose.OWN: Opening(frozenset({Role.CITIZEN}), contacts=True),
}


def holds_role_for(user: User | AnonymousUser, purpose: Purpose) -> bool:
    """Whether ``user`` holds, in whatever area, a role that may open records for ``purpose``."""
    return isinstance(user, User) and user.is_active and bool(roles_of(user) & MAY_OPEN[purpose].roles)


def reaches(user: User, area: Area, purpose: Purpose) -> bool:
    """Whether ``user`` holds such a role in ``area``."""
    return areas_of(user, *MAY_OPEN[purpose].roles).filter(id=area.id).exists()


def require_reach(actor: User | str, area: Area, purpose: Purpose) -> None:
    """Raise NotAllowed unless ``actor`` is a process of ours or holds a role for ``purpose`` in ``area``."""
    if isinstance(actor, str) or (holds_role_for(actor, purpose) and reaches(actor, area, purpose)):
        return
    raise NotAllowed("이 지역에서 그 일을 할 권한이 없습니다", "your role may not do this in this area")
