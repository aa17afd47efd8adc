# SPDX-License-Identifier: Apache-2.0
"""How fast is the audit chain written and verified, beside what the same machine can do at most?

    python benchmarks/audit_chain.py [--entries 100000] [--written 500]

Makes an installation of its own in a temporary folder (SQLite), or uses the *empty* database of DATABASE_URL
(scripts/with-postgres python benchmarks/audit_chain.py). Verifying stands beside reading the same file and taking
the SHA-256 of each line; writing beside one plain row a transaction with the same durability.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds that ``run`` took, and how many of them this process computed (the rest it waited)."""
    start, computed = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - computed


def grow(count: int) -> None:
    """A chain of ``count`` entries as ``record`` would have written them, in a fraction of its time."""
    from django.conf import settings

    from dure.city import clock
    from dure.city.chain import START, hash_of, instant, seal_of
    from dure.city.models import AuditEntry, AuditHead

    at, previous = clock.now(), START
    entries = []
    for seq in range(1, count + 1):
        row = {
            "seq": seq,
            "tag": "person:record:read",
            "actor": "user:benchmark",
            "subject": f"person:{seq:036}",
            "purpose": "well_being_check",
            "detail": {"refs": [f"{seq:036}"], "left_out": 0},
            "previous": previous,
        }
        previous = hash_of({**row, "at": instant(at)})
        entries.append(AuditEntry(**row, at=at, hash=previous))
    AuditEntry.objects.bulk_create(entries, batch_size=1000)
    AuditHead.objects.create(pk=1, seq=count, hash=previous, mac=seal_of(count, previous, settings.DURE_AUDIT_KEY))


def write_one_by_one(count: int) -> None:
    """``count`` entries, each on disk before the next."""
    from dure.city import audit

    for number in range(count):
        audit.record("person:record:read", actor="user:benchmark", subject=f"person:{number}")


def plain_rows(count: int) -> None:
    """``count`` plain rows, each on disk before the next."""
    from django.db import connection

    with connection.cursor() as cursor:
        for number in range(count):
            cursor.execute("INSERT INTO plain VALUES (%s, %s)", [number, "x" * 300])


def hash_lines(path: Path) -> None:
    """Read the export and take the SHA-256 of every line."""
    with path.open("rb") as file:
        for line in file:
            sha256(line).digest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--written", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(DURE_HOME=home, DJANGO_SETTINGS_MODULE="dure.web.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from dure.city import audit

        call_command("migrate", verbosity=0, skip_checks=True)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE plain (number integer, text text)")
        grow(arguments.entries)
        export = Path(home) / "export.jsonl"
        audit.export(export)
        breaks: list[object] = []
        figures = [
            ("verify the database", arguments.entries, timed(lambda: breaks.extend(audit.verify()))),
            ("verify an export", arguments.entries, timed(lambda: breaks.extend(audit.verify_file(export)))),
            ("limit: SHA-256 of its lines", arguments.entries, timed(lambda: hash_lines(export))),
            ("record, one a transaction", arguments.written, timed(lambda: write_one_by_one(arguments.written))),
            ("limit: one plain row a transaction", arguments.written, timed(lambda: plain_rows(arguments.written))),
        ]
        print(f"{connection.vendor}, {len(breaks)} breaks")
        for what, count, (seconds, computed) in figures:
            print(f"{what:36} {count:9,} in {seconds:7.2f} s ({computed:5.2f} s CPU) {count / seconds:9,.0f}/s")


if __name__ == "__main__":
    main()
