"""The order of what waits, as past decisions suggest it; nothing is hidden by it.

A card's score has one part more, ``liked``, which is found anew after decisions. Whoever reads
the queue finds it in order: nothing is learned while somebody waits for an answer.
"""

from collections.abc import Sequence
from dataclasses import replace

from netbot.model import PERSONAL, Post, Score, SkipReason, StoredPost, Suggestion
from netbot.rules.ranking import Because, Ranking, Seen, teach
from netbot.store import Store, Tx, houses, judgements, suggestions
from netbot.store.judgements import Judgement

#: So many decisions, the newest, say what is liked.
MEMORY = 300

#: Reasons for a skip that speak about the post; the others speak about the day or the account.
ABOUT_THE_POST = (SkipReason.NONSENSE, SkipReason.VALUES, SkipReason.OTHER)

PART = "liked"


def learn_order(store: Store) -> int:
    """Let what waits stand as past decisions suggest. Returns how many cards were moved.

    Without a new decision and without a new card nothing is done.
    """
    with store.read() as tx:
        mark = judgements.last_numbers(tx)
        if houses.mark(tx, houses.ORDER) == mark:
            return 0
        ranking = taste(tx)
        waiting = suggestions.open_cards(tx, store.sphere)
    moved = {card.id: score for card in waiting if (score := _score(card, ranking)) != card.score}
    with store.write() as tx:
        suggestions.rescore(tx, store.sphere, moved)
        houses.keep_mark(tx, houses.ORDER, mark)
    return len(moved)


def taste(tx: Tx) -> Ranking:
    """What the human's own decisions say."""
    return teach((see(each.post.post, each.post.client), each.approved) for each in telling(tx))


def telling(tx: Tx, *, limit: int = MEMORY) -> list[Judgement]:
    """The decisions that speak about a post, oldest first; a personal act is nobody's taste."""
    return [
        each
        for each in judgements.judgements(tx, limit=limit)
        if each.verb not in PERSONAL and (each.approved or each.reason in ABOUT_THE_POST)
    ]


def explain_order(store: Store, found: Sequence[StoredPost]) -> list[list[Because]]:
    """For each post what the human decided about posts like it."""
    if not found:
        return []
    with store.read() as tx:
        ranking = taste(tx)
    return [ranking.explain(see(each.post, each.client)) for each in found]


def see(post: Post, client: str) -> Seen:
    """A post as the ranking looks at it."""
    return Seen(title=post.title, text=post.text, client=client)


def _score(card: Suggestion, ranking: Ranking) -> Score:
    """What the human wished for, and what is personal, stays where it is."""
    parts = {name: value for name, value in card.score.parts.items() if name != PART}
    if card.choice.verb not in PERSONAL and "wish" not in parts:
        part = ranking.part(see(card.post.post, card.client))
        parts |= {PART: part} if part else {}
    if parts == card.score.parts:
        return card.score
    return replace(card.score, parts=parts, total=round(sum(parts.values()), 2))
