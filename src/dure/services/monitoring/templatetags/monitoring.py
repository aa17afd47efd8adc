# SPDX-License-Identifier: Apache-2.0
"""What monitoring's templates say of figures and ranges, and whose case a case is."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from dure.city import people
from dure.city.errors import DureError
from dure.city.models import Case
from dure.city.people import PersonRecord, Purpose
from dure.engines.vitals import Range, Vital, words
from dure.services.monitoring.queries import SignLine

register = template.Library()


def _language() -> words.Language:
    return "en" if (get_language() or "ko").startswith("en") else "ko"


@register.filter
def figure(line: SignLine) -> str:
    """The newest value with its unit, as people speak of it; "" where there is none."""
    return "" if line.value is None else words.figure(line.vital, line.value, _language())


@register.filter
def usual(line: SignLine) -> str:
    """What is usual and who says so; "" where nothing is known to be."""
    return "" if line.usual is None else words.usual_words(line.vital, line.usual, _language())


@register.filter
def edges(kept: object) -> str:
    """From where to where a kept range goes, with its unit."""
    low, high, sign = (getattr(kept, name) for name in ("low", "high", "sign"))
    whole = words.figure(Vital(sign), high, _language())
    return f"{Range(low, high, words.Source.CLINICIAN).low:g}–{whole}"


@register.simple_tag(takes_context=True)
def person_of(context: template.Context, case: Case) -> PersonRecord | None:
    """Whom the case is about, opened and audited; None for a reader who may not know them.

    Not under ``health_check``: somebody who fell is reached whether or not they still agree to be watched.
    """
    ref = case.about.partition("person:")[2]
    try:
        return people.access_person(context["request"].user, ref, Purpose.WELL_BEING_CHECK)
    except DureError:
        return None
