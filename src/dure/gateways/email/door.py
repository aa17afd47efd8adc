# SPDX-License-Identifier: Apache-2.0
"""The process between the mailbox and the record. A letter is filed after the commit that holds it, and never
otherwise: whatever stops this process, the letter is still there, and taken again it changes nothing."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from django.db import connections

from dure.city import clock, processes
from dure.city.errors import Unavailable
from dure.city.readings import available
from dure.gateways.email.mailbox import Account, Failure, Folder, Mailbox
from dure.gateways.email.taking import take

log = logging.getLogger(__name__)
NAME = "gateway-email"
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds between tries while the mailbox or the record cannot be reached: doubling."""
SIGN_EVERY = timedelta(seconds=5)
TRIES = 3
"""How often a letter is tried that the record refuses while it takes everything else."""


class MailDoor:
    """Empties one mailbox. ``own``: the desk's address. ``totals``: letters since it started, by where they went."""

    def __init__(self, account: Account, own: str, every: float = 30.0) -> None:
        self._account, self._own, self._every = account, own, every
        self.totals: Counter[str] = Counter()
        self._tries: Counter[bytes] = Counter()
        self.fault = ""
        self._wait = FIRST_WAIT
        self._signed_at = clock.real_now() - SIGN_EVERY

    def run(self, stop: threading.Event) -> None:
        """Serve until ``stop`` is set: look when the server says that a letter has come, and every so many seconds."""
        while not stop.is_set():
            try:
                with Mailbox(self._account) as mailbox:
                    self._serve(mailbox, stop)
            except Failure as error:
                self._set_fault(f"the mailbox: {error}")
            except Unavailable as error:
                self._set_fault(error.en)
                connections.close_all()
            else:
                continue
            self._sleep(stop, self._wait)
            self._wait = min(self._wait * 2, LONGEST_WAIT)
        with suppress(Unavailable), available():
            processes.leave(NAME)

    def _serve(self, mailbox: Mailbox, stop: threading.Event) -> None:
        while not stop.is_set():
            self.empty(mailbox, stop)
            self._set_fault("")
            self._wait = FIRST_WAIT
            self._await_letter(mailbox, stop)

    def _await_letter(self, mailbox: Mailbox, stop: threading.Event) -> None:
        """Until a letter may have come, or it is time to look; and go on saying that we live."""
        left = self._every
        while left > 0 and not stop.is_set():
            self._sign()
            if mailbox.wait(min(left, SIGN_EVERY.total_seconds()), stop):
                return
            left -= SIGN_EVERY.total_seconds()

    def empty(self, mailbox: Mailbox, stop: threading.Event) -> None:
        """Take and file every letter that waits, the first to come first."""
        while waiting := mailbox.waiting():
            for uid in waiting:
                if stop.is_set():
                    return
                folder = self._take(uid, mailbox.letter(uid))
                mailbox.file(uid, folder)
                self.totals[folder.name.lower()] += 1
                self._sign()

    def _take(self, uid: bytes, raw: bytes | None) -> Folder:
        """What becomes of one letter. A fault of ours in one must not keep the next from being read."""
        try:
            with available():
                return take(raw, self._own)
        except Unavailable:
            self._tries[uid] += 1
            if self._tries[uid] < TRIES or not self._write_sign():
                raise
            log.exception("the record takes signs of life but not one letter; it lies in %s", Folder.REFUSED)
        except Exception:
            log.exception("a letter could not be taken; it lies in %s", Folder.REFUSED)
        return Folder.REFUSED

    def _sleep(self, stop: threading.Event, seconds: float) -> None:
        """Wait, and go on saying that we live."""
        left = seconds
        while left > 0 and not stop.is_set():
            self._sign()
            stop.wait(min(left, SIGN_EVERY.total_seconds()))
            left -= SIGN_EVERY.total_seconds()

    def _set_fault(self, fault: str) -> None:
        if fault and fault != self.fault:
            log.warning("%s: %s", NAME, fault)
        self.fault = fault

    def _sign(self) -> None:
        now = clock.real_now()
        if abs(now - self._signed_at) < SIGN_EVERY:
            return
        self._signed_at = now
        self._write_sign()

    def _write_sign(self) -> bool:
        """Whether the record took it."""
        try:
            with available():
                processes.alive(NAME, {"letters": dict(self.totals), "fault": self.fault})
        except Unavailable as error:
            log.warning("%s: no sign of life written: %s", NAME, error.en)
            connections.close_all()
            return False
        return True
