# SPDX-License-Identifier: Apache-2.0
"""What the city says to a citizen at the chat: it lies there until the citizen's next message."""

from __future__ import annotations

from dure.services.complaints.actions import talks
from dure.services.complaints.actions.sending import Outgoing, register_sender
from dure.services.complaints.models import Door, MessageKind


def register() -> None:
    """Have the desk's outbox leave what is to be said at the chat where the citizen's next message finds it."""
    register_sender(Door.CHAT, bring)


def bring(outgoing: Outgoing) -> None:
    """The chat's sender. The receipt was the answer to the citizen's own message, so they have had it."""
    if outgoing.kind != MessageKind.RECEIPT:
        talks.leave_word(outgoing.message, outgoing.text)
