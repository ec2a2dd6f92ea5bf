"""Which acts a card may offer: what the rules propose, what the client prefers, what is possible.

Pure. An act needs a network that allows it and exactly one account that may do it; there is no
default account.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from netbot.model import (
    SITES,
    About,
    Account,
    Channel,
    Choice,
    Client,
    House,
    Post,
    StoredPost,
    Verb,
)
from netbot.network import NetworkPolicy

#: What comes first when neither a rule nor the client's entry says otherwise.
ORDER = (Verb.LIKE, Verb.COMMENT, Verb.SHARE, Verb.RECOMMEND)


def account_for(
    network: str, client: Client, house: House, *, site: str | None = None
) -> str | None:
    """The one account that may act for that client there; with ``site`` only those of that site.

    Those named in the client's entry count first; of several nobody chooses (ARCHITECTURE: the
    wall), so the answer is None.
    """
    mine = [
        account.id
        for account in house.accounts
        if account.network == network and site in {None, site_of(account.server)}
    ]
    named = [account for account in mine if account in client.accounts]
    candidates = named or mine
    return candidates[0] if len(candidates) == 1 else None


def voices(
    client: Client, house: House, policy: Mapping[str, NetworkPolicy]
) -> tuple[Account, ...]:
    """The accounts through which one speaks with a client: nobody has to choose among them."""

    def site(account: Account) -> str | None:
        entry = policy.get(account.network)
        is_one_site = entry is not None and entry.about is About.SITE
        return site_of(account.server) if is_one_site else None

    return tuple(
        account
        for account in house.accounts
        if account_for(account.network, client, house, site=site(account)) == account.id
    )


def offer(
    tellers: Sequence[StoredPost],
    client: Client,
    house: House,
    policy: Mapping[str, NetworkPolicy],
    suggest: Sequence[str],
) -> tuple[Choice, ...]:
    """Every possible act on a story, the preferred one first; empty when nothing is possible."""
    if "gesture" in suggest:
        return _gesture(tellers[0].post)
    rank = _rank(suggest, client.verbs)
    found = {
        (choice.verb, choice.target_url, choice.network): choice
        for teller in tellers
        if not teller.gone and teller.post.url
        for choice in _acts(teller.post, client, house, policy)
    }
    return tuple(sorted(found.values(), key=lambda choice: rank[choice.verb]))


def _gesture(post: Post) -> tuple[Choice, ...]:
    return (
        Choice(
            verb=Verb.GESTURE,
            target_url=post.url,
            account=None,
            network=post.network,
            channel=Channel.HANDOFF,
        ),
    )


def _rank(suggest: Sequence[str], preferred: Sequence[Verb]) -> dict[Verb, int]:
    proposed = [Verb(verb) for verb in suggest if verb in set(Verb)]
    order = dict.fromkeys([*proposed, *preferred, *ORDER])
    return {verb: place for place, verb in enumerate(order)}


def _acts(
    post: Post, client: Client, house: House, policy: Mapping[str, NetworkPolicy]
) -> Iterator[Choice]:
    for network, entry in policy.items():
        site = site_of(post.url) if entry.about is About.SITE else None
        account = house.account(account_for(network, client, house, site=site))
        if account is None:
            continue
        for verb in ORDER:
            channel = _channel(post, account, entry, verb)
            if channel is not Channel.OFF:
                yield Choice(
                    verb=verb,
                    target_url=post.url,
                    account=account.id,
                    network=network,
                    channel=channel,
                )


def _channel(post: Post, account: Account, entry: NetworkPolicy, verb: Verb) -> Channel:
    """What stands elsewhere can only be passed on as a link.

    Where netbot could send, but nobody has made sure whose account it is, the human acts.
    """
    is_abroad = entry.about is not About.OWN and post.network in SITES
    if account.network == post.network or is_abroad:
        channel = entry.verbs.get(verb, Channel.OFF)
        if verb in entry.summoned and _names(post, account):
            channel = entry.summoned[verb]
    else:
        channel = entry.link if verb is Verb.SHARE else Channel.OFF
    by_hand = channel is Channel.API and not account.platform_id
    return Channel.HANDOFF if by_hand else channel


def site_of(url: str) -> str:
    """The site of an address, as host and port; ``www.`` makes no difference."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    return host if port in {None, 80, 443} else f"{host}:{port}"


def _names(post: Post, account: Account) -> bool:
    """Whether the post calls that account by its handle."""
    handle = re.escape(account.handle.lstrip("@"))
    return re.search(rf"(?<![\w@])@{handle}(?!\w)", post.text, re.IGNORECASE) is not None
