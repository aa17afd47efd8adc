# SPDX-License-Identifier: Apache-2.0
"""How well and how fast are complaints sorted, manuals searched and names masked, beside what else there is?

    python benchmarks/language.py DATA [--only search routing speed intent mask cases size] [--passages 100000]
        [--complaints 100000]

DATA is a folder with ``easylaw_sections.jsonl.gz``, ``easylaw_questions.jsonl``, ``3i4k_train_val.txt`` and
``klue-ner-v1.1_dev.tsv``. Of the questions (by id) and of the NER sentences every second is the tuning half, on which
all settings of the engine were chosen; the other half is the scoring half and is printed beside it. 3i4K: the
published test file is not in DATA, so a tenth of train_val is held out, shuffled with a fixed seed: our own split.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import language_cases
import language_names
import language_peers as peers
from dure.engines.language import linear
from dure.engines.language.classify import Classifier, train
from dure.engines.language.documents import Document
from dure.engines.language.mask import Masker
from dure.engines.language.names import names
from dure.engines.language.numbers import luhn_check
from dure.engines.language.parts import Part, merged
from dure.engines.language.search import Index

TUNING, SCORING = slice(0, None, 2), slice(1, None, 2)
COSTS = (0.5, 1.0)
HALVES = (("tuning", TUNING), ("scoring", SCORING))


def sections(data: Path) -> list[Document]:
    """The guides."""
    with gzip.open(data / "easylaw_sections.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Document(r["id"], r["text"], r["title"], r["category"], r["topic"]) for r in rows]


def questions(data: Path) -> list[dict[str, Any]]:
    """Citizens' questions, by id."""
    with (data / "easylaw_questions.jsonl").open(encoding="utf-8") as file:
        return sorted((json.loads(line) for line in file), key=lambda row: row["qid"])


