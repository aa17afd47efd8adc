# SPDX-License-Identifier: Apache-2.0
"""Nothing that names a person is on the disk or in a log in clear."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from tests.city.own_city import OwnCity

SECRETS = ("남궁바다하늘", "01098765432", "010-9876-5432", "별빛언덕길 77", "선우가람솔", "01023456789", "127.1234567")
IN_CLEAR = "두레시험동"
WRITE = f"""
import logging
logging.getLogger("django.db.backends").setLevel("DEBUG")
from datetime import date
from dure.city import people
from dure.city.models import Area, AreaLevel, Membership, Role, User
from dure.city.people import Purpose
area = Area.objects.create(code="9999999999", level=AreaLevel.DONG, name={IN_CLEAR!r}, full_name={IN_CLEAR!r},
                           valid_from=date(2021, 1, 1))
home = people.register_household(area=area, address="별빛언덕길 77", lon=127.1234567, lat=37.2, actor="tests")
person = people.register_person(household=home, name="남궁바다하늘", phone="010-9876-5432", birth_year=1940, sex="F",
                                actor="tests")
people.add_contact(person, name="선우가람솔", phone="010-2345-6789", relation="딸", actor="tests")
user = User.objects.create_user("reader")
Membership.objects.create(user=user, role=Role.CARE_WORKER)
record = people.access_person(user, person.ref, Purpose.WELL_BEING_CHECK)
assert record.name == "남궁바다하늘" and record.contacts[0].name == "선우가람솔"
assert people.find_by_phone(user, "010-9876-5432", Purpose.WELL_BEING_CHECK) == [record]
logging.getLogger("tests").warning("opened %s %r %s %r", record, record, person.name, home.address)
"""


@pytest.fixture(scope="module")
def logged(processes_city: OwnCity) -> str:
    """Everything that the processes logged, every SQL statement with its parameters included."""
    out, err = processes_city.run(WRITE, DURE_LOG="DEBUG", DURE_DEBUG="1")
    return out + err


def test_no_log_holds_them(logged: str) -> None:
    assert 'INSERT INTO "city_person"' in logged
    assert IN_CLEAR in logged
    assert [secret for secret in SECRETS if secret in logged] == []


def test_no_file_of_the_installation_holds_them(processes_city: OwnCity, logged: str) -> None:
    content = b"".join(path.read_bytes() for path in processes_city.home.rglob("*") if path.is_file())
    assert (IN_CLEAR.encode() in content) == (processes_city.database_url is None)
    assert [secret for secret in SECRETS if secret.encode() in content] == []


def test_no_row_of_the_database_holds_them(processes_city: OwnCity, logged: str) -> None:
    if processes_city.database_url is None:
        pytest.skip("the database is a file here, and the file was searched")
    with psycopg.connect(processes_city.database_url) as server:
        tables = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [
            row
            for (table,) in tables
            for (row,) in server.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
        ]
    content = "\n".join(rows)
    assert IN_CLEAR in content
    assert [secret for secret in SECRETS if secret in content] == []
