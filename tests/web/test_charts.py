# SPDX-License-Identifier: Apache-2.0
"""The day's picture: what is drawn, what is left out, and what it says to those who cannot see it."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dure.web.charts import HEIGHT, WIDTH, day_chart

USUAL = [1.0] * 24 + [2.0] * 24
NOTHING: list[float | None] = []


def test_today_ends_where_the_day_has_come_to() -> None:
    chart = day_chart(USUAL, USUAL, [0.5] * 12)
    assert chart.now_x == WIDTH / 4
    assert chart.hours == 6
    assert chart.today.endswith(f"H{WIDTH / 4}")
    assert (chart.today_sum, chart.usual_sum, chart.yesterday_sum) == (6.0, 12.0, 12.0)


def test_slot_without_value_is_a_gap_and_not_a_zero() -> None:
    chart = day_chart(USUAL, NOTHING, [1.0, None, 1.0])
    assert chart.today.count("M") == 2
    assert f"V{float(HEIGHT)}" not in chart.today
    assert chart.today_sum == 2.0


def test_day_without_any_use_is_drawn_on_the_ground() -> None:
    chart = day_chart([0.0] * 24, NOTHING, [0.0] * 24)
    assert chart.now_x is None
    assert f"M0.0 {float(HEIGHT)}" in chart.today


@pytest.mark.parametrize("lists", [([], [], []), ([1.0], [1.0, 1.0], []), ([1.0], [], [1.0, 1.0])])
def test_lists_that_do_not_fit_are_refused(lists: tuple[list[float], list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="day_chart"):
        day_chart(*lists)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=96))
def test_nothing_is_drawn_outside_the_picture(values: list[float | None]) -> None:
    chart = day_chart(values, values, values)
    numbers = [float(part.lstrip("MVHZ")) for part in chart.today.replace("M", " M").split() if part.lstrip("MVHZ")]
    assert all(0 <= number <= max(WIDTH, HEIGHT) for number in numbers)


@pytest.mark.parametrize(("language", "words"), [("ko", "오늘 6시까지 6.0 kWh"), ("en", "Today until 6:00: 6.0 kWh")])
def test_picture_says_what_it_shows(language: str, words: str) -> None:
    template = Template("{% day_chart usual usual today %}")
    with translation.override(language):
        drawn = template.render(Context({"usual": USUAL, "today": [0.5] * 12}))
    assert f'aria-label="{words}' in drawn