def computed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What ``run`` returned and the seconds this process computed (the machine may be shared)."""
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


@cache
def from_guides(data: Path) -> Classifier:
    """What is learned from the guides alone; its index is the one that is searched."""
    guides = sections(data)
    model, seconds = computed(lambda: train(guides))
    print(f"\nguides: {len(guides)} sections learned and indexed in {seconds:.0f} CPU s")
    return model


def search(data: Path) -> None:
    """MRR@10 and recall@5 of the section that answers."""
    guides, asked = sections(data), questions(data)
    ids = [guide.id for guide in guides]
    texts = [f"{guide.topic} {guide.title}\n{guide.text}" for guide in guides]
    index = from_guides(data).index
    print(f"\nsearch: {len(guides)} sections, {len(asked)} questions")
    rankers: dict[str, Callable[[str], list[str]]] = {
        "ours": lambda text: [hit.document.id.removeprefix("guide:") for hit in index.search(text, 10)]
    }
    for make in (peers.whitespace_bm25, peers.bm25s_default, peers.fts5_trigram):
        rank = make(texts)
        rankers[make.__name__] = lambda text, rank=rank: [ids[at] for at in rank(text, 10)]  # type: ignore[misc]
    for name, find in rankers.items():
        found, seconds = computed(lambda find=find: [find(row["question"]) for row in asked])  # type: ignore[misc]
        places = np.array([_place(hits, row["section_id"]) for hits, row in zip(found, asked, strict=True)])
        for half, rows in HALVES:
            mrr = np.where(places[rows] > 0, 1 / np.maximum(places[rows], 1), 0).mean()
            recall = ((places[rows] > 0) & (places[rows] <= 5)).mean()
            print(f"  {name:16} {half:8} MRR@10 {mrr:.3f}  recall@5 {recall:.3f}  {1e3 * seconds / len(asked):.1f} ms")


def _place(hits: Sequence[str], right: str) -> int:
    return list(hits).index(right) + 1 if right in hits else 0


def routing(data: Path) -> None:
    """18 categories from guides alone, then with the other half of the questions as corrections."""
    guides, asked = sections(data), questions(data)
    model = from_guides(data)
    print(f"\nrouting: {len(model.categories)} categories")
    right = np.array([row["category"] for row in asked])
    ours = [model.classify(row["question"]) for row in asked]
    best = np.array([[one.label for one in decision.labels] for decision in ours])
    sure = np.array([decision.decided for decision in ours])
    p = np.array([decision.labels[0].p for decision in ours])
    svm = peers.character_svm(
        [f"{guide.title} {guide.text}" for guide in guides],
        [guide.category for guide in guides],
        [row["question"] for row in asked],
        (2, 4),
    )
    for half, rows in HALVES:
        _say_routing(f"ours {half}", best[rows], right[rows], p[rows], sure[rows])
        _say_routing(f"char SVM {half}", svm[rows], right[rows])
    taught = 0.0
    known = [Document(row["qid"], row["question"], category=row["category"], topic=row["topic"]) for row in asked]
    for document in known[TUNING]:
        _, seconds = computed(lambda document=document: model.correct(document))  # type: ignore[misc]
        taught = max(taught, seconds)
    again = np.array([[one.label for one in model.classify(row["question"]).labels] for row in asked[SCORING]])
    _say_routing("+ tuning half as labels, scoring", again, right[SCORING])
    for document in known[SCORING]:
        model.correct(document)
    _say_routing("each left out of all labels", np.array(model.best_left_out(known)), right)
    print(f"  slowest correction {1e3 * taught:.0f} CPU ms")


def _say_routing(
    name: str,
    best: NDArray[Any],
    right: NDArray[Any],
    p: NDArray[Any] | None = None,
    sure: NDArray[Any] | None = None,
) -> None:
    hit = best[:, 0] == right
    more = ""
    if p is not None and sure is not None:
        surest = np.argsort(-p, kind="stable")[: len(p) // 2]
        more = f"  surer half {hit[surest].mean():.3f}  decided {sure.mean():.2f} at {hit[sure].mean():.3f}"
    print(f"  {name:32} accuracy {hit.mean():.3f}  top-3 {(best == right[:, None]).any(axis=1).mean():.3f}{more}")


def intent(data: Path) -> None:
    """3i4K: what kind of utterance, 7 classes. The cost is chosen on two thirds of what is learned."""
    rows = [line.rstrip("\n").split("\t") for line in (data / "3i4k_train_val.txt").open(encoding="utf-8")]
    random.Random(7).shuffle(rows)
    classes, texts = np.array([int(row[0]) for row in rows]), [row[1] for row in rows]
    cut = len(rows) * 9 // 10
    third = cut // 3
    right = {}
    for cost in COSTS:
        model = linear.train(texts[:third], classes[:third], 7, cost=cost)
        right[cost] = float(
            (model.scores(texts[third : 2 * third]).argmax(axis=1) == classes[third : 2 * third]).mean()
        )
    cost = max(right, key=lambda one: right[one])
    print(f"\n3i4K (own split): {cut} learned, {len(rows) - cut} asked; cost {cost} of {right}")
    model, seconds = computed(lambda: linear.train(texts[:cut], classes[:cut], 7, cost=cost))
    _say_intent(f"ours ({seconds:.0f} CPU s)", model.scores(texts[cut:]).argmax(axis=1), classes[cut:])
    svm = peers.character_svm([f"^{t}$" for t in texts[:cut]], classes[:cut], [f"^{t}$" for t in texts[cut:]], (1, 4))
    _say_intent("char SVM", svm[:, 0], classes[cut:])


def _say_intent(name: str, given: NDArray[Any], right: NDArray[Any]) -> None:
    scores = []
    for one in np.unique(right):
        both = ((given == one) & (right == one)).sum()
        scores.append(2 * both / max((given == one).sum() + (right == one).sum(), 1))
    print(f"  {name:20} accuracy {(given == right).mean():.4f}  macro-F1 {np.mean(scores):.4f}")


NUMBERS: dict[str, Sequence[str]] = {
    "rrn": ("{d6}-{g}{n6}", "{d6}{g}{n6}", "{d6} {g}{n6}", "{d6} - {g}{n6}"),
    "phone": ("010-{n4}-{n4}", "010{n4}{n4}", "010 {n4} {n4}", "+82 10-{n4}-{n4}", "031-{n3}-{n4}", "02){n3}-{n4}"),
    "spoken": ("공일공 {s4} {s4}", "공일공에 {s4}에 {s4}", "영일영 {s4} {s4}", "공일공{s4}{s4}"),
    "card": ("{c16}", "{c4}"),
    "account": ("{n3}-{n2}-{n6}", "{n6}-{n2}-{n6}", "{n3}-{n4}-{n4}-{n2}", "농협 {n11}", "국민은행 {n14}"),
    "plate": ("{n2}가{n4}", "{n3}허{n4}", "경기 {n2}바 {n4}"),
    "mail": ("user{n3}@example.com", "a.b{n2}@mail.example.co.kr"),
}
AROUND = ("제 번호는 {}입니다", "{} 로 연락 주세요", "확인해 주세요({})", "어제 {}, 오늘도 그대로", "번호:{}")


def mask(data: Path) -> None:
    """Made numbers; KLUE-NER's names in sentences of complaints, and in its own of news and reviews."""
    chance = random.Random(11)
    masker = Masker()
    print("\nmask: made numbers (recall of whole numbers)")
    for kind, forms in NUMBERS.items():
        asked = [(_made(chance.choice(forms), chance), chance.choice(AROUND)) for _ in range(300)]
        hits = sum(_covered(masker, around.format(number), number) for number, around in asked)
        print(f"  {kind:10} {hits / len(asked):.4f}")
    language_names.scored(data, names)


