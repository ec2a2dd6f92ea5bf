"""Taking in what one source shows: told apart, judged, stored and suggested in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from netbot.engine import moves, quarantine, schedule, story
from netbot.engine.judging import STORY_WINDOW, judge_shown
from netbot.engine.suggest import Desk, Suggester
from netbot.model import Post
from netbot.network import Batch
from netbot.store import Store, Tx, posts, sources
from netbot.store.sources import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorbed:
    """What one source brought."""

    new: int = 0
    changed: int = 0
    suggested: int = 0
    aside: int = 0  # of the new ones, those that wait for the human's word


def absorb(store: Store, desk: Desk, watched: Watched, batch: Batch, now: datetime) -> Absorbed:
    """Remember what a source shows and queue what deserves a word.

    The first batch is a seed: everything is judged, the best few of the last days are suggested.
    """
    client = desk.house.client(watched.source.client)
    if client is None:  # taken out of the configuration since the look began
        return Absorbed()
    if not batch.posts:
        with store.write() as tx:
            _note_success(tx, desk, watched, batch, now)
        return Absorbed()
    with store.read() as tx:
        keys = {key for post in batch.posts for key in post.keys}
        remembered = posts.known(tx, watched.id, keys)
        swept = not remembered and posts.has_any(tx, watched.id)
    sorting = story.sort(batch.posts, remembered)
    aside = quarantine.is_odd(sorting.new, watched, swept=swept)
    asked: list[tuple[Post, int | None]] = [(post, None) for post in (() if aside else sorting.new)]
    asked += [(post, known.post_id) for known, post in sorting.changed]
    with store.read() as tx:
        verdicts = judge_shown(tx, desk.rules, client, watched.source, asked, now=now)
    cut = len(asked) - len(sorting.changed)
    judged, rejudged = verdicts[:cut], verdicts[cut:]
    stories = _find_stories(store, watched, sorting.new, now)
    with store.write() as tx:
        suggester = Suggester(tx=tx, sphere=store.sphere, desk=desk, client=client, now=now)
        new = list(zip(sorting.new, stories, strict=True))
        born = posts.insert_posts(tx, watched.id, client.id, new, now, aside=aside)
        posts.add_keys(tx, watched.id, sorting.keys)
        for (known, post), verdict in zip(sorting.changed, rejudged, strict=True):
            posts.update_post(tx, known.post_id, client.id, post, now)
            suggester.reconsider(known.story, known.post_id, verdict)
        suggested = suggester.suggest(
            dict(zip(born, judged, strict=False)), seed=watched.seeded_at is None
        )
        if aside:
            sources.set_aside(tx, watched.id, watched.quarantined_at or now)
        _note_success(tx, desk, watched, batch, now)
    return Absorbed(
        new=len(born),
        changed=len(sorting.changed),
        suggested=suggested,
        aside=len(born) if aside else 0,
    )


def _find_stories(
    store: Store, watched: Watched, new: Sequence[Post], now: datetime
) -> list[int | None]:
    """For each new post the story that another source of the client has told already, if any."""
    if not new:
        return []
    client, keys = watched.source.client, {key for post in new for key in post.keys}
    with store.read() as tx:
        by_key = posts.stories(tx, client, keys, other_than=watched.id)
        others = posts.recent(tx, client, since=now - STORY_WINDOW, other_than=watched.id)
    return [
        next((by_key[key] for key in post.keys if key in by_key), None)
        or story.find(post, now, others)
        for post in new
    ]


def _note_success(tx: Tx, desk: Desk, watched: Watched, batch: Batch, now: datetime) -> None:
    next_check = schedule.after_success(
        watched.source,
        desk.house,
        now,
        wish_s=batch.wish_s,
        conditional=batch.conditional,
        quiet=batch.quiet,
    )
    if watched.seeded_at is None:
        sources.seed(tx, watched.id, now)
    sources.succeed(
        tx,
        watched.id,
        now,
        next_check=next_check,
        cursor=batch.cursor,
        title=batch.title,
        quiet=batch.quiet,
    )
    _note_place(tx, watched, batch, now)


def _note_place(tx: Tx, watched: Watched, batch: Batch, now: datetime) -> None:
    """Two sources of a client that lead to one place are looked at as one."""
    known = watched.place == batch.place and (watched.moved_at is not None) == batch.moved
    if known and watched.seeded_at is not None:
        return
    others = sources.of_client(tx, watched.source.client)
    sources.settle_down(
        tx,
        watched.id,
        place=batch.place,
        moved_at=now if batch.moved else None,
        merged_into=moves.twin(watched, batch.place or watched.source.address, others),
    )
