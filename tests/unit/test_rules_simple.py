"""Rules as a form shows them, and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot import yamlfile
from netbot.rules.schema import RuleFile
from netbot.rules.simple import EVERY_POST, Simple, Terms, kept, read_simple, write_simple
from netbot.yamlfile.rendering import plain
from netbot.yamlfile.writing import insert

GAMBLING: dict[str, Any] = {
    "name": "gambling",
    "conviction": "Not for me.",
    "when": {"words": ["casino", "bet"], "compounds": True},
    "unless": {"words": ["addiction"], "near": 8},
    "for": {"clients": ["acme"], "tags": ["key"]},
    "because": "no “{match}”",
    "expires": "2027-01-01",
    "examples": {
        "refuse": ["A casino\nopens", {"title": "Casino", "text": "open"}],
        "pass": ["A song"],
    },
}
SHOWN = Simple(
    section="never",
    name="gambling",
    terms=Terms(("casino", "bet")),
    compounds=True,
    unless=Terms(("addiction",)),
    clients=("acme",),
    because="no “{match}”",
    conviction="Not for me.",
    speaks=("A casino opens",),
    silent=("A song",),
)


def changed(raw=GAMBLING, was="never", **facts):
    """What becomes of a rule when somebody changes this in the form."""
    old = read_simple(was, raw)
    values = {name: getattr(old, name) for name in Simple.__dataclass_fields__}
    return plain(write_simple(Simple(**values | facts), raw, was=was))


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", Terms()),
        ("a, b\nc; d", Terms(("a", "b", "c", "d"))),
        (" a  b ,, a b ", Terms(("a b",))),
        ("a, „von uns gegangen“, b", Terms(("a", "b"), ("von uns gegangen",))),
        ('"x, y" z', Terms(("z",), ("x, y",))),
        ("one two three four five", Terms((), ("one two three four five",))),
        ("“  ”", Terms()),
    ],
)
def test_words_are_typed_with_commas_and_phrases_in_quotes(typed, terms):
    assert Terms.read(typed) == terms
    assert Terms.read(str(terms)) == terms


def test_a_form_shows_what_can_be_said_in_words():
    assert read_simple("never", GAMBLING) == SHOWN
    assert kept(GAMBLING) == ["expires: 2027-01-01", "tags: key", "near: 8"]
    assert kept({"name": "a", "when": {"words": "x"}}) == []


def test_what_is_not_touched_stays_as_it_is():
    assert changed() == GAMBLING
    assert changed(because="nein") == GAMBLING | {"because": "nein"}
    assert changed(terms=Terms(("dice",)))["when"] == {"words": ["dice"], "compounds": True}
    assert changed(compounds=False)["when"] == {"words": ["casino", "bet"]}
    assert changed(unless=Terms((), ("a b",)))["unless"] == {"phrase": ["a b"], "near": 8}
    assert "unless" not in changed(unless=Terms())
    assert changed(clients=())["for"] == {"tags": ["key"]}
    assert "conviction" not in changed(conviction="")
    assert changed(silent=())["examples"] == {"refuse": GAMBLING["examples"]["refuse"]}
    assert changed(speaks=("New casino",))["examples"]["refuse"] == [
        {"title": "Casino", "text": "open"},
        "New casino",
    ]


def test_words_and_phrases_stand_beside_each_other():
    raw = changed(terms=Terms(("dice",), ("roll the dice",)))
    assert raw["when"] == {
        "any": [{"words": ["dice"], "compounds": True}, {"phrase": ["roll the dice"]}]
    }
    shown = read_simple("never", raw)
    assert shown
    assert shown.terms == Terms(("dice",), ("roll the dice",))
    assert changed(raw, terms=Terms((), ("x",)))["when"] == {"phrase": ["x"]}


def test_in_another_section_the_examples_are_called_otherwise():
    assert changed(section="hesitate")["examples"] == {
        "pass": ["A song"],
        "ask": GAMBLING["examples"]["refuse"],
    }


def test_a_rule_about_clients_alone_holds_for_every_post():
    new = write_simple(Simple(section="never", name="acme", clients=("acme",), because="no"))
    assert new == {
        "name": "acme",
        "for": {"clients": ("acme",)},
        "when": EVERY_POST,
        "because": "no",
    }
    shown = read_simple("never", new)
    assert shown
    assert shown.terms == Terms()
    assert read_simple("never", new | {"for": {"tags": ["x"]}}) is None


def test_a_new_rule_has_its_keys_in_the_order_in_which_one_reads():
    rule = Simple(
        section="champion",
        name="a",
        terms=Terms(("x",)),
        suggest=("like",),
        speaks=("x y",),
        unless=Terms(("z",)),
    )
    assert list(write_simple(rule)) == ["name", "when", "unless", "suggest", "examples"]


@pytest.mark.parametrize(
    "more",
    [
        {"when": {"all": [{"words": "x"}, {"words": "y"}]}},
        {"when": {"any": [{"words": "x"}, {"regex": "y"}]}},
        {"when": {"any": [{"words": "x", "in": "title"}, {"phrase": "y"}]}},
        {"when": {"words": "x", "phrase": "y"}},
        {"when": {"words": "x", "age": "< 3 days"}},
        {"when": {"phrase": 'say "hello"'}},
        {"when": {"words": ["x", "x"]}},
        {"when": EVERY_POST},
        {"unless": EVERY_POST},
        {"when": {"kind": "reply"}, "for": {"clients": "acme"}},
        {"unless": {"words": "x", "compounds": True}},
        {"unless": {"kind": "reply"}},
    ],
)
def test_what_asks_for_more_than_words_is_for_the_text(more):
    assert (
        read_simple("never", {"name": "a", "when": {"words": "y"}, "because": "b"} | more) is None
    )


WORD = st.text("abcäß -", min_size=1, max_size=12).map(lambda text: " ".join(text.split()))
LIST = st.lists(WORD.filter(bool), max_size=3, unique=True)
LINE = st.text("abc{}:#'", min_size=1, max_size=20)


@st.composite
def simple_rules(draw):
    typed = Terms.read(", ".join([*draw(LIST), *(f"“{each}”" for each in draw(LIST))]))
    section = draw(st.sampled_from(["never", "hesitate", "champion"]))
    return Simple(
        section=section,
        name="rule",
        terms=typed,
        compounds=draw(st.booleans()) and bool(typed.words),
        unless=Terms.read(", ".join(draw(LIST))),
        clients=("acme", *draw(st.lists(st.just("nu"), max_size=1))),
        because=draw(LINE),
        suggest=("like", "share") if section == "champion" and draw(st.booleans()) else (),
        speaks=tuple(draw(st.lists(LINE.map(str.strip).filter(bool), max_size=2))),
    )


@given(simple_rules())
def test_whatever_is_typed_stands_in_the_file_and_in_the_form_again(rule):
    text = insert("", rule.section, write_simple(rule), name="f")
    document = yamlfile.loads(text, name="f")
    raw = document.data[rule.section][0]
    assert read_simple(rule.section, raw) == rule
    assert write_simple(rule, raw, was=rule.section) == raw
    _, problems = yamlfile.validate(document, RuleFile)
    assert not [each for each in problems if "needs at least one" not in each.message]