def _covered(masker: Masker, text: str, number: str) -> bool:
    start = text.index(number)
    bare = re.search(r"\d.*", number) if re.match(r"[가-힣]+은행|농협", number) else None
    first = start + (bare.start() if bare else 0)
    return any(s.start <= first and s.end >= start + len(number) for s in masker.spans(text))


def _made(form: str, chance: random.Random) -> str:
    def fill(match: re.Match[str]) -> str:
        kind, size = match.group(1), int(match.group(2) or 0)
        if kind == "d":
            return f"{chance.randrange(30, 99)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
        if kind == "g":
            return chance.choice("12345678")
        if kind == "s":
            return "".join(chance.choice("공일이삼사오육칠팔구") for _ in range(size))
        if kind == "c":
            first = "4" + "".join(chance.choice("0123456789") for _ in range(14))
            whole = next(first + last for last in "0123456789" if luhn_check(first + last))
            return whole if size == 16 else "-".join(whole[at : at + 4] for at in (0, 4, 8, 12))
        return chance.choice("123456789") + "".join(chance.choice("0123456789") for _ in range(size - 1))

    return re.sub(r"\{([a-z])(\d*)\}", fill, form)


def speed(data: Path, passages: int) -> None:
    """Classify and search one question after the other, with the texts of what was found; the guides are repeated
    until there are enough passages. The peers search the same sections, as often repeated."""
    model, asked = from_guides(data), [row["question"] for row in questions(data)]
    copies: list[Part] = []
    while sum(len(part.owners) for part in copies) < passages:
        copies += model.index.parts
    index = Index()
    index.parts = [merged(copies)]
    model.index.tokenizer = index.tokenizer  # which has seen no word: the first row pays for their morphemes
    guides = sections(data) * (len(copies) // len(model.index.parts))
    texts = [f"{guide.topic} {guide.title}\n{guide.text}" for guide in guides]
    print(f"\nspeed: {len(index.parts[0].owners)} passages of {len(texts)} texts, {len(asked)} questions, CPU ms")

    def both(text: str) -> Any:
        return model.classify(text), [hit.document for hit in index.search(text)]

    runs: dict[str, Callable[[str], Any]] = {
        "ours, classify + search": both,
        "… words seen before": both,
        "… search alone": lambda text: [hit.document for hit in index.search(text)],
    }
    for make in (peers.whitespace_bm25, peers.bm25s_default, peers.fts5_trigram):
        rank = make(texts)
        runs[f"{make.__name__}, search"] = lambda text, rank=rank: [guides[at] for at in rank(text, 10)]  # type: ignore[misc]
    for name, run in runs.items():
        some = asked[::3] if name.endswith(", search") else asked
        run("가로등이 꺼졌어요")
        times = [1e3 * computed(partial(run, text))[1] for text in some]
        half, most = np.percentile(times, [50, 95])
        print(f"  {name:26} p50 {half:.1f}  p95 {most:.1f}" + (" (goal 20)" if "classify" in name else ""))


def size(data: Path, complaints: int) -> None:
    """An index of short complaints: sentences of citizens' questions and utterances, put together at random."""
    lines = [line.rstrip("\n").split("\t")[1] for line in (data / "3i4k_train_val.txt").open(encoding="utf-8")]
    lines += [row["question"] for row in questions(data)]
    chance = random.Random(5)
    index = Index()
    made = (Document(f"c{n}", " ".join(chance.choices(lines, k=4)), category="민원") for n in range(complaints))
    _, seconds = computed(lambda: index.add(made))
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "index")
        used = sum(file.stat().st_size for file in (Path(folder) / "index").rglob("*") if file.is_file())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\nsize: {complaints} complaints of some 70 characters: {used / 2**30:.2f} GiB on disk, "
        f"{used / complaints:.0f} bytes each ({used / complaints * 1e6 / 2**30:.2f} GiB a million), "
        f"built in {seconds:.0f} CPU s with {most:.1f} GiB at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parts = ("search", "routing", "speed", "intent", "mask", "cases", "size")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--complaints", type=int, default=100_000)
    arguments = parser.parse_args()
    print(f"process {os.getpid()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    runs: dict[str, Callable[[], None]] = {
        "search": lambda: search(arguments.data),
        "routing": lambda: routing(arguments.data),
        "intent": lambda: intent(arguments.data),
        "mask": lambda: mask(arguments.data),
        "cases": language_cases.cases,
        "speed": lambda: speed(arguments.data, arguments.passages),
        "size": lambda: size(arguments.data, arguments.complaints),
    }
    for part in arguments.only:
        runs[part]()


if __name__ == "__main__":
    main()
