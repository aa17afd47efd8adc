# SPDX-License-Identifier: Apache-2.0
"""What care adds to a page that belongs to every service: who lives where a case is about."""

from __future__ import annotations

from django import template

from dure.city import reviews
from dure.city.errors import DureError
from dure.city.models import Case
from dure.services.care import queries
from dure.services.care.queries import HomeOfCase

register = template.Library()


@register.simple_tag
def people_decide(case: Case) -> bool:
    """Whether the person refuses automatic decisions, so that nothing rings by itself."""
    return reviews.refused(case)


@register.simple_tag(takes_context=True)
def home_of(context: template.Context, case: Case) -> HomeOfCase | None:
    """The people of the case's home, opened and audited; None for a reader who may not know them."""
    try:
        return queries.home_of_case(context["request"].user, case)
    except DureError:
        return None
