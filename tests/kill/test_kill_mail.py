# SPDX-License-Identifier: Apache-2.0
"""SIGKILL while letters are taken in: none is lost, none is there twice (DESIGN §6)."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.gateways.email import mail_server
from tests.gateways.email.mail_server import PASSWORD, MailServer
from tests.gateways.running import Running, wait_until

pytestmark = [
    pytest.mark.kill,
    pytest.mark.once,
    pytest.mark.skipif(mail_server.PROGRAM is None, reason="no dovecot is installed"),
]
LETTERS = 6
CITY = """
import django
django.setup()
from dure.city import teams
from dure.city.models import AreaLevel
from tests.factories import make_area
make_area("4199000000", AreaLevel.CITY, "두레시")
teams.set_team("민원실", [], service="complaints", actor="tests")
"""


def letter(number: int) -> bytes:
    made = EmailMessage()
    made["From"] = f"citizen-{number}@example.org"
    made["Message-ID"] = f"<{number}@example.org>"
    made["Subject"] = "가로등"
    made.set_content("가로등이 꺼졌어요")
    return bytes(made)


def test_the_mail_gateway_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    with MailServer() as mailbox, Running(tmp_path / "city") as platform:
        platform.create(0)
        assert platform.script(CITY) == 0
        mailbox.put(*map(letter, range(LETTERS)))

        def kept() -> int:
            return int(platform.query("SELECT count(*) FROM complaints_complaint")[0][0])

        for until in (1, LETTERS):
            platform.start_mail(mailbox.url, PASSWORD)
            wait_until(lambda most=until: kept() >= most, f"{until} complaints")  # type: ignore[misc]
            if until < LETTERS:
                platform.kill("mail")
        wait_until(lambda: mailbox.count() == 0, "an empty mailbox")

        refs = platform.query("SELECT outside_ref FROM complaints_complaint")
        assert sorted(refs) == sorted((f"<{number}@example.org>",) for number in range(LETTERS))
        assert kept() == LETTERS
