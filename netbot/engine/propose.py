"""What the human wishes for: a source taken up at once, a post queued by hand."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from netbot.engine import peace
from netbot.engine.absorb import Absorbed, absorb
from netbot.engine.judging import judge_stored
from netbot.engine.suggest import Desk, Suggester
from netbot.model import (
    Client,
    House,
    PolicyRefused,
    Post,
    Ruling,
    Score,
    Source,
    StoredPost,
    Suggestion,
    SuggestionState,
    UnknownId,
    Verdict,
)
from netbot.network import Batch
from netbot.store import Store, Tx, holds, posts, sources, suggestions
from netbot.text import mark

#: What a wish adds to the score: such a card lies above those that netbot found by itself, and
#: below a moment for tact.
WISH = 5.0


def take_up(store: Store, desk: Desk, source: Source, batch: Batch, now: datetime) -> Absorbed:
    """Take in the first look at a source that has just been configured, as ``watch`` would.

    ``batch`` is what the source showed; it is not asked again before its time.
    """
    with store.alone("watch"):
        with store.write() as tx:
            sources.align(tx, desk.house.sources, now)
            watched = {each.source: each for each in sources.everything(tx)}
        return absorb(store, desk, watched[source], batch, now)


def propose(store: Store, desk: Desk, post_id: int, now: datetime) -> Suggestion:
    """Queue a post because the human wishes it, of whatever age; returns its card.

    A card of the same story that still waits is that card, and a sleeping one wakes. Rules
    against nonsense do not count against a wish; a moment for tact leaves the personal gesture
    only. Raises ``PolicyRefused`` when a conviction speaks against the post, when its story was
    approved already, when its client is left in peace or when there is nothing that can be done
    about it, ``UnknownId`` when there is no such post or client.
    """
    with store.read() as tx:
        post = _require_post(tx, post_id)
        client = desk.house.client(post.client)
        if client is None:
            raise UnknownId(
                post.client, mark("{client} is no longer in the configuration"), client=post.client
            )
        verdict = judge_stored(tx, desk.rules, client, post, now)
    with store.write() as tx:
        suggestions.expire(tx, now, quiet=holds.quiet(tx, now))
        told = suggestions.of_story(tx, store.sphere, post.story)
        if not peace.is_moment(verdict):
            peace.require_public(tx, desk.house, client.id, now)
        waiting = next((card for card in told if card.state in suggestions.OPEN), None)
        if waiting is not None:
            suggestions.move(tx, store.sphere, waiting.id, SuggestionState.WAITING)
            return suggestions.get(tx, store.sphere, waiting.id)
        _require_free(post, told, verdict)
        maker = Suggester(tx=tx, sphere=store.sphere, desk=desk, client=client, now=now)
        draft = maker.draft(post, verdict)
        if draft is None:
            raise PolicyRefused(
                mark(
                    "nothing can be done about “{title}”: it stands nowhere any more, or no account"
                    " of yours may act there; add one to the configuration"
                ),
                title=_name(post),
            )
        number = suggestions.insert_suggestion(tx, replace(draft, score=_wished(draft.score)), now)
        return suggestions.get(tx, store.sphere, f"{store.sphere}-{number}")


def propose_address(store: Store, desk: Desk, client: str, post: Post, now: datetime) -> Suggestion:
    """Queue something that the human found; the same story again is the same card.

    Nobody asks its address for more than ``post`` says. Raises as ``propose`` does.
    """
    if desk.house.client(client) is None:
        raise UnknownId(client, mark("there is no client {client} in this sphere"), client=client)
    with store.write() as tx:
        source = sources.by_hand(tx, client, post.network)
        told = posts.stories(tx, client, post.keys, other_than=0)
        found = next((told[key] for key in post.keys if key in told), None)
        if found is None:
            [found] = posts.insert_posts(tx, source, client, [(post, None)], now)
    return propose(store, desk, found, now)


def owners(house: House, network: str, url: str) -> list[Client]:
    """The clients who publish at that address, as far as their sources tell."""
    return [
        client
        for client in house.clients
        if any(_stands_at(source, network, url) for source in client.sources)
    ]


def _stands_at(source: Source, network: str, url: str) -> bool:
    """On a site the host tells, on a network the name in the address."""
    parts = urlsplit(url)
    if network == "web":
        same = source.network in {"web", "page"} and _host(source.address) == _host(url)
        return same and bool(_host(url))
    names = {each.lower().lstrip("@") for each in parts.path.split("/") if each}
    path = urlsplit(source.address).path if "://" in source.address else source.address
    wanted = [each for each in path.lower().split("/") if each]
    name = wanted[-1].lstrip("@").partition("@")[0] if wanted else ""
    return source.network == network and name in names


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _require_post(tx: Tx, post_id: int) -> StoredPost:
    found = posts.by_ids(tx, [post_id])
    if post_id not in found:
        raise UnknownId(str(post_id), mark("there is no post {number}"), number=post_id)
    return found[post_id]


def _require_free(post: StoredPost, told: list[Suggestion], verdict: Verdict) -> None:
    for card in told:
        if card.state is SuggestionState.APPROVED:
            raise PolicyRefused(
                mark("{card} tells this story, and you have approved it already"), card=card.id
            )
    if verdict.ruling is Ruling.REFUSE:
        reason = verdict.reasons[0]
        raise PolicyRefused(
            mark(
                "“{title}” is against your rule {rule} ({file}:{line}): change the rule if it "
                "goes too far"
            ),
            title=_name(post),
            rule=reason.rule,
            file=reason.file,
            line=reason.line,
        )


def _wished(score: Score) -> Score:
    parts = {**score.parts, "wish": WISH}
    return Score(total=round(score.total + WISH, 2), parts=parts)


def _name(post: StoredPost) -> str:
    return post.post.title or post.post.url
