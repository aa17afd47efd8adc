# SPDX-License-Identifier: Apache-2.0
"""Fixed scales: kWh to one byte, likelihood ratios to 1/64 nat, scores to bins. All by table, so that every batch
order and every machine with IEEE arithmetic gives the same bits."""

from __future__ import annotations

import numpy as np

from .homes import NATS

NO_VALUE = 0
ZERO = 1
CODE_EDGES = np.geomspace(0.0005, 10.0, 254, dtype=np.float64)
"""kWh per half hour: steps of 4 % from 1 W to 20 kW."""
CODE_KWH = np.concatenate([[np.nan, 0.0], np.sqrt(CODE_EDGES[:-1] * CODE_EDGES[1:]), CODE_EDGES[-1:]])
CODE_WH = np.nan_to_num(np.round(CODE_KWH * 1000), nan=0.0).astype(np.int64)

RATIO_EDGES = np.exp(np.arange(-8 * NATS, 8 * NATS + 1) / NATS)
"""Likelihood ratios of -8 to 8 nats in steps of 1/64."""

SCORE_EDGES = 0.25 * 1.04 ** np.arange(255)
"""Lower edges of score bins 1 to 255, steps of 4 %."""


def score_of_bin(score_bin: int) -> float:
    """Lowest score of the bin; infinity for the unreachable bin 256."""
    if score_bin <= 0:
        return 0.0
    return float(SCORE_EDGES[score_bin - 1]) if score_bin <= 255 else float("inf")
