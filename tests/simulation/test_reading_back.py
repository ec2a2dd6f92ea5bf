"""Reading back on Mastodon: answers get lost, what was written shows late and reads otherwise."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from netbot import engine
from netbot.demo.entities import CHANGES
from netbot.demo.faults import Fault, Mishap
from netbot.demo.mastodon import MastodonServer
from netbot.engine import Approve, Hall
from netbot.model import Action, ActionState, House, Identity, Source, Verb
from netbot.store import Store, accounts, acts, posts, sources, suggestions
from tests.actor import open_policy
from tests.crash.plans import SPHERE, VERBS, card_of
from tests.house import ACME, NOON
from tests.mastodons import TOKEN, studio_on

CASES = 100
EVERY = timedelta(hours=1)

#: Reads of the server until a write is to be seen. A look takes one or two, and there are four of
#: them: what shows at once, within minutes, and after the quarter of an hour in which netbot looks.
LAGS = (0, 0, 0, 1, 2, 4, 6, 100)

TEXTS = (
    "Glückwunsch! Mehr unter https://acme.example/werkstatt?a=1&b=2",
    "A & B <habe> ich   gelesen, „sehr schön“: 1 < 2 &amp; wahr",
    "@acme Danke – das war überfällig.  https://x.example/ä/ß#oben",
    "Zwei\n\nAbsätze, und am Ende ein Wort",
    "👏👏",
)

FAULTS: tuple[dict[str, Any], ...] = (
    {"mishap": Mishap.LOST_ANSWER},
    {"mishap": Mishap.LOST_ANSWER},
    {"mishap": Mishap.LOST_REQUEST},
    {"mishap": Mishap.CUT_ANSWER},
    {"mishap": Mishap.GARBLED},
    {"mishap": Mishap.STATUS, "status": 502, "applied": True},
    {"mishap": Mishap.STATUS, "status": 503},
    {"mishap": Mishap.STATUS, "status": 422},
    {"mishap": Mishap.STATUS, "status": 500, "on": "read"},  # the act itself goes well
)


class Town:
    """A Mastodon server, its time, and one sphere that acts there."""

    def __init__(self, server: MastodonServer, store: Store) -> None:
        self.server = server
        self.now = NOON
        self.studio = studio_on(server)
        self.studio.port.identify()
        self._store = store
        address = server.url("/@acme")
        self._source = Source(client=ACME.id, network="mastodon", address=address)
        server.add_account("acme")
        house = House(
            sphere=SPHERE,
            accounts=(self.studio.account,),
            clients=(ACME,),
            undo_window_s=0,
        )
        policy = {"mastodon": open_policy()}
        self._hall = Hall(house=house, policy=policy, handoffs={"mastodon": self.studio.port})

    def approve(self, verb: Verb, text: str) -> tuple[str, str]:
        """The client writes, and the human says yes; the ids of card and status."""
        status = self.server.publish("acme", f"Neuigkeit um {self.now:%H:%M am %d.}")
        post = self.studio.port.fetch(self._source, "").posts[0]
        with self._store.write() as tx:
            place = sources.align(tx, [self._source], self.now)[0]
            born = posts.insert_posts(tx, place.id, ACME.id, [(post, None)], self.now)
            draft = card_of(posts.by_ids(tx, born)[born[0]], self.now)
            card = f"{SPHERE}-{suggestions.insert_suggestion(tx, draft, self.now)}"
            me = Identity(platform_id=self.studio.account.platform_id or "", handle="@studio")
            accounts.pin(tx, self.studio.account, me, "", self.now)  # a human has looked
        yes = Approve(verb=verb, text=text if verb is Verb.COMMENT else None)
        engine.decide(self._store, self._hall, card, yes, self.now)
        return card, status

    def send(self, after_s: float = 0) -> None:
        """One round, so many seconds after the call."""
        actors = {"studio": self.studio.port}
        engine.send(self._store, self._hall, actors, self.now + timedelta(seconds=after_s))

    def act(self, card: str) -> Action:
        """What became of the card's act."""
        with self._store.read() as tx:
            found = acts.latest(tx, SPHERE, card)
        assert found is not None
        return found


@pytest.fixture
def town() -> Iterator[Town]:
    times: list[Town] = []

    def now() -> datetime:
        return times[0].now if times else NOON

    with MastodonServer(now=now) as server, Store("sqlite://", SPHERE) as store:
        times.append(Town(server, store))
        yield times[0]


def live_through(town: Town, chance: Random) -> tuple[ActionState, int, str]:
    """One act that goes wrong: how it ended, how often it was written, and what happened."""
    verb, lag, fault = (
        chance.choice((*VERBS, Verb.COMMENT)),
        chance.choice(LAGS),
        chance.choice(FAULTS),
    )
    text = chance.choice(TEXTS)
    town.now += EVERY
    town.server.changes = {change for change in CHANGES if chance.random() < 0.5}
    card, status = town.approve(verb, text)
    before = len(town.server.written()), len(town.server.asked())
    town.server.set_lag(lag)
    town.server.faults.plan(Fault(**fault))
    for after_s in (0, 5, 30, 120, 600, 900):
        town.send(after_s)
    if town.act(card).state is ActionState.PENDING:  # the post could not be read at first
        town.send(1000)
    town.server.set_lag(0)
    town.server.faults.clear()
    town.server.instance.reads += 100
    written = town.server.written(token=TOKEN)[before[0] :]
    asked = [one for one in town.server.asked()[before[1] :] if one["verb"] in WRITES]
    story = f"{verb} {lag=} {fault} {town.server.changes} {text!r}: {written}"
    assert len(asked) <= 1, story
    assert all(one["target"] == status for one in written), story
    if not lag and written:
        assert town.act(card).state is ActionState.SENT, story
    return town.act(card).state, len(written), story


WRITES = ("favourite", "reblog", "post")


def test_nothing_is_done_twice_or_called_sent_that_is_not(town, soak):
    seed = int.from_bytes(os.urandom(4))
    chance, ends = Random(seed), Counter[tuple[ActionState, int]]()
    for _ in range(CASES * soak):
        state, written, story = live_through(town, chance)
        ends[state, written] += 1
        told = f"seed {seed}, {story}: {state}"
        match state:
            case ActionState.SENT:
                assert written == 1, told
            case ActionState.FAILED:
                assert written == 0, told
            case _:
                assert state is ActionState.UNSURE, told
    assert ends[ActionState.SENT, 1] > CASES / 4, ends
    assert ends[ActionState.FAILED, 0], ends
    assert ends[ActionState.UNSURE, 0], ends
    assert ends[ActionState.UNSURE, 1], ends
