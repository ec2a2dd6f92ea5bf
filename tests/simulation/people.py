"""One sphere as its human lives with it: a database, a daemon that dies, a person who decides."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from netbot import engine
from netbot.claims import Claims
from netbot.engine import Approve, Desk, Hall, Intent, Skip, Snooze, Undo
from netbot.model import (
    Action,
    ActionState,
    Client,
    House,
    Identity,
    NetbotError,
    Outcome,
    Post,
    SkipReason,
    Source,
    Suggestion,
    SuggestionState,
    Verb,
)
from netbot.network import Access, Batch, NetworkPolicy
from netbot.rules.loading import Rules
from netbot.store import Store, accounts, acts, schema, suggestions
from tests.actor import open_policy
from tests.house import Hands, Shelf
from tests.simulation.world import Death, Square, World, account

CAPS = {Verb.LIKE: 4, Verb.SHARE: 2, Verb.COMMENT: 2}
POLICY: dict[str, NetworkPolicy] = {
    "mastodon": open_policy(caps=CAPS, gap_s=60, per_client=2),
}
QUIET = ("22:00", "06:30")


@dataclass(kw_only=True)
class Household:
    """A sphere, its daemon and its human."""

    name: str
    world: World
    rules: Rules
    clients: tuple[Client, ...]
    data: Path
    paused: bool = False
    mornings: list[date] = field(default_factory=list)
    deaths: int = 0

    def __post_init__(self) -> None:
        self.store = Store(f"sqlite:///{self.data}/{self.name}.db", self.name)
        self.account = account(self.name)
        self.token = f"token-{self.name}"
        self.world.owners[self.token] = self.name
        self.house = House(
            sphere=self.name,
            time_zone="Europe/Berlin",
            accounts=(self.account,),
            clients=self.clients,
            quiet_hours=QUIET,
            daily_limit=10,
        )
        self.claims = Claims(self.data, self.name)
        self.shelf = Shelf()
        with self.store.write() as tx:
            identity = Identity(platform_id=self.name, handle=self.account.handle)
            accounts.pin(tx, self.account, identity, "mark", self.world.now)
        self.live()

    def live(self) -> None:
        """The daemon begins a life."""
        access = Access(sphere=self.name, account=self.account, secret=self.token)
        self.square = Square(access, self.world)
        self.square.identify()

    @property
    def hall(self) -> Hall:
        return Hall(
            house=self.house,
            policy=POLICY,
            handoffs={"mastodon": Hands()},
            claims=self.claims,
            paused=lambda: self.paused,
        )

    @contextmanager
    def mortal(self) -> Iterator[None]:
        """Whatever dies in here begins anew."""
        try:
            yield
        except Death:
            self.deaths += 1
            self.live()

    def watch(self, source: Source, posts: list[Post]) -> None:
        """Look at a source that shows these posts."""
        desk = Desk(house=self.house, policy=POLICY, rules=self.rules)
        for client in self.clients:
            for each in client.sources:
                self.shelf.shown.setdefault(each.address, Batch(posts=(), cursor=""))
        self.shelf.show(source.address, *posts)
        with self.mortal():
            engine.watch(self.store, {"mastodon": self.shelf}, desk, self.world.now)

    def tick(self) -> None:
        """What the daemon does every other second."""
        now = self.world.now
        with self.mortal():
            engine.settle(self.store, now)
            if (morning := engine.open_day(self.store, self.house, now)) is not None:
                self.mornings.append(morning)
            engine.send(self.store, self.hall, {self.account.id: self.square}, now)
            engine.release(self.store, self.hall)

    def decide(self, card: str, intent: Intent) -> None:
        """Say something about a card; the house may refuse, and netbot may die of it."""
        with self.mortal(), suppress(NetbotError):
            engine.decide(self.store, self.hall, card, intent, self.world.now)

    def sit_down(self) -> None:
        """The human opens the queue and goes through it."""
        draw = self.world.draw
        for card in engine.queue(self.store, self.house, self.world.now).cards:
            word = draw.random()
            if word < 0.6:
                self.approve(card)
            elif word < 0.8:
                self.decide(card.id, Skip(reason=SkipReason.OTHER))
            elif word < 0.9:
                later = self.world.now + timedelta(hours=draw.randint(1, 60))
                self.decide(card.id, Snooze(until=later))
        for action in self.done():
            if draw.random() < 0.1:
                self.take_back(action)
        for action in engine.troubles(self.store):
            self.look_after(action)
        for action in engine.handed_off(self.store, self.house, self.world.now):
            self.do_by_hand(action)
        if draw.random() < 0.5:
            with self.store.write() as tx:
                accounts.thaw(tx, self.account.id)
        self.paused = draw.random() < (0.5 if self.paused else 0.04)

    def approve(self, card: Suggestion) -> None:
        """Yes to one of the acts that the card offers."""
        choices = (card.choice, *card.alternatives)
        choice = self.world.draw.choice(choices)
        text = None if choice.verb is Verb.LIKE else f"Gern gelesen, {card.id}."
        self.decide(card.id, Approve(verb=choice.verb, text=text))

    def take_back(self, action: Action) -> None:
        """Oops."""
        self.decide(action.suggestion, Undo())

    def look_after(self, action: Action) -> None:
        """The human looks at the network, and says what is there."""
        now, choice = self.world.now, action.choice
        stands = (self.name, choice.verb, choice.target_url) in self.world.stands
        match action.state:
            case ActionState.UNSURE:
                end = engine.confirm if stands else engine.decline
                with self.mortal():
                    end(self.store, action.suggestion, now)
            case ActionState.UNDO_UNSURE:
                end = engine.decline if stands else engine.confirm
                with self.mortal():
                    end(self.store, action.suggestion, now)
            case _ if self.world.draw.random() < 0.5:
                self.take_back(action)

    def do_by_hand(self, action: Action) -> None:
        """The human acts in the own browser."""
        with self.mortal():
            self._do_by_hand(action)

    def _do_by_hand(self, action: Action) -> None:
        if self.world.draw.random() < 0.5:
            engine.hand_off(self.store, self.hall, action.suggestion, self.world.now)
        if self.world.draw.random() < 0.7:
            engine.confirm(self.store, action.suggestion, self.world.now)
        else:
            engine.decline(self.store, action.suggestion, self.world.now)

    def done(self) -> list[Action]:
        with self.store.read() as tx:
            return acts.in_state(tx, self.name, ActionState.SENT)

    def acts(self) -> list[Action]:
        with self.store.read() as tx:
            return acts.in_state(tx, self.name, *ActionState)

    def decided(self, outcome: Outcome) -> Counter[str]:
        """How often each card was decided so."""
        table = schema.decisions.c
        query = select(table.suggestion_id).where(table.outcome == outcome.value)
        with self.store.read() as tx:
            return Counter(f"{self.name}-{number}" for number in tx.scalars(query))

    def is_approved(self, card: str) -> bool:
        with self.store.read() as tx:
            return suggestions.get(tx, self.name, card).state is SuggestionState.APPROVED
