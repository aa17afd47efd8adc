# SPDX-License-Identifier: Apache-2.0
"""``dure …``: each room brings its own subcommands from its commands.py."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from importlib.util import find_spec

ROOMS = (
    "dure.engines.routing",
    "dure.city",
    "dure.services.care",
    "dure.services.complaints",
    "dure.services.monitoring",
    "dure.services.waste",
    "dure.gateways",
    "dure.simulator",
    "dure.web",
)
"""Packages whose ``commands.register(subparsers)`` adds subcommands."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(prog="dure", description="두레: one open platform for a Korean city")
    subparsers = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for room in ROOMS:
        if find_spec(f"{room}.commands"):
            import_module(f"{room}.commands").register(subparsers)
    return root


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit status is returned. A command's function gets the parsed arguments.

    A file that is not there, or may not be read or written, is said by its name.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
    arguments = parser().parse_args(argv)
    try:
        status: int | None = arguments.run(arguments)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        print(f"dure {arguments.command}: {error}", file=sys.stderr)
        return 2
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
