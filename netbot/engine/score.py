"""How much a post deserves a word today, in parts that a card can show. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from netbot.model import Client, Post, Ruling, Score, Verb, Verdict

#: A post older than this is no news any more.
FRESH_FOR = timedelta(days=7)

#: How long a card waits for an answer (silence never means yes).
LIFETIME = {
    Verb.LIKE: timedelta(hours=72),
    Verb.COMMENT: timedelta(hours=96),
    Verb.SHARE: timedelta(days=7),
    Verb.RECOMMEND: timedelta(days=7),
    Verb.GESTURE: timedelta(days=21),
    Verb.THANK: timedelta(days=21),
}


def is_fresh(post: Post, now: datetime) -> bool:
    """Whether a post is recent enough to answer; one without a date counts as just published."""
    return post.published_at is None or now - post.published_at <= FRESH_FOR


def score(
    post: Post, verdict: Verdict, client: Client, now: datetime, touches: Sequence[datetime]
) -> Score:
    """The sum and its parts; ``touches`` are my contacts with the client, oldest first.

    fresh 0-3, falling over seven days · the rules' own parts · tone -1 to 1, how kind or how bad it
    sounds · due 0-2, by the client's cadence ·
    often -0.5 for each contact of the last seven days · folded -2 when a rule hesitates ·
    moment 10, so that a card of condolence lies on top.
    """
    age = now - (post.published_at or now)
    parts = {"fresh": round(3 * max(0.0, 1 - age / FRESH_FOR), 2), **verdict.score.parts}
    tone = _tone(post, client)
    if tone:
        parts["tone"] = tone
    if client.cadence_days:
        silent_days = (now - touches[-1]).days if touches else client.cadence_days
        parts["due"] = round(min(2.0, silent_days / client.cadence_days), 2)
    lately = sum(now - touch <= FRESH_FOR for touch in touches)
    if lately:
        parts["often"] = -0.5 * lately
    if verdict.ruling is Ruling.ASK:
        parts["folded"] = -2.0
    if Verb.GESTURE in verdict.suggest:
        parts["moment"] = 10.0
    return Score(total=round(sum(parts.values()), 2), parts=parts)


def _tone(post: Post, client: Client) -> float:
    from netbot.rules import scores  # brings weights along, which only a new card needs

    language = (post.language or client.language or "")[:2].lower()
    return scores.tone(scores.score(post.title, post.text, language))
