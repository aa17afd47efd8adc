# SPDX-License-Identifier: Apache-2.0
"""Every threshold of the habit engine, with its unit and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """Korean alarm levels (관심 is a finding for a person to read, never an alarm: see slow.py)."""

    NONE = 0
    ATTENTION = 2
    """주의: an automatic call."""
    ALERT = 3
    """경계: a person calls."""
    SEVERE = 4
    """심각: somebody goes there."""


ALARM_LEVELS = (Level.ATTENTION, Level.ALERT, Level.SEVERE)


@dataclass(frozen=True, slots=True)
class HabitRules:
    """Rules of one city. "Tuned" figures come from ``benchmarks/care_detection.py``, for the most part on its tuning
    homes; what was looked at on others is said in docs/adr/0005-habit-engine.md.

    The memory of 28 days is fixed in the size of the state (28 bits per hour of day) and is not a rule.
    """

    alarms_per_1000: tuple[float, float, float] = (15.0, 5.0, 0.3)
    """Alarms per 1,000 homes and day at attention, alert, severe: today's Korean practice (Ulsan Nam-gu
    15 AI calls, 5.2 person's calls, 0.30 visits per 1,000 home-days; etnews.com/20241226000277)."""

    learning_days: int = 14
    """Days with life in them before a home is judged by its own habit; until then the fixed rule below."""

    fixed_rule_hours: tuple[float, float, float] = (24.0, 36.0, 72.0)
    """Hours with readings but without any use at which a home still being learned rises to each level
    (24 h: the common rule of Korean services; Seoul's services use 24 to 50 h)."""

    unrest_edges_kwh: tuple[float, ...] = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.25)
    """Upper edges (kWh per half hour) of the first seven of eight bins of unrest, the mean change of use from
    half hour to half hour over the last hour. Tuned; 0.05 kWh is a change of 100 W."""

    active_bin: int = 4
    """Unrest from this bin on is somebody's doing, not the refrigerator's (0.05 kWh); used for "days with
    life", "hours of use" in the reason, and the fixed rule. It does not enter the evidence."""

    life_slots: int = 6
    """Active half hours within 24 h that make it a day with life (tuned: 3 to 10 differ little)."""

    shrink_days: int = 20
    """Days' worth of the home's overall histogram mixed into each hour's own (tuned: 20 to 80 differ little)."""

    quiet_floor: float = 0.1
    """Share of a uniform distribution in the quiet histogram: nothing is impossible while asleep. Tuned."""

    tail_weight: float = 0.7
    """Prior of "only timed loads run" (the lower of two draws from the home's own hour: Lehmann's alternative)
    against "as in the quietest four hours of the day". Tuned (0.5 to 0.9 differ little)."""

    hourly_factor: float = 1.4
    """What the unrest of a reading longer than half an hour is multiplied with: averaging hides changes within
    the hour. With it hourly sums of the benchmark's homes show use as often as their half hours do."""

    evidence_cap: float = 4.0
    """Most evidence (nats) that one half hour can give in either direction."""

    proof: float = 0.7
    """Evidence (nats) for life in one half hour that counts as proof of activity."""

    proof_keeps: float = 0.5
    """Part of the gathered evidence left after a proof of activity: one switched timer must not undo a day
    of silence."""

    closing_life: float = 2.5
    """Evidence (nats) for life, gathered in a second CUSUM since the silence began, that closes an open alarm. On the
    benchmark's homes two half hours of use (median; 6 in nine of ten) after a silence of three days."""

    reopening_factor: float = 2.0
    """How much more score an alarm needs right after one closed, as a part of it: a home to which somebody came back
    for an hour is often empty again, and that is no second alarm. Tuned (0.5 to 4 differ little)."""

    reopening_days: float = 2.0
    """Days in which that falls to a third (e-folding time). Tuned (1 to 4)."""

    noise_prior: float = 4.0
    """Usual daily peak of evidence (nats) of a home not yet known."""

    noise_clip: float = 14.0
    """Days whose peak (nats) is above this are not learned as usual."""

    absence_score: float = 3.0
    """A silence that reached this score (before the home's own absences are allowed for) and ended by itself is an
    absence, whether it became an alarm or not."""

    absence_memory_days: float = 120.0
    """Days over which a home's absences are remembered."""

    absences_free: float = 7.0
    """Absences within that time that are taken as usual. Tuned (4 to 10; fewer than 6 would take a few real
    emergencies, or the benchmark's injected silences, for a habit)."""

    absence_factor: float = 4.0
    """What each further one adds to the needed score, as a part of it: a home that stands empty every week must not
    use up the attention that all others need, and is reported when it is empty for longer than it usually is."""

    stuck_slots: int = 24
    """Identical non-zero half hours after which a meter counts as stuck (and twice the home's own longest run)."""

    stuck_slots_known: int = 8
    """The same in a home whose own longest run is known (and three times that run): before a meter that sticks in the
    morning looks like silence. On the benchmark's homes 34 half hours of 1.4 million are taken for stuck, 6 without it;
    a home whose meter counts coarsely, or that draws the same all night, has runs that long itself."""

    zero_share: float = 0.01
    """A home whose remembered readings are exactly zero less often than this has something always on:
    zero then means no current, which is no evidence about a person."""

    signal_days: int = 14
    """Days with activity of a phone, a tap, a door … before its silence counts as evidence."""

    slow_known_days: int = 10
    """Of the last 14 days so many must be known before they are compared with what was usual before them."""

    slow_usual_days: int = 28
    """Days older than those from which the usual must be known."""

    slow_less: float = 0.75
    """Part of the usual activity at which 14 days are "less". Tuned by benchmarks/care_slow_change.py: with 40 % of the
    stretches of activity gone, homes scatter around 0.65, and untouched ones reach it 24 times in 1,000 home-weeks."""

    slow_less_over: float = 0.875
    """Part of the usual activity from which it is less no more."""

    slow_sigmas: float = 3.0
    """And so many standard errors of the home's own days below the usual."""

    slow_nights: float = 0.35
    """Share of nights awake above the usual share, and at least seven of fourteen."""

    slow_drift_hours: float = 1.5
    """Hours by which the middle of the day's activity has moved (mean of a week against that of two months)."""

    budget_memory_days: float = 120.0
    """Days over which the population's peaks are remembered by the alarm budget."""

    prior_home_days: float = 1000.0
    """Weight of the built-in curve of peaks beside the population's own."""

    correction_slack: tuple[float, float] = (3.0, 1.0)
    """Alarms of leeway before "given against allowed" corrects the aim (0.4 to 2.5): if too few were given, which in a
    small population is mostly chance, and if too many."""

    prior_curve: tuple[tuple[float, float], ...] = ((1.0, 300.0), (2.8, 15.0), (6.0, 5.0), (30.0, 0.3), (200.0, 0.01))
    """(score, episodes per 1,000 home-days that reach it) of the benchmark's homes; log-log interpolation."""
