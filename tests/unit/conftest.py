"""Shared by the unit tests."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from netbot import app, clock, rules
from netbot.cli.demo import fill
from netbot.cli.main import run
from netbot.cli.place import place
from netbot.rules.loading import Rules
from tests import told
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
  - {name: farewell, holds: post, when: {phrase: Schweren Herzens}, because: "ein Abschied"}
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


@dataclass(frozen=True, slots=True)
class Told:
    """What one command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Commands:
    """Runs commands in this process, on one home."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Told:
        code = run([*arguments, "--home", str(self.home)])
        out, err = self._capsys.readouterr()
        return Told(code, out, err)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `netbot demo` fills it from its blogs, once for all workers; they are gone."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home = folder / "demo-home"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            with fill(place(home), "en", kinds=()):
                pass
            for name in app.sphere_names(home):
                _make_due(home, name)
    return home


def _make_due(home: Path, name: str) -> None:
    """Let every source be due, however soon after the filling a test looks."""
    with app.open_sphere(home, name, clock.now()) as sphere, sphere.store.write() as tx:
        tx.exec_driver_sql("UPDATE sources SET next_check = tried_at")


@pytest.fixture(scope="session")
def story_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has seen the demo's whole story at ``told.NOW``, once for all workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home = folder / "story-home"
    with (folder / "story.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            told.tell(home, "en")
    return home


@pytest.fixture
def netbot(demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on a copy of the filled home."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    capsys.readouterr()
    return Commands(home, capsys)


@pytest.fixture
def anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """Commands on a home that is still to be made, on an English system."""
    monkeypatch.setenv("LANGUAGE", "en")
    return Commands(tmp_path / "new", capsys)
