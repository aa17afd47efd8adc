# SPDX-License-Identifier: Apache-2.0
"""How masked words are shown: what stands in the place of a name is called a name."""

from __future__ import annotations

import re

from django import template
from django.utils.translation import gettext, gettext_lazy

register = template.Library()
_MARK = re.compile(r"⟦([A-Z]+)_\d+⟧")
KINDS = {
    "NAME": gettext_lazy("이름"),
    "PHONE": gettext_lazy("전화번호"),
    "ADDRESS": gettext_lazy("주소"),
    "MAIL": gettext_lazy("전자우편"),
    "PLATE": gettext_lazy("차 번호"),
    "ACCOUNT": gettext_lazy("계좌"),
    "CARD": gettext_lazy("카드"),
}


@register.filter
def shown(masked: str) -> str:
    """``⟦PHONE_1⟧로 알려 주세요`` → ``[전화]로 알려 주세요``."""
    return _MARK.sub(lambda mark: f"[{KINDS.get(mark[1]) or gettext('가린 것')}]", masked)
