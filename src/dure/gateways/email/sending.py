# SPDX-License-Identifier: Apache-2.0
"""What the city says to a citizen, as a letter, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.utils import translation

from dure.city import clock
from dure.city.errors import Unavailable
from dure.gateways.email.letters import REPLY_ABOVE
from dure.gateways.email.threads import name_of
from dure.services.complaints.actions.sending import Outgoing, Undeliverable, register_sender
from dure.services.complaints.models import Complaint, Door, MessageKind

PATIENCE = 30.0
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def register() -> None:
    """Have the desk's outbox bring by mail what is to go by mail. Where no server is set it says so on the case."""
    if settings.DURE_SMTP_URL and settings.DURE_MAIL_FROM:
        register_sender(Door.EMAIL, post)


def post(outgoing: Outgoing) -> None:
    """Give one message to the mail server; when this returns the server answers for it.

    The letter's Message-ID is made of the message's number, so that a copy that had to be sent again is known as one.
    Raises Undeliverable when the server will never take it, Unavailable when it should be tried again.
    """
    if not outgoing.to:
        raise Undeliverable("no address")
    letter = letter_of(outgoing)
    try:
        with _session(urlsplit(settings.DURE_SMTP_URL)) as session:
            session.send_message(letter)
    except (UnicodeError, smtplib.SMTPNotSupportedError) as error:
        raise Undeliverable("an address that this server cannot write") from error
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        raise _refusal(code, of_letter=True) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, of_letter=isinstance(error, smtplib.SMTPDataError)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable("메일 서버에 닿지 않습니다", f"the mail server: {type(error).__name__}") from error


def letter_of(outgoing: Outgoing) -> EmailMessage:
    """The letter: nothing of the complaint in its subject but the number."""
    message, complaint = outgoing.message, outgoing.message.complaint
    letter = EmailMessage()
    letter["From"] = settings.DURE_MAIL_FROM
    letter["To"] = outgoing.to
    letter["Subject"] = f"[{outgoing.number}] {_kind(outgoing)}"
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = name_of(message, outgoing.number, settings.DURE_MAIL_FROM.rpartition("@")[2])
    if thread := _thread(complaint):
        letter["In-Reply-To"] = letter["References"] = thread
    # RFC 3834: so that no program answers this one.
    letter["Auto-Submitted"] = "auto-replied" if message.automatic else "auto-generated"
    letter.set_content(f"{outgoing.text}\n\n{REPLY_ABOVE}\n{outgoing.number}\n")
    return letter


def _kind(outgoing: Outgoing) -> str:
    with translation.override(outgoing.language):
        return str(MessageKind(outgoing.kind).label)


def _thread(complaint: Complaint) -> str:
    """The letter that it answers."""
    ref = complaint.outside_ref
    return ref if complaint.door == Door.EMAIL and ref.startswith("<") and ref.endswith(">") else ""


def _session(url: SplitResult) -> smtplib.SMTP:
    if url.scheme not in PORTS or not url.hostname:
        raise Unavailable("DURE_SMTP_URL을 읽을 수 없습니다", "DURE_SMTP_URL must be smtp, smtp+tls or smtps://host")
    port, context = url.port or PORTS[url.scheme], ssl.create_default_context()
    if url.scheme == "smtps":
        session: smtplib.SMTP = smtplib.SMTP_SSL(url.hostname, port, timeout=PATIENCE, context=context)
    else:
        session = smtplib.SMTP(url.hostname, port, timeout=PATIENCE)
    try:
        if url.scheme == "smtp+tls":
            session.starttls(context=context)
        if url.username:
            session.login(unquote(url.username), settings.DURE_SMTP_PASSWORD)
    except smtplib.SMTPNotSupportedError as error:  # of the server, not of one letter
        session.close()
        raise Unavailable("메일 서버가 할 수 없습니다", "the mail server cannot STARTTLS or AUTH") from error
    except BaseException:
        session.close()
        raise
    return session


def _refusal(code: int, *, of_letter: bool) -> Undeliverable | Unavailable:
    """What a server's answer means: for good (5xx) only where it is about this letter or its reader, and not about us.
    Its words may hold the address, so they are not passed on."""
    if of_letter and code >= 500:
        return Undeliverable(f"SMTP {code}")
    return Unavailable(f"메일 서버가 {code}로 답했습니다", f"the mail server answered {code}")
