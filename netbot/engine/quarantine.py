"""Posts that are set aside: when a feed seems to have numbered its old posts anew.

A feed that gives all its posts new names would fill the queue with last year's news. Such a batch
is remembered, suggested by nobody, and shown as a problem; the human says what it is.
"""

from collections.abc import Sequence
from datetime import datetime

from netbot.engine.judging import judge_stored
from netbot.engine.suggest import Desk, Suggester
from netbot.model import Post, UsageError
from netbot.store import Store, posts, sources
from netbot.store.sources import Watched
from netbot.text import mark

#: So many new posts at once are looked at twice ...
MANY = 10

#: ... of a page that was read without anybody's names or dates, so many when all else is gone ...
MANY_GUESSED = 3

#: ... and more than these are set aside however young they are.
TOO_MANY = 50


def is_odd(
    new: Sequence[Post], watched: Watched, *, swept: bool = False, guessed: bool = False
) -> bool:
    """Whether so many old or so very many posts are new that a person should look first.

    ``swept`` means that nothing is shown any more of what was known: then posts without a date
    count as old ones, and a page whose posts are ``guessed`` has probably been built anew. A
    source that is looked at for the first time shows old posts by right.
    """
    if watched.seeded_at is None:
        return False
    if swept and guessed and len(new) >= MANY_GUESSED:
        return True
    if len(new) < MANY:
        return False
    seen_at = _seen_at(watched)
    old = sum(_is_older(post, seen_at) or (swept and not post.published_at) for post in new)
    return len(new) > TOO_MANY or 2 * old >= len(new)


def settle_source(store: Store, desk: Desk, source_id: int, now: datetime, *, are_new: bool) -> int:
    """The human says what the posts that were set aside are: new ones, or old ones.

    New ones are judged and suggested as if they had come just now; old ones stay remembered and
    are never suggested. Returns how many cards were made. Raises ``UsageError`` when no posts of
    that source wait.
    """
    with store.write() as tx:
        watched = sources.get(tx, source_id)
        if watched is None or watched.quarantined_at is None:
            raise UsageError(
                mark("no posts of this source wait for an answer: it was given already")
            )
        waiting = posts.aside(tx, source_id)
        posts.release(tx, source_id)
        sources.set_aside(tx, source_id, None)
        client = desk.house.client(watched.source.client)
        if client is None or not are_new:
            return 0
        judged = {each.id: judge_stored(tx, desk.rules, client, each, now) for each in waiting}
        suggester = Suggester(tx=tx, sphere=store.sphere, desk=desk, client=client, now=now)
        return suggester.suggest(judged, seed=False)


def _seen_at(watched: Watched) -> datetime | None:
    """When the last good look began, to the minute, for feeds date their posts no better.

    Not when its answer came: what was published while that was on its way is no old post.
    """
    known = [at for at in (watched.succeeded_at, watched.tried_at) if at is not None]
    return min(known).replace(second=0, microsecond=0) if known else None


def _is_older(post: Post, seen_at: datetime | None) -> bool:
    return bool(post.published_at and seen_at and post.published_at < seen_at)
