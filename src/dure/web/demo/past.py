# SPDX-License-Identifier: Apache-2.0
"""The weeks of complaints before the demo's first day, taken in by the door of 국민신문고 while the city lives already.

``python -m dure.web.demo.past CITY``: a process of its own, so that nobody waits for it. Killed, it goes on from where
it was: a complaint that is there is not taken in again.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

FILE, TAKEN = "epeople.csv", "epeople.taken.csv"


def is_wanted(city: Path) -> bool:
    """Whether the city has a desk, and its past is not there yet."""
    return (city / "departments.jsonl").exists() and not (city / TAKEN).exists()


def take_in(folder: Path) -> int:
    """Make the file and import it; how many complaints are new."""
    from dure.services.complaints.epeople import import_file
    from dure.simulator.city import load_city
    from dure.simulator.complaints.happenings import happenings_of
    from dure.simulator.complaints.past import write_past

    city, file = load_city(folder), folder / FILE
    write_past(happenings_of(city), datetime.fromisoformat(city.plan.start).timestamp(), file)
    done = import_file(file, actor="demo")
    for number, column, why in done.refused:
        print(f"{file.name}: {number} {column}: {why}", file=sys.stderr)
    file.rename(folder / TAKEN)
    return done.new


def main() -> None:
    """As a process of the demo."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
    django.setup()
    print(f"{take_in(Path(sys.argv[1]))} complaints of the weeks before")


if __name__ == "__main__":
    main()
