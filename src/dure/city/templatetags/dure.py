# SPDX-License-Identifier: Apache-2.0
"""What every template may use without loading it."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def in_language(words: Mapping[str, str] | None) -> str:
    """Words kept in both languages (``{"ko": …, "en": …}``), in the reader's."""
    if not words:
        return ""
    language = (get_language() or "ko")[:2]
    return words.get(language) or words["ko"]
