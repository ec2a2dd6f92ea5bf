"""A short notification, wherever the user reads such things. Needs the extra ``notify``.

Apprise asks with ``requests`` and goes through whatever proxy the environment names; the processes
that hold secrets are given none (``netbot.daemon.child``).
"""

import logging
import warnings
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from netbot.app import Sphere
from netbot.config import names
from netbot.digest.composing import Counts, count_up, tell_cards
from netbot.digest.posting import HERE
from netbot.fetch.guard import AllowList
from netbot.model import Unsure, UsageError
from netbot.text import Texts, translator

if TYPE_CHECKING:
    from apprise import Apprise, NotifyBase

#: For each notification as a whole, in seconds.
TIMEOUT_S = 20.0

INSTALL = "pip install 'netbot[notify]'"

_PACKAGE = "apprise"


@dataclass(frozen=True, slots=True)
class Notification:
    """What is told: how much waits, nobody's name and nobody's words."""

    title: str
    body: str


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec(_PACKAGE) is not None


def summarise(sphere: Sphere, now: datetime) -> Notification | None:
    """The notification of now; None where the mail would be none, or when none is wanted."""
    digest = sphere.house.digest
    if digest is None or not digest.notify:
        return None
    counts = count_up(sphere, now)
    if counts.is_quiet:
        return None
    lines = _lines(counts, translator(sphere.house.language))
    link = [f"{digest.front}{sphere.name}"] if digest.opens_elsewhere else []
    return Notification(f"netbot · {counts.sphere}", "\n".join([*lines, *link]))


def _lines(counts: Counts, texts: Texts) -> list[str]:
    lines, hands, things = [tell_cards(texts, counts.cards)], counts.by_hand, counts.troubles
    if hands:
        waits = texts.plural("{n} act waits for your hands", "{n} acts wait for your hands", hands)
        lines.append(waits.format(n=hands))
    if things:
        needs = texts.plural("{n} thing needs you", "{n} things need you", things)
        lines.append(needs.format(n=things))
    return lines


def notify(sphere: Sphere, told: Notification) -> None:
    """Send it to each address that is configured.

    Raises ``UsageError`` before anything left, when the configuration does not suffice, and
    ``Unsure`` when some did not get through: services do not say whether it came all the same.
    """
    if not is_installed():
        raise UsageError(f"notifications need the extra notify: {INSTALL}")
    digest = sphere.house.digest
    services = {name: _service(sphere, name) for name in (digest.notify if digest else ())}
    lost = [
        name
        for name, service in services.items()
        if not service.notify(title=told.title, body=told.body, body_format="text")
    ]
    if lost:
        raise Unsure(
            f"the notification {', '.join(lost)} did not get through, or nobody knows whether it"
            " did; it is not repeated"
        )


def _service(sphere: Sphere, name: str) -> "Apprise":
    address, house = sphere.secrets.get(name), sphere.house
    if address is None:
        file = names.file(sphere.name, name)
        raise UsageError(f"there is no secret {name}: write the notification's address into {file}")
    from apprise import Apprise, AppriseAsset

    # Its lines may hold a part of the address, and the log knows the address as a whole only.
    logging.getLogger(_PACKAGE).disabled = True
    asset = AppriseAsset(
        app_id="netbot",
        storage_mode="memory",
        http_redirects=False,
        service_timeout=TIMEOUT_S,
    )
    with warnings.catch_warnings():  # it loads what it has for every service, old modules too
        warnings.simplefilter("ignore", DeprecationWarning)
        service = Apprise.instantiate(address, asset=asset)
    if service is None:
        raise UsageError(f"the secret {name} is no address that Apprise understands")
    _require_tls(name, address.partition(":")[0].lower(), service, AllowList(house.allow_hosts))
    return Apprise(service, asset=asset)


def _require_tls(name: str, scheme: str, service: "NotifyBase", allowed: AllowList) -> None:
    """Raise ``UsageError`` where the address would go over the network for all to read."""
    plain = service.protocol or ()
    host = service.host or ""
    is_open = scheme in ((plain,) if isinstance(plain, str) else plain)
    if is_open and host and host not in HERE and not allowed.covers(host, service.port or 80):
        raise UsageError(
            f"the secret {name} would leave without TLS: begin it with {scheme}s://, or, if the"
            " server is yours, add it to watch.allow_hosts"
        )
