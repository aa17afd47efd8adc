# SPDX-License-Identifier: Apache-2.0
"""When is a bin full, and what is it worth to go there now?

Readings in (one row of all bins an hour), forecasts and values out::

    filling = Filling(bins=270)
    filling.step(hour_of_week, readings)           # each hour; nan where a sensor said nothing
    paths = sample_paths(filling, hours=168)       # what may fall in from now on
    Forecast(paths).probability_full(8)            # P(level ≥ 100 within 8 hours), per bin
    value_of_going(paths, opportunities)           # now, rather than at any later opportunity

``shape`` is what falls in by hour of week, ``rates`` the filter that follows each bin, ``paths`` its predictive
distribution, ``choice`` what follows from it, ``weather`` what rain and warmth do. Levels are in
points: % of a full bin. Why so: docs/adr/0016-bin-choice.md.
"""

from .choice import Choice, Price, value_of_going
from .paths import Forecast, Paths, sample_paths
from .rates import Filling, Sensor
from .shape import HOURS, WeekShape

__all__ = [
    "HOURS",
    "Choice",
    "Filling",
    "Forecast",
    "Paths",
    "Price",
    "Sensor",
    "WeekShape",
    "sample_paths",
    "value_of_going",
]
