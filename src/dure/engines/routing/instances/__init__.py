# SPDX-License-Identifier: Apache-2.0
"""Published problems as ``Problem``: text in, no files, so that our plans can be held against the best known."""

from .instance import Instance, InstanceError, gap
from .kim import read_kim
from .solution import check_solution, read_solution, write_solution
from .vrplib import read_vrplib

__all__ = [
    "Instance",
    "InstanceError",
    "check_solution",
    "gap",
    "read",
    "read_kim",
    "read_solution",
    "read_vrplib",
    "write_solution",
]


def read(text: str, name: str = "") -> Instance:
    """Either format, told by its first line: VRPLIB's has a colon after its first word. Raises InstanceError."""
    first = text.lstrip().split("\n", 1)[0]
    return read_vrplib(text, name) if first.split("//")[0].partition(":")[1] else read_kim(text, name)
