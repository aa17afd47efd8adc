# SPDX-License-Identifier: Apache-2.0
"""``dure web``, ``dure migrate``, ``dure demo``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that run and prepare the platform as a whole."""
    _add_web(subparsers)
    _add_migrate(subparsers)
    _add_demo(subparsers)


def _add_web(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    web = subparsers.add_parser("web", help="serve the pages, the HTTP API, health and metrics")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.add_argument("--name", default="web", help="under which it signs life; two of one city need two names")
    web.set_defaults(run=_web)


def _add_migrate(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrate = subparsers.add_parser("migrate", help="bring the database to this version's shape")
    migrate.set_defaults(run=_migrate)


def _add_demo(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = subparsers.add_parser("demo", help="run a whole made city on this machine")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--host", default="127.0.0.1", help="another address lets phones in this network look, too")
    demo.add_argument("--speed", type=float, help="city seconds per real second (default 60; less for a big city)")
    demo.add_argument("--homes", type=int, default=200, help="homes of a new city (default 200)")
    demo.add_argument("--bins", type=int, help="bins of a new city (default: one for ten homes, 24 to 1000)")
    demo.add_argument("--readings", type=Path, help="real homes that live in a new city (parquet)")
    demo.add_argument("--home", type=Path, default=Path("var/demo"), help="folder of the city (default var/demo)")
    demo.add_argument("--fresh", action="store_true", help="forget the city in that folder and make a new one")
    demo.set_defaults(run=_demo)


def _web(arguments: argparse.Namespace) -> int:
    import uvicorn

    os.environ["DURE_PROCESS"] = arguments.name
    uvicorn.run(
        "dure.web.asgi:application",
        host=arguments.host,
        port=arguments.port,
        lifespan="on",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from dure.web.demo import Options
    from dure.web.demo.run import run

    return run(
        Options(
            home=arguments.home.resolve(),
            host=arguments.host,
            port=arguments.port,
            speed=arguments.speed,
            homes=arguments.homes,
            bins=arguments.bins,
            readings=arguments.readings.resolve() if arguments.readings else None,
            fresh=arguments.fresh,
        )
    )
