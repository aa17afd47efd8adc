# SPDX-License-Identifier: Apache-2.0
"""What others do, as scores per half hour: the simple rule, a z-score, the notes' reference, half-space trees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from river.anomaly import HalfSpaceTrees

from care_homes import DAY, MEMORY_DAYS, Floats, Homes

Score = Callable[[Floats, Homes], Floats]


def n_hours(kwh: Floats, _: Homes) -> Floats:
    """Score of the rule "N hours of nothing": hours without half of the home's mean use. (In hindsight, which favours
    it; any one limit in kWh for all homes finds less.)"""
    limit = np.nanmean(kwh, axis=1) / 2
    score = np.zeros_like(kwh)
    hours = np.zeros(len(kwh))
    for t in range(kwh.shape[1]):
        value = kwh[:, t]
        hours = np.where(value >= limit, 0.0, hours + 0.5 * ~np.isnan(value))
        score[:, t] = hours
    return score


def slot_z(kwh: Floats, homes: Homes) -> Floats:
    """Score of the per-slot z-score: -z against the last 28 days of this half hour, mean of the last 24 h."""
    columns = kwh.shape[1] // DAY * DAY
    days = kwh[:, :columns].reshape(len(kwh), -1, DAY)
    z = np.full_like(days, np.nan)
    with np.errstate(all="ignore"):
        for d in range(7, days.shape[1]):
            past = days[:, max(0, d - MEMORY_DAYS) : d]
            n = np.maximum((~np.isnan(past)).sum(1), 1)
            mean = np.nansum(past, 1) / n
            spread = np.sqrt(np.nansum((past - mean[:, None]) ** 2, 1) / n)
            z[:, d] = np.where(n >= 7, (mean - days[:, d]) / np.maximum(spread, 0.01), np.nan)
    flat = z.reshape(len(kwh), -1)
    value = np.nan_to_num(flat)
    count = np.cumsum(np.pad(~np.isnan(flat), ((0, 0), (DAY, 0))), 1)
    total = np.cumsum(np.pad(value, ((0, 0), (DAY, 0))), 1)
    seen = count[:, DAY:] - count[:, :-DAY]
    score = np.maximum((total[:, DAY:] - total[:, :-DAY]) / np.maximum(seen, DAY // 2), 0)
    return np.pad(score, ((0, 0), (0, kwh.shape[1] - columns)))


def excess_llr(kwh: Floats, homes: Homes) -> Floats:
    """Score of the notes' reference: CUSUM of log P(asleep) / P(now) of the excess over the least of 6 h.

    Eight bins; each slot's histogram of the days with life, faded over 28 days, with its neighbours and shrunk to the
    home's overall one; "asleep" from each day's quietest four hours.
    """
    edges = np.array([0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.25])
    n, columns = kwh.shape
    known = ~np.isnan(kwh)
    least = kwh.copy()
    for back in range(1, 12):
        least[:, back:] = np.fmin(least[:, back:], kwh[:, :-back])
    bins = np.digitize(kwh - least, edges)
    active = known & (bins >= 4)
    slots, asleep = np.zeros((n, DAY, 8)), np.zeros((n, 8))
    score, gathered, rows = np.zeros_like(kwh), np.zeros(n), np.arange(n)
    for t in range(DAY, columns):
        slot = homes.local_slot[t]
        p = slots[:, slot] + 0.5 * (slots[:, slot - 1] + slots[:, (slot + 1) % DAY])
        overall = slots.sum(1)
        p += 20 * overall / np.maximum(overall.sum(1, keepdims=True), 1) + 0.2
        q = asleep + 0.0125 * asleep.sum(1, keepdims=True) + 0.02
        chosen = bins[:, t]
        gain = np.log(q[rows, chosen] / q.sum(1)) - np.log(p[rows, chosen] / p.sum(1))
        ready = known[:, t] & (asleep.sum(1) > 100)
        gathered = np.maximum(gathered + np.where(ready, np.clip(gain, -4, 4), 0.0), 0.0)
        score[:, t] = gathered
        if slot == 0:
            day = slice(t - DAY, t)
            lived = active[:, day].sum(1) >= 6
            whole = np.where(known[:, day], kwh[:, day], np.inf)
            four_hours = np.lib.stride_tricks.sliding_window_view(whole, 8, axis=1).sum(2)
            begin = four_hours.argmin(1)
            use = lived & np.isfinite(four_hours.min(1))
            asleep[use] *= 1 - 1 / MEMORY_DAYS
            for k in range(8):
                asleep[rows[use], bins[rows[use], t - DAY + begin[use] + k]] += 1
            there = homes.local_slot[day]
            for k in range(DAY):
                learn = lived & known[:, t - DAY + k]
                slots[learn, there[k]] *= 1 - 1 / MEMORY_DAYS
                slots[rows[learn], there[k], bins[learn, t - DAY + k]] += 1
    return score


def half_space_trees(kwh: Floats, homes: Homes) -> Floats:
    """Score of river's HalfSpaceTrees, one per home, on use, its change and the hour, each 0 to 1: the mean of the
    last 24 h, above 0.5 of the possible. (Its defaults but for the window: 250 half hours, five days.)"""
    top = np.nanquantile(kwh, 0.99, axis=1)
    score = np.zeros_like(kwh)
    for h, row in enumerate(kwh):
        trees = HalfSpaceTrees(seed=1)
        last, recent = 0.0, np.zeros(DAY)
        for t in np.flatnonzero(~np.isnan(row)):
            use = min(float(row[t] / top[h]), 1.0)
            features = {"use": use, "change": abs(use - last), "hour": homes.local_slot[t] / DAY}
            recent[t % DAY] = trees.score_one(features)
            trees.learn_one(features)
            last, score[h, t] = use, recent.mean()
    return np.maximum(score - np.quantile(score, 0.5), 0.0)


def episodes(score: Floats, threshold: float) -> NDArray[np.int64]:
    """First column of each alarm and first column after it [alarms, 2]: it opens at the threshold and closes when the
    score is back at a tenth of it."""
    state = np.where(score >= threshold, 1, np.where(score <= threshold / 10, 0, -1))
    known = np.flatnonzero(state >= 0)
    turns = np.diff(np.concatenate([[0], state[known], [0]]))
    return np.column_stack([known[turns[:-1] == 1], np.append(known, len(score))[turns == -1]])
