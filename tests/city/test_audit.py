# SPDX-License-Identifier: Apache-2.0
"""The chain in the database, attacked by somebody who may write every row but has not the key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from dure.city import audit, tasks
from dure.city.chain import BreakKind, canonical, hash_of
from dure.city.database import triggers_lifted
from dure.city.models import AuditEntry, AuditHead, Case, CaseEvent, Level, Role, User
from dure.city.worker import TASKS
from tests.city.test_chain import json_values
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db
LENGTH = 12
TABLE = "city_auditentry"


@pytest.fixture(autouse=True)
def own_home(settings: LazySettings, tmp_path: Path) -> None:
    settings.DURE_HOME = tmp_path


def write(count: int, actor: str = "worker") -> None:
    for number in range(count):
        audit.record("tests:thing:done", actor=actor, subject=f"thing:{number}", detail={"number": number})


@pytest.fixture
def chain() -> None:
    write(LENGTH)


class Undo(Exception):
    """Rolls a block back."""


@contextmanager
def undone() -> Iterator[None]:
    """A block without triggers whose changes are rolled back."""
    with suppress(Undo), transaction.atomic(), triggers_lifted(TABLE):
        yield
        raise Undo


def kinds() -> list[BreakKind]:
    return [one.kind for one in audit.verify()]


def rehash(first: int, actor: str) -> None:
    """What an attacker who knows how we hash can do: another actor from ``first`` on, with every hash sound."""
    previous = AuditEntry.objects.get(seq=first - 1).hash
    for entry in AuditEntry.objects.filter(seq__gte=first).order_by("seq"):
        entry.actor, entry.previous = actor, previous
        entry.hash = previous = hash_of(audit._as_hashed(entry))
        entry.save()


def test_an_entry_says_who_did_what_on_whom_and_why(standing_clock: StandingClock, city: City) -> None:
    entry = audit.record(
        "person:record:read", actor=city.users[Role.PLANNER], subject="person:1", purpose="oversight", detail={"a": 1}
    )
    kept = AuditEntry.objects.get(seq=entry.seq)
    assert (kept.tag, kept.actor, kept.subject) == ("person:record:read", "user:planner", "person:1")
    assert (kept.purpose, kept.detail, kept.at) == ("oversight", {"a": 1}, standing_clock.now)


def test_entries_are_numbered_without_gaps_and_linked(chain: None) -> None:
    entries = list(AuditEntry.objects.order_by("seq"))
    assert [one.seq for one in entries] == list(range(1, LENGTH + 1))
    assert [one.previous for one in entries[1:]] == [one.hash for one in entries[:-1]]
    assert audit.verify() == []


def test_an_entry_lives_and_dies_with_the_deed(chain: None) -> None:
    with suppress(Undo), transaction.atomic():
        write(1)
        raise Undo
    write(1)
    assert AuditEntry.objects.count() == LENGTH + 1
    assert audit.verify() == []


def test_an_anonymous_reader_is_named_so() -> None:
    assert audit.record("a:b:c", actor=AnonymousUser(), subject="x:1").actor == "anonymous"


@pytest.mark.parametrize("tag", ["person:read", "person:record:read:all", "Person:record:read", "person record read"])
def test_a_tag_of_another_shape_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="audit tag"):
        audit.record(tag, actor="worker", subject="x:1")


def test_a_field_that_would_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="subject is longer"):
        audit.record("a:b:c", actor="worker", subject="x" * 121)


def test_whatever_the_detail_the_chain_stays_whole() -> None:
    @given(st.dictionaries(st.text(max_size=8), json_values, max_size=4), st.text(st.characters(), max_size=40))
    def check(detail: dict[str, Any], subject: str) -> None:
        with undone():
            audit.record("tests:thing:done", actor="worker", subject=subject, detail=detail)
            assert audit.verify() == []

    check()


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_or_remove_an_entry(chain: None, verb: str) -> None:
    entries = AuditEntry.objects.filter(seq=3)
    change = partial(entries.update, actor="nobody") if verb == "update" else entries.delete
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()
    assert audit.verify() == []


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_or_remove_a_case_event(
    city: City, standing_clock: StandingClock, verb: str
) -> None:
    case = Case.objects.create(
        number="C-1",
        service="care",
        kind="silent",
        level=Level.ALERT,
        title={"ko": "", "en": ""},
        area=city.dongs[0],
        team=city.team,
        opened_at=standing_clock.now,
        due_at=standing_clock.now + timedelta(hours=1),
    )
    event = CaseEvent.objects.create(case=case, at=standing_clock.now, kind="note", text="들렀습니다", actor_name="kim")
    events = CaseEvent.objects.filter(pk=event.pk)
    change = partial(events.update, actor_name="lee") if verb == "update" else events.delete
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()
    assert events.get().actor_name == "kim"


def test_triggers_are_back_after_they_were_lifted(chain: None) -> None:
    with transaction.atomic(), triggers_lifted(TABLE):
        pass
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(seq=3).delete()


def test_any_changed_field_of_any_entry_is_found_where_it_is(chain: None) -> None:
    @given(
        st.integers(1, LENGTH),
        st.sampled_from(["at", "tag", "actor", "subject", "purpose", "detail", "previous", "hash"]),
        st.data(),
    )
    def check(seq: int, field: str, data: st.DataObject) -> None:
        entry = AuditEntry.objects.get(seq=seq)
        old = getattr(entry, field)
        texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
        if field == "at":
            new: Any = old + data.draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=999)))
        elif field == "detail":
            new = data.draw(
                st.dictionaries(texts, st.integers(-9, 9) | texts, max_size=3).filter(lambda one: one != old)
            )
        else:
            new = data.draw(texts.filter(lambda one: one != old))
        with undone():
            AuditEntry.objects.filter(seq=seq).update(**{field: new})
            assert [(one.kind, one.seq) for one in audit.verify()] == [(BreakKind.CHANGED, seq)]

    check()


def test_any_removed_entries_are_found(chain: None) -> None:
    @given(st.sets(st.integers(1, LENGTH), min_size=1))
    def check(removed: set[int]) -> None:
        with undone():
            AuditEntry.objects.filter(seq__in=removed).delete()
            found = audit.verify()
            cut_off = LENGTH in removed
            assert {one.kind for one in found} <= {BreakKind.REMOVED, BreakKind.CUT_OFF}
            assert (BreakKind.CUT_OFF in {one.kind for one in found}) == cut_off
            assert found[0].seq == min(removed)

    check()


def test_any_entries_that_changed_places_are_found(chain: None) -> None:
    @given(st.permutations(range(1, LENGTH + 1)).filter(lambda order: order != sorted(order)))
    def check(order: list[int]) -> None:
        with undone():
            AuditEntry.objects.update(seq=-F("seq"))
            for place, seq in enumerate(order, start=1):
                AuditEntry.objects.filter(seq=-seq).update(seq=place)
            moved = [place for place, seq in enumerate(order, start=1) if place != seq]
            found = audit.verify()
            assert [one.seq for one in found] == moved
            assert {one.kind for one in found} == {BreakKind.REORDERED}

    check()


def test_a_chain_rewritten_with_sound_hashes_does_not_fit_its_seal(chain: None) -> None:
    @given(st.integers(2, LENGTH), st.booleans())
    def check(first: int, head_too: bool) -> None:
        with undone():
            rehash(first, "user:somebody-else")
            if head_too:
                AuditHead.objects.update(hash=AuditEntry.objects.get(seq=LENGTH).hash)
            assert kinds() == [BreakKind.FORGED_HEAD if head_too else BreakKind.REPLACED]

    check()


def test_an_entry_added_behind_the_sealed_end_is_found(chain: None) -> None:
    with undone():
        last = AuditEntry.objects.get(seq=LENGTH)
        last.seq, last.previous = LENGTH + 1, last.hash
        last.hash = hash_of(audit._as_hashed(last))
        last.save(force_insert=True)
        assert kinds() == [BreakKind.INSERTED]


@pytest.mark.parametrize("seq", [0, -5])
def test_an_entry_inserted_before_the_first_is_found(chain: None, seq: int) -> None:
    with undone():
        entry = AuditEntry.objects.get(seq=1)
        entry.seq = seq
        entry.save(force_insert=True)
        assert kinds() == [BreakKind.INSERTED]


def test_a_removed_head_is_found_and_the_next_entry_does_not_mend_it(chain: None) -> None:
    with undone():
        AuditHead.objects.all().delete()
        assert kinds() == [BreakKind.CUT_OFF]
        write(2)
        assert kinds() == [BreakKind.FORGED_HEAD]


def test_a_cut_off_end_stays_found_when_the_city_works_on(chain: None) -> None:
    with undone():
        AuditEntry.objects.filter(seq__gt=LENGTH - 3).delete()
        assert kinds() == [BreakKind.CUT_OFF]
        write(5)
        first = audit.verify()[0]
        assert (first.kind, first.seq) == (BreakKind.REMOVED, LENGTH - 2)


def test_a_forged_head_stops_nobody_and_stays_found(chain: None) -> None:
    with undone():
        AuditEntry.objects.filter(seq__gt=LENGTH - 3).delete()
        last = AuditEntry.objects.get(seq=LENGTH - 3)
        AuditHead.objects.update(seq=last.seq, hash=last.hash, mac="0" * 64)
        write(5)
        assert BreakKind.FORGED_HEAD in kinds()


def test_an_old_head_beside_a_longer_chain_stops_nobody_and_stays_found(chain: None) -> None:
    old = AuditHead.objects.values("seq", "hash", "mac").get()
    write(3)
    with undone():
        AuditHead.objects.update(**old)
        assert kinds() == [BreakKind.INSERTED]
        write(1)
        assert kinds() == [BreakKind.FORGED_HEAD]


def put_back_to(head: Mapping[str, Any]) -> None:
    """What restoring an older copy of the database does: a shorter chain with a seal that fits it."""
    AuditEntry.objects.filter(seq__gt=head["seq"]).delete()
    AuditHead.objects.update(**head)


def test_a_database_put_back_to_an_earlier_day_is_found_by_the_noted_ends(chain: None) -> None:
    earlier = AuditHead.objects.values("seq", "hash", "mac").get()
    audit.write_head()
    write(3)
    audit.write_head()
    assert audit.verify() == []
    with undone():
        put_back_to(earlier)
        assert [(one.kind, one.seq) for one in audit.verify()] == [(BreakKind.CUT_OFF, LENGTH + 3)]
        write(8, actor="user:somebody-else")
        assert [(one.kind, one.seq) for one in audit.verify()] == [(BreakKind.ROLLED_BACK, LENGTH + 3)]
        # With another end noted since, it is the earlier one that still tells.
        audit.write_head()
        assert [(one.kind, one.seq) for one in audit.verify()] == [(BreakKind.ROLLED_BACK, LENGTH + 3)]


def test_the_end_is_noted_once_per_entry(chain: None) -> None:
    for _ in range(3):
        audit.write_head()
    write(1)
    audit.write_head()
    noted = [json.loads(line)["seq"] for line in audit.heads_file().read_text().splitlines()]
    assert noted == [LENGTH, LENGTH + 1]


def test_the_worker_notes_the_end(chain: None) -> None:
    assert "city.tasks.note_audit_head" in TASKS
    tasks.note_audit_head()
    assert json.loads(audit.heads_file().read_text())["seq"] == LENGTH


def test_an_empty_chain_is_whole_and_has_no_end_to_note() -> None:
    assert audit.verify() == []
    assert audit.write_head() is None
    assert not audit.heads_file().exists()


@pytest.mark.parametrize(("column", "kind"), [("detail", BreakKind.CHANGED), ("at", BreakKind.UNREADABLE)])
def test_an_entry_that_the_database_cannot_read_is_found(chain: None, column: str, kind: BreakKind) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no such value in a column of that type")
    with undone():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute(f"UPDATE {TABLE} SET {column} = 'neither' WHERE seq = 5")  # noqa: S608 - a name of ours
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        assert [(one.kind, one.seq) for one in audit.verify()] == [(kind, 5)]


def test_many_entries_are_read_in_parts(chain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "AT_ONCE", 5)
    assert audit.verify() == []
    with undone():
        AuditEntry.objects.filter(seq=7).update(actor="user:somebody-else")
        assert [one.seq for one in audit.verify()] == [7]


def test_an_export_is_the_whole_chain_and_says_that_it_was_made(chain: None, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    assert audit.export(path, actor="user:kim") == LENGTH + 1
    assert audit.verify_file(path) == []
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["seq"] for one in lines[:-1]] == list(range(1, LENGTH + 2))
    assert (lines[-2]["tag"], lines[-2]["actor"]) == ("audit:chain:exported", "user:kim")
    assert [canonical(one) for one in lines] == path.read_text().splitlines()


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda: AuditEntry.objects.filter(seq=5).update(subject="x"), BreakKind.CHANGED),
        (lambda: AuditEntry.objects.filter(seq=5).delete(), BreakKind.REMOVED),
        (lambda: AuditHead.objects.update(seq=LENGTH - 1), BreakKind.FORGED_HEAD),
    ],
)
def test_an_export_hides_no_break(chain: None, tmp_path: Path, damage: Callable[[], object], kind: BreakKind) -> None:
    path = tmp_path / "export.jsonl"
    with undone():
        damage()
        audit.export(path)
    assert kind in {one.kind for one in audit.verify_file(path)}


def test_an_export_older_than_a_noted_end_is_found(chain: None, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    audit.export(path)
    write(1)
    audit.write_head()
    assert [one.kind for one in audit.verify_file(path, audit.heads_file())] == [BreakKind.CUT_OFF]


def test_a_users_name_fits_whatever_it_is() -> None:
    user = User.objects.create_user("가" * 150)
    assert audit.record("a:b:c", actor=user, subject="x:1").actor == f"user:{'가' * 150}"
