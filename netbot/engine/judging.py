"""Posts as the rules see them, with all that the house knows besides.

What was published before is looked up only where a rule asks for it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from netbot.engine import story
from netbot.model import Client, Context, Post, Source, StoredPost, Verdict
from netbot.rules import judge
from netbot.store import Tx, posts

if TYPE_CHECKING:
    from netbot.rules.loading import Rules

#: How far back other posts are searched for the same story.
STORY_WINDOW = timedelta(days=14)

#: Identities that say what a post is, and not only how its feed counts.
_TELLING = ("url:", "hash:")


def judge_shown(
    tx: Tx,
    rules: "Rules",
    client: Client,
    source: Source,
    shown: Sequence[tuple[Post, int | None]],
    *,
    now: datetime,
) -> list[Verdict]:
    """What the rules say of posts as a source shows them, by number (None: of a new one)."""
    seen = find_seen(tx, rules, [(post, number, now) for post, number in shown])
    return [
        judge(post, rules, Context(now=now, client=client, source=source, seen=known))
        for (post, _), known in zip(shown, seen, strict=True)
    ]


def judge_stored(
    tx: Tx, rules: "Rules", client: Client | None, stored: StoredPost, now: datetime
) -> Verdict:
    """What the rules say now of a post that is remembered."""
    return judge(stored.post, rules, context_of(tx, rules, client, stored, now))


def context_of(
    tx: Tx, rules: "Rules", client: Client | None, stored: StoredPost, now: datetime
) -> Context:
    """All that is known of a remembered post besides itself, but for contacts and accounts."""
    (seen,) = find_seen(tx, rules, [(stored.post, stored.id, stored.first_seen_at)])
    return Context(now=now, client=client, source=stored.source, seen=seen)


def find_seen(
    tx: Tx, rules: "Rules", asked: Sequence[tuple[Post, int | None, datetime]]
) -> list[frozenset[str]]:
    """For each post, by number and time (None: not remembered yet), what of it stood before.

    All its identities where an earlier post of any client has its address or its words, or
    tells the same in nearly the same ones; none where it is new, or where no rule wants to know.
    """
    if not (asked and rules.asks_for_history):
        return [frozenset()] * len(asked)
    others = posts.since(tx, min(at for _, _, at in asked) - STORY_WINDOW)
    return [
        frozenset(post.keys) if _stood_before(tx, post, number, at, others) else frozenset()
        for post, number, at in asked
    ]


def _stood_before(
    tx: Tx, post: Post, number: int | None, at: datetime, others: Sequence[StoredPost]
) -> bool:
    telling = [key for key in post.keys if key.startswith(_TELLING)]
    if posts.has_earlier(tx, telling, than=number):
        return True
    earlier = [each for each in others if number is None or each.id < number]
    return story.find(post, at, earlier) is not None
