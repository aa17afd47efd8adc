# SPDX-License-Identifier: Apache-2.0
"""The table against the College's chart, band by band."""

from __future__ import annotations

import pytest

from dure.engines.vitals import LIMIT_OF_LEARNING, PUBLISHED, Vital, score

CHART: dict[Vital, dict[int, tuple[float, ...]]] = {
    Vital.BREATHING: {3: (8, 25), 1: (9, 11), 0: (12, 20), 2: (21, 24)},
    Vital.SPO2: {3: (91,), 2: (92, 93), 1: (94, 95), 0: (96, 100)},
    Vital.HEART_RATE: {3: (40, 131), 1: (41, 50, 91, 110), 0: (51, 90), 2: (111, 130)},
    Vital.BODY_TEMPERATURE: {3: (35.0,), 1: (35.1, 36.0, 38.1, 39.0), 0: (36.1, 38.0), 2: (39.1, 41.0)},
}
"""Both ends of every band of chart 1 (SpO₂ scale 1), RCP 2017."""


@pytest.mark.parametrize("vital", CHART)
def test_both_ends_of_every_band(vital: Vital) -> None:
    found = {value: score(vital, value) for values in CHART[vital].values() for value in values}
    assert found == {value: points for points, values in CHART[vital].items() for value in values}


def test_what_is_read_between_two_figures_of_the_chart_is_rounded_as_people_do() -> None:
    assert score(Vital.HEART_RATE, 90.4) == 0
    assert score(Vital.HEART_RATE, 90.6) == 1
    assert score(Vital.BODY_TEMPERATURE, 38.04) == 0


def test_skin_scores_nothing() -> None:
    assert score(Vital.SKIN_TEMPERATURE, 20) == 0


@pytest.mark.parametrize("vital", PUBLISHED)
def test_published_ranges_score_nothing_and_what_may_be_learned_at_most_one(vital: Vital) -> None:
    assert {score(vital, edge) for edge in PUBLISHED[vital]} == {0}
    assert max(score(vital, edge) for edge in LIMIT_OF_LEARNING[vital]) <= 1
    step = 0.1 if vital is Vital.BODY_TEMPERATURE else 1
    assert score(vital, PUBLISHED[vital][0] - step) > 0
    assert score(vital, LIMIT_OF_LEARNING[vital][0] - step) > 1
