"""How the page puts things, and its colours."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from netbot.model import Account, Channel, Choice, House, Verb
from netbot.networks import policy
from netbot.text import translator
from netbot.web.words import Words, excerpt, host_of, language_tag

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)  # noon in Berlin


def words(language: str = "en") -> Words:
    accounts = (Account(id="anna", network="mastodon", handle="@anna@example.social"),)
    house = House(sphere="professional", time_zone="Europe/Berlin", accounts=accounts)
    return Words(texts=translator(language), house=house, now=NOON)


def choice(verb: Verb, network: str = "mastodon", channel: Channel = Channel.HANDOFF) -> Choice:
    target = "https://site.example:8080/x"
    return Choice(verb=verb, target_url=target, account="anna", network=network, channel=channel)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://acme.example/a?b#c", "acme.example"),
        ("http://127.0.0.1:8471/x", "127.0.0.1:8471"),
        ("https://übersetzer.example/", "xn--bersetzer-p9a.example"),
        ("https://аcme.example/", "xn--cme-5cd.example"),  # the first letter is Cyrillic
        ("https://user@evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//evil.example/", ""),
        ("https://", ""),
        ("https://[::1", ""),
        ("https://x.example:99999/", ""),
        ("https://straße.example/", "xn--strae-oqa.example"),
        ("https://ü" + "a" * 300 + ".example", ""),
        ("", ""),
    ],
)
def test_a_site_is_named_as_browsers_know_it_or_not_at_all(url: str, host: str):
    assert host_of(url) == host


@pytest.mark.parametrize("tag", ["de", "de-AT", "zh-Hant-TW", "en-x-b1"])
def test_a_language_may_stand_in_an_attribute(tag: str):
    assert language_tag(tag) == tag


@pytest.mark.parametrize("tag", [None, "", "german language", 'de" onload="x', "d", "de_"])
def test_what_is_no_language_may_not(tag: str | None):
    assert language_tag(tag) is None


def test_an_excerpt_ends_at_a_word():
    assert excerpt(" a \n b ") == "a b"
    long = excerpt("Zeile " * 100)
    assert long.endswith("Zeile …")
    assert len(long) < 270


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "today 12:00"),
        (-12, "today 00:00"),
        (-13, "yesterday 23:00"),
        (12, "tomorrow 00:00"),
        (-24 * 20, "9 February, 12:00"),
    ],
)
def test_times_are_said_by_the_local_date(hours: int, said: str):
    assert words().when(NOON + timedelta(hours=hours)) == said


def test_dates_and_numbers_are_written_as_the_language_does():
    assert words().weekday(NOON) == "Sunday, 1 March"
    assert words("de").weekday(NOON) == "Sonntag, 1. März"
    assert words("de").day(NOON) == "1. März 2026"
    assert words().ago(NOON - timedelta(days=23)) == "3 weeks ago"
    assert words("de").ago(NOON - timedelta(days=3)) == "vor 3 Tagen"
    assert [words("de").number(value) for value in (2.5, -1, 0)] == ["+2,5", "−1", "+0"]


@pytest.mark.parametrize(
    ("act", "manner"),
    [
        (choice(Verb.COMMENT, "web"), "yourself, in your browser · public, cannot be taken back"),
        (choice(Verb.COMMENT), "yourself, in your browser · public, you can take it back there"),
        (choice(Verb.LIKE), "yourself, in your browser · public, you can take it back there"),
        (choice(Verb.LIKE, channel=Channel.API), "netbot sends it 60 seconds after your yes"),
        (choice(Verb.GESTURE), "netbot sends nothing · stays between you and them"),
    ],
)
def test_a_card_says_who_acts_and_what_can_be_taken_back(act: Choice, manner: str):
    assert manner in words().manner(act)


def test_a_card_says_what_an_act_costs():
    priced = replace(words("de"), policy=policy.load())
    own = choice(Verb.RECOMMEND, "x", Channel.API)
    assert priced.manner(own).endswith("netbot kann es zurückholen, kostet $0.20")
    assert "kostet" not in priced.manner(replace(own, channel=Channel.HANDOFF))
    assert "kostet" not in priced.manner(replace(own, network="mastodon"))


def test_places_have_the_names_they_give_themselves():
    places = [words().place(choice(Verb.LIKE, network)) for network in ("linkedin", "x", "web")]
    assert places == ["LinkedIn", "X", "site.example:8080"]
    assert words().handle("gone") == "gone"
    assert words().client("gone") == "gone"
    assert words().sphere("agency") == "agency"


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("paper", "sheet", "wash")),
    *(("on-accent", "accent"), ("ink", "alert-wash"), ("alert", "sheet"), ("ink", "found")),
]


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("sphere", ["professional", "private", "other"])
def test_every_pair_of_colours_can_be_read(scheme: int, sphere: str):
    css = (files("netbot.web") / "static" / "page.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)", 1)
    part = (light, dark.partition("\n}\n")[0])[scheme]
    own = re.search(rf"\.tab-{sphere} \{{([^}}]*)\}}", part)
    assert own
    shown = colours(part) | colours(re.sub(r"\.(?:sphere|tab)-[^}]*\}", "", part)) | colours(own[1])
    weak = {pair: contrast(shown[pair[0]], shown[pair[1]]) for pair in TEXT}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    for ground in ("paper", "sheet"):
        assert contrast(shown["edge"], shown[ground]) >= 3, "edges of boxes"


def test_no_style_or_script_stands_in_a_template():
    for template in (files("netbot.web") / "templates").iterdir():
        text = template.read_text()
        assert "style=" not in text
        assert "|safe" not in text
        assert not re.search(r"<script(?! src=\"{{ root }}/static/)|<style|\son[a-z]+=", text)
        assert not re.search(r"https?://", text)
