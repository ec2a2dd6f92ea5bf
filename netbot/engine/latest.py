"""What a client published last, of whatever age, as the rules see it today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from netbot.engine.judging import judge_stored
from netbot.engine.suggest import Desk
from netbot.model import (
    Client,
    StoredPost,
    Suggestion,
    SuggestionState,
    Verb,
    Verdict,
)
from netbot.store import Store, posts, suggestions

#: How many posts are enough to see whom one has before one.
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """One of the last posts."""

    post: StoredPost
    verdict: Verdict  # of now
    card: Suggestion | None  # that tells its story and can be decided, or was approved


def latest(store: Store, desk: Desk, client: Client, now: datetime) -> list[Latest]:
    """The client's last posts, newest first; nothing is changed."""
    with store.read() as tx:
        found = posts.latest(tx, client.id, limit=SHOWN)
        told = {each.id: suggestions.of_story(tx, store.sphere, each.story) for each in found}
        return [
            Latest(
                post=each,
                verdict=judge_stored(tx, desk.rules, client, each, now),
                card=_standing(told[each.id], now),
            )
            for each in found
        ]


def trace(store: Store, desk: Desk, card: Suggestion, now: datetime) -> Verdict:
    """Why there is this card; what a personal one does not keep is found out anew.

    Raises ``ConfigError`` when the rules cannot be read.
    """
    if card.choice.verb is not Verb.GESTURE:
        return card.verdict
    with store.read() as tx:
        return judge_stored(tx, desk.rules, desk.house.client(card.client), card.post, now)


def _standing(told: Sequence[Suggestion], now: datetime) -> Suggestion | None:
    """The newest card that keeps the story from being queued once more."""
    for card in reversed(told):
        is_open = card.state in suggestions.OPEN and card.expires_at > now
        if is_open or card.state is SuggestionState.APPROVED:
            return card
    return None
