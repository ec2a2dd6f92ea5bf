"""The same day on the page, in ``netbot review`` and by single commands: the same databases."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest

from netbot import app, clock
from netbot.cli.acts import perform_here
from netbot.cli.main import run
from netbot.cli.place import place
from netbot.cli.review import Session
from netbot.text import translator
from netbot.web import create
from tests import fifteen, told
from tests.caller import PORT, Answer, Caller

SPHERE = "professional"
WORDS = "The harbour at low tide, of all pictures: that one stays."

#: What differs from one run to the next, and why that is right.
BY_CHANCE = {
    "outbox": {"key"},  # drawn for each yes, so that no two ever look alike to a network
    "decisions": {"face"},  # says through which of the three it was decided
}


class Face(Protocol):
    """Somebody who decides; every deed takes the number of a card."""

    def approve(self, card: int) -> None: ...
    def approve_in_words(self, card: int, text: str) -> None: ...
    def skip(self, card: int) -> None: ...
    def snooze(self, card: int) -> None: ...
    def undo(self, card: int) -> None: ...
    def had_contact(self, card: int, note: str) -> None: ...
    def undo_contact(self, card: int) -> None: ...
    def done(self, card: int) -> None: ...
    def not_done(self, card: int) -> None: ...
    def later(self, card: int) -> None: ...


class Page:
    """On the page."""

    def __init__(self, home: Path) -> None:
        self.caller = Caller(create(home, port=PORT))
        self.last: Answer | None = None

    def _send(self, page: str, ending: str, **fields: str) -> None:
        answer = self.caller.send(self.caller.get(page).form(ending), **fields)
        self.last = self.caller.follow(answer)

    def approve(self, card: int) -> None:
        self._send(f"/{SPHERE}/cards/{card}", "/approve")

    def approve_in_words(self, card: int, text: str) -> None:
        self._send(f"/{SPHERE}/cards/{card}", "/approve", text=text)

    def skip(self, card: int) -> None:
        self._send(f"/{SPHERE}/cards/{card}", "/skip", why="too-often")

    def snooze(self, card: int) -> None:
        self._send(f"/{SPHERE}/cards/{card}", "/snooze", until="tomorrow")

    def undo(self, card: int) -> None:
        self._send(f"/{SPHERE}/cards/{card}", "/undo")

    def had_contact(self, card: int, note: str) -> None:
        self._send(f"/{SPHERE}/cards/{card}", "/contact", day="yesterday", note=note)

    def undo_contact(self, card: int) -> None:
        assert self.last
        self.caller.send(self.last.form("/undo"))

    def done(self, card: int) -> None:
        self._send(f"/{SPHERE}/outbox/{card}", "/done")

    def not_done(self, card: int) -> None:
        self._send(f"/{SPHERE}/outbox/{card}", "/not-done")

    def later(self, card: int) -> None:
        self._send(f"/{SPHERE}/outbox/{card}", "/snooze", until="tomorrow")


class Terminal:
    """In ``netbot review``, whose sitting lasts the whole day."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.sphere = app.open_sphere(home, SPHERE, clock.now())
        self.keys: Iterator[str] = iter(())
        self.answers: Iterator[str] = iter(())
        self.session = Session(
            sphere=self.sphere,
            texts=translator("en"),
            read_key=lambda: next(self.keys, ""),
            ask=lambda _question: next(self.answers),
            open_page=lambda _url: None,
            elapsed_s=map(float, count()).__next__,
        )

    def _press(self, card: int | None, *keys: str, answers: Sequence[str] = ()) -> None:
        if card is not None:
            self.session.returned = f"{SPHERE}-{card}"  # where j and k would have led
        self.keys, self.answers = iter(keys), iter(answers)
        assert self.session.run() is False
        assert not list(self.keys)

    def approve(self, card: int) -> None:
        self._press(card, "a", *self._stay(card))

    def approve_in_words(self, card: int, text: str) -> None:
        self._press(card, "e", "a", "-", answers=[text])

    def _stay(self, card: int) -> Sequence[str]:
        by_hand = {each.id: each.choice.channel for each in fifteen.cards(self.home, clock.now())}
        return ["-"] if by_hand[f"{SPHERE}-{card}"] == "handoff" else []

    def skip(self, card: int) -> None:
        self._press(card, "s", "4")

    def snooze(self, card: int) -> None:
        self._press(card, "h", answers=["tomorrow"])

    def undo(self, card: int) -> None:
        assert self.session.decided[-1] == f"{SPHERE}-{card}"
        self._press(None, "z")

    def had_contact(self, card: int, note: str) -> None:
        self._press(card, "i", answers=["yesterday", note])

    def undo_contact(self, card: int) -> None:
        self._press(None, "z")

    def _in_hand(self, card: int, key: str, *answers: str) -> None:
        self.keys, self.answers = iter(key), iter(answers)
        assert self.session._hands.take(f"{SPHERE}-{card}") == key

    def done(self, card: int) -> None:
        self._in_hand(card, "d")

    def not_done(self, card: int) -> None:
        self._in_hand(card, "x")

    def later(self, card: int) -> None:
        self._in_hand(card, "h", "tomorrow")


