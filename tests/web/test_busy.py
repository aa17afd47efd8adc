# SPDX-License-Identifier: Apache-2.0
"""Who comes while others keep the record is asked to come again, by the server as it is served."""

from __future__ import annotations

import sqlite3

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient

from dure.city.models import AuditEntry, Role
from tests.conftest import City

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's writers wait for rows, not for the record"),
]


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "지금 기록이 몹시 바쁩니다"), ("en", "The record is very busy just now")]
)
def test_page_of_a_locked_record_says_so_and_when_to_come_again(city: City, language: str, words: str) -> None:
    client = AsyncClient(raise_request_exception=False)
    client.force_login(city.users[Role.PRIVACY_OFFICER])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        before = AuditEntry.objects.count()
        answer = async_to_sync(client.get)("/audit/", headers={"accept-language": language})
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert words in answer.content.decode()
    assert AuditEntry.objects.count() == before
    assert async_to_sync(client.get)("/audit/").status_code == 200
