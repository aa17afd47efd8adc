# SPDX-License-Identifier: Apache-2.0
"""Fixed scales: kWh to one byte, likelihood ratios to 1/64 nat, scores to bins. All by table, so that every batch
order and every machine with IEEE arithmetic gives the same bits."""

from __future__ import annotations

import numpy as np

from .homes import NATS, Array

NO_VALUE = 0
ZERO = 1
_CODE_EDGES = np.geomspace(0.0005, 10.0, 254, dtype=np.float64)
"""kWh per half hour: steps of 4 % from 1 W to 20 kW."""
CODE_KWH = np.concatenate([[np.nan, 0.0], np.sqrt(_CODE_EDGES[:-1] * _CODE_EDGES[1:]), _CODE_EDGES[-1:]])
CODE_WH = np.nan_to_num(np.round(CODE_KWH * 1000), nan=0.0).astype(np.int32)

_RATIO_EDGES = np.exp(np.arange(-8 * NATS, 8 * NATS + 1) / NATS)

SCORE_EDGES = 0.25 * 1.04 ** np.arange(255)
"""Lower edges of score bins 1 to 255, steps of 4 %."""


def encode_kwh(kwh: Array) -> Array:
    """Code (uint8) of kWh per half hour; NaN is 0, zero or less is 1."""
    codes = np.searchsorted(_CODE_EDGES, kwh, side="right") + ZERO
    codes[np.isnan(kwh)] = NO_VALUE
    return np.minimum(codes, 255).astype(np.uint8)


def evidence_units(ratio: Array) -> Array:
    """64 ln(ratio), rounded down, within +-8 nat (int32)."""
    return (np.searchsorted(_RATIO_EDGES, ratio, side="right") - (8 * NATS + 1)).astype(np.int32)


def score_bin(score: Array) -> Array:
    """Bin 0 to 255 of a score."""
    return np.searchsorted(SCORE_EDGES, score, side="right").astype(np.uint8)


def score_of_bin(score_bin: int) -> float:
    """Lowest score of the bin; infinity for the unreachable bin 256."""
    if score_bin <= 0:
        return 0.0
    return float(SCORE_EDGES[score_bin - 1]) if score_bin <= 255 else float("inf")
