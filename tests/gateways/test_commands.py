# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import os
import shutil
import signal
from pathlib import Path

import pytest

from dure.city.devices import Holder, SeriesSpec, holder_of, register_device, register_feed
from dure.city.models import Feed
from dure.cli import main
from tests.gateways.running import Running, wait_until

needs_broker = pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None, reason="no mosquitto is installed"
)


@pytest.mark.django_db
def test_keys_are_made_shown_once_and_revoked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["keys", "feed", "ami"]) == 1
    assert "no feed 'ami'" in capsys.readouterr().err
    assert main(["keys", "feed", "ami", "--kind", "ami", "--name", "검침"]) == 0
    feed = Feed.objects.get(code="ami", name="검침")
    key = capsys.readouterr().out.strip()
    assert holder_of(key) == Holder(feed)

    device = register_device(feed, "meter-1", "power_meter", series=[SeriesSpec("power", "kWh")], actor="tests")
    assert main(["keys", "device", "meter-9"]) == 1
    assert main(["keys", "device", "meter-1"]) == 0
    assert holder_of(capsys.readouterr().out.strip()) == Holder(feed, device)

    for status in (0, 1):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
        assert main(["keys", "revoke"]) == status
    assert holder_of(key) is None


@pytest.mark.django_db
def test_broker_files_keep_the_gateways_password_and_hold_no_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register_feed("ami", "AMI", "ami", actor="tests")
    main(["keys", "feed", "ami"])
    key = capsys.readouterr().out.strip()
    for name in ("one", "two"):
        assert main(["gateway", "broker-files", str(tmp_path), "--port", "1884", "--reload"]) == 0, name
        answer = capsys.readouterr()
        assert answer.out.strip() == str(tmp_path / "mosquitto.conf")
        assert "no broker runs" in answer.err
        (tmp_path / name).write_text((tmp_path / "gateway.password").read_text())

    assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text()
    assert [line.split(":")[0] for line in (tmp_path / "passwords").read_text().splitlines()] == ["dure-gateway", "ami"]
    assert all(key not in path.read_text() for path in tmp_path.iterdir())
    with pytest.raises(SystemExit, match="belong together"):
        main(["gateway", "broker-files", str(tmp_path), "--tls-key", "key.pem"])


@pytest.mark.parametrize("url", ["http://localhost", "localhost:1883", "mqtt://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SystemExit, match="--url"):
        main(["gateway", "mqtt", "--url", url])


@pytest.mark.broker
@pytest.mark.once
@needs_broker
def test_several_gateways_run_under_one_which_starts_again_what_ends(tmp_path: Path) -> None:
    with Running(tmp_path / "city") as platform:
        platform.create(1)
        platform.start_broker()
        platform.start_gateway("--processes", "2")
        first = children_of(platform)
        os.kill(min(first), signal.SIGKILL)
        wait_until(lambda: len(children_of(platform) - {min(first)}) == 2, "another takes its place")
        last = children_of(platform)
        parent = platform.processes.pop("gateway")
        parent.terminate()
        assert parent.wait() == 0
        assert [pid for pid in last if Path(f"/proc/{pid}").exists()] == []


def children_of(platform: Running) -> set[int]:
    pid = platform.processes["gateway"].pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
