# SPDX-License-Identifier: Apache-2.0
"""``dure gateway mqtt``, ``dure gateway email``, ``dure gateway broker-files`` and ``dure keys``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from dure.gateways.mqtt.door import Broker

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

RESTART_SECONDS = 1.0
KEYS = "command:keys"
"""Who ``dure keys`` is on the audit chain."""


def register(subparsers: Subparsers) -> None:
    """Add this room's subcommands."""
    gateway = subparsers.add_parser("gateway", help="doors other than HTTP, and the broker's files")
    _add_gateway(gateway.add_subparsers(required=True, metavar="VERB"))
    keys = subparsers.add_parser("keys", help="keys of feeds and devices")
    _add_keys(keys.add_subparsers(required=True, metavar="VERB"))


def _add_gateway(verbs: Subparsers) -> None:
    mqtt = verbs.add_parser("mqtt", help="take readings from the MQTT broker")
    _add_broker(mqtt)
    mqtt.add_argument("--processes", type=int, default=1, help="how many share the load (default 1)")
    mqtt.add_argument("--instance", type=int, default=0, help="number of this process's session at the broker")
    mqtt.set_defaults(run=_mqtt)
    _add_forget(verbs)
    _add_email(verbs)
    files = verbs.add_parser("broker-files", help="write mosquitto's settings, passwords and access list")
    files.add_argument("folder", type=Path, metavar="DIR")
    files.add_argument("--port", type=int, default=1883)
    files.add_argument("--address", default="", help="where it listens (default: everywhere)")
    files.add_argument("--tls-certificate", type=Path, metavar="PEM")
    files.add_argument("--tls-key", type=Path, metavar="PEM")
    files.add_argument("--reload", action="store_true", help="have the running broker read its passwords again")
    files.set_defaults(run=_broker_files)


def _add_forget(verbs: Subparsers) -> None:
    forget = verbs.add_parser("forget", help="give up a gateway's number: store what waits for it, end its session")
    forget.add_argument("instance", type=int, help="a number whose process is stopped and does not come back")
    forget.add_argument("--patience", type=float, default=60.0, help="seconds to wait for the broker (default 60)")
    _add_broker(forget)
    forget.set_defaults(run=_forget)


def _add_email(verbs: Subparsers) -> None:
    email = verbs.add_parser("email", help="take complaints from the desk's mailbox")
    email.add_argument(
        "--url",
        required=True,
        help="imaps://user@host[:port][/folder], or imap+tls:// (STARTTLS), imap:// (password: DURE_IMAP_PASSWORD)",
    )
    email.add_argument("--ca", help="certificate of the mail server's authority")
    email.add_argument("--every", type=float, default=30.0, metavar="SECONDS", help="how often to look (default 30)")
    email.set_defaults(run=_email)


def _add_broker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default="mqtt://127.0.0.1:1883", help="mqtt://host:port, or mqtts:// for TLS")
    parser.add_argument("--broker", type=Path, metavar="DIR", help="folder of broker-files, for the gateways' password")
    parser.add_argument("--user", help="user name at a broker with files of its own (password: DURE_MQTT_PASSWORD)")
    parser.add_argument("--ca", help="certificate of the broker's authority (mqtts)")


def _add_keys(verbs: Subparsers) -> None:
    feed = verbs.add_parser("feed", help="make a new key for a feed, shown this once")
    feed.add_argument("code")
    feed.add_argument("--kind", help="make the feed known, of this kind, where it is not yet")
    feed.add_argument("--name", help="the new feed's name (default: its code)")
    feed.set_defaults(run=_feed_key)
    device = verbs.add_parser("device", help="make a new key for a device, shown this once")
    device.add_argument("code")
    device.set_defaults(run=_device_key)
    revoke = verbs.add_parser("revoke", help="make the key on standard input worthless")
    revoke.set_defaults(run=_revoke)


def _mqtt(arguments: argparse.Namespace) -> int:
    if arguments.processes > 1:
        return _run_several(arguments.processes)
    _django()
    from dure.gateways.mqtt.door import Door

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Door(_broker(arguments), arguments.instance).run(stop)
    return 0


def _email(arguments: argparse.Namespace) -> int:
    _django()
    from django.conf import settings

    from dure.gateways.email.door import MailDoor
    from dure.gateways.email.mailbox import Account

    try:
        account = Account.parse(arguments.url, os.environ.get("DURE_IMAP_PASSWORD", ""), arguments.ca)
    except ValueError as error:
        raise SystemExit(f"--url: {error}") from error
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    MailDoor(account, settings.DURE_MAIL_FROM, arguments.every).run(stop)
    return 0


