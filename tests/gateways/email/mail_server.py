# SPDX-License-Identifier: Apache-2.0
"""A real IMAP server (Dovecot, from the system's packages) in a folder of its own, on free ports of 127.0.0.1."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dure.gateways.email.mailbox import Account, Folder
from tests.gateways.running import wait_until
from tests.postgres_cluster import free_port

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
USER, PASSWORD = "desk", "a-password-for-tests"
SETTINGS = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
disable_plaintext_auth = no
ssl = {ssl}
mail_location = maildir:{home}/mail
mailbox_list_index = no
{more}
first_valid_uid = 1
namespace {{
  inbox = yes
  prefix = {prefix}
  separator = .
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class MailServer:
    """One mailbox, whose letters are put in as another mail server would put them. Root starts it as ``nobody``.

    ``prefix``: what its folders begin with. ``certificate``: PEM of a key and its certificate, for STARTTLS.
    ``settings``: more lines of them.
    """

    def __init__(self, *, prefix: str = "", certificate: bytes = b"", settings: str = "") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="dure-mail-"))
        self.port = free_port()
        self.scheme = "imap+tls" if certificate else "imap"
        self._certificate = self.home / "server.pem" if certificate else None
        if self._certificate:
            self._certificate.write_bytes(certificate)
        self._server: subprocess.Popen[bytes] | None = None
        root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        keys = f"\nssl_cert = <{self._certificate}\nssl_key = <{self._certificate}\n" if certificate else ""
        text = SETTINGS.format(
            home=self.home,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            ssl="yes" if certificate else "no",
            prefix=prefix,
            password=PASSWORD,
            port=self.port,
            more=settings,
        )
        (self.home / "dovecot.conf").write_text(text + keys)
        if root:
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
        self._as_owner = ["setpriv", "--pdeathsig", "TERM"]
        if root:
            ids = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
            self._as_owner += ids

    def __enter__(self) -> Self:
        command = [*self._as_owner, str(PROGRAM), "-F", "-c", str(self.home / "dovecot.conf")]
        with (self.home / "out").open("ab") as out:
            self._server = subprocess.Popen(command, stdout=out, stderr=out, cwd=self.home)
        try:
            wait_until(self._answers, "dovecot", 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(30)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def url(self) -> str:
        """Where the door finds it."""
        return f"{self.scheme}://{USER}@127.0.0.1:{self.port}/INBOX"

    def account(self) -> Account:
        """How the door gets in."""
        return Account.parse(self.url, PASSWORD, str(self._certificate) if self._certificate else None)

    def session(self) -> imaplib.IMAP4:
        """A session as the mailbox's owner, in the clear."""
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        session.login(USER, PASSWORD)
        return session

    def put(self, *letters: bytes) -> None:
        """Let letters arrive."""
        session = self.session()
        for letter in letters:
            answered = session.append("INBOX", "", "", letter)
            assert answered[0] == "OK", answered
        session.logout()

    def count(self, folder: Folder | str = "INBOX", prefix: str = "") -> int:
        """How many letters lie in a folder, 0 where it is not there yet."""
        session = self.session()
        status, found = session.select(f'"{prefix}{folder}"', readonly=True)
        session.logout()
        return int(found[0] or 0) if status == "OK" else 0

    def _answers(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            log = self.home / "log"
            said = (self.home / "out").read_text() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"dovecot ended:\n{said[-2000:]}")
        with suppress(OSError, imaplib.IMAP4.error):
            self.session().logout()
            return True
        return False


def self_signed() -> bytes:
    """A key, and a certificate for 127.0.0.1 by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)  # noqa: TID251 - certificates are of real time
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + made.public_bytes(pem)
