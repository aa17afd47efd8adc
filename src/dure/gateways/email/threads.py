# SPDX-License-Identifier: Apache-2.0
"""Which letter answers which: the city's own letters have names that nobody can guess.

Whoever writes back under such a name (In-Reply-To, References: RFC 5322 §3.6.4) has had the letter in hand. A number in
a subject anybody can know, and a citizen's own Message-ID has passed through other hands, so those count only from the
address that the complaint has.
"""

from __future__ import annotations

import hmac
import re

from dure.city.sealed import blind_index
from dure.gateways.email.letters import Letter
from dure.services.complaints.access import reporter_of
from dure.services.complaints.models import Complaint, Door, Message

_OURS = re.compile(r"<C-\d{4}-\d+\.(\d{1,18})\.([0-9a-f]{24})@")


def name_of(message: Message, number: str, domain: str) -> str:
    """The Message-ID of the letter that brings ``message``: the same for all tries."""
    return f"<{number}.{message.pk}.{_seal(message.pk)}@{domain}>"


def continued(letter: Letter) -> Complaint | None:
    """The complaint that a letter goes on with; None for a letter of its own."""
    for ref in reversed(letter.refs):
        ours = _OURS.match(ref)
        if ours and hmac.compare_digest(ours[2], _seal(int(ours[1]))):
            return Complaint.objects.filter(messages=int(ours[1])).first()
    named = Complaint.objects.filter(number__in=letter.numbers)
    theirs = Complaint.objects.filter(door=Door.EMAIL, outside_ref__in=letter.refs)
    return next((one for one in (*named, *theirs) if is_of(one, letter)), None)


def is_of(complaint: Complaint, letter: Letter) -> bool:
    """Whether the letter comes from the address that the citizen has left."""
    return reporter_of(complaint).get("email", "").lower() == letter.address


def _seal(number: int) -> str:
    return blind_index(f"letter:{number}")[:24]
