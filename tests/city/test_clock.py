# SPDX-License-Identifier: Apache-2.0
"""City time runs at its own pace, everywhere the same."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from dure.city import clock


def test_a_pace_reads_back_what_it_writes() -> None:
    pace = clock.Pace(60.0, 1764000000.0, 1700000000.5)
    assert clock.Pace.parse(str(pace)) == pace


@pytest.mark.parametrize("text", ["", "60", "60@1", "fast@1=2", "0@1=2", "-1@1=2"])
def test_a_pace_that_makes_no_sense_names_the_variable(text: str) -> None:
    with pytest.raises(ValueError, match="DURE_CLOCK"):
        clock.Pace.parse(text)


def test_a_process_lives_by_the_pace_it_was_given() -> None:
    real = clock.real_now().timestamp()
    given = os.environ | {"DURE_CLOCK": f"86400@{real:.3f}=1700000000"}
    code = "from dure.city import clock; print(clock.now().timestamp(), clock.real_now().timestamp())"
    out = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True).stdout
    city, later = map(float, out.split())
    assert city - 1700000000 == pytest.approx((later - real) * 86400, rel=0.05, abs=5000)


def test_frozen_time_stands_and_goes_on_afterwards() -> None:
    at = datetime(2026, 1, 1, 15, 30, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == at
        assert clock.today() == date(2026, 1, 2), "it is the next day in Seoul"
    assert clock.now() > at


def test_frozen_time_must_be_aware() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="aware"), clock.frozen(naive):
        pass


def test_waiting_takes_real_time_by_the_pace() -> None:
    assert clock.real_seconds(timedelta(minutes=1)) == 60 / clock.speed()
