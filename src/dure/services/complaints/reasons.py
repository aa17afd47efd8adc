# SPDX-License-Identifier: Apache-2.0
"""Why somebody of the city did what a citizen or another department has to live with."""

from __future__ import annotations

from dure.city.errors import Invalid

LONGEST_REASON = 200


def checked_reason(reason: str) -> str:
    """``reason`` without the space around it. Raises Invalid (``reason``) where it says nothing or too much."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        words = f"까닭을 1~{LONGEST_REASON}자로 적어 주세요", f"say why in 1 to {LONGEST_REASON} characters"
        raise Invalid(*words, field="reason")
    return reason
