# SPDX-License-Identifier: Apache-2.0
"""Which processes a demo is made of, and how each is called: the same commands as in production."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator

from dure.web.demo import Options, past
from dure.web.demo.children import Child
from dure.web.demo.home import Home

DURE = (sys.executable, "-m", "dure.cli")


class Programs:
    """The processes of one city with so many ``days`` of history; their logs are in its folder."""

    def __init__(self, home: Home, options: Options, days: int) -> None:
        self._home, self._options, self._days = home, options, days

    def web(self) -> Child:
        """The first one: everything else speaks to it or waits for it."""
        return self._dure("web", "web", "--host", self._options.host, "--port", str(self._options.port))

    def others(self) -> Iterator[Child]:
        """A made 119, the worker, the broker and its gateway where a mosquitto is installed, the made city's people."""
        dispatch = f"127.0.0.1:{_free_port()}"
        os.environ["DURE_119_URL"] = f"http://{dispatch}/"  # whatever was set: no real one hears of a made emergency
        yield self._dure("dispatch", "simulate", "dispatch", "--listen", dispatch)
        yield self._dure("worker", "worker")
        simulate = ["simulate", "run", str(self._home.city), "--keys", str(self._home.keys)]
        simulate += ["--backfill-days", str(self._days)]
        simulate += ["--url", f"http://127.0.0.1:{self._options.port}", "--clock", os.environ["DURE_CLOCK"]]
        if mosquitto := _mosquitto():
            address = f"127.0.0.1:{_free_port()}"
            yield self._broker(mosquitto, address)
            yield self._dure(
                "gateway", "gateway", "mqtt", "--url", f"mqtt://{address}", "--broker", str(self._home.broker)
            )
            simulate += ["--mqtt", address]
        yield self._dure("simulator", *simulate)

    def past(self) -> Child | None:
        """What the city's people complained of in the weeks before, once; None where it is there already."""
        if not past.is_wanted(self._home.city):
            return None
        command = ["nice", sys.executable, "-m", "dure.web.demo.past", str(self._home.city)]
        return Child("past", command, self._home.logs / "past.log", once=True)

    def _broker(self, mosquitto: str, address: str) -> Child:
        from dure.gateways.mqtt.broker import write_broker_files

        host, port = address.split(":")
        settings = write_broker_files(self._home.broker, port=int(port), address=host)
        # TERM where the others get KILL: what it holds for its clients is written down when it is told to stop.
        return self._child("broker", [mosquitto, "-c", str(settings)], orphan_signal="TERM")

    def _dure(self, name: str, *arguments: str) -> Child:
        return self._child(name, [*DURE, *arguments])

    def _child(self, name: str, command: list[str], orphan_signal: str = "KILL") -> Child:
        return Child(name, command, self._home.logs / f"{name}.log", orphan_signal=orphan_signal)


def _mosquitto() -> str | None:
    """The broker's program; Debian keeps it where only root's PATH looks."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
