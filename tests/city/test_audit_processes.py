# SPDX-License-Identifier: Apache-2.0
"""Several processes write the chain at once, and some of them die."""

from __future__ import annotations

import subprocess

from tests.city.own_city import OwnCity

WRITER = """
import sys
from django.db import transaction
from dure.city import audit
name, count = {name!r}, {count}
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    with transaction.atomic():
        audit.record("tests:thing:done", actor=name, subject=f"thing:{{number}}")
        audit.record("tests:thing:done", actor=name, subject=f"thing:{{number}}:again")
    print(number, flush=True)
"""
REPORT = """
from django.db.models import Count
from dure.city import audit
from dure.city.models import AuditEntry
print(len(audit.verify()))
entries = AuditEntry.objects.filter(actor__startswith={prefix!r}).values_list("actor").annotate(Count("seq"))
print(dict(entries))
print(AuditEntry.objects.count() == AuditEntry.objects.order_by("-seq").first().seq)
"""


def writers(city: OwnCity, prefix: str, count: int) -> list[subprocess.Popen[str]]:
    """Two processes that begin to write at the same moment."""
    started = [city.start(WRITER.format(name=f"{prefix}{number}", count=count)) for number in (1, 2)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return started


def report(city: OwnCity, prefix: str) -> tuple[int, dict[str, int], bool]:
    breaks, counts, dense = city.run(REPORT.format(prefix=prefix))[0].splitlines()
    return int(breaks), dict(eval(counts)), dense == "True"  # noqa: S307 - printed by us


def test_two_processes_that_write_at_once_leave_one_chain(processes_city: OwnCity) -> None:
    for process in writers(processes_city, "pair:", 25):
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert report(processes_city, "pair:") == (0, {"pair:1": 50, "pair:2": 50}, True)


def test_a_process_killed_while_it_writes_leaves_a_whole_chain(processes_city: OwnCity) -> None:
    doomed, other = writers(processes_city, "kill:", 25)
    assert doomed.stdout is not None
    told = [doomed.stdout.readline() for _ in range(10)]
    doomed.kill()
    told += doomed.communicate()[0].splitlines()
    other.communicate(timeout=120)
    breaks, counts, dense = report(processes_city, "kill:")
    assert (breaks, counts["kill:2"], dense) == (0, 50, True)
    assert counts["kill:1"] % 2 == 0
    assert counts["kill:1"] >= 2 * len(told) - 2  # the last line may have been cut in the pipe
