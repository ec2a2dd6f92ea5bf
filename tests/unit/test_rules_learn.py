"""``netbot rules learn``: rules that decisions suggest, and none that contradicts one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbot import app, clock, rules
from netbot.engine import Approve, Skip
from netbot.model import (
    Client,
    Context,
    Post,
    SkipReason,
    Verb,
)
from netbot.rules.learning import ENOUGH, MOST, Decided, contradicting, find_lessons
from tests.filling import fill

NOW = datetime(2026, 11, 21, tzinfo=UTC)
GIVEAWAY = "Gewinnspiel: drei Plätze im Kurs warten auf euch"
WORKSHOP = "Einblick in unsere Werkstatt, mit neuen Hobeln"


def post(text, title=""):
    return Post(network="web", url="", title=title, text=text, keys=("k",), language="de")


def decide(text, approved, client="acme", **facts):
    known = Context(now=NOW, client=Client(id=client, name=client))
    return Decided(post=post(text), context=known, client=client, approved=approved, **facts)


def skip(text, client="acme", reason=SkipReason.NONSENSE):
    return decide(text, False, client, reason=reason)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    text = """\
nonsense:
  - {name: known, when: {phrase: Rabatt}, because: b}
champion:
  - {name: praised, when: {phrase: Jubiläum}, because: b}
