# SPDX-License-Identifier: Apache-2.0
"""The chain's arithmetic and its files, attacked in every way that a file can be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.city.chain import START, BreakKind, ChainCheck, Head, canonical, hash_of, plain, seal_of
from dure.city.chain_file import append_head, read_heads, verify_export, write_export

KEY = "a key for tests"
Entry = dict[str, Any]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


def made_chain(length: int, *, start: int = 1, previous: str = START, actor: str = "user:kim") -> list[Entry]:
    entries = []
    for seq in range(start, start + length):
        entry = {
            "seq": seq,
            "at": f"2026-11-02T00:00:{seq % 60:02}.000000Z",
            "tag": "person:record:read",
            "actor": actor,
            "subject": f"person:{seq}",
            "purpose": "well_being_check",
            "detail": {"count": seq, "부호": [1.5, None]},
            "previous": previous,
        }
        previous = hash_of(entry)
        entries.append({**entry, "hash": previous})
    return entries


def sealed_end(entries: list[Entry], key: str = KEY) -> Head:
    seq, last = entries[-1]["seq"], entries[-1]["hash"]
    return Head(seq, last, seal_of(seq, last, key))


@pytest.fixture
def exported(tmp_path: Path) -> Callable[[list[Entry]], Path]:
    def export(entries: list[Entry]) -> Path:
        path = tmp_path / "chain.jsonl"
        assert write_export(path, entries, lambda: sealed_end(entries)) == len(entries)
        return path

    return export


@given(json_values)
def test_a_plain_value_is_what_json_gives_back(value: Any) -> None:
    once = plain(value)
    assert canonical(json.loads(canonical(value))) == canonical(value)
    assert plain(once) == once
    assert "\0" not in canonical(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e22, "1" + "0" * 22),
        (1e23, "1" + "0" * 23),
        (0.1, "0.1"),
        ({"b": 1, "a": (2, {3})}, '{"a":[2,[3]],"b":1}'),
        ("a\0\ud800", '"a\N{REPLACEMENT CHARACTER}?"'),
        (float("nan"), '"nan"'),
    ],
)
def test_canonical_text(value: Any, text: str) -> None:
    assert canonical(value) == text


def test_a_whole_chain_has_no_breaks(exported: Callable[[list[Entry]], Path]) -> None:
    assert verify_export(exported(made_chain(20)), KEY) == (20, [])


def test_without_the_key_the_hashes_are_still_checked(exported: Callable[[list[Entry]], Path]) -> None:
    path = exported(made_chain(20))
    assert verify_export(path, None) == (20, [])
    path.write_text(path.read_text().replace("person:7", "person:8"))
    assert [one.seq for one in verify_export(path, None)[1]] == [7]


def test_the_wrong_key_fits_no_end(exported: Callable[[list[Entry]], Path]) -> None:
    (found,) = verify_export(exported(made_chain(3)), "another key")[1]
    assert found.kind is BreakKind.FORGED_HEAD


@given(data=st.data())
def test_any_changed_byte_of_an_export_is_found(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("chain") / "chain.jsonl"
    entries = made_chain(6)
    write_export(path, entries, lambda: sealed_end(entries))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 2))  # all but the last line feed
    content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    path.write_bytes(content)
    line = bytes(content[:place]).count(b"\n") + 1
    breaks = verify_export(path, KEY)[1]
    assert breaks
    assert min(abs(one.seq - line) for one in breaks) <= 1


@given(data=st.data())
def test_any_other_order_or_number_of_lines_is_found(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("chain") / "chain.jsonl"
    entries = made_chain(6)
    write_export(path, entries, lambda: sealed_end(entries))
    lines = path.read_text().splitlines()
    other = data.draw(st.lists(st.sampled_from(lines), max_size=9).filter(lambda chosen: chosen not in ([], lines)))
    path.write_text("".join(f"{line}\n" for line in other))
    assert verify_export(path, KEY)[1]


def check(entries: list[Entry], head: Head | None, heads: list[Head] | None = None) -> list[tuple[BreakKind, int]]:
    chain = ChainCheck(KEY, heads or [])
    for entry in entries:
        chain.add(entry)
    return [(one.kind, one.seq) for one in chain.finish(head)]


def test_each_break_is_named_and_placed() -> None:
    whole = made_chain(9)
    end = sealed_end(whole)
    changed = [{**one, "actor": "user:lee"} if one["seq"] == 4 else one for one in whole]
    assert check(changed, end) == [(BreakKind.CHANGED, 4)]
    assert check(whole[:3] + whole[5:], end) == [(BreakKind.REMOVED, 4)]
    assert check(whole[3:], end) == [(BreakKind.REMOVED, 1)]
    assert check(whole[:6], end) == [(BreakKind.CUT_OFF, 7)]
    assert check([], end) == [(BreakKind.CUT_OFF, 1)]
    assert check(whole, None) == [(BreakKind.CUT_OFF, 9)]
    assert check([*whole, *made_chain(1, start=10, previous=end.hash)], end) == [(BreakKind.INSERTED, 10)]
    assert check([*whole[:5], whole[2], *whole[5:]], end) == [(BreakKind.INSERTED, 3)]
    assert check(whole, Head(end.seq, end.hash, "0" * 64)) == [(BreakKind.FORGED_HEAD, 9)]


def test_entries_that_changed_places_are_told_from_changed_ones() -> None:
    whole = made_chain(9)
    swapped = [{**whole[6], "seq": 3} if one["seq"] == 3 else one for one in whole]
    swapped = [{**whole[2], "seq": 7} if one["seq"] == 7 else one for one in swapped]
    assert check(swapped, sealed_end(whole)) == [(BreakKind.REORDERED, 3), (BreakKind.REORDERED, 7)]


def test_a_chain_rewritten_with_sound_hashes_does_not_fit_its_seal() -> None:
    whole = made_chain(9)
    rewritten = [*whole[:4], *made_chain(5, start=5, previous=whole[3]["hash"], actor="user:lee")]
    assert check(rewritten, sealed_end(whole)) == [(BreakKind.REPLACED, 9)]
    assert check(rewritten, sealed_end(rewritten, "a guessed key")) == [(BreakKind.FORGED_HEAD, 9)]


def test_one_replaced_entry_does_not_fit_the_next() -> None:
    whole = made_chain(9)
    (other,) = made_chain(1, start=5, previous=whole[3]["hash"], actor="user:lee")
    assert check([*whole[:4], other, *whole[5:]], sealed_end(whole)) == [(BreakKind.REPLACED, 5)]


def test_ends_noted_outside_find_a_chain_that_was_put_back() -> None:
    whole = made_chain(9)
    noted = [sealed_end(whole[:3]), sealed_end(whole[:6]), sealed_end(whole)]
    assert check(whole, noted[-1], noted) == []
    earlier = whole[:6]
    assert check(earlier, sealed_end(earlier), noted) == [(BreakKind.CUT_OFF, 9)]
    grown_again = [*earlier, *made_chain(5, start=7, previous=earlier[-1]["hash"], actor="user:lee")]
    assert check(grown_again, sealed_end(grown_again), noted) == [(BreakKind.ROLLED_BACK, 9)]


def test_the_heads_file_takes_each_end_once_and_shows_what_we_did_not_write(tmp_path: Path) -> None:
    path, whole = tmp_path / "heads.jsonl", made_chain(9)
    first, last = sealed_end(whole[:4]), sealed_end(whole)
    for head in (first, first, last, last):
        append_head(path, head, "2026-11-02T00:00:00.000000Z")
    assert read_heads(path) == ([first, last], [])
    with path.open("a") as file:
        file.write("{}\n")
    heads, (found,) = read_heads(path)
    assert heads == [first, last]
    assert (found.kind, found.seq) == (BreakKind.UNREADABLE, 9)


def test_a_forged_line_in_the_heads_file_is_found() -> None:
    whole = made_chain(3)
    assert check(whole, sealed_end(whole), [Head(2, "f" * 64, "0" * 64)]) == [(BreakKind.FORGED_HEAD, 2)]
