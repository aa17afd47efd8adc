# SPDX-License-Identifier: Apache-2.0
"""What becomes of a letter: a complaint, a word more to one, or nothing. Taken again it changes nothing."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from dure.city import clock, pictures, rules
from dure.city.errors import Conflict, DureError, Invalid, Unavailable
from dure.city.sealed import blind_index
from dure.gateways.email import threads
from dure.gateways.email.letters import Letter, read
from dure.gateways.email.mailbox import Folder
from dure.services.complaints.actions.citizen import add_words
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Door
from dure.services.complaints.rules import DeskRules

log = logging.getLogger(__name__)
ACTOR = "gateway:email"
NAMESPACE = uuid5(NAMESPACE_URL, "dure/email")
PER_HOUR = 20
"""Complaints by mail from one address; more come from no person, and answering them would keep a loop going."""
MOST_PICTURE_BYTES = 15 * 2**20


def take(raw: bytes | None, own: str) -> Folder:
    """Where a letter belongs, once what it says is on disk. ``own``: the desk's address.

    Raises Unavailable when nothing can be kept now: the letter must stay where it is.
    """
    if raw is None:
        return Folder.REFUSED
    try:
        letter = read(raw)
        if letter.automatic or letter.address == own.lower() or _is_too_much(letter):
            return Folder.AUTOMATIC
        _keep(letter)
    except Unavailable:
        raise
    except (DureError, ValueError) as error:
        log.warning("a letter was put aside: %s", error.en if isinstance(error, DureError) else error)
        return Folder.REFUSED
    return Folder.TAKEN


def _keep(letter: Letter) -> None:
    if "@" not in letter.address:
        raise Invalid("보낸 이의 주소가 없습니다", "has no sender's address", field="From")
    text = letter.text or letter.subject
    if not text:
        raise Invalid("글이 없습니다", "has no text", field="text")
    clean, unread = _pictures(letter)
    before = threads.continued(letter)
    if before is not None:
        try:
            _add(before, letter, text, clean)
            return
        except Conflict:
            log.info("a word more for a complaint that has ended: a new one")
    note = f"\n[사진 {unread}장은 받지 못했습니다 · {unread} photos could not be taken]" if unread else ""
    receive(
        Received(
            door=Door.EMAIL,
            text=f"{text}{note}",
            title=letter.subject[:120],
            name=letter.name,
            email=letter.address,
            outside_ref=letter.ref,
            follows=before.number if before is not None else "",
            client_id=uuid5(NAMESPACE, letter.ref),
            pictures=clean,
        ),
        actor=ACTOR,
    )


def _add(complaint: Complaint, letter: Letter, text: str, clean: tuple[bytes, ...]) -> None:
    number = uuid5(NAMESPACE, f"added\n{letter.ref}")
    if not threads.is_of(complaint, letter):
        text = f"{text}\n[다른 주소에서 답장함 · answered from another address]"
    try:
        add_words(complaint, text, client_id=number, pictures=clean)
    except Invalid as error:
        if error.field != "pictures":
            raise
        note = f"\n[사진 {len(clean)}장은 받지 못했습니다 · {len(clean)} photos could not be taken]"
        add_words(complaint, f"{text}{note}", client_id=number)


def _is_too_much(letter: Letter) -> bool:
    since = clock.now() - timedelta(hours=1)
    by_them = Complaint.objects.filter(door=Door.EMAIL, reporter_index=blind_index(f"reporter:{letter.address}"))
    return by_them.filter(received_at__gt=since).exclude(outside_ref=letter.ref).count() >= PER_HOUR


def _pictures(letter: Letter) -> tuple[tuple[bytes, ...], int]:
    """As many as the rules allow of those that can be read, and how many were left out."""
    most = rules.load(DeskRules, "complaints").most_pictures
    clean: list[bytes] = []
    for picture in letter.pictures:
        if len(clean) < most:
            with suppress(Invalid):
                clean.append(pictures.made_anew(picture, most_bytes=MOST_PICTURE_BYTES))
    return tuple(clean), len(letter.pictures) - len(clean)
