# SPDX-License-Identifier: Apache-2.0
"""``dure complaints …``: the language engine on files, and the desk's table of duties."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dure complaints train|classify|index|search|mask|departments|knowledge|import``."""
    complaints = subparsers.add_parser("complaints", help="민원 창구: the right department and a grounded answer")
    verbs = complaints.add_subparsers(required=True, metavar="VERB")
    _register_classify(verbs)
    _register_search(verbs)
    mask = verbs.add_parser("mask", help="put marks in the place of names, numbers and addresses")
    mask.add_argument("texts", type=Path, metavar="IN.jsonl", help='{"id","text"}')
    mask.add_argument("--areas", type=Path, metavar="AREAS.txt", help="names of areas and roads, one a line")
    mask.add_argument("--out", type=Path, required=True, metavar="OUT.jsonl")
    mask.set_defaults(run=_mask)
    departments = verbs.add_parser("departments", help="enrol departments, duties and topics, one JSON object a line")
    departments.add_argument("file", type=Path, metavar="FILE.jsonl", help="what a line says: docs/complaints.md")
    departments.add_argument(
        "--actor", default="command:complaints-departments", help="who does it, for the audit chain"
    )
    departments.set_defaults(run=_departments)
    knowledge = verbs.add_parser("knowledge", help="enrol texts to quote, synonyms and templates, one a line")
    knowledge.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines: docs/complaints-simulator.md")
    knowledge.add_argument("--actor", default="command:complaints-knowledge", help="who does it, for the audit chain")
    knowledge.set_defaults(run=_knowledge)
    epeople = verbs.add_parser("import", help="take in complaints from a file of 국민신문고 (CSV or XLSX)")
    epeople.add_argument("file", type=Path, metavar="FILE", help="columns: docs/complaints-doors.md")
    epeople.add_argument("--actor", default="command:complaints-import", help="who does it, for the audit chain")
    epeople.set_defaults(run=_import)


