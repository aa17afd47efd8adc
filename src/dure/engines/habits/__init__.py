# SPDX-License-Identifier: Apache-2.0
"""Is this home unlike its own habit?

Readings in, changed alarms out; no clock, no files, numpy only. The order of use::

    watch = Watch(n=len(homes), timezone="Asia/Seoul", rules=HabitRules())
    changes = watch.feed(home, at, kwh, interval)     # raw readings in arrival order: arrays, index and UTC epoch
    for k in range(len(changes)):                     # levels that opened, rose or closed
        words.reason(changes.evidence[k], "ko")
    stored = watch.to_bytes()                         # in the same transaction as the watermark
    watch = Watch.from_bytes(stored, rules)           # goes on as if nothing had happened

``Watch.feed_signal``, ``Watch.feed_both`` and ``Watch.prove`` take what else shows life; ``Watch.explain`` gives a
home's picture at any time; ``Watch.append`` and ``Watch.keep`` add and drop homes. Inside: ``meters`` makes half hours
of raw readings, ``kernel`` and ``signal_kernel`` learn, weigh and judge one half hour of one home (compiled),
``budget`` keeps the alarms within what staff can answer, ``alarms`` the episodes. The method and its figures:
docs/adr/0005-habit-engine.md.
"""

from . import words
from .alarms import Changes
from .budget import AlarmBudget
from .explain import Evidence, SignalSaid, explain
from .homes import JUDGE_ONLY, NO_CURRENT, STUCK, Homes
from .localtime import LocalTime
from .meters import Readings
from .rules import ALARM_LEVELS, HabitRules, Level
from .slow import SlowChange, SlowChanges
from .storage import StateError
from .together import silent_together
from .watch import Watch, ready

__all__ = [
    "ALARM_LEVELS",
    "JUDGE_ONLY",
    "NO_CURRENT",
    "STUCK",
    "AlarmBudget",
    "Changes",
    "Evidence",
    "HabitRules",
    "Homes",
    "Level",
    "LocalTime",
    "Readings",
    "SignalSaid",
    "SlowChange",
    "SlowChanges",
    "StateError",
    "Watch",
    "explain",
    "ready",
    "silent_together",
    "words",
]

ENGINE = "habits"
VERSION = "3"
