# SPDX-License-Identifier: Apache-2.0
"""The privacy officer's page: who looked at whom, and why. Looking at it is on the chain too."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dure.city import audit
from dure.city.errors import NotFound
from dure.city.models import AuditEntry, Role, User
from dure.city.oversight import entries_about
from dure.city.roles import open_to, user_of
from dure.web import audit_words

PAGE = 50
FILTERS = {
    "actor": gettext_lazy("누가"),
    "subject": gettext_lazy("누구를"),
    "tag": gettext_lazy("무엇"),
    "purpose": gettext_lazy("왜"),
}
"""Fields that are searched, with what they are called; a search finds what begins with what was typed."""
PERSON = re.compile(r"person:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
"""Asked for a whole person, the page shows what concerns them in lists, cases and their home, too."""


@require_safe
@open_to(Role.PRIVACY_OFFICER)
def audit_page(request: HttpRequest) -> HttpResponse:
    """The newest entries that fit what is asked for, a page at a time (``before``: the entries below that number)."""
    asked = {name: value for name in FILTERS if (value := request.GET.get(name, "").strip())}
    entries = list(_entries(user_of(request), asked, request.GET.get("before", ""))[: PAGE + 1])
    audit.record(
        audit.Tag.Audit.VIEWED, actor=request.user, subject="audit:chain", purpose="oversight", detail={"asked": asked}
    )
    shown = entries[:PAGE]
    context = {
        "entries": shown,
        "lines": audit_words.lines(shown),
        "older": shown[-1].seq if len(entries) > PAGE else None,
        "filters": [(name, label, asked.get(name, "")) for name, label in FILTERS.items()],
        "asked": asked,
    }
    return render(request, "audit.html", context)


def _entries(user: User, asked: dict[str, str], before: str) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.order_by("-seq")
    others = dict(asked)
    if person := PERSON.fullmatch(asked.get("subject", "")):
        del others["subject"]
        try:
            found = entries_about(user, UUID(person[1]))
        except NotFound:
            return found.none()
    found = found.filter(**{f"{name}__startswith": value for name, value in others.items()})
    return found.filter(seq__lt=int(before)) if before.isdecimal() else found
