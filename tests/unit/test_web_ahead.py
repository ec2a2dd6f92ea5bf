"""A script that decides is given the page at once to which a browser would have been sent."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from netbot.web import create
from tests import fifteen, told
from tests.caller import PORT, Answer, Caller, Form

HEADERS = {"origin": "null", "sec-fetch-site": "same-origin", "prefer": "return=representation"}
WORDS = "That picture of the kiln: one can feel the warmth."


class Step(NamedTuple):
    """A form of a page that is sent with some changes, and where it leads."""

    page: str
    form: str
    changes: dict[str, str]
    onward: str


#: A day in which every kind of decision leads somewhere.
DAY = (
    Step("", "cards/1/approve", {}, "?after=1"),
    Step("?after=1", "cards/1/undo", {}, "/cards/1"),
    Step("", "cards/3/skip", {"why": "values"}, "?after=3&against=1"),
    Step("", "cards/2/snooze", {"until": "tomorrow"}, "?after=2"),
    Step("", "cards/4/contact", {"day": "today"}, "?noted=1"),
    Step("?noted=1", "contacts/1/undo", {}, "?noted=1"),
    Step("", "cards/4/never", {"what": "topic"}, "?after=4&ruled="),
    Step("", "cards/10/approve", {}, "/outbox/10"),
    Step("/outbox/10", "outbox/10/done", {}, "?after=10"),
    Step("", "cards/13/approve", {"text": WORDS}, "/outbox/13"),
    Step("/outbox/13", "outbox/13/not-done", {}, "?after=13"),
    Step("", "cards/14/thank", {}, "/cards/"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    fifteen.tell(home, "en")
    return home


@pytest.fixture
def caller(home: Path) -> Caller:
    return Caller(create(home, port=PORT, clock=lambda: told.NOW))


def send(caller: Caller, form: Form, **changes: str) -> Answer:
    return caller.ask("POST", form.action, fields=form.fields | changes, headers=HEADERS)


def test_it_is_the_page_that_stands_there(caller: Caller):
    for step in DAY:
        form = caller.get(f"/professional{step.page}").form(step.form)
        answer = send(caller, form, **step.changes)
        onward = answer.headers["location"]
        assert onward.startswith(f"/professional{step.onward}")
        assert answer.status == 200
        assert answer.body == caller.get(onward.partition("#")[0]).body


def test_a_refused_decision_leads_nowhere(caller: Caller):
    form = caller.get("/professional").form("cards/1/skip")
    answer = send(caller, form, why="because")
    assert answer.status == 422
    assert "location" not in answer.headers
    assert "Say why" in answer.text


def test_when_the_page_cannot_be_shown_the_decision_still_stands(caller: Caller, home: Path):
    form = caller.get("/professional").form("cards/1/skip")
    with closing(sqlite3.connect(home / "data" / "professional" / "netbot.db")) as database:
        database.execute("DROP TABLE hearings")  # nobody who decides asks it
    answer = send(caller, form, why="nonsense")
    assert (answer.status, answer.body) == (200, "")
    assert answer.headers["location"].startswith("/professional?after=1")
    with closing(sqlite3.connect(home / "data" / "professional" / "netbot.db")) as database:
        assert database.execute("SELECT state FROM suggestions WHERE id = 1").fetchone() == (
            "skipped",
        )
