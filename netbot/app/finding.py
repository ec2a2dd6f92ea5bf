"""Behind an address: which network it belongs to, and whose it is."""

from collections.abc import Mapping
from datetime import datetime

from netbot.app.sphere import Sphere
from netbot.model import Client, Post, Refused, Suggestion, UsageError
from netbot.network import Network, SourceHint

#: Networks that take any address for theirs; all others are asked before.
_ANY = ("web", "page", "mailbox")


def resolve(networks: Mapping[str, Network], url: str) -> list[SourceHint]:
    """The sources behind an address or handle, by the first network whose it is; else empty.

    One that no program may read comes without a look. Raises ``NetworkError`` when a site does
    not answer.
    """
    from netbot.networks.handoff import LOOKED_AT, Handoffs

    own = dict.fromkeys(port for name, port in networks.items() if name not in _ANY)
    by_hand = [Handoffs(name) for name in LOOKED_AT if name not in networks]
    for port in (*by_hand, *own):
        found = list(port.resolve(url))
        if found:
            return found
    return list(networks["web"].resolve(url)) if "." in url and not url.startswith("@") else []


def network_of(url: str) -> str:
    """The network on which a post or profile stands; ``web`` for any site."""
    from netbot.networks import handoff

    return handoff.network_of(url)


def owners(sphere: Sphere, url: str) -> list[Client]:
    """The clients who publish at that address, as far as their sources tell."""
    from netbot import engine
    from netbot.networks.handoff import plain_address

    try:
        address = plain_address(url.strip())
    except Refused:
        return []
    return engine.owners(sphere.house, network_of(address), address)


def propose(
    sphere: Sphere, url: str, now: datetime, *, client: str, title: str, text: str
) -> Suggestion:
    """Make a waiting card of something that the human found; nothing is fetched or approved.

    Raises ``UsageError`` for what is no address, and as ``engine.propose`` does.
    """
    from netbot import engine
    from netbot.feedparse.identity import canonical
    from netbot.networks.handoff import plain_address

    try:
        address = plain_address(url.strip())
    except Refused as error:
        raise UsageError(str(error)) from error
    post = Post(
        network=network_of(address),
        url=address,
        title=_line(title) or address.partition("://")[2],
        text=text.strip()[:20_000],
        keys=(f"url:{canonical(address)}",),
    )
    return engine.propose_address(sphere.store, sphere.desk, client, post, now)


def _line(text: str) -> str:
    return " ".join(text.split())[:1000]