"""
    (home / "rules" / "a.yaml").write_text(text, encoding="utf-8")
    return rules.load(home=home, sphere=None, shipped=False)


def learn(loaded, decisions, among=()):
    return [
        (each.section, each.word, each.client, len(each.decided))
        for each in find_lessons(decisions, among, loaded)
    ]


WORK = [decide(f"{WORKSHOP} {n}", True, verb=Verb.COMMENT) for n in range(3)]


def test_what_is_always_skipped_becomes_a_rule(loaded):
    decided = [*WORK, *(skip(f"{GIVEAWAY} {n}") for n in range(9))]
    assert learn(loaded, decided) == [("nonsense", "Gewinnspiel", "acme", 9)]
    (lesson,) = find_lessons(decided, (), loaded)
    assert lesson.rule("b") == {
        "name": "gewinnspiel",
        "for": {"clients": ["acme"]},
        "when": {"words": ["Gewinnspiel"]},
        "because": "b",
        "examples": {"skip": [f"{GIVEAWAY} 8"], "pass": [f"{WORKSHOP} 2"]},
    }


def test_of_several_clients_it_is_for_all(loaded):
    decided = [*WORK, *(skip(f"{GIVEAWAY} {n}", f"c{n}") for n in range(ENOUGH))]
    assert learn(loaded, decided) == [("nonsense", "Gewinnspiel", "", ENOUGH)]


def test_one_client_may_differ_from_another(loaded):
    decided = [
        *WORK,
        *(skip(f"{GIVEAWAY} {n}") for n in range(ENOUGH)),
        *(decide(f"{GIVEAWAY} {n}", True, "other") for n in range(2)),
    ]
    assert learn(loaded, decided) == [("nonsense", "Gewinnspiel", "acme", ENOUGH)]


@pytest.mark.parametrize(
    ("reasons", "section"),
    [
        ([SkipReason.VALUES] * 5, "never"),
        ([SkipReason.OTHER] * 5, "hesitate"),
        ([SkipReason.VALUES] * 4 + [SkipReason.NONSENSE], "hesitate"),
        ([None] * 5, "hesitate"),
    ],
)
def test_how_strict_it_is_depends_on_the_reasons(loaded, reasons, section):
    decided = [*WORK, *(skip(f"{GIVEAWAY} {n}", reason=why) for n, why in enumerate(reasons))]
    assert [lesson[0] for lesson in learn(loaded, decided)] == [section]


def test_what_is_always_approved_is_praised(loaded):
    decided = [
        *(skip(f"{GIVEAWAY} {n}") for n in range(3)),
        *(decide(f"{WORKSHOP} {n}", True, verb=Verb.COMMENT) for n in range(6)),
        decide(f"{WORKSHOP} 6", True, verb=Verb.SHARE),
    ]
    (lesson,) = find_lessons(decided, (), loaded)
    assert (lesson.section, lesson.is_praise) == ("champion", True)
    rule = lesson.rule("b")
    assert rule["suggest"] == ["comment", "share"]
    assert rule["examples"]["endorse"] == [f"{WORKSHOP} 6"]


@pytest.mark.parametrize(
    "decided",
    [
        [skip(f"{GIVEAWAY} {n}") for n in range(9)],  # nothing to tell it from
        [*WORK, *(skip(f"{GIVEAWAY} {n}") for n in range(ENOUGH - 1))],
        [*WORK, *(skip(f"{GIVEAWAY} Rabatt {n}") for n in range(9))],  # a rule says so
        [
            *(skip(f"{GIVEAWAY} {n}") for n in range(3)),
            *(decide(f"{WORKSHOP} Jubiläum {n}", True) for n in range(9)),
        ],
    ],
)
def test_nothing_is_proposed(loaded, decided):
    assert learn(loaded, decided) == []


def test_a_word_that_stands_everywhere_says_nothing(loaded):
    decided = [*WORK, *(skip(f"Gewinnspiel Nummer {n}") for n in range(9))]
    among = [post(f"Gewinnspiel {n}") for n in range(5)] + [post("x")] * 15
    assert learn(loaded, decided, among) == [("nonsense", "Nummer", "acme", 9)]


def test_there_are_never_too_many(loaded):
    words = ["Regal", "Schrank", "Tisch", "Stuhl", "Bank", "Hocker", "Truhe"]
    decided = [*WORK, *(skip(f"{word} {n}") for word in words for n in range(ENOUGH))]
    found = learn(loaded, decided)
    assert len(found) == MOST
    assert found[0][1] == "Schrank"


def test_a_lesson_that_reaches_too_far_is_known_by_its_name(loaded, tmp_path):
    """The words of a rule inflect: “Kurse” stood nowhere, and is found all the same."""
    decided = [
        *WORK,
        *(skip(f"Kurs mit Gewinn Nummer {n}") for n in range(ENOUGH)),
        decide("Unsere Kurse im Mai", True),
    ]
    wide = find_lessons(decided, (), loaded)
    assert wide
    (tmp_path / "rules").mkdir()
    rule = f"name: {wide[0].name}, when: {{words: [Kurs]}}, because: b"
    (tmp_path / "rules" / "a.yaml").write_text(f"nonsense: [{{{rule}}}]\n", encoding="utf-8")
    after = rules.load(home=tmp_path, sphere=None, shipped=False)
    assert contradicting(wide, decided, after) == {wide[0].name}
    assert contradicting(wide, decided[:-1], after) == set()


def test_praise_for_what_was_skipped_contradicts_too(loaded, tmp_path):
    decided = [
        *(skip(f"{GIVEAWAY} {n}") for n in range(3)),
        *(decide(f"{WORKSHOP} {n}", True) for n in range(5)),
    ]
    (lesson,) = find_lessons(decided, (), loaded)
    (tmp_path / "rules").mkdir()
    rule = f"name: {lesson.name}, when: {{phrase: Kurs}}, because: b"
    (tmp_path / "rules" / "a.yaml").write_text(f"champion: [{{{rule}}}]\n", encoding="utf-8")
    after = rules.load(home=tmp_path, sphere=None, shipped=False)
    assert contradicting([lesson], decided, after) == {lesson.name}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["Regal", "Tisch", "Bank", "Lampe"]), min_size=1, max_size=3),
            st.booleans(),
            st.sampled_from(["a", "b"]),
        ),
        max_size=40,
    )
)
def test_a_lesson_holds_for_every_decision(loaded, told):
    decided = [decide(" ".join(words), yes, client) for words, yes, client in told]
    for lesson in find_lessons(decided, (), loaded):
        about = [each for each in decided if lesson.client in {"", each.client}]
        found = [each for each in about if lesson.word in each.post.text]
        assert len(found) == len(lesson.decided) >= ENOUGH
        assert {each.approved for each in found} == {lesson.is_praise}


@pytest.fixture
def taught(netbot):
    """A home in which nine giveaways were skipped and three looks into a workshop approved."""
    fill(netbot.home, [f"{WORKSHOP} {n}" for n in range(3)], Approve(text="Schön."))
    fill(netbot.home, [f"{GIVEAWAY} {n}" for n in range(9)], Skip(reason=SkipReason.VALUES))
    return netbot


def test_learn_proposes_and_writes_nothing(taught):
    told = taught("rules", "learn", "--sphere", "private", "--json")
    (sphere,) = told.json["spheres"]
    (item,) = sphere["items"]
    assert (told.code, sphere["decisions"], sphere["written"]) == (0, 12, False)
    assert (item["section"], item["word"], item["approved"], item["decided"]) == (
        "never",
        "Gewinnspiel",
        0,
        9,
    )
    assert len(item["changes"]) == 9
    assert {change["after"]["verdict"] for change in item["changes"]} == {"refuse"}
    assert not (taught.home / "rules" / "private").exists()
    shown = taught("rules", "learn", "--sphere", "private").out
    assert "You skipped 9 of 9 posts by" in shown
    assert "never:\n  - name: gewinnspiel\n" in shown
    assert "would change: 9" in shown
    assert "Nothing was written; --write does." in shown


def test_learn_writes_beside_what_stands_there(taught):
    mine = taught.home / "rules" / "private" / "mine.yaml"
    mine.parent.mkdir()
    before = "# mine\nnever:\n  - {name: a, when: {phrase: x}, because: b}  # why\n"
    mine.write_text(before, "utf-8")
    told = taught("rules", "learn", "--sphere", "private", "--write")
    assert (told.code, told.out.splitlines()[-1]) == (0, "Written into rules/private/mine.yaml.")
    text = mine.read_text("utf-8")
    assert text.startswith(before)
    assert "  - name: gewinnspiel\n" in text
    assert "of 9 posts like this (“{match}”)" in text
    assert taught("rules", "test", "--sphere", "private").code == 0
    again = taught("rules", "learn", "--sphere", "private", "--write")
    assert "Nothing to propose" in again.out
    assert mine.read_text("utf-8") == text


def test_learn_takes_back_what_would_contradict(netbot):
    texts = [f"Kursangebot Nummer {n}" for n in range(5)]
    fill(
        netbot.home,
        [*(f"{WORKSHOP} {n}" for n in range(3)), "Kursangebote, Nummern"],
        Approve(text="a"),
    )
    fill(netbot.home, texts, Skip(reason=SkipReason.NONSENSE))
    (sphere,) = netbot("rules", "learn", "--sphere", "private", "--json").json["spheres"]
    assert (sphere["decisions"], sphere["items"]) == (9, [])


def test_learn_speaks_of_praise_for_all(netbot):
    fill(netbot.home, [f"{GIVEAWAY} {n}" for n in range(3)], Skip(reason=SkipReason.OTHER))
    fill(netbot.home, [f"{WORKSHOP} {n}" for n in range(5)], Approve(text="a"))
    (sphere,) = netbot("rules", "learn", "--sphere", "private", "--json").json["spheres"]
    (item,) = sphere["items"]
    assert (item["section"], item["approved"]) == ("champion", 5)
    assert "You approved 5 of 5 posts by" in netbot("rules", "learn", "--sphere", "private").out


def test_a_client_who_is_gone_teaches_nothing(taught):
    config = taught.home / "config" / "private.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("clients:", "clients: []\nold:", 1).split("old:")[0], "utf-8")
    app.open_sphere(taught.home, "private", clock.now(), fresh=True).close()
    (sphere,) = taught("rules", "learn", "--sphere", "private", "--json").json["spheres"]
    assert (sphere["decisions"], sphere["items"]) == (0, [])


def test_nothing_was_decided_yet(netbot):
    told = netbot("rules", "learn")
    assert told.code == 0
    assert "Nothing to propose: no word is always skipped or always approved yet." in told.out
