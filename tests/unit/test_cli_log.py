"""The log and Oops in a terminal."""

import csv
import io
from pathlib import Path

import pytest

from netbot import clock
from netbot.engine import Skip, Snooze
from netbot.model import ActionState, Face, SkipReason
from netbot.store import journal
from tests.bureau import WORDS, Bureau
from tests.house import days
from tests.unit.conftest import Commands

S = ActionState


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    bureau = Bureau(tmp_path / "home")
    bureau.now = clock.now()
    return bureau


@pytest.fixture
def netbot(bureau, capsys) -> Commands:
    return Commands(bureau.home, capsys)


def test_an_empty_log_is_empty(netbot):
    told = netbot("log")
    assert (told.code, told.out) == (0, "")
    assert netbot("log", "--json").json == {"version": 1, "items": []}


def test_the_log_tells_what_the_page_tells(bureau, netbot):
    first, second, third = bureau.tell("a", "b", "c")
    bureau.done(first)
    bureau.decide(second, Skip(reason=SkipReason.NONSENSE), Face.TERMINAL)
    bureau.decide(third, Snooze(until=bureau.now + days(3)), None)
    lines = " ".join(netbot("log").out.split())
    assert "professional-1 · ACME <b>GmbH</b> · approved on the page" in lines
    assert f"comment as Anna Muster on acme.example “{WORDS}” done " in lines
    assert "skipped: nonsense in the terminal" in lines
    assert lines.index("put off") < lines.index("skipped") < lines.index("approved")


def test_it_is_sifted_and_cut_to_the_last_twenty(bureau, netbot):
    (first,) = bureau.tell("a")
    bureau.approve(first)
    for _ in range(11):
        assert netbot("undo", first).code == 0
        bureau.approve(first)
    assert len(netbot("log", "--json").json["items"]) == 20
    everything = netbot("log", "--all", "--json").json["items"]
    assert len(everything) == 23
    assert everything[1]["face"] == "terminal"
    undone = netbot("log", "--kind", "undone", "--all", "--json").json["items"]
    assert [each["decision"] for each in undone] == ["undone"] * 11
    assert netbot("log", "--client", "other", "--json").json["items"] == []
    assert netbot("log", "--kind", "never").code == 2


def test_a_table_is_for_one_sphere(bureau, netbot):
    (card,) = bureau.tell("a")
    bureau.done(card)
    told = netbot("log", "--csv")
    assert "\r" not in told.out
    (row,) = csv.DictReader(io.StringIO(told.out.removeprefix("\ufeff")))
    assert (row["id"], row["text"], row["state"]) == ("professional-1", WORDS, "confirmed")
    (bureau.home / "config/private.yaml").write_text("clients: []\n")
    assert netbot("log", "--csv").code == 2
    assert netbot("log", "--csv", "--sphere", "private").code == 0


def test_forgotten_words_and_notes_are_told(bureau, netbot):
    (card,) = bureau.tell("a")
    bureau.done(card)
    assert netbot("oops", card, "--text", "Too fast.").code == 0
    assert "you noted Too fast." in netbot("log").out
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM texts")
    out = netbot("log").out
    assert "\n  forgotten\n" in out
    assert "you noted forgotten" in out
    assert "you noted forgotten" in netbot("oops", card).out


# Oops


@pytest.mark.parametrize(
    ("states", "helps", "after"),
    [
        ((), "stop", "Call it back: netbot undo professional-1"),
        ((S.HANDED_OFF,), "in-hand", "netbot oops professional-1 --deleted"),
        ((S.HANDED_OFF, S.CONFIRMED), "ask", "When it is gone: netbot oops professional-1"),
        ((S.SENDING,), "wait", "Look again in a minute."),
        ((S.SENDING, S.UNSURE), "look", "It stands there: netbot done professional-1."),
        ((S.SENDING, S.SENT), "ask", "Open: https://a.example/r1"),
        ((S.SENDING, S.SENT, S.UNDOING, S.UNDO_UNSURE), "look", "It is gone: netbot done"),
        ((S.SENDING, S.FAILED), "nothing", "Nothing of it stands anywhere."),
    ],
)
def test_each_state_leads_to_its_help(bureau, netbot, states, helps, after):
    (card,) = bureau.tell("a")
    bureau.approve(card)
    bureau.walk(card, *states)
    assert after in " ".join(netbot("oops", card).out.split())
    told = netbot("oops", card, "--json")
    assert (told.code, told.json["help"], told.json["id"]) == (0, helps, card)


def test_what_was_done_about_it_is_written_down(bureau, netbot):
    (card,) = bureau.tell("a")
    bureau.done(card)
    assert "1. Write to those who run the site" in netbot("oops", card).out
    assert netbot("oops", card, "--apologised", "--text", "Sorry [...]").code == 5
    assert netbot("oops", card, "--deleted", "--apologised").code == 2
    told = netbot("oops", card, "--deleted")
    assert "you deleted it there" in told.out
    told = netbot("oops", card, "--apologised", "--text", "Sorry.", "--json")
    kinds = [each["kind"] for each in told.json["corrections"]]
    assert (told.json["state"], kinds) == ("declined", ["deleted", "apologised"])
    with bureau.sphere() as sphere, sphere.store.read() as tx:
        (record,) = journal.page(tx, "professional", limit=9)
    assert [each.face for each in record.corrections] == [Face.TERMINAL, Face.TERMINAL]


def test_a_card_without_an_act_is_refused(bureau, netbot):
    (card,) = bureau.tell("a")
    told = netbot("oops", card)
    assert (told.code, "nothing was approved here" in told.err) == (5, True)
    assert netbot("oops", "professional-9").code == 2