def _forget(arguments: argparse.Namespace) -> int:
    _django()
    from dure.gateways.mqtt.leaving import LeavingDoor

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    door = LeavingDoor(_broker(arguments), arguments.instance)

    def give_up() -> None:
        if door.fault:
            stop.set()

    patience = threading.Timer(arguments.patience, give_up)
    patience.daemon = True
    patience.start()
    emptied = door.leave(stop)
    patience.cancel()
    taken = door.totals["stored"]
    if not emptied:
        print(f"{door.name}: {door.fault or 'stopped'}; {taken} readings stored, nothing forgotten", file=sys.stderr)
        return 1
    print(f"{door.name}: 값 {taken}개를 받고 자리를 비웠습니다 / {taken} readings stored, session ended")
    return 0


def _broker(arguments: argparse.Namespace) -> Broker:
    from dure.gateways.mqtt.broker import GATEWAY, gateway_password
    from dure.gateways.mqtt.door import Broker

    url = urlsplit(arguments.url)
    if url.scheme not in {"mqtt", "mqtts"} or not url.hostname:
        raise SystemExit(f"--url: expected mqtt://host:port or mqtts://host:port, got {arguments.url!r}")
    user, password = arguments.user, os.environ.get("DURE_MQTT_PASSWORD")
    if arguments.broker:
        user, password = GATEWAY, gateway_password(arguments.broker)
    tls = url.scheme == "mqtts"
    authorities = (arguments.ca or "/etc/ssl/certs/ca-certificates.crt") if tls else None
    return Broker(url.hostname, url.port or (8883 if tls else 1883), user, password, authorities)


def _run_several(count: int) -> int:
    """Run one process a session and start again any that ends; all end with this one."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "dure.cli", *_without_processes(sys.argv[1:])]
    children: dict[int, subprocess.Popen[bytes]] = {}
    while not stop.is_set():
        for instance in range(count):
            child = children.get(instance)
            if child is None or child.poll() is not None:
                children[instance] = subprocess.Popen([*command, "--instance", str(instance)])
        stop.wait(RESTART_SECONDS)
    for child in children.values():
        child.terminate()
    return max((child.wait() for child in children.values()), default=0)


def _without_processes(words: list[str]) -> list[str]:
    kept = list(words)
    for place, word in enumerate(words):
        if word == "--processes":
            del kept[place : place + 2]
        elif word.startswith("--processes="):
            del kept[place]
    return kept


def _broker_files(arguments: argparse.Namespace) -> int:
    _django()
    from dure.gateways.mqtt.broker import Tls, reload_broker, write_broker_files

    tls = None
    if arguments.tls_certificate or arguments.tls_key:
        if not (arguments.tls_certificate and arguments.tls_key):
            raise SystemExit("--tls-certificate and --tls-key belong together")
        tls = Tls(arguments.tls_certificate, arguments.tls_key)
    settings = write_broker_files(arguments.folder, port=arguments.port, address=arguments.address, tls=tls)
    print(settings)
    if arguments.reload and not reload_broker(arguments.folder):
        print("no broker runs there", file=sys.stderr)
    return 0


def _feed_key(arguments: argparse.Namespace) -> int:
    _django()
    from dure.city.devices import issue_key, register_feed
    from dure.city.models import Feed

    feed = Feed.objects.filter(code=arguments.code).first()
    if feed is None and arguments.kind:
        feed = register_feed(arguments.code, arguments.name or arguments.code, arguments.kind, actor=KEYS)
    return _show(issue_key(feed, actor=KEYS)) if feed else _no_such("feed", arguments.code)


def _device_key(arguments: argparse.Namespace) -> int:
    _django()
    from dure.city.devices import issue_key
    from dure.city.models import Device

    device = Device.objects.filter(code=arguments.code).first()
    return _show(issue_key(device, actor=KEYS)) if device else _no_such("device", arguments.code)


def _revoke(arguments: argparse.Namespace) -> int:
    _django()
    from dure.city.devices import revoke_key

    if revoke_key(sys.stdin.readline().strip(), actor=KEYS):
        return 0
    print("no such valid key", file=sys.stderr)
    return 1


def _show(key: str) -> int:
    print(key)
    return 0


def _no_such(what: str, code: str) -> int:
    print(f"no {what} {code!r} is registered", file=sys.stderr)
    return 1


def _django() -> None:
    import django

    django.setup()
