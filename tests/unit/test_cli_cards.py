"""Seeing cards and deciding about them, as a user types it."""

from dataclasses import replace

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from netbot import app, clock
from netbot.cli.paint import paint_card, paint_queue
from netbot.engine import Queue
from netbot.model import Channel, Verb
from netbot.store import suggestions
from netbot.text import LOCALE, Texts

ITEM = [
    "id",
    "sphere",
    "client",
    "network",
    "account",
    "verb",
    "channel",
    "target_url",
    "title",
    "excerpt",
    "draft",
    "why",
    "score",
    "state",
    "alternatives",
    "expires_at",
]


def first(netbot, verb):
    """The id of the best professional card of that verb."""
    items = netbot("queue", "--sphere", "professional", "--json").json["items"]
    return next(item["id"] for item in items if item["verb"] == verb)


def test_the_queue_holds_what_scripts_rely_on(netbot):
    told = netbot("queue", "--json").json
    assert told["version"] == 1
    assert {item["sphere"] for item in told["items"]} == {"professional", "private"}
    for item in told["items"]:
        assert item.keys() >= set(ITEM)
        assert item["score"].keys() == {"total", "parts"}
        assert all(
            other.keys() >= {"verb", "target_url", "account", "channel"}
            for other in item["alternatives"]
        )
        for reason in item["why"]:
            assert reason.keys() == {"rule", "file", "line", "matched", "because"}
    assert any(item["why"] for item in told["items"])


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_the_queue_is_readable_at_any_width(netbot, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = netbot("queue").out.splitlines()
    assert lines[0] == "Professional · 10 cards"
    assert "Private · 2 cards" in lines
    assert max(map(len, lines)) <= min(int(columns), 88)
    assert "  professional-10  We are hiring: someone who likes" in "\n".join(lines)


def test_work_comes_first_and_one_sphere_can_be_asked_for(netbot):
    assert netbot("queue", "--sphere", "private").out.startswith("Private · 2 cards\n")
    told = netbot("queue", "--sphere", "family")
    assert (told.code, told.out) == (2, "")
    assert "there is no sphere family here; there are private, professional" in told.err


def test_the_limit_of_the_day_and_beyond(netbot):
    file = netbot.home / "config" / "netbot.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("daily_limit: 12", "daily_limit: 1"), encoding="utf-8")
    netbot("watch", "--once")
    assert "1 more waits for another day." in netbot("queue", "--sphere", "private").out
    assert "Private · 2 cards" in netbot("queue", "--sphere", "private", "--all").out
    netbot("skip", "private-2", "--why", "other")
    done = netbot("queue", "--sphere", "private").out
    assert "All caught up" in done
    assert "1 more waits" in done
    assert "0 cards wait, 1 more for another day" in netbot("status", "--sphere", "private").out


@pytest.fixture(scope="module")
def german(tmp_path_factory) -> Texts:
    """The German catalogue, compiled as the build does it."""
    folder = tmp_path_factory.mktemp("locale") / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = LOCALE / "de" / "LC_MESSAGES" / "netbot.po"
    with source.open("rb") as text, (folder / "netbot.mo").open("wb") as binary:
        write_mo(binary, read_po(text, locale="de"))
    return Texts("de", folder.parents[1])


def test_german_where_the_house_speaks_it(netbot, german, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with app.open_sphere(netbot.home, "private", clock.now()) as opened:
        page = paint_queue(Queue(cards=(), more=2, decided=1), opened.house, german)
        with opened.store.read() as tx:
            card = suggestions.get(tx, "private", "private-1")
        shown = paint_card(card, opened.house, None, (), german, whole=True)
    assert page.startswith("Privat · 0 Karten\n")
    assert "kommentieren als Nora" in shown
    assert "Entwurf:" in shown
    assert "private-1: " in shown
    assert "waits for you" not in shown


def test_a_card_says_what_netbot_would_pay(netbot, german):
    with app.open_sphere(netbot.home, "private", clock.now()) as opened:
        with opened.store.read() as tx:
            card = suggestions.get(tx, "private", "private-1")
        own = replace(card.choice, verb=Verb.RECOMMEND, network="x", channel=Channel.API)
        by_hand = replace(own, verb=Verb.SHARE, channel=Channel.HANDOFF)
        dear = replace(card, choice=own, alternatives=(by_hand,))
        house, policy = opened.house, opened.policy
        shown = paint_card(dear, house, None, (), german, whole=True, policy=policy)
        free = paint_card(card, house, None, (), german, policy=policy)
    assert shown.count("Kostet") == shown.count("Kostet $0.20 auf x: empfehlen") == 1
    assert "Kostet" not in free


def test_show_tells_all_of_the_post_and_how_to_choose_otherwise(netbot):
    told = netbot("show", "professional-10")
    assert "Apply by the end\nof next month." in told.out
    assert "Why: the right person turns up sooner" in told.out
    assert "  --verb comment --account nora-web\n" in told.out
    assert told.out.endswith("professional-10: waits for you.\n")
    value = netbot("show", "professional-10", "--json").json
    assert value["text"].endswith("of next month.")
    assert value["action"] is None


def test_a_rule_that_hesitates_is_told(netbot):
    items = netbot("queue", "--json").json["items"]
    card = next(item["id"] for item in items if item["verdict"] == "ask")
    assert "A rule hesitates" in netbot("show", card).out


def test_alternatives_elsewhere_come_with_their_place(netbot):
    items = netbot("queue", "--json").json["items"]
    item = next(
        item
        for item in items
        if {other["target_url"] for other in item["alternatives"]} - {item["target_url"]}
    )
    other = next(o for o in item["alternatives"] if o["target_url"] != item["target_url"])
    told = netbot("show", item["id"]).out
    assert f"--verb {other['verb']} --account {other['account']} --target " in told
    chosen = netbot(
        "approve",
        *(item["id"], "--target", other["target_url"], "--verb", other["verb"]),
        *("--account", other["account"], "--text", "Sehr gern gelesen.", "--json"),
    ).json
    assert chosen["action"]["target_url"] == other["target_url"]


def test_from_approval_to_done_and_back(netbot):
    card = first(netbot, "comment")
    assert (
        "approved. Next: netbot perform --once" in netbot("approve", card, "--text", "Schön!").out
    )
    slip = netbot("perform", "--once").out
    assert "Paste this text:\n    Schön!" in slip
    assert f"netbot done {card}, or netbot not-done {card}" in slip
    act = netbot("perform", "--once", "--json").json["items"][0]
    assert (act["id"], act["state"], act["handoff"]["text"]) == (card, "handed_off", "Schön!")
    assert "1 act in your hands" in netbot("status").out
    assert netbot("done", card).out == f"{card}: done.\n"
    assert "→ comment: Schön!" in netbot("show", card).out
    assert netbot("done", card).code == 5
    assert netbot("undo", card).out == f"{card}: in your hands.\n"
    assert netbot("not-done", card).out == f"{card}: not done.\n"
    assert netbot("undo", card).out == f"{card}: waits for you.\n"
    assert netbot("undo", card).code == 2
    assert netbot("perform", "--once").out == "Nothing waits to be done.\n"


def test_an_address_that_is_a_trick_is_told_beside_the_others(netbot):
    card = first(netbot, "comment")
    netbot("approve", card, "--text", "Schön!")
    with app.open_sphere(netbot.home, "professional", clock.now()) as sphere:
        with sphere.store.write() as tx:
            trick = "UPDATE texts SET body = 'javascript:alert(1)' WHERE sha256 IN "
            tx.exec_driver_sql(f"{trick} (SELECT target_sha FROM outbox)")
    told = netbot("perform", "--once")
    assert (told.code, f"netbot not-done {card}" in told.out) == (4, True)
    assert "Open:" not in told.out
    refused = netbot("perform", "--once", "--json").json["items"][0]
    assert (refused["state"], "handoff" in refused) == ("pending", False)
    assert refused["refused"]


def test_what_the_house_forbids_is_exit_5(netbot):
    card = first(netbot, "comment")
    gap = netbot("approve", card)
    assert (gap.code, gap.out) == (5, "")
    assert "still has a gap […]" in gap.err
    assert netbot("done", card).code == 5
    assert netbot("skip", card, "--why", "moment").out == f"{card}: skipped.\n"
    again = netbot("skip", card, "--why", "moment")
    assert (again.code, again.out) == (5, "")
    assert f"`netbot undo {card}` takes that back" in again.err


def test_snoozing_tells_until_when(netbot):
    told = netbot("snooze", "private-1", "--until", "3d")
    assert told.out.startswith("private-1: comes back later (20")
    assert netbot("snooze", "private-1", "--until", "tomorrow", "--json").json["snoozed_until"]
    for wrong in ("someday", "0001-01-01", "9999-12-31", "2020-02-02"):
        refused = netbot("snooze", "private-2", "--until", wrong)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith("netbot: ")


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("wurst", "ids look like professional-17"),
        ("family-1", "ids look like professional-17"),
        ("private-99", "there is no card private-99"),
        ("private-x", "private-x is no card of private"),
        ("private-²", "private-² is no card of private"),
    ],
)
def test_an_id_that_nobody_has(netbot, id, words):
    for way in (["show", id], ["approve", id], ["undo", id], ["done", id]):
        told = netbot(*way)
        assert (told.code, told.out) == (2, "")
        assert words in told.err


def test_a_sphere_that_disagrees_with_the_id(netbot):
    told = netbot("skip", "private-1", "--why", "other", "--sphere", "professional")
    assert told.code == 2
    assert "private-1 belongs to the sphere private, not professional" in told.err
    assert "private-1" in netbot("queue").out
