# SPDX-License-Identifier: Apache-2.0
"""One IMAP mailbox. A letter stays in it until it is filed, and is filed only when what it says is on disk."""

from __future__ import annotations

import imaplib
import re
import select
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import BufferedReader
from typing import Any, Self, cast
from urllib.parse import unquote, urlsplit

PATIENCE = 60.0
STEP = 1.0
"""Seconds after which a wait looks whether it is to stop."""
MOST_BYTES = 25 * 2**20
"""What mail servers of the field take at most; a longer letter is put aside unread."""
AT_ONCE = 50
SCHEMES = {"imap": 143, "imap+tls": 143, "imaps": 993}
Failure = (imaplib.IMAP4.error, OSError, ssl.SSLError)
"""What the other side or the way to it can raise."""


class Folder(StrEnum):
    """Where a letter is put when it is done with."""

    TAKEN = "dure-taken"
    AUTOMATIC = "dure-automatic"
    REFUSED = "dure-refused"


@dataclass(frozen=True)
class Account:
    """Where the mailbox is: ``imaps`` (TLS from the start), ``imap+tls`` (STARTTLS) or ``imap`` (in the clear)."""

    scheme: str
    host: str
    port: int
    user: str
    folder: str = "INBOX"
    password: str = field(default="", repr=False)
    authorities: str | None = None

    @classmethod
    def parse(cls, url: str, password: str, authorities: str | None = None) -> Account:
        """Read ``imaps://user@host:993/INBOX``. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname or not parts.username:
            raise ValueError(f"expected imaps://user@host[:port][/folder] (or imap+tls, imap), got {url!r}")
        folder = unquote(parts.path.strip("/")) or "INBOX"
        port = parts.port or SCHEMES[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, unquote(parts.username), folder, password, authorities)


class Mailbox:
    """A session. Every method raises one of Failure when it is lost."""

    def __init__(self, account: Account) -> None:
        self._imap = _connected(account)
        try:
            self._open(account)
        except BaseException:
            self._imap.shutdown()
            raise

    def _open(self, account: Account) -> None:
        self._imap.login(account.user, account.password)
        # What a server can do it says in full only to who has signed in; imaplib asked before.
        self._can = set(bytes(_answered(self._imap.capability())[0]).decode().upper().split())
        self._folders = self._made_folders()
        _answered(self._imap.select(_quoted(account.folder)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._imap.logout()
        except Failure:
            self._imap.shutdown()

    def waiting(self) -> list[bytes]:
        """Numbers (UID) of letters that nobody has filed yet, the first to come first."""
        self._imap.noop()
        found = _answered(self._imap.uid("SEARCH", "UNDELETED"))
        return sorted(bytes(found[0] or b"").split(), key=int)[:AT_ONCE]

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait until the server says that something has changed (RFC 2177), at most so long; whether it did. Until
        then where it cannot say so."""
        if "IDLE" not in self._can:
            stop.wait(seconds)
            return False
        self._imap.send(b"WAIT IDLE\r\n")
        while not (line := self._line()).startswith(b"+"):
            if not line.startswith(b"*"):
                raise imaplib.IMAP4.error(f"the server does not wait: {line[:80]!r}")
        spoken, left = self._has_more(), seconds
        while not spoken and left > 0 and not stop.is_set():
            select.select([self._imap.sock], [], [], min(STEP, left))
            spoken, left = self._has_more(), left - STEP
        self._imap.send(b"DONE\r\n")
        while not (line := self._line()).startswith(b"WAIT "):
            spoken = spoken or b" EXISTS" in line
        return spoken

    def _line(self) -> bytes:
        line = bytes(self._imap.readline())
        if not line:
            raise imaplib.IMAP4.abort("the server has gone")
        return line

    def _has_more(self) -> bool:
        """Whether there is something to read at once: also what was read together with the line before, or lies
        decrypted, of which the socket itself knows nothing."""
        self._imap.sock.setblocking(False)
        try:
            return bool(cast(BufferedReader, self._imap.file).peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            self._imap.sock.settimeout(PATIENCE)

    def letter(self, uid: bytes) -> bytes | None:
        """A letter's bytes, or None when it is too long. Reading does not mark it as read."""
        size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(self._parts(uid, "(RFC822.SIZE)")))
        if size is None:
            raise imaplib.IMAP4.error(f"letter {uid!r} has gone")
        if int(size[1]) > MOST_BYTES:
            return None
        return max(self._parts(uid, "(BODY.PEEK[])"), key=len)

    def _parts(self, uid: bytes, what: str) -> list[bytes]:
        return list(_bytes_in(_answered(self._imap.uid("FETCH", uid.decode(), what))))

    def file(self, uid: bytes, folder: Folder) -> None:
        """Mark a letter as read and put it where it belongs; one that is put aside unread stays so."""
        number, place = uid.decode(), self._folders[folder]
        if folder is Folder.TAKEN:
            _answered(self._imap.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
        if "MOVE" in self._can:
            _answered(self._imap.uid("MOVE", number, place))
            return
        _answered(self._imap.uid("COPY", number, place))
        _answered(self._imap.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
        _answered(self._imap.uid("EXPUNGE", number) if "UIDPLUS" in self._can else self._imap.expunge())

    def _made_folders(self) -> dict[Folder, str]:
        prefix = self._prefix()
        made = {folder: _quoted(f"{prefix}{folder}") for folder in Folder}
        for place in made.values():
            if _answered(self._imap.list('""', place)) == [None]:
                _answered(self._imap.create(place))
        return made

    def _prefix(self) -> str:
        """What a folder of one's own begins with on this server (RFC 2342)."""
        if "NAMESPACE" not in self._can:
            return ""
        own = re.match(rb'\(\("([^"]*)"', bytes(_answered(self._imap.namespace())[0] or b""))
        return own[1].decode() if own else ""


def _connected(account: Account) -> imaplib.IMAP4:
    context = ssl.create_default_context(cafile=account.authorities)
    if account.scheme == "imaps":
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=PATIENCE)
    imap = imaplib.IMAP4(account.host, account.port, timeout=PATIENCE)
    try:
        if account.scheme == "imap+tls":
            imap.starttls(context)
    except BaseException:
        imap.shutdown()
        raise
    return imap


def _answered(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"the server answered {status}")
    return data


def _bytes_in(data: list[Any]) -> Iterator[bytes]:
    for one in data:
        if isinstance(one, bytes):
            yield one
        elif isinstance(one, tuple):
            yield from _bytes_in(list(one))


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
