"""A short notification, wherever the user reads such things. Needs the extra ``notify``.

Apprise asks with ``requests`` and goes through whatever proxy the environment names; the processes
that hold secrets are given none (``netbot.daemon.child``).
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from netbot.app import Sphere
from netbot.config import names
from netbot.digest.composing import Counts, count_up, tell_cards
from netbot.model import Unsure, UsageError
from netbot.text import Texts, translator

if TYPE_CHECKING:
    from apprise import Apprise

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
    services = {id: _service(sphere, id) for id in (digest.notify if digest else ())}
    lost = [
        id
        for id, service in services.items()
        if not service.notify(title=told.title, body=told.body, body_format="text")
    ]
    if lost:
        raise Unsure(
            f"the notification {', '.join(lost)} did not get through, or nobody knows whether it"
            " did; it is not repeated"
        )


def _service(sphere: Sphere, id: str) -> "Apprise":
    address = sphere.secrets.get(id)
    if address is None:
        file = names.file(sphere.name, id)
        raise UsageError(f"there is no secret {id}: write the notification's address into {file}")
    from apprise import Apprise, AppriseAsset

    # Its lines may hold a part of the address, and the log knows the address as a whole only.
    logging.getLogger(_PACKAGE).disabled = True
    asset = AppriseAsset(
        app_id="netbot",
        storage_mode="memory",
        http_redirects=False,
        service_timeout=TIMEOUT_S,
    )
    service = Apprise.instantiate(address, asset=asset)
    if service is None:
        raise UsageError(f"the secret {id} is no address that Apprise understands")
    return Apprise(service, asset=asset)
