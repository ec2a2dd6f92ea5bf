"""Months of two households on one network that loses answers, and a daemon that dies.

Everything comes from one seed, which a failure names: run it again alone with
``NETBOT_SEED=<seed> pytest tests/simulation``.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from netbot import crash, engine
from netbot.clock import end_of_hours
from netbot.model import ActionState, Client, Outcome, Source
from netbot.rules import load
from netbot.rules.loading import Rules
from netbot.store import accounts, holds, performed
from tests.house import NOON, days, post
from tests.simulation.people import CAPS, QUIET, Household
from tests.simulation.world import LONGEST_LAG, Death, World

SOAK = int(os.environ.get("NETBOT_SOAK", "1"))
SEEDS = [int(os.environ["NETBOT_SEED"])] if "NETBOT_SEED" in os.environ else range(2 * SOAK)
DAYS = 20
RULES = """
nonsense:
  - {name: raffle, when: {phrase: Gewinnspiel}, because: "ein Gewinnspiel"}
"""


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    home = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    (home / "rules" / "values.yaml").write_text(RULES, encoding="utf-8")
    return load(home=home, sphere=None, shipped=False)


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    crash.arm(None)


def client(name: str) -> Client:
    source = Source(client=name, network="mastodon", address=f"@{name}@a.example")
    return Client(id=name, name=name.title(), sources=(source,))


#: One client is followed from both spheres, which is where the wrong account would act.
CLIENTS = {
    "professional": tuple(map(client, ("acme", "beta", "both"))),
    "private": tuple(map(client, ("choir", "both"))),
}


class Simulation:
    """One seed's world and its households."""

    def __init__(self, seed: int, folder: Path, rules: Rules) -> None:
        self.draw = Random(seed)
        self.world = World(self.draw, NOON)
        self.homes = [
            Household(name=name, world=self.world, rules=rules, clients=clients, data=folder)
            for name, clients in CLIENTS.items()
        ]
        self.shown: dict[str, list[str]] = {}
        for home in self.homes:
            for each in home.clients:
                home.watch(each.sources[0], [])
        crash.arm(self.strike)

    def strike(self, _point: str) -> None:
        """Between any two steps netbot may die."""
        if self.draw.random() < 0.02:
            raise Death

    def run(self) -> None:
        end = self.world.now + days(DAYS)
        while self.world.now < end:
            self.world.now += timedelta(minutes=self.draw.randint(1, 240))
            if self.draw.random() < 0.3:
                self.publish(
                    self.draw.choice(sorted({c for h in self.homes for c in self.names(h)}))
                )
            for home in self.homes:
                if self.draw.random() < 0.25:
                    home.sit_down()
                for wait_s in (0, 70):
                    self.world.now += timedelta(seconds=wait_s)
                    home.tick()
                self.check_wall(home)

    def names(self, home: Household) -> list[str]:
        return [each.id for each in home.clients]

    def publish(self, name: str) -> None:
        """A client writes, edits or deletes; every household that follows looks."""
        number = len(self.shown.setdefault(name, []))
        url = f"https://a.example/@{name}/{number}"
        word, old = self.draw.random(), self.draw.choice(self.shown[name] or [""])
        if word < 0.1:
            self.world.posts.pop(old, None)
        elif word < 0.2 and old in self.world.posts:
            self.world.posts[old] = told(old, f"anders erzählt am {self.world.now}")
        else:
            self.shown[name].append(url)
            self.world.posts[url] = told(url, f"neu am {self.world.now}")
        for home in self.homes:
            for each in home.clients:
                if each.id == name:
                    posts = [self.world.posts[u] for u in self.shown[name] if u in self.world.posts]
                    self.world.now += timedelta(hours=1)
                    home.watch(each.sources[0], posts[::-1])

    def check_wall(self, home: Household) -> None:
        """No act leaves while everything is stopped, at night, or with another's token."""
        now = self.world.now
        with home.store.read() as tx:
            assert not holds.quiet(tx, now)
        mine = [each for each in self.world.requests if each.suggestion.startswith(home.name)]
        assert all(each.token == home.token for each in mine)

    def settle(self) -> None:
        """Let every doubt be read back as often as it ever will be."""
        crash.arm(None)
        for home in self.homes:
            home.paused = False
        for _ in range(8):
            self.world.now += LONGEST_LAG
            for home in self.homes:
                with home.store.write() as tx:
                    accounts.thaw(tx, home.account.id)
                home.tick()


