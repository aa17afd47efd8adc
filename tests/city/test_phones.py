# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.city import phones
from dure.city.errors import Invalid


@pytest.mark.parametrize(
    ("spelled", "number", "spaced"),
    [
        ("010-1234-5678", "01012345678", "010-1234-5678"),
        ("010 1234 5678", "01012345678", "010-1234-5678"),
        ("010.1234.5678", "01012345678", "010-1234-5678"),
        ("+82 10-1234-5678", "01012345678", "010-1234-5678"),
        ("+82(0)10 1234 5678", "01012345678", "010-1234-5678"),
        ("+82-2-123-4567", "021234567", "02-123-4567"),
        ("０１０－１２３４－５６７８", "01012345678", "010-1234-5678"),
        ("02-1234-5678", "0212345678", "02-1234-5678"),
        ("031-123-4567", "0311234567", "031-123-4567"),
        ("011-123-4567", "0111234567", "011-123-4567"),
        ("070-1234-5678", "07012345678", "070-1234-5678"),
        ("0507-1234-5678", "050712345678", "0507-1234-5678"),
        ("1588-1234", "15881234", "1588-1234"),
        ("+82 1588 1234", "15881234", "1588-1234"),
        ("+1 (202) 555-0100", "+12025550100", "+12025550100"),
        ("+84 90 123 4567", "+84901234567", "+84901234567"),
    ],
)
def test_one_spelling_of_each_number(spelled: str, number: str, spaced: str) -> None:
    assert phones.normalise(spelled) == number
    assert phones.normalise(number) == number
    assert phones.spaced(number) == spaced
    assert phones.normalise(spaced) == number


@pytest.mark.parametrize(
    "text",
    ["", "119", "1234", "010-1234-567", "010-1234-56789", "012-1234-5678", "전화", "+0 123 4567", "010-12a4-5678"],
)
def test_what_is_no_number_is_refused_by_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        phones.normalise(text, field="contacts.phone")
    assert caught.value.field == "contacts.phone"


@given(st.from_regex(r"01[016789][0-9]{8}", fullmatch=True), st.data())
def test_separators_and_the_country_code_make_no_difference(number: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(["", "-", " ", ".", "–"]), min_size=len(number), max_size=len(number)))
    spelled = "".join(one + separator for one, separator in zip(number, places, strict=True))
    assert phones.normalise(spelled) == phones.normalise(f"+82{spelled}") == number
    assert phones.normalise(f"+82 {spelled[1:]}") == number
