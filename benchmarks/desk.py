# SPDX-License-Identifier: Apache-2.0
"""How long an agent waits for what is offered while they type: the server's part of one suggestion.

    python -m benchmarks.desk DATA [--texts 1500] [--complaints 10000] [--asked 100]

``DATA``: a folder with easylaw_sections.jsonl.gz, easylaw_questions.jsonl and petitions.jsonl.gz. An installation of
its own in a temporary folder: the sections are the texts of as many departments as there are categories, the petitions
(again and again) the complaints of the last two months. Each question is posted to /complaints/suggest/ as its first
40 characters, as its first half and whole, by a signed-in agent, through every middleware.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

LIMIT_MS = 200


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of lines."""
    text = path.read_bytes()
    for line in (gzip.decompress(text) if path.suffix == ".gz" else text).splitlines():
        yield json.loads(line)


def fill(data: Path, texts: int, complaints: int) -> Any:
    """Departments and texts of the sections, complaints of the petitions; the agent."""
    from tests.factories import make_city

    from dure.city import cases, clock
    from dure.city.models import Role, Team
    from dure.services.complaints.models import Complaint, Department, Door, Source, Text

    city, now = make_city(), clock.now()
    team = Team.objects.create(name="민원실", service="complaints")
    sections = list(read(data / "easylaw_sections.jsonl.gz"))
    sections = sections[:: max(len(sections) // texts, 1)][:texts]
    names = sorted({one["category"] for one in sections})
    departments = {
        name: Department.objects.create(code=f"d{number}", name={"ko": name, "en": f"D{number}"}, team=team)
        for number, name in enumerate(names)
    }
    Text.objects.bulk_create(
        Text(
            code=f"t{number}", source=Source.MANUAL, title=one["title"][:200], text=one["text"],
            changed_at=now - timedelta(days=1),
            department=departments[one["category"]],
        )
        for number, one in enumerate(sections)
    )  # fmt: skip
    case = cases.open_case(
        service="complaints", kind="complaint", level=1, title={"ko": "민원", "en": "A complaint"}, area=city.dongs[0],
        team=team, due_at=now + timedelta(days=7), actor="complaints",
    )  # fmt: skip
    petitions = [f"{one['title']}\n{one['content']}"[:600] for one in read(data / "petitions.jsonl.gz")]
    Complaint.objects.bulk_create(
        (
            Complaint(
                number=f"C-{number}", pin="-", client_id=uuid4(), case=case, door=Door.WEB, area=city.dongs[0],
                text="-", vault="{}", masked=petitions[number % len(petitions)], title="",
                received_at=now - timedelta(minutes=8 * number), due_at=now + timedelta(days=7),
            )
            for number in range(complaints)
        ),
        batch_size=1000,
    )  # fmt: skip
    return city.users[Role.CALL_AGENT]


def main() -> None:
    """Print the times of the first question (cold) and of all others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--complaints", type=int, default=10_000)
    parser.add_argument("--asked", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(DURE_HOME=home, DJANGO_SETTINGS_MODULE="dure.web.settings", DURE_HOSTS="testserver")
        import django

        django.setup()
        from django.core.management import call_command
        from django.test import Client

        call_command("migrate", verbosity=0, skip_checks=True)
        agent = fill(arguments.data, arguments.texts, arguments.complaints)
        client = Client()
        client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")

        def ask(text: str) -> tuple[float, float]:
            began, computed = time.perf_counter(), time.process_time()
            answer = client.post("/complaints/suggest/", {"text": text})
            assert answer.status_code == 200, answer.status_code
            return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - computed)

        questions = [one["question"] for one in read(arguments.data / "easylaw_questions.jsonl")][: arguments.asked]
        cold, _ = ask(questions[0])
        print(f"{arguments.texts:,} texts, {arguments.complaints:,} complaints; learned in {cold / 1000:.1f} s")
        times = np.array([ask(part) for one in questions for part in (one[:40], one[: len(one) // 2], one)])
        for name, column in (("wall", times[:, 0]), ("CPU", times[:, 1])):
            middle, high = np.percentile(column, [50, 95])
            print(f"{name:4} ms: median {middle:.0f}, p95 {high:.0f}, longest {column.max():.0f} (limit {LIMIT_MS})")


if __name__ == "__main__":
    main()
