"""Shared by the unit tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netbot import rules
from netbot.rules.loading import Rules
from tests.house import Day

RULES = """
never:
  - {name: gambling, when: {phrase: Glücksspiel}, because: "wirbt für „{match}“"}
hesitate:
  - {name: ai, when: {phrase: KI ersetzt}, because: "willst du das unterstützen?"}
champion:
  - {name: award, when: {phrase: Auszeichnung}, suggest: [share]}
nonsense:
  - {name: raffle, when: {phrase: Gewinnspiel}, because: "ein Gewinnspiel"}
moment:
  - {name: bereavement, when: {phrase: verstorben}, because: "ein Todesfall"}
"""


@pytest.fixture(scope="session")
def values(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """One rule of each kind."""
    home: Path = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    (home / "rules" / "values.yaml").write_text(RULES, encoding="utf-8")
    return rules.load(home=home, sphere=None, shipped=False)


@pytest.fixture
def make_day(values: Rules) -> Iterator[Callable[..., Day]]:
    """Opens spheres in memory: ``make_day(client, …, daily_limit=3)``."""
    made: list[Day] = []

    def make(*clients, **facts) -> Day:
        made.append(Day(values, clients=clients, **facts))
        return made[-1]

    yield make
    for day in made:
        day.store.close()


@pytest.fixture
def day(make_day: Callable[..., Day]) -> Day:
    """A sphere in memory with one client and two sources."""
    return make_day()
