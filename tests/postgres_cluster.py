# SPDX-License-Identifier: Apache-2.0
"""A throw-away PostgreSQL from the system's own binaries. Standard library only: scripts/with-postgres uses it bare."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

START_SECONDS = 60
STOP_SECONDS = 30


class ClusterError(Exception):
    """PostgreSQL is not installed, or it did not start; the message says which and shows the end of its log."""


def binaries() -> Path:
    """The newest installed server's bin folder. Debian keeps it out of PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).parent)
    if not found:
        raise ClusterError("no PostgreSQL server is installed (Debian: postgresql-15); `make test` installs it")
    return max(found, key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Cluster:
    """One server in a folder of its own, on a free port of 127.0.0.1; with ``fsync``, unless it is not ``durable``.

    PostgreSQL refuses to run as root, so root starts it as the user ``postgres``. The server gets SIGINT (its fast
    shutdown) when the starting process dies, even by SIGKILL. ``url`` is the DATABASE_URL of its one database.
    """

    def __init__(self, *, durable: bool = True) -> None:
        self.durable = durable
        self.bin = binaries()
        self.home = Path(tempfile.mkdtemp(prefix="dure-postgres-"))
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://dure:{self.password}@127.0.0.1:{self.port}/dure"

    @property
    def pid(self) -> int:
        """The server's process id. Raises ClusterError when it is not running."""
        if self.server is None:
            raise ClusterError("the server is not running")
        return self.server.pid

    def __enter__(self) -> Self:
        try:
            self._create()
            self.start()
            self._run("createdb", "dure")
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def start(self) -> None:
        """Start the server and wait until it accepts connections. Also starts it again after ``kill``."""
        deadline = time.monotonic() + START_SECONDS
        self._launch()
        while not self._ready():
            if time.monotonic() > deadline:
                raise ClusterError(f"PostgreSQL did not start:\n{self._log()[-2000:]}")
            if self.server is not None and self.server.poll() is not None:
                # After SIGKILL its backends may live for a moment more, and a new server will not start beside them.
                if "is still in use" not in self._log()[-1000:]:
                    raise ClusterError(f"PostgreSQL did not start:\n{self._log()[-2000:]}")
                self._launch()
            time.sleep(0.05)

    def _launch(self) -> None:
        command = [
            *self._as_owner("--pdeathsig", "INT"), str(self.bin / "postgres"), "-D", str(self.home / "data"),
            "-c", "listen_addresses=127.0.0.1", "-p", str(self.port), "-k", str(self.home),
            "-c", f"fsync={'on' if self.durable else 'off'}",
        ]  # fmt: skip
        with (self.home / "log").open("ab") as log:
            self.server = subprocess.Popen(command, cwd=self.home, stdout=log, stderr=log, start_new_session=True)

    def kill(self) -> None:
        """SIGKILL the server, as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self._gone()

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, nothing committed is lost."""
        if self.server is not None:
            self.server.send_signal(signal.SIGINT)
            self._gone()

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _gone(self) -> None:
        server, self.server = self.server, None
        if server is None:
            return
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _create(self) -> None:
        password_file = self.home / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o600)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(password_file, owner.pw_uid, owner.pw_gid)
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb", "--pgdata", str(self.home / "data"), "--username=dure", f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    def _run(self, tool: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_owner(), str(self.bin / tool), *arguments],
            cwd=self.home, env=self._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ClusterError(f"{tool} failed:\n{done.stdout}{done.stderr}")

    def _ready(self) -> bool:
        command = [str(self.bin / "pg_isready"), "--quiet"]
        return subprocess.run(command, env=self._environment(), check=False).returncode == 0

    def _environment(self) -> dict[str, str]:
        connection = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "dure", "PGPASSWORD": self.password}
        return {**os.environ, **connection}

    def _as_owner(self, *options: str) -> list[str]:
        if os.geteuid() == 0:
            options = ("--reuid=postgres", "--regid=postgres", "--clear-groups", *options)
        return ["setpriv", *options] if options else []

    def _log(self) -> str:
        return (self.home / "log").read_text(errors="replace")
