from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.draft import GAP, MAX_TITLE, frame, has_gap, language_of
from netbot.model import Client, Post, Verb

CLIENT = Client(id="acme", name="ACME Übersetzer GmbH")
SPEAKING = (Verb.COMMENT, Verb.RECOMMEND)


def post(
    title: str = "Schrift und Raum",
    *,
    url: str = "https://acme.example/1",
    text: str = "",
    language: str | None = None,
) -> Post:
    return Post(
        network="web",
        url=url,
        title=title,
        text=text,
        keys=("id:1",),
        language=language,
    )


def frames(verb: Verb, language: str, title: str = "Schrift und Raum") -> set[str]:
    """Every frame that a hundred posts of that title get."""
    return {
        frame(verb, post(title, url=f"https://acme.example/{n}"), CLIENT, language=language)
        for n in range(100)
    }


@pytest.mark.parametrize("verb", [Verb.LIKE, Verb.SHARE, Verb.GESTURE])
@pytest.mark.parametrize("title", ["Schrift und Raum", ""])
def test_verbs_without_words_have_no_draft(verb, title):
    assert frame(verb, post(title), CLIENT, language="de") == ""


@pytest.mark.parametrize(
    ("verb", "language", "title"), list(product(SPEAKING, ["de", "en"], ["Schrift und Raum", ""]))
)
def test_every_frame_is_modest_and_has_one_gap(verb, language, title):
    for text in frames(verb, language, title):
        assert text.count(GAP) == 1
        assert has_gap(text)
        assert "!" not in text
        assert "{" not in text
        assert len(text) < 120


@pytest.mark.parametrize(("verb", "language"), list(product(SPEAKING, ["de", "en"])))
def test_not_every_draft_is_alike(verb, language):
    assert len(frames(verb, language)) >= 3


def test_the_same_post_gets_the_same_frame():
    assert frame(Verb.COMMENT, post(), CLIENT, language="de") == frame(
        Verb.COMMENT, post(text="anders"), CLIENT, language="de"
    )


def test_a_post_without_address_has_its_frame_too():
    assert has_gap(frame(Verb.COMMENT, post(url=""), CLIENT, language="de"))


def test_german_and_english_share_no_frame():
    for verb in SPEAKING:
        german = frames(verb, "de-AT")
        assert german == frames(verb, "de")
        assert not german & frames(verb, "en")
        assert frames(verb, "fr") == frames(verb, "en")


def test_the_title_stands_in_the_quotation_marks_of_the_language():
    assert any("„Schrift und Raum“" in text for text in frames(Verb.COMMENT, "de"))
    assert any("“Schrift und Raum”" in text for text in frames(Verb.COMMENT, "en"))


def test_a_recommendation_names_the_client():
    assert all("ACME Übersetzer GmbH" in text for text in frames(Verb.RECOMMEND, "de"))
    assert all("ACME Übersetzer GmbH" in text for text in frames(Verb.RECOMMEND, "en"))


@pytest.mark.parametrize(
    ("title", "language", "named"),
    [
        ("Wir sind 25!!!", "de", "„Wir sind 25“"),
        ("Wer liest das?", "de", "„Wer liest das?“"),
        ("„Schrift & Raum“ ist eröffnet", "de", "„‚Schrift & Raum‘ ist eröffnet“"),
        ('The "quiet" room', "en", "“The ‘quiet’ room”"),
        ("Ein\n langer\tWeg", "de", "„Ein langer Weg“"),
        ("Grafik\u00addesign \u202eheute", "de", "„Grafikdesign heute“"),
        ("Neues aus dem Haus […]", "de", "„Neues aus dem Haus“"),
        ("{client} und {title}", "de", "„{client} und {title}“"),
        ("Wort " * 40, "de", "„" + "Wort " * 14 + "Wort…“"),
    ],
)
def test_titles_are_named_in_passing(title, language, named):
    texts = [text for text in frames(Verb.RECOMMEND, language, title) if named in text]
    assert len(texts) >= 3
    assert len(named) <= MAX_TITLE + 2


@pytest.mark.parametrize("title", ["", " ", "!!!", "[…]", "\u200b"])
def test_a_title_that_says_nothing_is_not_quoted(title):
    assert not any("„" in text for text in frames(Verb.COMMENT, "de", title))


@given(st.text(), st.sampled_from(SPEAKING), st.sampled_from(["de", "en"]))
def test_no_title_breaks_a_draft(title, verb, language):
    text = frame(verb, post(title), CLIENT, language=language)
    assert has_gap(text)
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("Gern gelesen, vor allem […].", True),
        ("Gern gelesen, vor allem [...].", True),
        ("Gern gelesen, vor allem [ … ].", True),
        ("Gern gelesen … vor allem das Ende [1].", False),
        ("", False),
    ],
)
def test_gaps(text, gap):
    assert has_gap(text) is gap


GERMAN = "Wir haben das Haus eröffnet und freuen uns auf den ersten Winter mit euch."
ENGLISH = "We have opened the house and are looking forward to our first winter with you."


@pytest.mark.parametrize(
    ("declared", "configured", "text", "default", "language"),
    [
        ("de", None, ENGLISH, "en", "de"),
        ("en-GB", "de", GERMAN, "de", "en"),
        ("de_AT", "en", ENGLISH, "en", "de"),
        (None, "de", ENGLISH, "en", "de"),
        ("fr", "DE", ENGLISH, "en", "de"),
        (None, None, GERMAN, "en", "de"),
        (None, None, ENGLISH, "de", "en"),
        ("fr", "it", GERMAN, "en", "de"),
        (None, None, "", "de-AT", "de"),
        (None, None, "42", "en", "en"),
        (None, None, "42", "fr", "en"),
    ],
)
def test_language_of(declared, configured, text, default, language):
    client = Client(id="acme", name="ACME", language=configured)
    said = post("", text=text, language=declared)
    assert language_of(said, client, default) == language


def toot(url: str) -> Post:
    return Post(network="mastodon", url=url, title="", text="Hallo", keys=("id:1",))


@pytest.mark.parametrize("path", ["@acme/7", "users/acme/statuses/7", "@acme/statuses/01H"])
def test_an_answer_on_mastodon_names_whom_it_is_for(path):
    post = toot(f"https://example.social/{path}")
    text = frame(Verb.COMMENT, post, CLIENT, language="de")
    assert text.startswith("@acme@example.social ")
    assert text.count("@acme") == 1
    assert has_gap(text)
    assert frame(Verb.LIKE, post, CLIENT, language="de") == ""


@pytest.mark.parametrize("url", ["", "https://example.social/notice/7"])
def test_where_the_author_is_not_known_nobody_is_named(url):
    assert "@" not in frame(Verb.COMMENT, toot(url), CLIENT, language="de")
    assert "\n" not in frame(Verb.RECOMMEND, toot(""), CLIENT, language="de")


def test_on_x_a_link_stands_in_the_text_and_nobody_is_named():
    url = "https://x.com/acme/status/7"
    told = replace(toot(url), network="x")
    assert frame(Verb.RECOMMEND, told, CLIENT, language="de").endswith(f"\n\n{url}")
    assert "@" not in frame(Verb.COMMENT, told, CLIENT, language="de")


def test_a_recommendation_on_mastodon_carries_the_link():
    url = "https://example.social/@acme/7"
    text = frame(Verb.RECOMMEND, toot(url), CLIENT, language="de")
    assert text.endswith(f"\n\n{url}")
    assert has_gap(text)
