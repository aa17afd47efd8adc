# SPDX-License-Identifier: Apache-2.0
"""What a letter says: who, what, with which photos, and whether a person wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from hashlib import sha256
from html.parser import HTMLParser

from dure.city.plain_text import plain

LONGEST = 10_000
"""Characters of a letter that are taken; what is beyond is said to be cut off."""
REPLY_ABOVE = "── 이 줄 위에 답장을 써 주세요 · Reply above this line ──"
"""Stands in what we send; what follows it in a reply is our own words."""
MOST_REFS = 50
"""Of a long thread the last ones."""
_REF = re.compile(r"<[^<>\s]{1,198}>")
_NUMBER = re.compile(r"\bC-\d{4}-\d{6,}\b")
_BLANKS = re.compile(r"\n{3,}")
_KOREAN = {"euc-kr", "euc_kr", "ks_c_5601-1987", "ks_c_5601_1987", "ksc5601", "ks_c_5601", "cp949", "uhc"}
"""Names under which mail programs send what is really code page 949, which holds all of them."""
_BLOCKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "table"}
_UNSEEN = {"script", "style", "head", "title"}


@dataclass(frozen=True)
class Letter:
    """One letter. ``ref``: its Message-ID, or a digest of it where there is none or it is too long.

    ``numbers``: what may be complaint numbers in the subject. ``refs``: the letters that it answers, the first first.
    ``automatic``: a program wrote it, and must not be answered (RFC 3834).
    """

    ref: str
    name: str
    address: str
    subject: str
    text: str
    numbers: tuple[str, ...]
    automatic: bool
    refs: tuple[str, ...] = ()
    pictures: tuple[bytes, ...] = ()


def read(raw: bytes) -> Letter:
    """A letter from its bytes, however badly it is written. Raises ValueError when there is no letter in them."""
    try:
        message = message_from_bytes(raw, policy=policy.default)
        name, address = parseaddr(_header(message, "From"))
        subject = _header(message, "Subject")
        pictures = list(_pictures(message))
        text = _text_of(message)
    except (MessageError, LookupError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(f"cannot be read: {type(error).__name__}") from error
    numbers = tuple(_NUMBER.findall(subject))
    return Letter(
        ref=_ref(_header(message, "Message-ID"), raw),
        name=name.strip()[:40],
        address=address.strip().lower()[:254],
        subject=subject[:200],
        text=_own_words(text, reply=bool(numbers) or REPLY_ABOVE in text),
        numbers=numbers,
        automatic=_is_automatic(message),
        refs=tuple(_REF.findall(f"{_header(message, 'References')} {_header(message, 'In-Reply-To')}")[-MOST_REFS:]),
        pictures=tuple(pictures),
    )


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(plain(str(message.get(name, ""))).split())


def _ref(message_id: str, raw: bytes) -> str:
    return message_id if 2 < len(message_id) <= 200 else f"sha256:{sha256(message_id.encode() or raw).hexdigest()}"


def _is_automatic(message: EmailMessage) -> bool:
    """Whether a program wrote it: another's auto-reply, a bounce, a list."""
    submitted = _header(message, "Auto-Submitted").lower()
    return (
        submitted not in {"", "no"}
        or _header(message, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}
        or _header(message, "Return-Path") == "<>"
        or any(name in message for name in ("List-Id", "X-Autoreply", "X-Autorespond"))
        or message.get_content_type() == "multipart/report"
    )


def _pictures(message: EmailMessage) -> Iterator[bytes]:
    for part in message.walk():
        if part.get_content_type() in {"image/jpeg", "image/png"} and isinstance(
            content := part.get_payload(decode=True), bytes
        ):
            yield content


def _text_of(message: EmailMessage) -> str:
    """The plain part, else the HTML one reduced to its text."""
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None or not isinstance(payload := body.get_payload(decode=True), bytes):
        return ""
    text = _decoded(payload, (body.get_content_charset() or "utf-8").lower())
    return text_of_html(text) if body.get_content_type() == "text/html" else text


def _decoded(payload: bytes, charset: str) -> str:
    for one in ("cp949" if charset in _KOREAN else charset, "utf-8", "cp949"):
        try:
            return payload.decode(one)
        except (LookupError, UnicodeDecodeError):
            continue
    return payload.decode("utf-8", errors="replace")


def _own_words(text: str, *, reply: bool) -> str:
    """What the writer wrote themselves, without what they quote of us."""
    text = plain(text)
    if reply:
        text = text.split(REPLY_ABOVE)[0]
        text = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    text = _BLANKS.sub("\n\n", text).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[… 뒤는 잘렸습니다 · the rest was cut off]"


def text_of_html(html: str) -> str:
    """The words of an HTML text, a line a block."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    return "\n".join(lines)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(" ".join(data.split("\n")))
