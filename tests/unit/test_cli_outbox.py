"""In the terminal: what waits, what nobody knows, what failed; whom to leave in peace."""

from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app, clock
from netbot.app import reading
from netbot.cli.outgoing import tell_outbox
from netbot.cli.paint import tell
from netbot.engine import Approve
from netbot.model import ActionState, Barred, Identity, Refused, Unsure
from netbot.store import accounts, acts, suggestions
from netbot.text import translator
from tests.actor import ActingDay
from tests.house import NOON, hours

EN = translator("en")


def opened(day: ActingDay) -> app.Sphere:
    return app.Sphere(home=Path(), house=day.house, store=day.store)


@pytest.fixture
def acting(values):
    day = ActingDay(values)
    yield day
    day.store.close()


def lines(day: ActingDay) -> list[str]:
    return [line.strip() for line in tell_outbox(opened(day), EN)]


def test_what_waits_says_when_it_leaves_and_how_to_call_it_back(acting, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    (card,) = acting.tell("a")
    after = acting.decide(card.id, Approve())
    assert " ".join(lines(acting)) == (
        f"· {card.id} · ACME Übersetzer GmbH · like as @studio@a.example on mastodon: "
        f"leaves 2026-11-23 12:01 Call it back: netbot undo {card.id}"
    )
    with acting.store.read() as tx:
        act = acts.latest(tx, "professional", card.id)
    assert tell(after, act, acting.house, EN) == (
        f"{card.id}: approved. It leaves 2026-11-23 12:01; until then: netbot undo {card.id}"
    )
    [waiting] = reading.outbox(opened(acting), NOON)["waiting"]
    assert waiting["not_before"] == "2026-11-23T11:01:00+00:00"


@pytest.mark.parametrize(
    ("ending", "state", "advice"),
    [
        (Unsure("lost"), ActionState.UNSURE, "It stands there: netbot done"),
        (Refused("no likes"), ActionState.FAILED, "Decide again: netbot undo"),
        (Barred("401"), ActionState.FAILED, "Decide again: netbot undo"),
    ],
)
def test_what_went_wrong_is_marked_and_says_what_to_do(acting, monkeypatch, ending, state, advice):
    monkeypatch.setenv("COLUMNS", "200")
    (card,) = acting.tell("a")
    acting.decide(card.id, Approve())
    acting.stage.ending = ending
    acting.send(NOON + hours(1))
    said = "\n".join(lines(acting))
    assert said.startswith(f"! {card.id}")
    assert str(ending) in said
    assert advice in said
    told = reading.outbox(opened(acting), NOON)
    assert [(act["state"], act["note"]) for act in told["troubles"]] == [(state, str(ending))]
    with acting.store.read() as tx:
        act = acts.latest(tx, "professional", card.id)
        after = suggestions.get(tx, "professional", card.id)
    assert str(ending) in tell(after, act, acting.house, EN)


def death(netbot) -> str:
    """The id of the personal card."""
    items = netbot("queue", "--json").json["items"]
    return str(next(item["id"] for item in items if item["verb"] == "gesture"))


def test_a_personal_card_says_what_it_is_and_how_to_call_it_off(netbot):
    card = death(netbot)
    page = netbot("show", card).out
    assert "a moment for tact" in page
    assert f"No such moment? netbot false-alarm {card}" in page
    assert "a moment for tact" in netbot("queue").out


def test_a_false_alarm_brings_the_other_cards_back(netbot):
    before = len(netbot("queue", "--json").json["items"])
    told = netbot("false-alarm", death(netbot), "--json")
    assert (told.code, told.json["state"]) == (0, "skipped")
    assert len(netbot("queue", "--json").json["items"]) == before + 1
    assert netbot("status", "--json").json["spheres"][0]["peace"] == []


def test_a_false_alarm_needs_a_moment(netbot):
    items = netbot("queue", "--json").json["items"]
    card = next(item["id"] for item in items if item["verb"] != "gesture")
    assert netbot("false-alarm", card).code == 2


def test_status_says_who_is_left_in_peace(netbot):
    (held,) = netbot("status", "--json").json["spheres"][0]["peace"]
    assert held["client"] == "erlengrund"
    assert "is left in peace until " + held["until"][:8] in netbot("status").out


def test_a_client_is_left_in_peace_by_hand(netbot):
    assert "is not held" in netbot("client", "peace", "quillmoor").out
    until = (clock.now() + timedelta(days=3)).date().isoformat()
    told = netbot("client", "peace", "quillmoor", "--until", until)
    assert (told.code, until in told.out) == (0, True)
    assert "quillmoor" not in {item["client"] for item in netbot("queue", "--json").json["items"]}
    ended = netbot("client", "peace", "quillmoor", "--end", "--json")
    assert (ended.code, ended.json["until"]) == (0, None)


@pytest.mark.parametrize("options", [("--until", "2020-01-01"), ("--until", "3d", "--end")])
def test_peace_ends_some_day_or_now(netbot, options):
    assert netbot("client", "peace", "quillmoor", *options).code == 2


def test_status_names_the_account_that_sends_nothing(netbot):
    with app.open_sphere(netbot.home, "professional", clock.now()) as sphere:
        account = sphere.house.accounts[0]
        with sphere.store.write() as tx:
            accounts.pin(tx, account, Identity(platform_id="1", handle="a"), "m", clock.now())
            accounts.freeze(tx, account.id, clock.now(), "401: unknown token")
    lines = [line for line in netbot("status").out.splitlines() if line.startswith("  ! ")]
    assert any(account.id in line and "401: unknown token" in line for line in lines)
