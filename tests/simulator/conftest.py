# SPDX-License-Identifier: Apache-2.0
"""A small made city, and a platform of a few lines that speaks the doors' protocol and forgets nothing."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dure.simulator.city import City, CityPlan, make_city

START = "2026-11-21T09:00:00+09:00"
KEYS = {"ami": "key-ami", "telecom": "key-telecom", "telephony": "key-telephony", "statistics": "key-statistics"}

Key = tuple[str, str, str]
"""Device, series, time."""


@dataclass
class Platform:
    """What arrived at the doors. ``closed`` paths answer 503; ``ringing`` are the calls that ring."""

    url: str = ""
    values: dict[Key, float | None] = field(default_factory=dict)
    doubles: int = 0
    conflicts: int = 0
    bodies: list[str] = field(default_factory=list)
    sent_by: dict[str, set[str]] = field(default_factory=dict)
    refused: int = 0
    closed: set[str] = field(default_factory=set)
    ringing: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, str | None]] = field(default_factory=list)
    away: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, readings: list[dict[str, Any]], key: str) -> dict[str, Any]:
        stored = 0
        with self.lock:
            self.bodies.append(json.dumps(readings, ensure_ascii=False))
            for one in readings:
                place = (one["device"], one["series"], one["at"])
                self.sent_by.setdefault(key, set()).add(one["device"].split("-")[0])
                if place in self.values:
                    self.doubles += 1
                    self.conflicts += self.values[place] != one["value"]
                else:
                    self.values[place] = one["value"]
                    stored += 1
        return {"stored": stored, "duplicates": len(readings) - stored, "rejected": []}

    def times(self, prefix: str) -> set[str]:
        with self.lock:
            return {at for device, _, at in self.values if device.startswith(prefix)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path, platform = self.path.removeprefix("/api/v1"), self.platform
        if path in platform.closed:
            platform.refused += 1
            return self._answer(503, {"message": "closed"})
        key = self.headers["Authorization"].removeprefix("Bearer ")
        if path == "/readings":
            return self._answer(200, platform.take(_readings(body, self.headers["Content-Type"]), key))
        said = json.loads(body)
        platform.bodies.append(body.decode())
        if path == "/care/away":
            platform.away.append(said)
        else:
            call = path.split("/")[2]
            platform.answers.append((call, said.get("key") or said["said"]))
            platform.ringing = [one for one in platform.ringing if one["id"] != call]
        return self._answer(200, {})

    def do_GET(self) -> None:
        if self.path.startswith("/api/v1/care/cases?since="):
            right = self.headers["Authorization"] == f"Bearer {KEYS['statistics']}"
            return self._answer(200 if right else 401, {"cases": self.platform.cases})
        if self.path.startswith("/api/v1/monitoring/told?since="):
            return self._answer(200, {"told": self.platform.told})
        return self._answer(200, {"calls": list(self.platform.ringing)})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


def _readings(body: bytes, kind: str) -> list[dict[str, Any]]:
    if kind == "application/json":
        said = json.loads(body)
        return said if isinstance(said, list) else [said]
    frame = pl.read_ipc_stream(io.BytesIO(body))
    return frame.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).to_dicts()


@pytest.fixture
def platform() -> Iterator[Platform]:
    kept = Platform()
    handler = type("Handler", (_Handler,), {"platform": kept})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def made_city(tmp_path: Path) -> City:
    """40 homes, 12 emergencies a day."""
    plan = CityPlan(seed=5, homes=40, start=START, emergencies_per_day=12.0, workers=("a", "b", "c"))
    return make_city(tmp_path / "city", plan)
