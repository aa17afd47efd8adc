# SPDX-License-Identifier: Apache-2.0
"""The files that make a mosquitto the city's broker: its settings, who may connect, and who may say what.

Every key's digest for the broker is kept when the key is made, so the password file can be written at any time. See
docs/adr/0007 for what the persistence settings promise, and what they cannot.
"""

from __future__ import annotations

import os
import pwd
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Q

from dure.city import clock
from dure.city.devices import broker_digest
from dure.city.models import DeviceKey, Feed
from dure.gateways.lorawan import FEED_KIND
from dure.gateways.lorawan.topics import CHIRPSTACK_DOWN, CHIRPSTACK_UP, STACK_DOWN, STACK_UP
from dure.gateways.mqtt.door import IN_FLIGHT
from dure.gateways.mqtt.messages import ROOT

GATEWAY = "dure-gateway"
"""The gateways' own user name; no device or feed can be called so, because theirs are registered codes."""
LARGEST_MESSAGE = 1024 * 1024
"""Bytes."""

SETTINGS = """\
# Written by `dure gateway broker-files`; written anew each time.
per_listener_settings false
listener {port}{address}
{tls}allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
pid_file {folder}/mosquitto.pid
user {user}

# mosquitto acknowledges from memory and writes all that it holds to disk once in a while: here every second (in 2.0,
# up to two). SIGKILL or a power cut loses what came since and no gateway had stored. After every change instead, it
# grows slower with all that waits, and still acknowledges first: what must not be lost asks for a receipt.
persistence true
persistence_location {folder}/
persistence_file mosquitto.db
autosave_on_changes false
autosave_interval 1
persistent_client_expiration 1y

# A queue that is full would drop messages that their senders believe delivered.
max_queued_messages 0
max_queued_bytes 0
max_inflight_messages {in_flight}
max_packet_size {largest}
queue_qos0_messages false
log_dest stderr
log_type error
log_type warning
log_type notice
"""
ACL = f"""\
# A device writes its own readings and reads our answers; a feed does so for all its devices; %u is the user name.
pattern write {ROOT}/+/%u/+
pattern read {ROOT}/+/%u/rejected
pattern read {ROOT}/+/%u/stored/+
pattern write {ROOT}/%u/+/+
pattern read {ROOT}/%u/+/rejected
pattern read {ROOT}/%u/+/stored/+

user {GATEWAY}
topic readwrite {ROOT}/#
topic read {CHIRPSTACK_UP}
topic read {STACK_UP}
topic write {CHIRPSTACK_DOWN}
topic write {STACK_DOWN}
"""
NETWORK_SERVER = f"""
user {{code}}
topic write {CHIRPSTACK_UP}
topic write {STACK_UP}
topic read {CHIRPSTACK_DOWN}
topic read {STACK_DOWN}
"""
"""What a feed that is a LoRaWAN network server may besides."""


@dataclass(frozen=True)
class Tls:
    """Certificate and key files (PEM) of the broker."""

    certificate: Path
    key: Path


def write_broker_files(folder: Path, *, port: int, address: str = "", tls: Tls | None = None) -> Path:
    """Write ``mosquitto.conf``, ``passwords``, ``acl`` and ``gateway.password`` into ``folder``; return the first.

    ``address``: where the broker listens, "" for everywhere. The gateways' password is made once and kept.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not gateway_password(folder):
        _write(folder / "gateway.password", secrets.token_urlsafe(32))
    _write(folder / "passwords", "".join(f"{user}:{digest}\n" for user, digest in _passwords(folder)))
    servers = Feed.objects.filter(kind=FEED_KIND).order_by("code").values_list("code", flat=True)
    _write(folder / "acl", ACL + "".join(NETWORK_SERVER.format(code=code) for code in servers))
    settings = SETTINGS.format(
        folder=folder,
        port=port,
        address=f" {address}" if address else "",
        tls=f"certfile {tls.certificate.resolve()}\nkeyfile {tls.key.resolve()}\n" if tls else "",
        user=pwd.getpwuid(os.geteuid()).pw_name,
        in_flight=IN_FLIGHT,
        largest=LARGEST_MESSAGE,
    )
    return _write(folder / "mosquitto.conf", settings)


def gateway_password(folder: Path) -> str:
    """The gateways' password at the broker of ``folder``, "" when it has none yet."""
    path = folder / "gateway.password"
    return path.read_text().strip() if path.exists() else ""


def reload_broker(folder: Path) -> bool:
    """Have the running broker of ``folder`` read its passwords again (SIGHUP); whether one runs."""
    try:
        os.kill(int((folder / "mosquitto.pid").read_text()), signal.SIGHUP)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


def _passwords(folder: Path) -> Iterator[tuple[str, str]]:
    """Each user once, with the newest of its valid keys. mosquitto takes one password a user."""
    yield GATEWAY, broker_digest(gateway_password(folder))
    valid = DeviceKey.objects.filter(revoked_at=None).exclude(broker_digest="")
    in_service = valid.filter(Q(device=None) | Q(device__retired_at=None) | Q(device__retired_at__gt=clock.now()))
    keys = in_service.order_by("pk").values_list("feed__code", "device__code", "broker_digest")
    yield from {feed or device: digest for feed, device, digest in keys.iterator()}.items()


def _write(path: Path, text: str) -> Path:
    """Replace a file at once, readable by its owner alone: it holds secrets, and the broker may read it any moment."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return draft.replace(path)
