# SPDX-License-Identifier: Apache-2.0
"""The verbs by which a round is made, changed, given out and ended. Each is one transaction with its audit entry; who
was overtaken by somebody else's change is told so (Conflict) and has changed nothing."""

from .breakdown import broke_down
from .drafting import make_round, replan
from .ending import end_round
from .giving import give_out
from .moving import MoveCost, cost_of_move, move, split
from .wishes import set_turn, unwish, wish

__all__ = [
    "MoveCost",
    "broke_down",
    "cost_of_move",
    "end_round",
    "give_out",
    "make_round",
    "move",
    "replan",
    "set_turn",
    "split",
    "unwish",
    "wish",
]
