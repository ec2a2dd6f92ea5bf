"""Users' expressions: RE2 that reads Unicode like Python does, and says no in time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.rules.patterns import MAX_PATTERN_BYTES, compile_pattern, rewrite

HARMLESS = [
    r"\w+",
    r"\W",
    r"\d{2,}",
    r"\D+x",
    r"[\w-]+",
    r"[^\W\d]+",
    r"[\Wü]",
    r"[\d.]+",
    r"[\Dx]+",
    r"\s+\S",
    r"[\s,]+",
    r"[\Sx]+",
    r"[]x]+",
    r"[^]x]",
    r"\bübel\b",
    r"\bö",
    r"ß\b",
    r"(?i)\bÜBEL\b",
    r"\b(?:übel|öl)\b",
    r"\[a|b\]",
]
TEXT = st.text(st.sampled_from("übelöÖßax 1,.-_]["), max_size=20)


@pytest.mark.parametrize("source", HARMLESS)
@given(text=TEXT)
def test_same_matches_as_python(source, text):
    ours = [text[start:end] for start, end in compile_pattern(source).find(text)]
    assert ours == [match.group() for match in re.finditer(source, text)]


def test_neighbours_are_all_found():
    assert list(compile_pattern(r"\bja\b").find("ja ja ja")) == [(0, 2), (3, 5), (6, 8)]
    assert list(compile_pattern(r"\b(?:ab|cd)").find("abcd")) == [(0, 2)]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (r"a\bc", "very start or end"),
        (r"[\b]", "very start or end"),
        (r"\bone|other\b", "one side only"),
        (r"\B", "neighbouring"),
        (r"\Qa.b\E", "backslash"),
        (r"\C", "any character"),
        (r"(?=a)", "RE2"),
        (r"(a)\1", "RE2"),
        (r"(", "RE2"),
        ("a\\", "RE2"),
        (r"\w{500}", "RE2"),
        (r"a?", "empty"),
        ("x" * (MAX_PATTERN_BYTES + 1), "longer than"),
    ],
)
def test_refused_with_advice(source, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        compile_pattern(source)


@pytest.mark.parametrize("source", [r"\b[|]x\b", r"\b(a|b)\b", r"\ba\|b\b", r"\b[[:alpha:]|]\b"])
def test_alternatives_within_brackets_go_with_borders(source):
    assert rewrite(source).startswith("(?:^|")


def test_a_costly_expression_ends():
    assert not list(compile_pattern(r"(a+)+$").find("a" * 5000 + "!"))
