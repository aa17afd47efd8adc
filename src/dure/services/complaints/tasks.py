# SPDX-License-Identifier: Apache-2.0
"""What the complaint desk does on the clock."""

from __future__ import annotations

from dure.city.worker import Lane, every
from dure.services.complaints import assist, watch
from dure.services.complaints.actions import pauses, sending, talks, transfers


@every(seconds=10, lane=Lane.OUTSIDE)
def deliver_messages() -> None:
    """Answers go to citizens by e-mail and chat."""
    sending.deliver()


@every(minutes=5, lane=Lane.OUTSIDE)
def keep_assistant() -> None:
    """What a city's duties and texts teach is learned here, before a page asks: for a large city it takes minutes."""
    assist.get().learn()


@every(minutes=1)
def return_unanswered_transfers() -> None:
    """What a department has not taken in time comes back to the desk."""
    transfers.return_unanswered()


@every(minutes=1)
def answer_at_night() -> None:
    """What is safe to say is said while offices are closed, where the city wants it so."""
    watch.answer_at_night()


@every(minutes=5)
def watch_clocks() -> None:
    """What nobody sorts and what is nearly late is told; the clock goes on where a citizen did not answer in time."""
    pauses.end_overdue_pauses()
    watch.tell_unsorted()
    watch.tell_near_due()


@every(minutes=60)
def tell_progress() -> None:
    """Who waits for long is told how it stands."""
    watch.tell_progress()


@every(minutes=60)
def remove_old_pictures() -> None:
    """Photos are kept for a while only."""
    watch.remove_old_pictures()


@every(minutes=10)
def end_stale_talks() -> None:
    """Talks at the chat that nobody goes on with are forgotten."""
    talks.end_stale_talks()
