# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.city.own_city import OwnCity, own_city


@pytest.fixture(scope="package")
def processes_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCity]:
    """A city with processes of its own, made once: tests on it add to the record and take nothing away."""
    with own_city(tmp_path_factory.mktemp("city")) as city:
        yield city
