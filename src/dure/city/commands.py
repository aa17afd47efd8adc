# SPDX-License-Identifier: Apache-2.0
"""``dure areas``, ``dure audit``, ``dure secrets``, ``dure teams`` and ``dure users``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dure.city.chain import Break

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

SHOWN = 50
"""Breaks of a chain that are written out; the rest are counted."""

Run = Callable[[argparse.Namespace], int]


def register(subparsers: Subparsers) -> None:
    """Add this room's subcommands."""
    _add_areas(_group(subparsers, "areas", "지역: import boundaries"))
    _add_audit(_group(subparsers, "audit", "감사 기록: verify or export the audit chain"))
    _add_secrets(_group(subparsers, "secrets", "암호 키: rotate the keys that seal columns"))
    _add_teams(_group(subparsers, "teams", "팀: who answers together for a service and an area"))
    _add_users(_group(subparsers, "users", "사용자: add accounts and roles"))
    _add_worker(subparsers)


def _group(subparsers: Subparsers, name: str, about: str) -> Subparsers:
    return subparsers.add_parser(name, help=about).add_subparsers(required=True, metavar="VERB")


def _add_worker(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    worker = subparsers.add_parser("worker", help="run what is due on the city's clock until stopped")
    worker.add_argument("--name", default="worker", help="the name of its sign of life")
    worker.set_defaults(run=_work)


def _add_areas(verbs: Subparsers) -> None:
    areas = verbs.add_parser("import", help="take the areas of a GeoJSON file of 행정동 as valid from a day on")
    areas.add_argument("file", type=Path)
    areas.add_argument("--valid-from", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    areas.add_argument("--source", required=True, help="where the file is from, with its licence")
    areas.set_defaults(run=_import_areas)


def _add_audit(verbs: Subparsers) -> None:
    verify = verbs.add_parser("verify", help="find any changed, removed, reordered, inserted or cut-off entry")
    verify.add_argument("file", type=Path, nargs="?", help="an export, checked without any database")
    verify.add_argument("--heads", type=Path, help="the chain's ends as noted outside the database")
    verify.add_argument("--key-file", type=Path, help="for an export: the installation's file of keys")
    verify.set_defaults(run=_verify)
    export = verbs.add_parser("export", help="write the whole chain to a file")
    export.add_argument("file", type=Path)
    export.set_defaults(run=_export)


def _add_secrets(verbs: Subparsers) -> None:
    rotate = verbs.add_parser("rotate", help="seal all names, phones, addresses and notes under the first key")
    step = rotate.add_mutually_exclusive_group()
    step.add_argument("--new-key", action="store_true", help="only put a new key in front (then restart everything)")
    step.add_argument("--drop-old", action="store_true", help="afterwards, remove the keys that nothing needs")
    rotate.set_defaults(run=_rotate)


def _add_teams(verbs: Subparsers) -> None:
    teams = verbs.add_parser("set", help="make a team, or give it exactly these members")
    teams.add_argument("name")
    teams.add_argument("--service", default="", help="e.g. care (default: all services)")
    teams.add_argument("--area", metavar="CODE", help="default: the whole city")
    teams.add_argument("--member", action="append", default=[], metavar="USER", help="again for each member")
    teams.set_defaults(run=_set_team)


def _add_users(verbs: Subparsers) -> None:
    users = verbs.add_parser("add", help="give somebody a role, and an account if there is none")
    users.add_argument("name")
    users.add_argument("--role", required=True)
    users.add_argument("--area", metavar="CODE", help="default: the whole city")
    users.add_argument("--display-name", default="")
    users.set_defaults(run=_add_user)


def _with_city(run: Run) -> Run:
    """Set Django up first, and print what cannot be done in both languages instead of a traceback."""

    @wraps(run)
    def wrapped(arguments: argparse.Namespace) -> int:
        import django

        django.setup()
        from dure.city.errors import DureError

        try:
            return run(arguments)
        except (DureError, OSError) as error:
            words = f"{error.ko} / {error}" if isinstance(error, DureError) else str(error)
            print(f"dure {arguments.command}: {words}", file=sys.stderr)
            return 2

    return wrapped


@_with_city
def _import_areas(arguments: argparse.Namespace) -> int:
    from dure.city import areas, people

    count = areas.import_geojson(arguments.file, valid_from=arguments.valid_from, source=arguments.source)
    moved = people.follow_successions(actor="command:areas-import")
    print(f"행정동 {count}곳, 옮긴 가구 {moved} / {count} areas, {moved} homes moved")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    return _verify_file(arguments) if arguments.file else _verify_city(arguments)


@_with_city
def _verify_city(arguments: argparse.Namespace) -> int:
    from dure.city import audit

    return _report(audit.verify(arguments.heads), audit.count(), sealed=True)


def _verify_file(arguments: argparse.Namespace) -> int:
    """An auditor's machine has no installation: nothing is read but the files named."""
    from dure.city import chain_file
    from dure.city.secrets import load_secrets

    key_file = arguments.key_file or Path(os.environ.get("DURE_SECRETS", ""))
    try:
        key = load_secrets(key_file).audit if key_file.is_file() else None
        if arguments.key_file and key is None:
            raise FileNotFoundError(f"{key_file}: no such file")
        count, breaks = chain_file.verify_export(arguments.file, key, arguments.heads)
    except (OSError, ValueError) as error:
        print(f"dure audit: {error}", file=sys.stderr)
        return 2
    return _report(breaks, count, sealed=key is not None)


def _report(breaks: Sequence[Break], count: int, *, sealed: bool) -> int:
    for one in breaks[:SHOWN]:
        print(f"{one.seq}: {one.kind}: {one.ko} / {one.en}")
    if len(breaks) > SHOWN:
        print(f"… {len(breaks) - SHOWN}곳 더 / {len(breaks) - SHOWN} more")
    if not sealed:
        print("봉인은 살피지 않았습니다 (--key-file) / the seals were not checked (--key-file)")
    if breaks:
        print(f"기록 {count}개, 어긋난 곳 {len(breaks)} / {count} entries, {len(breaks)} breaks")
        return 1
    print(f"기록 {count}개, 온전합니다 / {count} entries, whole")
    return 0


@_with_city
def _export(arguments: argparse.Namespace) -> int:
    from dure.city import audit

    count = audit.export(arguments.file)
    print(f"기록 {count}개 / {count} entries: {arguments.file}")
    return 0


@_with_city
def _rotate(arguments: argparse.Namespace) -> int:
    from django.conf import settings

    from dure.city import resealing, secrets

    if arguments.new_key:
        secrets.add_sealing_key(settings.DURE_SECRETS)
        print("새 키를 앞에 두었습니다. 모든 프로세스를 다시 시작한 뒤 `dure secrets rotate`를 실행하세요.")
        print("The new key is in front. Restart every process, then run `dure secrets rotate`.")
        return 0
    if arguments.drop_old:
        if (old := resealing.count_old()) > 0:
            print(f"아직 옛 키로 봉인된 값: {old} / values that need an old key: {old}", file=sys.stderr)
            return 1
        secrets.drop_old_sealing_keys(settings.DURE_SECRETS)
        print("첫 키만 남겼습니다 / only the first key is kept")
        return 0
    done = resealing.reseal()
    for place in done.cannot_open:
        print(f"열리지 않음 / cannot be opened: {place}", file=sys.stderr)
    print(f"다시 봉인 {done.resealed}, 그대로 {done.current} / resealed {done.resealed}, current {done.current}")
    return 1 if done.cannot_open else 0


@_with_city
def _add_user(arguments: argparse.Namespace) -> int:
    from dure.city.accounts import add_user

    added = add_user(
        arguments.name,
        arguments.role,
        area=arguments.area,
        display_name=arguments.display_name,
        actor="command:users-add",
    )
    if added.password is None:
        print(f"{added.user.username}: 역할을 주었습니다 / role given")
    else:
        print(
            f"{added.user.username}: 첫 비밀번호 (다시 보이지 않습니다) / first password, shown once: {added.password}"
        )
    return 0


@_with_city
def _set_team(arguments: argparse.Namespace) -> int:
    from dure.city import clock, teams
    from dure.city.areas import valid_on
    from dure.city.errors import Invalid
    from dure.city.models import User

    area = valid_on(clock.today()).filter(code=arguments.area).first() if arguments.area else None
    if arguments.area and area is None:
        raise Invalid(f"없는 지역 코드입니다: {arguments.area}", f"unknown area code: {arguments.area}", field="area")
    members = list(User.objects.filter(username__in=arguments.member))
    if missing := set(arguments.member) - {user.username for user in members}:
        raise Invalid(f"없는 사용자입니다: {min(missing)}", f"unknown user: {min(missing)}", field="member")
    team = teams.set_team(arguments.name, members, service=arguments.service, area=area, actor="command:teams-set")
    print(f"{team.name}: {len(members)}명 / {len(members)} members")
    return 0


@_with_city
def _work(arguments: argparse.Namespace) -> int:
    from dure.city.worker import work

    work(arguments.name)
    return 0
