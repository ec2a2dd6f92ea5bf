"""Posts that are no longer there: their cards give way.

A feed shows the newest posts only, so that one which it no longer shows may be deleted or merely
old. Only its own address can tell.
"""

from collections.abc import Callable
from datetime import datetime

from netbot.engine import peace
from netbot.engine.suggest import Desk, Suggester
from netbot.model import (
    LOOK_IN,
    PERSONAL,
    Gone,
    NetworkError,
    StoredPost,
    Suggestion,
    SuggestionState,
)
from netbot.store import Store, Tx, posts, suggestions

#: Looks at the place where a post stood. Raises ``Gone`` when it says that it is there no more
#: (404 and 410), another ``NetworkError`` when nobody can tell.
Reread = Callable[[StoredPost], object]


def vanish(store: Store, desk: Desk, reread: Reread, now: datetime) -> list[str]:
    """Look again at every post about which a card waits; those that are gone take it with them.

    Where the story still stands in another place, a card about that place takes over. Returns the
    ids of the cards that gave way.
    """
    with store.read() as tx:
        told = _told(tx, _showing(tx, store.sphere, desk, now))
    gone = [post for post in told.values() if _is_gone(reread, post)]
    urls = {post.post.url for post in gone}
    with store.write() as tx:
        for post in gone:
            posts.mark_gone(tx, post.id, now)
        waiting = _showing(tx, store.sphere, desk, now)
        leaving = [card for card in waiting if _gives_way(tx, store.sphere, card, urls)]
        for card in leaving:
            _make_way(tx, store.sphere, desk, card, now)
    return [card.id for card in leaving]


def _showing(tx: Tx, sphere: str, desk: Desk, now: datetime) -> list[Suggestion]:
    """Whoever is left in peace keeps every card as it is."""
    quiet = peace.quiet(tx, desk.house, now)
    return suggestions.showing(tx, sphere, now, quiet=quiet)


def _told(tx: Tx, cards: list[Suggestion]) -> dict[int, StoredPost]:
    """The posts that tell the stories of these cards and can be looked at."""
    tellers = [post for card in cards for post in posts.tellers(tx, card.post.story)]
    standing = (post for post in tellers if post.post.url and not post.gone)
    return {post.id: post for post in standing if post.post.kind != LOOK_IN}


def _is_gone(reread: Reread, post: StoredPost) -> bool:
    try:
        reread(post)
    except Gone:
        return True
    except NetworkError:
        return False
    return False


def _gives_way(tx: Tx, sphere: str, card: Suggestion, urls: set[str]) -> bool:
    """What is personal needs no post; any other act needs the one it is about."""
    if card.choice.verb in PERSONAL:
        return False
    if card.choice.target_url in urls:
        return True
    left = tuple(choice for choice in card.alternatives if choice.target_url not in urls)
    if left != card.alternatives:
        suggestions.reconsider(tx, sphere, card.id, card.verdict, left)
    return False


def _make_way(tx: Tx, sphere: str, desk: Desk, card: Suggestion, now: datetime) -> None:
    suggestions.move(tx, sphere, card.id, SuggestionState.SUPERSEDED)
    client = desk.house.client(card.client)
    left = [post for post in posts.tellers(tx, card.post.story) if not post.gone]
    if client is not None and left:
        maker = Suggester(tx=tx, sphere=sphere, desk=desk, client=client, now=now)
        maker.suggest_anew(left[0].id, card.verdict)
