"""Thank-yous: what a client did for me becomes a contact, and a card that thanks for it.

From one person to another: never public, never sent by netbot, outside of every dose and cap. As
long as a client is left in peace such a card lies unseen like all others, for "thanks for sharing"
is no word for somebody who mourns; what they did meanwhile is not forgotten and stands on the card
afterwards. When the very words of a client are a moment for tact, there are no thanks at all, but
what every such moment brings: peace, and the one personal card.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from netbot import draft
from netbot.engine import peace
from netbot.engine.choices import account_for
from netbot.engine.score import LIFETIME, score
from netbot.engine.suggest import Desk
from netbot.model import (
    FAVOURS,
    Account,
    Channel,
    Choice,
    Client,
    ClientStatus,
    Context,
    Direction,
    Engagement,
    PolicyRefused,
    Post,
    Ruling,
    Score,
    Source,
    StoredPost,
    Suggestion,
    SuggestionState,
    Touch,
    UnknownId,
    Verb,
    Verdict,
)
from netbot.rules import judge
from netbot.store import Store, Tx, engagements, posts, suggestions, touches
from netbot.store.suggestions import Draft
from netbot.text import mark

#: What a card weighs for each favour, and what one weighs that the human asked for.
FAVOUR, BY_HAND = 1.0, 5.0

_NO_RULE = Verdict(ruling=Ruling.PASS, link=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that a client did to one of my accounts, and what the rules say of it."""

    account: Account  # mine
    client: Client
    engagement: Engagement
    verdict: Verdict

    @property
    def deserves_thanks(self) -> bool:
        """Whether it is a favour, in words that no conviction speaks against."""
        is_favour = self.engagement.kind in FAVOURS
        return is_favour and self.verdict.ruling is not Ruling.REFUSE


def weigh(desk: Desk, account: Account, client: Client, done: Engagement, now: datetime) -> Told:
    """What a client did; words are judged as a post of theirs would be."""
    verdict = _NO_RULE
    if done.text:
        occasion = _occasion(client, account.network, done.url or done.who_url, now)
        post = replace(occasion.post, text=done.text, kind="reply")
        context = Context(now=now, client=client, source=occasion.source)
        verdict = judge(post, desk.rules, context)
    return Told(account=account, client=client, engagement=done, verdict=verdict)


def receive(tx: Tx, sphere: str, desk: Desk, told: Sequence[Told], now: datetime) -> int:
    """Keep what one client did, as contacts, and thank for it. Returns how many cards were made.

    Somebody whose entry says that nothing is suggested gets no card either.
    """
    cards, favours = 0, list[tuple[int, Told]]()
    for each in told:
        number = _keep(tx, sphere, each, now)
        if each.client.status is not ClientStatus.ACTIVE:
            continue
        if peace.is_moment(each.verdict):
            cards += _heed(tx, desk, each, number, now)
        elif each.deserves_thanks:
            favours.append((number, each))
    return cards + (_thank(tx, sphere, desk, favours, now) if favours else 0)


def thank(
    store: Store, desk: Desk, client_id: str, now: datetime, *, about: Suggestion | None = None
) -> Suggestion:
    """A thank-you because the human wishes it, ``about`` a card's post or none; returns its card.

    One that waits already is that card, and a sleeping one wakes. Raises ``UnknownId`` for a
    client who is not in the configuration, ``PolicyRefused`` when they are left in peace or there
    is no page to open.
    """
    client = desk.house.client(client_id)
    if client is None:
        raise UnknownId(
            client_id, mark("there is no client {client} in the configuration"), client=client_id
        )
    with store.write() as tx:
        peace.require_public(tx, desk.house, client.id, now)
        card = suggestions.open_thanks(tx, store.sphere, client.id)
        if card is None:
            wish = _wish(tx, desk, client, about.post if about else None, now)
            number = suggestions.insert_suggestion(tx, wish, now)
            return suggestions.get(tx, store.sphere, f"{store.sphere}-{number}")
        until = max(card.expires_at, now + peace.SECOND_CHANCE)
        suggestions.move(tx, store.sphere, card.id, SuggestionState.WAITING, expires_at=until)
        return suggestions.get(tx, store.sphere, card.id)


def _keep(tx: Tx, sphere: str, told: Told, now: datetime) -> int:
    done = told.engagement
    touch = Touch(
        client=told.client.id,
        at=min(done.at, now),
        direction=Direction.IN,
        kind=done.kind.value,
        text=done.text,
    )
    return engagements.keep(tx, told.account.id, done, touches.add(tx, sphere, touch))


