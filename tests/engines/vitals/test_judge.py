# SPDX-License-Identifier: Apache-2.0
"""A departure is told when it lasts, and only then."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.engines.vitals import Range, Readings, Source, Sustained, Vital, assess, judge, published

RULE = Sustained()
NOW = 1_790_000_000 // 300 * 300
ADULT = Range(51, 90, Source.PUBLISHED)


def readings(*values: float | None, every: int = 300, usable: bool = True, until: int = NOW) -> Readings:
    """The last values, ``every`` seconds apart, up to ``until``."""
    return Readings.of(
        (until - every * (len(values) - 1 - number), value, usable) for number, value in enumerate(values)
    )


def test_four_of_five_slots_above_are_told_with_their_figures() -> None:
    found = judge(Vital.HEART_RATE, readings(118, 70, 121, 119, 125), ADULT, RULE, NOW)
    assert (found.way, found.outside, found.of, found.value, found.needed) == ("high", 4, 5, 120.0, 1)
    assert found.points == 2
    assert found.until - found.since == 5 * 300


def test_below_is_told_as_below() -> None:
    found = judge(Vital.SPO2, readings(90, 91, 90, 89, 90), Range(96, 100, Source.PUBLISHED), RULE, NOW)
    assert (found.way, found.points) == ("low", 3)


@pytest.mark.parametrize(
    "values", [(70, 70, 70, 70, 180), (180, 70, 180, 70, 180), (180, 180, 180, 180, 70), (51, 90, 51, 90, 90)]
)
def test_spikes_and_what_is_over_and_the_edges_themselves_are_not_told(values: tuple[float, ...]) -> None:
    found = judge(Vital.HEART_RATE, readings(*values), ADULT, RULE, NOW)
    assert found.known
    assert found.way is None


def test_a_minute_of_a_reading_a_second_is_one_slot_and_no_departure() -> None:
    """A device that reports often is not believed sooner."""
    calm = readings(*[70] * 5, until=NOW - 300)
    burst = readings(*[180] * 60, every=1, until=NOW + 59)
    both = Readings(
        *(np.concatenate([getattr(calm, name), getattr(burst, name)]) for name in ("at", "value", "usable"))
    )
    assert judge(Vital.HEART_RATE, both, ADULT, RULE, NOW + 59).way is None


@pytest.mark.parametrize(
    "found",
    [
        readings(150, 150, 150, 150),
        readings(None, 150, 150, 150, 150),
        readings(150, 150, 150, 150, 150, usable=False),
        readings(150, 150, 150, 150, 150, until=NOW - 4 * 3600),
        readings(150, 150, 150, 150, 150, until=NOW + 3600),
        readings(),
    ],
    ids=["too few", "no value", "doubtful or moving", "too old", "of the future", "none at all"],
)
def test_what_is_missing_or_doubtful_is_evidence_of_nothing(found: Readings) -> None:
    assert not judge(Vital.HEART_RATE, found, ADULT, RULE, NOW).known


def test_it_is_over_only_when_as_many_slots_lie_inside() -> None:
    assert not judge(Vital.HEART_RATE, readings(120, 120, 70, 70, 70), ADULT, RULE, NOW).settled
    assert judge(Vital.HEART_RATE, readings(120, 70, 70, 70, 70), ADULT, RULE, NOW).settled


@given(
    st.lists(st.tuples(st.integers(NOW - 20_000, NOW), st.floats(20, 250), st.booleans()), max_size=120),
    st.randoms(use_true_random=False),
)
def test_order_of_arrival_and_unusable_readings_never_matter(
    rows: list[tuple[int, float, bool]], chance: object
) -> None:
    whole = judge(Vital.HEART_RATE, Readings.of(rows), ADULT, RULE, NOW)
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    usable = [row for row in shuffled if row[2]]
    assert repr(judge(Vital.HEART_RATE, Readings.of(usable), ADULT, RULE, NOW)) == repr(whole)


@given(st.lists(st.floats(20, 250), min_size=5, max_size=5))
def test_told_exactly_when_the_newest_and_enough_others_lie_out_on_one_side(values: list[float]) -> None:
    found = judge(Vital.HEART_RATE, readings(*values), ADULT, RULE, NOW)
    above, below = [one > 90 for one in values], [one < 51 for one in values]
    told = any(sum(side) >= 4 and side[-1] for side in (above, below))
    assert (found.way is not None) == told
    assert not (found.settled and told)


def test_sustained_must_ask_for_more_than_half() -> None:
    with pytest.raises(ValueError, match="more than half"):
        Sustained(least=2, of=4)


def level(*signs: tuple[Vital, float], source: Source = Source.PUBLISHED) -> tuple[int, int]:
    """The level and total of signs that each hold one value."""
    judged = []
    for vital, value in signs:
        edges = published(vital) or Range(30, 35, source)
        usual = Range(edges.low, edges.high, source)
        judged.append((judge(vital, readings(*[value] * 5), usual, RULE, NOW), usual))
    found = assess(judged)
    return found.level, found.total


def test_levels_follow_the_steps_of_news2() -> None:
    assert level((Vital.HEART_RATE, 70)) == (0, 0)
    assert level((Vital.SKIN_TEMPERATURE, 36)) == (1, 0), "a sign without a score is for a person to read"
    assert level((Vital.HEART_RATE, 100)) == (2, 1)
    assert level((Vital.HEART_RATE, 135)) == (3, 3)
    assert level((Vital.HEART_RATE, 115), (Vital.BREATHING, 22), (Vital.BODY_TEMPERATURE, 38.5)) == (3, 5)
    assert level((Vital.HEART_RATE, 135), (Vital.BREATHING, 26), (Vital.BODY_TEMPERATURE, 38.5)) == (4, 7)


def test_leaving_a_clinicians_range_is_told_to_a_person_who_acts_though_it_scores_nothing() -> None:
    usual = Range(55, 70, Source.CLINICIAN, by="이의사")
    judged = judge(Vital.HEART_RATE, readings(*[80] * 5), usual, RULE, NOW)
    assert (assess([(judged, usual)]).level, judged.points) == (2, 0)


def test_within_a_clinicians_range_nothing_scores() -> None:
    usual = Range(88, 92, Source.CLINICIAN, by="이의사")
    judged = judge(Vital.SPO2, readings(*[89] * 5), usual, RULE, NOW)
    assert assess([(judged, usual)]) == assess([])