class Commands:
    """By single commands."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def _run(self, command: str, card: int, *options: str) -> None:
        assert run([command, f"{SPHERE}-{card}", *options, "--home", str(self.home)]) == 0

    def _hand_over(self) -> None:
        """What ``netbot perform --once`` does; here, because its child has a clock of its own."""
        perform_here(place(self.home, SPHERE))

    def approve(self, card: int) -> None:
        self._run("approve", card)
        self._hand_over()

    def approve_in_words(self, card: int, text: str) -> None:
        self._run("approve", card, "--text", text)
        self._hand_over()

    def skip(self, card: int) -> None:
        self._run("skip", card, "--why", "too-often")

    def snooze(self, card: int) -> None:
        self._run("snooze", card, "--until", "tomorrow")

    def undo(self, card: int) -> None:
        self._run("undo", card)

    def had_contact(self, card: int, note: str) -> None:
        self._run("note", card, "--had-contact", "--at", "yesterday", "--text", note)

    def undo_contact(self, card: int) -> None:
        self._run("note", card, "--undo")

    def done(self, card: int) -> None:
        self._run("done", card)

    def not_done(self, card: int) -> None:
        self._run("not-done", card)

    def later(self, card: int) -> None:
        self._run("snooze", card, "--until", "tomorrow")


def live_through(face: Face, pass_time: Callable[[], object]) -> None:
    """The day: every kind of deed, each a minute after the one before."""
    sent, other, third = 1, 2, 3  # netbot sends them
    liked, left, again = 10, 11, 12  # for the user's own hands
    written, put_off = 13, 14  # the same, in words
    deeds: list[Callable[[], None]] = [
        lambda: face.approve(sent),
        lambda: face.skip(other),
        lambda: face.undo(other),
        lambda: face.skip(other),
        lambda: face.snooze(third),
        lambda: face.had_contact(4, "Met at the fair"),
        lambda: face.had_contact(5, ""),
        lambda: face.undo_contact(5),
        lambda: face.approve(liked),
        lambda: face.done(liked),
        lambda: face.approve(left),
        lambda: face.not_done(left),
        lambda: face.approve(again),
        lambda: face.done(again),
        lambda: face.undo(again),
        lambda: face.done(again),
        lambda: face.approve_in_words(written, WORDS),
        lambda: face.done(written),
        lambda: face.approve_in_words(put_off, WORDS),
        lambda: face.later(put_off),
        lambda: face.approve(6),
        lambda: face.undo(6),
    ]
    for deed in deeds:
        pass_time()
        deed()


def rows_of(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for what differs by chance."""
    with closing(sqlite3.connect(home / "data" / SPHERE / "netbot.db")) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = sorted(row["name"] for row in found if not row["name"].startswith("sqlite_"))
        return {table: _rows(connection, table) for table in tables}


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    chance = BY_CHANCE.get(table, set())
    rows = map(dict, connection.execute(f"SELECT * FROM {table}"))
    kept = ({key: row[key] for key in row.keys() - chance} for row in rows)
    return sorted(kept, key=lambda row: sorted(row.items(), key=str).__repr__())


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("morning") / "home"
    fifteen.tell(home, "en")
    return home


@pytest.fixture
def evening(morning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The home as a face leaves it."""
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)

    def live(make: Callable[[Path], Face]) -> dict[str, list[dict[str, Any]]]:
        home = shutil.copytree(morning, tmp_path / make.__name__)
        minutes = 0

        def now() -> datetime:
            return told.NOW + timedelta(minutes=minutes)

        def pass_time() -> None:
            nonlocal minutes
            minutes += 1

        with clock.told(now):
            live_through(make(home), pass_time)
        return rows_of(home)

    return live


def test_all_faces_leave_the_same_day_behind(evening, morning):
    page, terminal, commands = evening(Page), evening(Terminal), evening(Commands)
    assert page == terminal
    assert page == commands
    before = rows_of(morning)
    changed = {table for table, rows in page.items() if rows != before[table]}
    assert changed == {"decisions", "history", "outbox", "suggestions", "texts", "touches"}
    assert len(page["decisions"]) == 12
    assert {row["state"] for row in page["outbox"]} == {
        *("pending", "confirmed", "declined", "handed_off", "withdrawn")
    }
