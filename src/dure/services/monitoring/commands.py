# SPDX-License-Identifier: Apache-2.0
"""``dure monitoring …``"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dure monitoring give``."""
    monitoring = subparsers.add_parser("monitoring", help="건강 모니터링: give devices to people")
    verbs = monitoring.add_subparsers(required=True, metavar="VERB")
    give = verbs.add_parser("give", help="give devices to people from a file, one JSON object a line")
    give.add_argument(
        "file", type=Path, help='{"person": "<ref>", "feed": "wear", "code": "band-1", "kind": "wearable"}'
    )
    give.add_argument("--actor", default="command:monitoring-give", help="who does it, for the audit chain")
    give.set_defaults(run=_give)


def _give(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from dure.services.monitoring.actions.giving import give_file

    given, refused = give_file(arguments.file, actor=arguments.actor)
    for line, message in refused:
        print(f"{arguments.file}:{line}: {message}", file=sys.stderr)
    print(f"맡긴 기기 {given}대, 거절 {len(refused)}줄 / given {given}, refused {len(refused)}")
    return 1 if refused else 0
