"""Whether the names in one sphere's file fit together."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from netbot.config.addresses import source_key
from netbot.config.shapes import is_web_address
from netbot.config.views import AccountView, ClientView, Name, SphereView
from netbot.model import Problem
from netbot.yamlfile import did_you_mean

#: Accounts of these are for a site that only they can name.
_OF_A_SITE = ("wordpress", "webmention")

#: Networks that bar programs from reading: there the human looks.
CLOSED_NETWORKS = ("facebook", "instagram", "linkedin", "xing")

#: Networks whose sources are addresses of pages.
_BY_ADDRESS = ("web", "page")


def check_sphere(view: SphereView, networks: Collection[str]) -> Iterator[Problem]:
    """Errors: ids twice, names that nothing answers to, accounts that must be named."""
    yield from _twice(view, [account.id for account in view.accounts], "account")
    yield from _twice(view, [client.id for client in view.clients], "client")
    named = [account.network for account in view.accounts]
    named += [source.network for client in view.clients for source in client.sources]
    named += [handle.network for client in view.clients for handle in client.handles]
    for network in named:
        if network and network.text not in networks:
            hint = did_you_mean(network.text, networks) or f" Known: {', '.join(sorted(networks))}."
            yield view.problem(network, f"unknown network “{network.text}”.{hint}")
    for account in view.accounts:
        network = account.network
        if network and network.text in _OF_A_SITE and account.server is None:
            yield view.problem(network, "such an account needs a server: the address of its site")
    for client in view.clients:
        yield from _check_sources(view, client)
        yield from _check_handles(view, client)
        yield from _check_accounts(view, client)


def warn_sphere(view: SphereView) -> Iterator[Problem]:
    """What is allowed and yet may not be meant."""
    mine = {account.network.text for account in view.accounts if account.network}
    for client in view.clients:
        networks = {source.network.text for source in client.sources}
        at = client.id or client.path
        if not networks:
            yield view.problem(at, f"{client.title} has no sources: nothing is watched")
        elif networks <= {"web", "page"} and not mine & {"web", *_OF_A_SITE}:
            yield view.problem(
                at,
                f"nothing can be commented for {client.title}: add an account with network web"
                " and your name as handle",
            )
        yield from _warn_look_in(view, client)
        for network in sorted(_ambiguous(view, client) - networks):
            yield view.problem(
                at,
                f"{client.title} names none of the several {network} accounts"
                f" ({_ids(view, network)}): nothing is suggested there",
            )


def _warn_look_in(view: SphereView, client: ClientView) -> Iterator[Problem]:
    """A profile that nobody ever looks at, and a rhythm without any profile."""
    closed = [source for source in client.sources if source.network.text in CLOSED_NETWORKS]
    if client.look_in_days and not closed:
        yield view.problem(
            client.look_in_days,
            f"{client.title} has no profile to look in at: add {{network: linkedin, address: …}}",
        )
    for source in closed:
        if not (source.look_in_days or client.look_in_days):
            yield view.problem(
                source.address or source.network,
                f"nobody looks at this profile of {client.title}: add look_in_days",
            )


def _twice(view: SphereView, names: Iterable[Name | None], kind: str) -> Iterator[Problem]:
    first: dict[str, Name] = {}
    for name in names:
        if name and first.setdefault(name.text, name) is not name:
            line = view.document.place(first[name.text].path)[0]
            message = f"the {kind} “{name.text}” stands here a second time (first in line {line})"
            yield view.problem(name, message)


def _check_sources(view: SphereView, client: ClientView) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for source in client.sources:
        address, network = source.address, source.network.text
        if address is None:
            continue
        key = source_key(network, address.text)
        closed = _closed(address.text) if network in _BY_ADDRESS else ""
        if closed and not source.look_in_days:
            yield view.problem(
                address,
                f"{closed} bars programs, so netbot never looks there: write {{network: {closed},"
                " address: …, look_in_days: 14} to be reminded",
            )
        elif network in _BY_ADDRESS and not is_web_address(address.text):
            yield view.problem(
                address,
                "a source must begin with https:// or http://; on a network it is written as"
                ' {network: mastodon, address: "…"}',
            )
        elif key in seen:
            yield view.problem(address, f"{client.title} has this source twice: keep one")
        seen.add(key)


def _closed(address: str) -> str:
    """The closed network on which an address stands; "" for none."""
    host = urlsplit(address).hostname or "" if is_web_address(address) else ""
    found = (each for each in CLOSED_NETWORKS if f".{host}".endswith(f".{each}.com"))
    return next(found, "")


def _check_handles(view: SphereView, client: ClientView) -> Iterator[Problem]:
    for each in client.handles:
        if each.handle and each.network is None and not is_web_address(each.handle.text):
            yield view.problem(
                each.handle,
                "a profile must begin with https:// or http://; a name on a network is written as"
                ' {network: mastodon, handle: "…"}',
            )


def _check_accounts(view: SphereView, client: ClientView) -> Iterator[Problem]:
    known = [account.id.text for account in view.accounts if account.id]
    for name in client.accounts:
        if name.text not in known:
            hint = did_you_mean(name.text, known)
            message = f"there is no account “{name.text}” in this file.{hint}"
            yield view.problem(name, message)
    at = (*client.path, "accounts") if client.accounts else client.id or client.path
    for network in sorted(_ambiguous(view, client) & {s.network.text for s in client.sources}):
        yield view.problem(
            at,
            f"{client.title} publishes on {network}, and you have several accounts there"
            f" ({_ids(view, network)}): name the one to use under “accounts”",
        )
    ids = {name.text for name in client.accounts}
    mine = Counter(_place(a) for a in view.accounts if a.network and a.id and a.id.text in ids)
    for network in sorted({network for (network, _), count in mine.items() if count > 1}):
        yield view.problem(
            at, f"{client.title} names several accounts of {network}: keep the one to use"
        )


def _ambiguous(view: SphereView, client: ClientView) -> set[str]:
    """Networks with several accounts, of which the client names none."""
    counts = Counter(_place(account) for account in view.accounts if account.network)
    named = _networks_of(view, client)
    several = {network for (network, _), count in counts.items() if count > 1}
    return several.difference(named)


def _place(account: AccountView) -> tuple[str, str]:
    """Where one account is enough: a network, or the one site of a WordPress."""
    network = account.network.text if account.network else ""
    site = account.server.text if account.server and network == "wordpress" else ""
    return network, site


def _networks_of(view: SphereView, client: ClientView) -> list[str]:
    """The network of each account that the client names."""
    ids = {name.text for name in client.accounts}
    return [a.network.text for a in view.accounts if a.network and a.id and a.id.text in ids]


def _ids(view: SphereView, network: str) -> str:
    mine = [a for a in view.accounts if a.network and a.network.text == network]
    return ", ".join(account.id.text if account.id else "?" for account in mine)