def told(url: str, text: str):
    name = url.removeprefix("https://")
    return post(
        name,
        network="mastodon",
        url=url,
        title=f"Nachricht {name}",
        text=f"Was wir erzählen wollten, {text}.",
        keys=(f"id:{name}", f"url:{url}"),
        published_at=None,
    )


@pytest.fixture(params=SEEDS)
def lived(request: pytest.FixtureRequest, tmp_path: Path, rules: Rules) -> Iterator[Simulation]:
    print(f"seed {request.param}: NETBOT_SEED={request.param}")  # noqa: T201 shown on failure
    simulation = Simulation(request.param, tmp_path, rules)
    simulation.run()
    simulation.settle()
    yield simulation
    for home in simulation.homes:
        home.store.close()


def test_months_go_by_and_nothing_happens_twice_or_gets_lost(lived: Simulation):
    world = lived.world
    assert world.doubles == []
    assert len(world.requests) > DAYS / 2
    assert sum(home.deaths for home in lived.homes) > 0
    for home in lived.homes:
        check_counts(lived, home)
        check_agreement(lived, home)
        check_caps(home)
        check_night(lived, home)
        assert home.mornings == sorted(set(home.mornings))
        assert home.mornings[-1] - home.mornings[0] == timedelta(days=len(home.mornings) - 1)
    check_shared(world)


def check_counts(lived: Simulation, home: Household) -> None:
    """One request an approval at most, one a wish to take back."""
    asked: Counter[tuple[int, bool]] = Counter()
    cards: Counter[tuple[str, bool]] = Counter()
    for each in lived.world.requests:
        if each.token == home.token:
            asked[each.action, each.undo] += 1
            cards[each.suggestion, each.undo] += 1
            assert each.suggestion.startswith(f"{home.name}-")
    assert all(times == 1 for (_, undo), times in asked.items() if not undo)
    said = {False: home.decided(Outcome.APPROVED), True: home.decided(Outcome.UNDONE)}
    for (card, undo), times in cards.items():
        assert times <= said[undo][card]


def check_agreement(lived: Simulation, home: Household) -> None:
    """What the database says stands on the network stands there, and nothing else does."""
    visible = {action.id for action in (*engine.troubles(home.store), *engine.outbox(home.store))}
    newest: dict[str, int] = {}
    for action in home.acts():
        newest.setdefault(action.suggestion, action.id)
    claimed = set()
    for action in home.acts():
        key = (home.name, action.choice.verb, action.choice.target_url)
        match action.state:
            case ActionState.SENT:
                assert key in lived.world.stands, action
                claimed.add(key)
            case ActionState.UNSURE | ActionState.UNDO_UNSURE | ActionState.PENDING:
                assert action.id in visible, action
                claimed.add(key)
            case ActionState.FAILED:
                stale = newest[action.suggestion] != action.id
                assert action.id in visible or stale or not home.is_approved(action.suggestion)
            case ActionState.SENDING | ActionState.UNDOING:
                pytest.fail(f"left half-done: {action}")
    unclaimed = {key for key in lived.world.stands if key[0] == home.name} - claimed
    assert not unclaimed


def check_caps(home: Household) -> None:
    with home.store.read() as tx:
        done = performed.after(tx, NOON - days(1))
    for each in done:
        window = [one for one in done if each.at - days(1) < one.at <= each.at]
        for verb, cap in CAPS.items():
            assert sum(one.verb is verb for one in window) <= cap
        assert sum(one.client == each.client for one in window) <= 2


def check_night(lived: Simulation, home: Household) -> None:
    for each in lived.world.requests:
        if each.token == home.token and not each.undo:
            assert end_of_hours(each.at, *QUIET, "Europe/Berlin") is None


def check_shared(world: World) -> None:
    """A client whom both spheres follow is answered from one of them, post by post."""
    spheres: dict[str, set[str]] = {}
    for owner, _, url in world.stands:
        spheres.setdefault(url, set()).add(owner)
    assert all(len(owners) == 1 for owners in spheres.values())
