"""What rules find, whatever the text: it stands there letter for letter, and nearness is exact."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbot import rules
from netbot.model import Context, Post
from netbot.rules.matcher import Matcher
from netbot.rules.reading import Reading, Span, Spans

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
RULES = """\
never:
  - {name: words, when: {words: [Größe, Straße, Sucht, Kunde, auszeichnen]}, because: b}
  - {name: parted, when: {words: [ausbeuten, ankündigen]}, because: b}
  - {name: compounds, when: {words: [Glücksspiel, Kunde], compounds: true}, because: b}
  - {name: several, when: {words: [online casino, über Größe]}, because: b}
  - {name: signs, when: {phrase: ["– Größe", "(über", "+"]}, because: b}
  - {name: regex, when: {regex: ['(?i)\\bgrö\\w+', 'ss+', '[^\\w\\s]{2}']}, because: b}
  - {name: near, when: {all: [{words: Kunde}, {regex: 'über', near: 2}]}, because: b}
"""
PIECES = st.sampled_from(
    [
        *("Größe", "GRÖSSE", "Gro\u0308ße", "Groesse", "Stra\u00adße", "sucht", "Sucht", "#sucht"),
        *(
            "Kund*innen",
            "Kundenkreis",
            "Sekunden",
            "Neu\u200bkunde",
            "beutet",
            "kündigt",
            "aus",
            "an",
        ),
        *(
            "aus.",
            "an –",
            "Online-Casino",
            "onlinecasinos",
            "Glücksspielsucht",
            "über",
            "u\u0308ber",
        ),
        *(
            "ausgezeichnet",
            "Ausgezeichnete",
            "Qualität",
            "–",
            "(",
            "+",
            "++",
            "\ufb03",
            "ı",
            "ẞ",
            "ǰ",
        ),
        *("\u0301", "\u202a", "\n", "🎉", "ss", "\u1e9eß", "x"),
    ]
)
TEXTS = st.lists(PIECES, max_size=12).flatmap(
    lambda pieces: st.sampled_from([" ", "", "\u00ad", "-"]).map(lambda link: link.join(pieces))
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    (home / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    return rules.load(home=home, sphere=None, shipped=False)


@settings(max_examples=500)
@given(title=TEXTS, text=TEXTS)
def test_what_matched_stands_in_the_post(loaded, title, text):
    post = Post(network="web", url="", title=title, text=text, keys=("k",))
    for reason in rules.judge(post, loaded, Context(now=NOW)).reasons:
        assert reason.matched
        assert reason.matched in title or reason.matched in text


@pytest.mark.parametrize(
    ("text", "rule", "matched"),
    [
        ("Sie beutet\nalle aus.", "parted", "beutet\nalle aus"),
        ("Gro\u0308\u00adße!", "words", "Gro\u0308\u00adße"),
        ("im Neukundengeschäft-Glücksspielsaal", "compounds", "Glücksspiel"),
        ("ein GRÖSSER Wurf", "regex", "GRÖSSER"),
    ],
)
def test_it_is_quoted_as_it_was_written(loaded, text, rule, matched):
    post = Post(network="web", url="", title="", text=text, keys=("k",))
    found = {
        each.rule: each.matched for each in rules.judge(post, loaded, Context(now=NOW)).reasons
    }
    assert found[rule] == matched


def test_texts_that_repeat_one_word_for_ever_are_judged(loaded):
    for text in ("kunde" * 50_000, "Kunde über " * 20_000, "beutet " * 30_000, "sucht " * 30_000):
        post = Post(network="web", url="", title="", text=text, keys=("k",))
        assert rules.judge(post, loaded, Context(now=NOW)).ruling is not None


def plainly_near(text, anchor, spans, words):
    """The definition: one more than the words that stand between the two."""

    def apart(span):
        first, second = sorted((anchor, span), key=lambda each: each.start)
        return 1 + len(re.findall(r"\w+", text[first.end : second.start]))

    return any(span.field == anchor.field and apart(span) <= words for span in spans)


PLACES = st.tuples(st.sampled_from(["title", "text"]), st.integers(0, 24), st.integers(1, 6))
SPANS = st.builds(lambda place: Span(place[0], place[1], place[1] + place[2]), PLACES)


@settings(max_examples=500)
@given(
    text=st.text(st.sampled_from("ab _.\n"), min_size=30, max_size=30),
    anchor=SPANS,
    spans=st.lists(SPANS, max_size=6),
    words=st.integers(1, 4),
)
def test_near_is_what_its_definition_says(text, anchor, spans, words):
    post = Post(network="web", url="", title=text, text=text, keys=("k",))
    reading = Reading(post, Context(now=NOW), Matcher().close())
    near = reading.stands_near(anchor, Spans(spans), words)
    assert near is plainly_near(text, anchor, spans, words)
