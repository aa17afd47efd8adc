# SPDX-License-Identifier: Apache-2.0
"""Vital signs of one person: what is usual for them, and whether they have left it for long enough to say so.

Nothing here knows a device, a database or a clock: readings and times come in as values, judgements go out. It is no
medical device and makes no diagnosis; it says when a measured figure has stayed outside a range that a person set or
that the person's own weeks gave, and lets a person look.
"""

from .judge import Assessment, Judgement, Readings, Sustained, assess, judge, slots
from .learning import LEAST_DAYS, learn
from .news2 import BANDS, LIMIT_OF_LEARNING, PUBLISHED, score
from .ranges import Range, Source, published
from .signs import UNITS, Vital

VERSION = "1"
"""Of the judgement: changes with every change of a figure or a rule in here."""

__all__ = [
    "BANDS",
    "LEAST_DAYS",
    "LIMIT_OF_LEARNING",
    "PUBLISHED",
    "UNITS",
    "VERSION",
    "Assessment",
    "Judgement",
    "Range",
    "Readings",
    "Source",
    "Sustained",
    "Vital",
    "assess",
    "judge",
    "learn",
    "published",
    "score",
    "slots",
]
