"""What stood before, here or elsewhere, is known to rules that ask."""

import pytest

from netbot import rules
from netbot.engine import latest
from netbot.engine.judging import find_seen
from netbot.model import Client, Source
from tests.house import ACME, BLOG, NOON, SECOND, Day, days, hours, post

RULES = """
hesitate:
  - {name: again, when: {duplicate: true}, because: "stand schon da"}
"""
OTHER = Client(
    id="other",
    name="Other",
    sources=(Source(client="other", network="web", address="https://other.example/feed"),),
)
PRESS = "Die Werkstatt zieht um: ab März sind wir in der Neuen Straße 5 zu finden."


@pytest.fixture
def day(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    loaded = rules.load(home=tmp_path, sphere=None, shipped=False)
    made = Day(loaded, clients=(ACME, OTHER)).seeded()
    yield made
    made.store.close()


def spoke(day, at):
    """By post, whether the rule spoke."""
    return {card.post.post.url: bool(card.verdict.reasons) for card in day.cards(at)}


@pytest.mark.parametrize(
    ("title", "keys", "again"),
    [
        ("Umzug der Werkstatt im März", ("id:9", "hash:same"), True),
        ("Umzug der Werkstatt im März!", ("id:9", "hash:other"), True),
        ("Umzug der Werkstatt im Mai 2027", ("id:1", "hash:other"), False),
    ],
)
def test_another_client_said_it_before(day, title, keys, again):
    first = post("a", title="Umzug der Werkstatt im März", text=PRESS, keys=("id:1", "hash:same"))
    day.shelf.show(BLOG, first)
    day.watch(NOON)
    second = post("b", title=title, text=PRESS, keys=keys)
    day.shelf.show(OTHER.sources[0].address, second)
    day.watch(NOON + hours(30))
    assert spoke(day, NOON + hours(30)) == {first.url: False, second.url: again}
    (told,) = latest(day.store, day.desk, OTHER, NOON + hours(30))
    assert bool(told.verdict.reasons) is again
    (told,) = latest(day.store, day.desk, ACME, NOON + hours(30))
    assert not told.verdict.reasons


def test_an_edit_is_no_repetition_of_itself(day):
    day.shelf.show(BLOG, post("a", text=PRESS))
    day.watch(NOON)
    day.shelf.show(BLOG, post("a", text=PRESS + " Kommt vorbei."))
    day.watch(NOON + hours(30))
    assert spoke(day, NOON + hours(30)) == {"https://acme.example/a": False}


def test_what_stood_long_ago_in_other_words_is_forgotten(day):
    first = post("a", title="Umzug der Werkstatt im März", published_at=NOON - days(20))
    day.shelf.show(BLOG, first)
    day.watch(NOON - days(20))
    day.shelf.show(SECOND, post("b", title="Umzug der Werkstatt im März"))
    day.watch(NOON)
    assert spoke(day, NOON) == {"https://acme.example/b": False}


def test_where_no_rule_asks_nobody_looks(day, values):
    with day.store.read() as tx:
        assert find_seen(tx, values, [(post("a"), None, NOON)]) == [frozenset()]
        assert find_seen(tx, day.rules, []) == []
