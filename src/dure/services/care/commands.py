# SPDX-License-Identifier: Apache-2.0
"""``dure care …``"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dure care replay``, ``dure care enrol`` and ``dure care report``."""
    care = subparsers.add_parser("care", help="안부 확인: replay readings, enrol people, the monthly report")
    verbs = care.add_subparsers(required=True, metavar="VERB")
    _add_replay(verbs)
    _add_enrol(verbs)
    _add_report(verbs)


def _add_replay(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    replay = verbs.add_parser("replay", help="what the engine would have noticed in a file of readings")
    columns = "home (text), at (UTC timestamp), kwh (null = no value) and, if there is one, phone (count)"
    replay.add_argument("readings", type=Path, help=f"parquet: {columns}")
    replay.add_argument("--alarms-per-1000", type=float, default=15.0, help="budget per 1,000 homes and day")
    replay.add_argument("--warmup-days", type=int, default=60)
    replay.add_argument("--timezone", default="Asia/Seoul")
    replay.add_argument("--out", type=Path, required=True, help="CSV: home,opened_at,closed_at,level,reason")
    replay.add_argument("--judge-only", type=Path, help="homes, one a line, whose alarms do not steer the budget")
    replay.set_defaults(run=_replay)


def _add_enrol(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    enrol = verbs.add_parser("enrol", help="take people into care from a file, one JSON object a line")
    enrol.add_argument("file", type=Path)
    enrol.add_argument("--actor", default="command:care-enrol", help="who does it, for the audit chain")
    enrol.set_defaults(run=_enrol)


def _add_report(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = verbs.add_parser("report", help="a month's report as a file")
    report.add_argument("month", help="as in 2026-10")
    report.add_argument("--format", choices=("csv", "xlsx", "pdf"), default="csv")
    report.add_argument("--out", type=Path, help="default: care-MONTH.FORMAT here")
    report.add_argument("--language", choices=("ko", "en"), default="ko")
    report.set_defaults(run=_report)


def _replay(arguments: argparse.Namespace) -> int:
    from dure.services.care.replay import ReplayError, replay

    try:
        summary = replay(
            arguments.readings,
            alarms_per_1000=arguments.alarms_per_1000,
            warmup_days=arguments.warmup_days,
            timezone=arguments.timezone,
            out=arguments.out,
            judge_only=arguments.judge_only,
        )
    except ReplayError as error:
        print(f"dure care replay: {error}", file=sys.stderr)
        return 2
    print(summary)
    return 0


def _enrol(arguments: argparse.Namespace) -> int:
    import gc

    import django

    django.setup()
    from dure.services.care.actions.enrolment import enrol_file

    gc.freeze()  # what is loaded by now stays: the collector need not look through it again with every thousand rows
    done = enrol_file(arguments.file, actor=arguments.actor)
    for line, message in done.refused:
        print(f"{arguments.file}:{line}: {message}", file=sys.stderr)
    print(
        f"등록 {done.taken}명, 이미 등록됨 {done.known}명, 거절 {len(done.refused)}줄"
        f" / enrolled {done.taken}, already enrolled: {done.known}, refused {len(done.refused)}"
    )
    return 1 if done.refused else 0


def _report(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.utils.translation import override

    from dure.city import audit
    from dure.city.errors import DureError
    from dure.services.care.report_data import month_of, report_of
    from dure.services.care.report_files import FORMATS, file_name

    try:
        month = month_of(arguments.month)
        with override(arguments.language):
            body = FORMATS[arguments.format][1](report_of(month), month.name)
    except DureError as error:
        print(f"dure care report: {error.ko} / {error.en}", file=sys.stderr)
        return 2
    path: Path = arguments.out or Path(file_name(month.name, arguments.format))
    path.write_bytes(body)
    detail = {"format": arguments.format}
    audit.record("care:report:exported", actor="command:care-report", subject=f"report:{month.name}", detail=detail)
    print(path)
    return 0
