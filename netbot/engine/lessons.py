"""What the human decided so far, ready to be learned from."""

from collections.abc import Sequence

from netbot.engine.judging import find_seen
from netbot.engine.suggest import Desk
from netbot.engine.taste import telling
from netbot.model import Context, Post
from netbot.rules.learning import Decided
from netbot.store import Store, posts

#: So many decisions, the newest, nothing that is proposed may contradict.
RECALLED = 2000


def decisions(store: Store, desk: Desk) -> list[Decided]:
    """Those that speak about a post, oldest first.

    What concerns a client who is no longer configured is left out.
    """
    with store.read() as tx:
        found = [
            (each, client)
            for each in telling(tx, limit=RECALLED)
            if (client := desk.house.client(each.post.client)) is not None
        ]
        asked = [(each.post.post, each.post.id, each.post.first_seen_at) for each, _ in found]
        seen = find_seen(tx, desk.rules, asked)
    return [
        Decided(
            post=each.post.post,
            context=Context(now=each.at, client=client, source=each.post.source, seen=known),
            client=client.id,
            approved=each.approved,
            reason=each.reason,
            verb=each.verb,
        )
        for (each, client), known in zip(found, seen, strict=True)
    ]


def newest(store: Store, desk: Desk, *, limit: int) -> Sequence[tuple[Post, Context]]:
    """The last posts of the clients, each with what was known when it came."""
    with store.read() as tx:
        found = posts.newest(tx, limit=limit)
        asked = [(each.post, each.id, each.first_seen_at) for each in found]
        seen = find_seen(tx, desk.rules, asked)
    clients = [desk.house.client(each.client) for each in found]
    return [
        (each.post, Context(now=each.first_seen_at, client=client, source=each.source, seen=known))
        for each, client, known in zip(found, clients, seen, strict=True)
        if client is not None
    ]
