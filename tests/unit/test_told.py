"""Errors speak the language of whoever reads them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.cli import main
from netbot.engine import Approve, Skip
from netbot.model import NetbotError, PolicyRefused, SkipReason, Term
from netbot.text import translator
from netbot.web import create
from tests import fifteen, told
from tests.caller import PORT, Caller

GERMAN = translator("de").get
ENGLISH = translator("en").get


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    fifteen.tell(home, "de")
    return home


def refuse(card: str) -> PolicyRefused:
    message = "{card} is {state} already; `netbot undo {card}` takes that back"
    return PolicyRefused(message, card=card, state=Term("skipped"))


def test_facts_fill_in_the_sentence_and_words_are_translated_with_it():
    error = refuse("private-1")
    assert str(error) == error.told(ENGLISH)
    assert str(error) == "private-1 is skipped already; `netbot undo private-1` takes that back"
    assert error.told(GERMAN) == (
        "private-1: schon übersprungen; `netbot undo private-1` nimmt das zurück"
    )


def test_a_date_is_written_as_each_language_writes_it():
    until = datetime(2026, 12, 24, 8, 30, tzinfo=UTC)
    message = "{card}: {until:%Y-%m-%d %H:%M} UTC has passed; name a later time"
    error = PolicyRefused(message, card="private-1", until=until)
    assert "2026-12-24 08:30 UTC" in str(error)
    assert "24.12.2026 08:30 UTC" in error.told(GERMAN)


@pytest.mark.parametrize("text", ["", "no {braces} are filled in", "half a { brace"])
def test_a_sentence_without_facts_is_taken_as_it_is(text: str):
    error = NetbotError(text)
    assert (str(error), error.told(GERMAN)) == (text, text)


def test_whoever_opened_the_sphere_is_answered_in_its_language(home: Path):
    with (
        pytest.raises(PolicyRefused) as caught,
        app.open_sphere(home, "professional", told.NOW) as sphere,
    ):
        for intent in (Skip(reason=SkipReason.OTHER), Approve()):
            engine.decide(sphere.store, sphere.hall, "professional-1", intent, told.NOW)
    assert caught.value.language == "de"


def test_a_command_says_no_in_the_language_of_the_house(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    call = ["skip", "professional-1", "--why", "other", "--home", str(home)]
    assert main.run(call) == 0
    assert main.run(call) == PolicyRefused.exit_code
    assert "professional-1: schon übersprungen; `netbot undo" in capsys.readouterr().err


def test_so_does_the_page(home: Path):
    caller = Caller(create(home, port=PORT, clock=lambda: told.NOW))
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        engine.decide(sphere.store, sphere.hall, "professional-1", Approve(), told.NOW)
    undo = caller.get("/professional/cards/1").form("/undo")
    assert caller.send(undo).status == 303
    answer = caller.send(undo)
    assert answer.status == 409
    assert "wartet auf deine Entscheidung" in answer.text
