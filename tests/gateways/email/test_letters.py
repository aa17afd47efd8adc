# SPDX-License-Identifier: Apache-2.0
"""What is read out of letters as mail programs really write them."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.gateways.email.letters import REPLY_ABOVE, read


def letter(text: str = "가로등이 꺼졌어요", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": "김순자 <Soonja@Example.org>", "Subject": "가로등", "Message-ID": "<1@example.org>"} | headers
    for name, value in given.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_a_plain_letter() -> None:
    found = read(letter("가로등이\u00a0꺼졌어요\r\n\r\n\r\n\r\n부탁드려요 \u200b").as_bytes())
    assert (found.name, found.address, found.subject) == ("김순자", "soonja@example.org", "가로등")
    assert (found.ref, found.text) == ("<1@example.org>", "가로등이 꺼졌어요\n\n부탁드려요")
    assert not found.automatic


def test_html_alone_is_reduced_to_its_words() -> None:
    made = letter()
    made.set_content(
        "<html><head><title>t</title><style>p{}</style></head><body><p>길이 <b>패었</b>어요 &amp; 위험</p>"
        "<script>alert(1)</script><div>빨리요<br>정말</div></body></html>",
        subtype="html",
    )
    assert read(made.as_bytes()).text == "길이 패었어요 & 위험\n빨리요\n정말"


@pytest.mark.parametrize("charset", ["euc-kr", "ks_c_5601-1987", "no-such-charset", "us-ascii"])
def test_korean_under_whatever_name_a_program_gives_its_code_page(charset: str) -> None:
    subject = Header("똠방각하", "cp949").encode().replace("cp949", "euc-kr" if "5601" in charset else "cp949")
    head = f"From: a@example.org\r\nSubject: {subject}\r\nContent-Type: text/plain; charset={charset}\r\n"
    raw = head.encode() + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "뷁, 가로등이 꺼졌어요".encode("cp949")
    assert read(raw).text == "뷁, 가로등이 꺼졌어요"


def test_a_reply_is_without_what_it_quotes() -> None:
    said = f"아직도 꺼져 있어요\n\n2026년 11월 2일, 시청 작성:\n> 접수했습니다\n> {REPLY_ABOVE}\n> C-2026-000001"
    found = read(letter(said, Subject="Re: [C-2026-000001] 접수 알림").as_bytes())
    assert found.numbers == ("C-2026-000001",)
    assert found.text == "아직도 꺼져 있어요\n\n2026년 11월 2일, 시청 작성:"


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<x.example.org>"}, {"Return_Path": "<>"}],
)
def test_what_a_program_wrote_is_known(headers: dict[str, str]) -> None:
    assert read(letter(**headers).as_bytes()).automatic
    assert not read(letter(Auto_Submitted="no").as_bytes()).automatic


def test_without_a_message_id_the_letter_itself_is_its_name() -> None:
    one, same, other, long = (letter(text) for text in ("하나", "하나", "둘", "셋"))
    for made in (one, same, other):
        del made["Message-ID"]
    refs = [read(made.as_bytes()).ref for made in (one, same, other)]
    assert refs[0] == refs[1] != refs[2]
    long.replace_header("Message-ID", f"<{'x' * 300}@example.org>")
    ref = read(long.as_bytes()).ref
    assert ref.startswith("sha256:")
    assert len(ref) <= 200


@given(st.binary(max_size=400))
def test_whatever_bytes_come_are_a_letter_or_refused(raw: bytes) -> None:
    for content in (raw, b"From: a@example.org\r\nContent-Type: " + raw, b"Content-Type: multipart/mixed;" + raw):
        try:
            found = read(content)
        except ValueError:
            continue
        assert "\0" not in found.text
        found.text.encode()
        found.name.encode()
