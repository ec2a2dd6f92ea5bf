"""Folding, and the way back to what was written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.rules.folding import Traced, compose, fold, is_letter, is_whole

LETTERS = st.text(st.sampled_from("aeouäöüßẞ\u0308\u0301 \t\n-–\u00ad\u200bÄÜéﬁ1#你"), max_size=30)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Übersetzung", "uebersetzung"),
        ("U\u0308bersetzung", "uebersetzung"),
        ("STRASSE Straße", "strasse strasse"),
        ("Online-Casino", "online casino"),
        ("a \n – b", "a b"),
        ("Sil\u00adben", "silben"),
        ("won’t", "won't"),
    ],
)
def test_fold(written, folded):
    assert fold(written) == folded


@given(st.one_of(LETTERS, st.text(max_size=20)), st.sampled_from([fold, compose]))
def test_every_stretch_leads_back_into_the_original(text, convert):
    traced = Traced(text, convert)
    for start in range(len(traced.text)):
        for end in range(start + 1, len(traced.text) + 1):
            first, last = traced.origin(start, end)
            assert 0 <= first < last <= len(text)


@given(st.lists(st.sampled_from(["Maß", "Größe", "über", "Café", "x", "ẞ", "ﬁn"]), min_size=1))
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("gap", [" ", " \n– ", "\u00a0", " \u200b "])
def test_words_lead_back_to_exactly_themselves(form, gap, words):
    text = unicodedata.normalize(form, gap.join(words))
    traced = Traced(text)
    at = 0
    for word in words:
        length = len(fold(word))
        first, last = traced.origin(at, at + length)
        assert text[first:last] == unicodedata.normalize(form, word)
        at += length + 1


def test_borders_of_words():
    assert is_letter("ü")
    assert is_letter("\u0308")
    assert not is_letter("_")
    assert is_whole("ein wort hier", 4, 8)
    assert not is_whole("antwort", 3, 7)
    assert not is_whole("worte", 0, 4)
    assert is_whole("a#tag", 1, 5)
