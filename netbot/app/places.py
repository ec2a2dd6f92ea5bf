"""Where somebody publishes: the sources behind an address, and what there is without a feed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from netbot.app.finding import network_of, resolve
from netbot.model import Source
from netbot.network import Network, SourceHint

#: How often the human looks in where nothing else is said.
USUAL_DAYS = 14

_COMMENTS = re.compile(r"comment|kommentar", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A source that is nobody's yet."""

    source: Source
    site: str  # the address that was given
    title: str = ""
    can_be_seen: bool = True  # by netbot, now and without a secret


def find_places(networks: Mapping[str, Network], url: str) -> list[SourceHint]:
    """The sources behind an address; feeds of comments only where there is no other.

    Raises ``NetworkError`` when a site does not answer.
    """
    hints = resolve(networks, url)
    return [hint for hint in hints if not _is_of_comments(hint)] or hints


def choose_place(networks: Mapping[str, Network], hint: SourceHint, url: str) -> Chosen:
    """One of the sources that were found; the human looks in where netbot never may."""
    network = networks.get(hint.network)
    if network is None:
        return by_hand(hint.address, USUAL_DAYS)
    return Chosen(
        source=Source(client="", network=hint.network, address=hint.address),
        site=hint.address if "://" in hint.address else url,
        title=hint.title,
        can_be_seen=not network.WATCHES_BY_ACCOUNT,
    )


def by_page(networks: Mapping[str, Network], url: str) -> Chosen:
    """The very page is watched for new entries."""
    return choose_place(networks, SourceHint(network="page", address=full_address(url)), url)


def by_mail(url: str, sender: str) -> Chosen:
    """Their newsletter is read; ``sender`` is an address or a List-Id."""
    source = Source(client="", network="mailbox", address=sender.strip())
    return Chosen(source=source, site=full_address(url), can_be_seen=False)


def by_hand(url: str, days: int) -> Chosen:
    """The human looks there every so many days."""
    address = full_address(url)
    network = network_of(address)
    source = Source(client="", network=network, address=address, look_in_days=days)
    return Chosen(source=source, site=address, title=_name_in(address), can_be_seen=False)


def full_address(url: str) -> str:
    """With https:// where nothing else was typed."""
    url = url.strip()
    return url if "://" in url else f"https://{url}"


def _is_of_comments(hint: SourceHint) -> bool:
    return _COMMENTS.search(f"{hint.address} {hint.title}") is not None


def _name_in(address: str) -> str:
    """What the address of a profile calls its owner; "" on a site of their own."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2].lstrip("@")
    return last if network_of(address) != "web" else ""
