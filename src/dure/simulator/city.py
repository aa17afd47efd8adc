# SPDX-License-Identifier: Apache-2.0
"""A made city's folder: what is handed to the platform, and the few facts from which all else is made again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from .areas import Dong, dong_count, make_areas, read_areas, write_areas
from .cameras import write_cameras
from .complaints.desk import write_desk
from .real_homes import read_source
from .residents import Residents, enrolments, make_residents, worn_devices
from .waste.bins import Bins, make_bins
from .waste.bins import enrolments as bin_enrolments
from .waste.fleet import fleet_lines

EMERGENCIES_PER_DAY = 1.2
"""Demo default, in the whole city whatever its size: in 200 homes 6 per 1,000 homes and day. Real life has at
most 0.1 (154 crises among Seoul's 2,709 plugs in 17 months): a true demo of 200 homes would wait 50 days."""
HOMES_A_COMPLAINT, FEWEST_COMPLAINTS, MOST_COMPLAINTS = 100, 40.0, 2_000.0
"""Watched homes to one complaint a day, within bounds: enough to see the desk at work and what comes twice."""


def usual_complaints(homes: int) -> float:
    """A day, of a city of so many watched homes."""
    return min(max(FEWEST_COMPLAINTS, homes / HOMES_A_COMPLAINT), MOST_COMPLAINTS)


@dataclass(frozen=True)
class CityPlan:
    """What was asked for; kept as city.json.

    ``start`` is when the city was made (ages and consents count from it). ``readings``: a file of real homes'
    kWh, or empty for made homes; ``timezone`` is that of its clock ("" = by its layout).
    """

    seed: int
    homes: int
    start: str
    emergencies_per_day: float = EMERGENCIES_PER_DAY
    readings: str = ""
    timezone: str = ""
    workers: tuple[str, ...] = ()
    cameras: int = 0
    falls_per_day: float = 0.0
    """Among those who wear a device; 0 for cities made before there were any."""
    bins: int = 0
    complaints_per_day: float = 0.0


@dataclass(frozen=True)
class City:
    """A city that was made: its plan, its dong, its people, its bins."""

    folder: Path
    plan: CityPlan
    areas: list[Dong]
    residents: Residents
    bins: Bins


def make_city(folder: Path, plan: CityPlan, areas_file: Path | None = None) -> City:
    """Write areas.geojson, homes.jsonl, wearables.jsonl, bins.jsonl, trucks.jsonl, cameras.geojson and the complaint
    desk's files (if asked for) and city.json into ``folder``."""
    if plan.homes < 1:
        raise ValueError(f"--homes: at least 1 is needed, got {plan.homes}")
    if plan.bins < 0:
        raise ValueError(f"--bins: 0 or more, got {plan.bins}")
    if not 0 <= plan.complaints_per_day <= MOST_COMPLAINTS:
        raise ValueError(f"--complaints-per-day: 0 to {MOST_COMPLAINTS}, got {plan.complaints_per_day}")
    folder.mkdir(parents=True, exist_ok=True)
    areas = read_areas(areas_file) if areas_file else make_areas(plan.seed, dong_count(plan.homes))
    write_areas(areas, folder / "areas.geojson")
    residents = _residents(plan, areas)
    start = datetime.fromisoformat(plan.start)
    _write_lines(folder / "homes.jsonl", enrolments(residents, areas, start, list(plan.workers)))
    _write_lines(folder / "wearables.jsonl", worn_devices(residents))
    bins = make_bins(plan.seed, plan.bins, residents, areas)
    _write_lines(folder / "bins.jsonl", bin_enrolments(bins, areas))
    _write_lines(folder / "trucks.jsonl", fleet_lines(bins, areas))
    if plan.complaints_per_day:
        write_desk(folder)
    if plan.cameras:
        write_cameras(plan.seed, plan.cameras, areas, folder / "cameras.geojson")
    (folder / "city.json").write_text(json.dumps(asdict(plan), ensure_ascii=False, indent=1), encoding="utf-8")
    return City(folder, plan, areas, residents, bins)


def _write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def load_city(folder: Path) -> City:
    """A city made earlier. Raises FileNotFoundError when the folder holds none."""
    plan = CityPlan(**json.loads((folder / "city.json").read_text(encoding="utf-8")))
    areas = read_areas(folder / "areas.geojson")
    residents = _residents(plan, areas)
    return City(folder, plan, areas, residents, make_bins(plan.seed, plan.bins, residents, areas))


def real_plan(plan: CityPlan) -> CityPlan:
    """The plan with as many homes as its file of readings holds. Raises ValueError when the file will not do."""
    source = read_source(Path(plan.readings), plan.timezone)
    return replace(plan, homes=len(source.names))


def _residents(plan: CityPlan, areas: list[Dong]) -> Residents:
    # Nobody knows what else the people of a real readings file did, so those homes have a meter and nothing else.
    return make_residents(plan.seed, plan.homes, len(areas), only_meters=bool(plan.readings))
