"""Places at which the human looks: a card opens each of them every so many days.

Nobody here asks such a place anything. Once its card is done, skipped or has expired, the next
one comes so many days later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urldefrag, urlsplit

from netbot.engine import peace
from netbot.engine.score import LIFETIME
from netbot.engine.suggest import Desk
from netbot.model import (
    LOOK_IN,
    ActionState,
    Channel,
    Choice,
    House,
    Post,
    Ruling,
    Score,
    Source,
    Suggestion,
    SuggestionState,
    Verb,
    Verdict,
)
from netbot.network import Quiet
from netbot.store import Store, Tx, acts, posts, sources, suggestions
from netbot.store.sources import Watched
from netbot.store.suggestions import Draft
from netbot.text import mark, translator

#: Whether a card has been answered is looked up so often at least.
AGAIN = timedelta(days=1)

#: What such a card adds to the score: enough to be seen, not more than news.
DUE = 1.0

_WAITING = (ActionState.PENDING, ActionState.HANDED_OFF)

_TITLE = mark("Look in at {client} on {place}")


def split(
    due: Sequence[Watched], house: House
) -> tuple[list[Watched], list[tuple[Watched, timedelta]]]:
    """What networks look at, and what the human looks at, the latter with how often."""
    rhythm = _rhythm(house.sources)
    others = [watched for watched in due if watched.source not in rhythm]
    mine = [(each, rhythm[each.source]) for each in due if each.source in rhythm]
    return others, mine


def remind(
    store: Store, desk: Desk, due: Iterable[tuple[Watched, timedelta]], now: datetime
) -> int:
    """Put a card in the queue for each place whose turn it is. Returns how many."""
    made = 0
    for watched, every in due:
        with store.write() as tx:
            made += _take_turn(tx, desk.house, watched, every, now)
    return made


def _rhythm(configured: Iterable[Source]) -> Mapping[Source, timedelta]:
    return {
        source: timedelta(days=source.look_in_days) for source in configured if source.look_in_days
    }


def _take_turn(tx: Tx, house: House, watched: Watched, every: timedelta, now: datetime) -> int:
    card = suggestions.of_source(tx, house.sphere, watched.id)
    turn = _next_turn(tx, house.sphere, card, every, now)
    is_quiet = watched.source.client in peace.quiet(tx, house, now)
    is_due = turn <= now and not is_quiet
    if is_due:
        _make(tx, house, watched, now)
    if watched.seeded_at is None:
        sources.seed(tx, watched.id, now)
    next_check = min(max(turn, now + timedelta(hours=1)), now + AGAIN)
    sources.succeed(tx, watched.id, now, next_check=next_check, cursor="", title="", quiet=Quiet())
    return int(is_due)


def _next_turn(
    tx: Tx, sphere: str, card: Suggestion | None, every: timedelta, now: datetime
) -> datetime:
    """When the next card is due, as far as it is known; tomorrow while the last one is open."""
    if card is None:
        return now
    action = acts.latest(tx, sphere, card.id)
    if card.state is SuggestionState.APPROVED and action is not None:
        return now + AGAIN if action.state in _WAITING else action.changed_at + every
    if card.state is SuggestionState.SKIPPED:
        return suggestions.decided_at(tx, sphere, card.id) + every
    return card.expires_at + every if card.expires_at <= now else now + AGAIN


def _make(tx: Tx, house: House, watched: Watched, now: datetime) -> None:
    client = next(each for each in house.clients if each.id == watched.source.client)
    address = f"{urldefrag(_with_scheme(watched.source.address))[0]}#{LOOK_IN}-{now:%Y-%m-%d}"
    place = (urlsplit(address).hostname or watched.source.network).removeprefix("www.")
    title = translator(house.language).get(_TITLE).format(client=client.name, place=place)
    post = Post(
        network=watched.source.network,
        url=address,
        title=title,
        text="",
        keys=(f"id:{LOOK_IN}-{now.isoformat()}",),
        kind=LOOK_IN,
        language=house.language,
        published_at=now,
    )
    [number] = posts.insert_posts(tx, watched.id, watched.source.client, [(post, None)], now)
    choice = Choice(
        verb=Verb.GESTURE,
        target_url=address,
        account=None,
        network=watched.source.network,
        channel=Channel.HANDOFF,
    )
    card = Draft(
        post=posts.by_ids(tx, [number])[number],
        choice=choice,
        alternatives=(),
        verdict=Verdict(ruling=Ruling.PASS, link=None, suggest=(Verb.GESTURE.value,)),
        score=Score(total=DUE, parts={"due": DUE}),
        text="",
        expires_at=now + LIFETIME[Verb.GESTURE],
    )
    suggestions.insert_suggestion(tx, card, now)


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"https://{address}"
