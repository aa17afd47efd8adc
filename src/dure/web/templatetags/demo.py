# SPDX-License-Identifier: Apache-2.0
"""The demo's own sign-ins on its login page. In a real city there is nothing to show."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from dure.web.demo.people import PASSWORD, offered

register = template.Library()


@register.inclusion_tag("account/demo_sign_ins.html", takes_context=True)
def demo_sign_ins(context: template.Context) -> dict[str, Any]:
    """A button for each person of the demo, who signs in at once."""
    people = offered() if settings.DURE_SIMULATION else ()
    return {"people": people, "password": PASSWORD, "csrf_token": context.get("csrf_token")}
