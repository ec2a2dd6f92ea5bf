"""``netbot never``: what it writes, what it skips, and what it refuses."""

import pytest

from netbot import app, clock
from netbot.model import SuggestionState
from netbot.store import suggestions
from tests.filling import fill

TITLES = [
    "Kaffeefahrt nach Bad Muster",
    "Neue Kaffeefahrten im Mai",
    "Ein Konzert im Park",
]


@pytest.fixture
def home(netbot):
    """Without the rules of others, whose forms take their time."""
    file = netbot.home / "config" / "netbot.yaml"
    file.write_text(file.read_text("utf-8") + "\nrules: {shipped: false}\n", "utf-8")
    (netbot.home / "rules" / "values.yaml").write_text("never: []\n", "utf-8")
    assert netbot("check").code == 0
    return netbot


def state(netbot, id):
    with app.open_sphere(netbot.home, "private", clock.now()) as sphere, sphere.store.read() as tx:
        return suggestions.get(tx, "private", id).state


def test_a_topic_is_refused_from_now_on_and_what_waits_of_it_is_skipped(home):
    first, second, third = fill(home.home, TITLES, None)
    told = home("never", first, "--json").json
    assert told["rule"] == {
        "name": "kaffeefahrt",
        "when": {"words": ["Kaffeefahrt"]},
        "because": "you said “never again” to “{match}”",
        "examples": {"refuse": [TITLES[0]]},
    }
    assert (told["section"], told["file"]) == ("never", "rules/private/mine.yaml")
    assert told["skipped"] == [first, second]
    assert {each["title"] for each in told["changes"]} == set(TITLES[:2])
    assert state(home, third) is SuggestionState.WAITING
    assert home("undo", second).code == 0
    again = home("never", first)
    assert again.code == 5
    assert "no longer waits" in again.err


def test_words_and_clients_can_be_named(home):
    first, second, third = fill(home.home, TITLES, None)
    told = home("never", third, "--words", "Konzert, “im Park”")
    assert "        - words: [Konzert]\n        - phrase: [im Park]\n" in told.out
    assert f"netbot undo {third}" in " ".join(told.out.split())
    told = home("never", first, "--client", "--json").json
    assert list(told["rule"]["for"]) == ["clients"]
    assert {first, second} <= set(told["skipped"])
    assert home("rules", "test", "--sphere", "private").code == 0


def test_what_cannot_be_refused_is_said(home):
    (card,) = fill(home.home, ["1 2 3"], None)
    nothing = home("never", card)
    assert (nothing.code, "name some with --words" in nothing.err) == (2, True)
    blank = home("never", card, "--words", ", ;")
    assert (blank.code, "name at least one word" in blank.err) == (2, True)
    (other,) = fill(home.home, TITLES[:1], None)
    client = home("queue", "--sphere", "private", "--json").json["items"][0]["client"]
    thanks = home("thank", client, "--json").json["id"]
    personal = home("never", thanks)
    assert (personal.code, "is personal" in personal.err) == (2, True)
    assert not (home.home / "rules" / "private" / "mine.yaml").exists()
    assert state(home, other) is SuggestionState.WAITING