def _register_classify(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = verbs.add_parser("train", help="learn departments from guides, and from labelled complaints")
    train.add_argument(
        "--guides", type=Path, required=True, metavar="G.jsonl", help='{"id","title","text","category","topic"}'
    )
    train.add_argument("--labelled", type=Path, metavar="L.jsonl", help='{"id","text","category"}')
    train.add_argument("--words", type=Path, metavar="WORDS.txt", help="the city's own words, one a line")
    train.add_argument("--out", type=Path, required=True, metavar="MODEL")
    train.set_defaults(run=_said(_train))
    classify = verbs.add_parser("classify", help="three candidates for each text, and whether the first is sure")
    classify.add_argument("model", type=Path, metavar="MODEL")
    classify.add_argument("texts", type=Path, metavar="IN.jsonl", help='{"id","text"}')
    classify.add_argument("--why", action="store_true", help="say which words and which known texts decided")
    classify.add_argument("--out", type=Path, required=True, metavar="OUT.jsonl")
    classify.set_defaults(run=_said(_classify))


def _register_search(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    index = verbs.add_parser("index", help="make manuals, answers and ordinances searchable")
    index.add_argument(
        "documents", type=Path, metavar="DOCS.jsonl", help='{"id","title","text","category","topic"}[, "valid_from"…]'
    )
    index.add_argument("--words", type=Path, metavar="WORDS.txt", help="the city's own words, one a line")
    index.add_argument("--synonyms", type=Path, metavar="SYNONYMS.txt", help="words that mean the same, a=b=c a line")
    index.add_argument("--out", type=Path, required=True, metavar="INDEX")
    index.set_defaults(run=_said(_index))
    search = verbs.add_parser("search", help="the nearest documents to each question")
    search.add_argument("index", type=Path, metavar="INDEX")
    search.add_argument("queries", type=Path, metavar="QUERIES.jsonl", help='{"id","text"}')
    search.add_argument("--top", type=_positive, default=10, metavar="N", help="hits of each (default 10)")
    search.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="only what is in force that day")
    search.add_argument("--out", type=Path, required=True, metavar="OUT.jsonl")
    search.set_defaults(run=_said(_search))


def _train(arguments: argparse.Namespace) -> int:
    from dure.engines.language.classify import train
    from dure.engines.language.folders import check_place
    from dure.engines.language.tokens import Tokenizer

    from . import files

    check_place(arguments.out)
    guides = files.read(arguments.guides, files.guide)
    labelled = files.read(arguments.labelled, files.labelled) if arguments.labelled else files.Lines()
    model = train(
        files.once(guides, arguments.guides),
        files.once(labelled, arguments.labelled),
        Tokenizer(_lines(arguments.words)),
    )
    model.save(arguments.out)
    kinds = len(model.categories)
    return _tell(f"분류 {kinds}가지를 배웠습니다 / learned {kinds} categories", guides.refused + labelled.refused)


def _classify(arguments: argparse.Namespace) -> int:
    from dure.engines.language.classify import Classifier

    from . import files

    model = Classifier.open(arguments.model)
    texts = files.read(arguments.texts, files.query)
    records = []
    for (key, text), decision in zip(texts, model.classify_all([text for _, text in texts]), strict=True):
        record: dict[str, object] = {
            "id": key,
            "labels": [{"label": one.label, "p": round(one.p, 4)} for one in decision.labels],
            "decided": decision.decided,
        }
        if arguments.why:
            reasons = model.why(text)
            record["words"] = [word for word, _ in reasons.words]
            record["texts"] = [hit.document.id for hit in reasons.texts]
        records.append(record)
    files.write(arguments.out, records)
    return _tell(f"{len(records)}건 / {len(records)} classified", texts.refused)


def _index(arguments: argparse.Namespace) -> int:
    from dure.engines.language.folders import check_place
    from dure.engines.language.search import Index
    from dure.engines.language.tokens import Tokenizer

    from . import files

    check_place(arguments.out)
    documents = files.read(arguments.documents, files.document)
    synonyms = [[word.strip() for word in line.split("=")] for line in _lines(arguments.synonyms)]
    index = Index(Tokenizer(_lines(arguments.words)), synonyms)
    index.add(files.once(documents, arguments.documents))
    index.save(arguments.out)
    return _tell(f"문서 {len(index)}건 / {len(index)} documents", documents.refused)


def _search(arguments: argparse.Namespace) -> int:
    from dure.engines.language.search import Index

    from . import files

    index = Index.open(arguments.index)
    queries = files.read(arguments.queries, files.query)
    files.write(
        arguments.out,
        (
            {
                "id": key,
                "hits": [
                    {"id": hit.document.id, "score": round(hit.score, 6)}
                    for hit in index.search(text, arguments.top, arguments.on)
                ],
            }
            for key, text in queries
        ),
    )
    return _tell(f"질문 {len(queries)}건 / {len(queries)} questions", queries.refused)


def _mask(arguments: argparse.Namespace) -> int:
    from dure.engines.language.mask import Masker

    from . import files

    texts = files.read(arguments.texts, files.query)
    masker = Masker(_lines(arguments.areas))
    records = []
    for key, text in texts:
        masked = masker.mask(text)
        spans = [{"start": one.start, "end": one.end, "kind": one.kind} for one in masked.spans]
        records.append({"id": key, "text": masked.text, "spans": spans})
    files.write(arguments.out, records)
    return _tell(f"{len(records)}건 / {len(records)} masked", texts.refused)


def _departments(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from .enrolment import enrol_departments

    return _enrolled(arguments, enrol_departments(arguments.file, actor=arguments.actor))


def _knowledge(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from .enrolment import enrol_knowledge

    return _enrolled(arguments, enrol_knowledge(arguments.file, actor=arguments.actor))


def _enrolled(arguments: argparse.Namespace, result: tuple[int, list[tuple[int, str]]]) -> int:
    enrolled, refused = result
    for line, message in refused:
        print(f"{arguments.file}:{line}: {message}", file=sys.stderr)
    return _tell(f"{enrolled}줄 등록 / {enrolled} lines enrolled", len(refused))


def _import(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from dure.city.errors import Invalid

    from . import epeople

    try:
        done = epeople.import_file(arguments.file, actor=arguments.actor)
    except (Invalid, OSError) as error:
        print(f"{arguments.file}: {error}", file=sys.stderr)
        return 2
    for row, column, why in done.refused:
        print(f"{arguments.file}:{row}: {column}: {why}", file=sys.stderr)
    print(
        f"새로 {done.new}건, 이미 있던 것 {done.known}건, 거절 {len(done.refused)}줄 / "
        f"{done.new} new, {done.known} known, {len(done.refused)} rows refused"
    )
    return 1 if done.refused else 0


def _lines(path: Path | None) -> list[str]:
    if path is None:
        return []
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text[:7]) <= 1000:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to 1000, not {text!r}")
    return int(text)


def _said(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """``run``, which stops with what is wrong with a model, an index or a set of guides instead of a traceback."""

    def tell(arguments: argparse.Namespace) -> int:
        from dure.engines.language.folders import LanguageFileError

        try:
            return run(arguments)
        except LanguageFileError as error:
            print(f"dure complaints: {error}", file=sys.stderr)
            return 2

    return tell


def _tell(what: str, refused: int) -> int:
    print(f"{what}; 거절 {refused}줄 / refused {refused} lines")
    return 1 if refused else 0
