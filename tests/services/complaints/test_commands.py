# SPDX-License-Identifier: Apache-2.0
"""``dure complaints …`` on files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dure.cli import main

GUIDES: list[dict[str, Any]] = [
    {"id": "w", "title": "폐기물", "text": "대형폐기물 스티커를 붙여 배출합니다", "category": "청소", "topic": "배출"},
    {"id": "t", "title": "단속", "text": "불법 주정차를 단속합니다", "category": "교통", "topic": "주차"},
    {"id": "p", "title": "연금", "text": "기초연금을 신청합니다", "category": "복지", "topic": "연금"},
]


def lines(path: Path, *records: object) -> str:
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records))
    return str(path)


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_texts_are_classified_as_guides_and_labels_teach(tmp_path: Path) -> None:
    guides = lines(tmp_path / "g", *GUIDES)
    labelled = lines(tmp_path / "l", {"id": "1", "text": "킥보드가 인도를 막아요", "label": "킥보드"})
    asked = lines(tmp_path / "in", {"id": "a", "text": "불법 주정차 신고"}, {"id": "b", "text": "킥보드 치워 주세요"})
    model, out = str(tmp_path / "model"), tmp_path / "out"
    assert main(["complaints", "train", "--guides", guides, "--labelled", labelled, "--out", model]) == 0
    assert main(["complaints", "classify", model, asked, "--why", "--out", str(out)]) == 0
    first, second = read(out)
    assert [first["id"], first["labels"][0]["label"], second["labels"][0]["label"]] == ["a", "교통", "킥보드"]
    assert [len(first["labels"]), type(first["decided"]), first["texts"]] == [3, bool, ["guide:t"]]


def test_documents_are_searched_as_of_a_day(tmp_path: Path) -> None:
    documents = lines(tmp_path / "d", *GUIDES, {"id": "old", "text": "기초연금 옛 안내", "valid_to": "2020-12-31"})
    queries = lines(tmp_path / "q", {"id": "1", "text": "기초연금"})
    index, out = str(tmp_path / "index"), tmp_path / "out"
    assert main(["complaints", "index", documents, "--out", index]) == 0
    assert main(["complaints", "search", index, queries, "--on", "2026-01-01", "--out", str(out)]) == 0
    ((hit,),) = [record["hits"] for record in read(out)]
    assert hit["id"] == "p"
    assert hit["score"] > 0


def test_spans_are_those_of_the_text_as_it_came(tmp_path: Path) -> None:
    texts = lines(tmp_path / "in", {"id": "1", "text": "전화는 010-1234-5678 입니다"})
    assert main(["complaints", "mask", texts, "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out") == [
        {"id": "1", "text": "전화는 ⟦PHONE_1⟧ 입니다", "spans": [{"start": 4, "end": 17, "kind": "phone"}]}
    ]


def test_a_bad_line_is_said_by_number_and_field_and_the_others_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = ("{", "[1]", {"id": "x"}, {"id": "", "text": "글"}, {"id": "y", "text": "글", "valid_to": "어제"})
    documents = lines(tmp_path / "d", *bad, GUIDES[0])
    assert main(["complaints", "index", documents, "--out", str(tmp_path / "index")]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in said] == ["1", "2", "3", "4", "5"]
    for line, field in zip(said, ("JSON", "JSON", "text", "id", "valid_to"), strict=True):
        assert field in line
    queries = lines(tmp_path / "q", {"id": "1", "text": "폐기물"})
    assert main(["complaints", "search", str(tmp_path / "index"), queries, "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out")[0]["hits"][0]["id"] == "w"


def test_what_is_no_model_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = lines(tmp_path / "in", {"id": "1", "text": "글"})
    assert main(["complaints", "classify", str(tmp_path), asked, "--out", str(tmp_path / "out")]) == 2
    assert "no model" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_there_already_and_is_no_index_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = lines(tmp_path / "d", {"id": "1", "text": "!!!"})
    assert main(["complaints", "index", documents, "--out", str(tmp_path)]) == 2
    assert "not replaced" in capsys.readouterr().err
    for _ in range(2):
        assert main(["complaints", "index", documents, "--out", str(tmp_path / "index")]) == 0
    queries = lines(tmp_path / "q", {"id": "1", "text": "폐기물"})
    assert main(["complaints", "search", str(tmp_path / "index"), queries, "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out") == [{"id": "1", "hits": []}]
