# SPDX-License-Identifier: Apache-2.0
"""What a policy of collection would have cost: a made world of bins, sensors in between, and the policy that decides.

``tables`` reads what fell in, ``world`` lets it fall and sends noisy readings, ``policies`` choose from readings alone,
``driving`` plans and drives the routes, ``run`` closes the loop and writes what came of it. No Django, no clock: the
time is the file's own. What the figures mean: docs/waste.md and docs/adr/0016-bin-choice.md.
"""

from .driving import Fleet
from .policies import SettingError
from .run import Outcome, Setting, simulate
from .tables import Bins, Deposits, TableError, read_bins, read_deposits, read_weather

__all__ = [
    "Bins",
    "Deposits",
    "Fleet",
    "Outcome",
    "Setting",
    "SettingError",
    "TableError",
    "read_bins",
    "read_deposits",
    "read_weather",
    "simulate",
]