def _heed(tx: Tx, desk: Desk, told: Told, number: int, now: datetime) -> int:
    """A moment for tact leaves the client in peace; the first of them makes the personal card."""
    if not peace.heed(tx, desk.house, told.client.id, now):
        return 0
    done, network = told.engagement, told.account.network
    post = _occasion(told.client, network, done.url or done.who_url, now)
    verdict = peace.discreet(told.verdict)
    card = Draft(
        post=post,
        choice=_choice(Verb.GESTURE, post.post.url, None, network),
        alternatives=(),
        verdict=verdict,
        score=score(post.post, verdict, told.client, now, ()),
        text="",
        expires_at=now + LIFETIME[Verb.GESTURE],
    )
    engagements.attach(tx, [number], suggestions.insert_suggestion(tx, card, now))
    return 1


def _thank(
    tx: Tx, sphere: str, desk: Desk, favours: Sequence[tuple[int, Told]], now: datetime
) -> int:
    """One card a client, however many favours came in. Returns how many were made."""
    numbers, latest = [number for number, _ in favours], favours[-1][1]
    card = suggestions.open_thanks(tx, sphere, latest.client.id)
    if card is None:
        number = suggestions.insert_suggestion(tx, _card(latest, now), now)
    else:
        number = suggestions.number(sphere, card.id)
    engagements.attach(tx, numbers, number)
    _renew(tx, desk, suggestions.get(tx, sphere, f"{sphere}-{number}"), latest.client, now)
    return 0 if card else 1


def _card(told: Told, now: datetime) -> Draft:
    done, account = told.engagement, told.account
    post = _occasion(told.client, account.network, done.url or done.who_url, now)
    return Draft(
        post=post,
        choice=_choice(Verb.THANK, post.post.url, account.id, account.network),
        alternatives=(),
        verdict=_NO_RULE,
        score=Score(),
        text="",
        expires_at=now + LIFETIME[Verb.THANK],
    )


def _renew(tx: Tx, desk: Desk, card: Suggestion, client: Client, now: datetime) -> None:
    """Let the card speak of all that it lists now, and lie there for its full time again."""
    sphere = desk.house.sphere
    places = dict.fromkeys(each.url for each in reversed(card.favours))
    others = [replace(card.choice, target_url=url) for url in places]
    total = FAVOUR * len(card.favours)
    language = draft.language_of(card.post.post, client, desk.house.language)
    words = draft.thanks(dict.fromkeys(each.kind for each in card.favours), language=language)
    suggestions.reconsider(
        tx, sphere, card.id, card.verdict, tuple(each for each in others if each != card.choice)
    )
    suggestions.reword(tx, card, words, Score(total=total, parts={"favours": total}), now)
    suggestions.move(
        tx,
        sphere,
        card.id,
        card.state,
        snoozed_until=card.snoozed_until,
        expires_at=max(card.expires_at, now + LIFETIME[Verb.THANK]),
    )


def _wish(tx: Tx, desk: Desk, client: Client, post: StoredPost | None, now: datetime) -> Draft:
    about = replace(post, story=0) if post else _front_door(tx, client, now)
    network = about.post.network
    language = draft.language_of(about.post, client, desk.house.language)
    mine = account_for(network, client, desk.house)
    return Draft(
        post=about,
        choice=_choice(Verb.THANK, about.post.url, mine, network),
        alternatives=(),
        verdict=_NO_RULE,
        score=Score(total=BY_HAND, parts={"wish": BY_HAND}),
        text=draft.thanks((), language=language),
        expires_at=now + LIFETIME[Verb.THANK],
    )


def _front_door(tx: Tx, client: Client, now: datetime) -> StoredPost:
    """A page of theirs: one that is named, else the last that they published."""
    named = (place for place in client.handles if "://" in place.address)
    latest = posts.latest(tx, client.id, limit=1)
    if place := next(named, None):
        return _occasion(client, place.network, place.address, now)
    if latest and latest[0].post.url:
        return _occasion(client, latest[0].post.network, latest[0].post.url, now)
    raise PolicyRefused(
        mark("there is no page of {client} to open: name one under “handles” in the configuration"),
        client=client.name,
    )


def _occasion(client: Client, network: str, url: str, now: datetime) -> StoredPost:
    """What stands where other cards have a post."""
    keys = (f"url:{url}",)
    return StoredPost(
        id=0,
        client=client.id,
        source=Source(client=client.id, network=network, address=url),
        story=0,
        first_seen_at=now,
        post=Post(network=network, url=url, title="", text="", keys=keys, published_at=now),
    )


def _choice(verb: Verb, url: str, account: str | None, network: str) -> Choice:
    return Choice(
        verb=verb, target_url=url, account=account, network=network, channel=Channel.HANDOFF
    )
