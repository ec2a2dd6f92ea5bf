"""Clients without a feed, from what they publish to the queue: pages, mails, and one's own eyes."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.engine import (
    Approve,
    FalseAlarm,
    Skip,
    confirm,
    leave_in_peace,
    owners,
    problems,
    propose_address,
    vanish,
    watch,
)
from netbot.model import (
    Account,
    PolicyRefused,
    Post,
    SkipReason,
    Source,
    StoredPost,
    UnknownId,
    UsageError,
    Verb,
)
from netbot.networks.mailbox import Mailbox
from netbot.store import touches
from tests.house import ACME, NOON, POLICY, Shelf, days, hours, on, policy, post
from tests.newsite import NAMES, SHOWN, Site, changed, sample
from tests.postbag import HEADLINE, NEWSLETTERS, NOTIFICATIONS, STORY, mail, part

LINKEDIN = Account(id="anna-linkedin", network="linkedin", handle="anna-muster")
WEB = Account(id="anna-web", network="web", handle="Anna Muster")
ELSEWHERE = tuple(
    Account(id=f"anna-{name}", network=name, handle="anna")
    for name in ("xing", "facebook", "instagram")
)


@pytest.fixture
def site():
    with BlogServer() as server:
        made = Site(server)
        yield made
        made.port.close()


@pytest.fixture
def watched_page(make_day, site):
    """A day whose client has one page, and a look at it."""
    client = replace(ACME, sources=(site.source,))
    day = make_day(client, allow_hosts=("127.0.0.1",), min_interval_s=60)

    def look(now):
        site.now = now
        assert watch(day.store, {"page": site.port}, day.desk, now).errors == {}

    return day, look


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reaches_the_queue_and_an_edit_announces_nothing_twice(watched_page, site, name):
    day, look = watched_page
    site.show(sample(name))
    look(NOON)
    ids = {card.id for card in day.cards(NOON)}
    assert 1 <= len(ids) <= 3
    assert {card.post.post.title for card in day.cards(NOON)} <= set(SHOWN[name])
    word = SHOWN[name][0].split()[-1].rstrip(".:")
    site.show(changed(name, word, f"{word}e"))
    look(NOON + hours(25))
    assert {card.id for card in day.cards(NOON + hours(25))} <= ids


def test_a_page_built_anew_waits_for_the_human(watched_page, site):
    day, look = watched_page
    site.show(sample("flat"))
    look(NOON - days(3))
    seeded = {card.id for card in day.cards(NOON - days(3))}
    site.show(sample("builder"))
    look(NOON)
    assert {card.id for card in day.cards(NOON)} <= seeded
    found = problems(day.store, day.house, NOON)
    assert "quarantined" in [problem.kind.value for problem in found]


@pytest.fixture
def letters(make_day, tmp_path):
    """Makes a day that reads mail, with the sources named."""
    opened: list[Mailbox] = []

    def make(*addresses):
        sources = [Source(client="acme", network="mailbox", address=each) for each in addresses]
        day = make_day(replace(ACME, sources=tuple(sources)), accounts=(WEB, LINKEDIN, *ELSEWHERE))
        opened.append(Mailbox(folder=tmp_path, now=lambda: NOON))
        day.policy = {
            **POLICY,
            **{
                name: policy(name, like=POLICY["linkedin"].link, comment=POLICY["linkedin"].link)
                for name in ("xing", "facebook", "instagram")
            },
        }

        def look(now=NOON):
            assert watch(day.store, {"mailbox": opened[-1]}, day.desk, now).errors == {}

        return day, look

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("name", sorted(NEWSLETTERS))
def test_a_newsletter_reaches_the_queue_once(letters, tmp_path, name):
    sent = NEWSLETTERS[name]
    (tmp_path / "a.eml").write_bytes(sent.raw)
    day, look = letters(sent.source)
    look()
    [card] = day.cards(NOON)
    assert (card.post.post.title, card.choice.target_url) == (sent.title, sent.url)
    (tmp_path / "b.eml").write_bytes(sent.raw)
    look(NOON + hours(2))
    assert [each.id for each in day.cards(NOON + hours(2))] == [card.id]


@pytest.mark.parametrize("name", sorted(NOTIFICATIONS))
def test_a_notification_reaches_the_queue_as_an_act_on_its_network(letters, tmp_path, name):
    sent = NOTIFICATIONS[name]
    (tmp_path / "a.eml").write_bytes(sent.raw)
    day, look = letters(sent.source)
    look()
    [card] = day.cards(NOON)
    assert (card.choice.network, card.choice.target_url) == (sent.network, sent.url)
    assert card.choice.channel.value == "handoff"


def test_a_mail_about_a_death_is_a_moment_for_tact(letters, tmp_path):
    sent = NEWSLETTERS["plain text"]
    raw = mail(
        sent.source,
        "Abschied",
        part("text/plain", "Er ist verstorben. https://a.example/x"),
        id="t",
    )
    (tmp_path / "a.eml").write_bytes(raw)
    day, look = letters(sent.source)
    look()
    [card] = day.cards(NOON)
    assert card.choice.verb is Verb.GESTURE
    assert not card.choice.is_look_in


# One story in several places

BLOG_URL = "https://acme.example/blog/schrift-und-raum"
PLACES = {
    "blog": Post(
        network="web", url=BLOG_URL, title=HEADLINE, text=STORY, keys=(f"url:{BLOG_URL}",)
    ),
    "mastodon": Post(
        network="mastodon",
        url="https://example.social/@acme/1",
        title="",
        text=f"{HEADLINE}! Bilder und mehr: {BLOG_URL}",
        keys=("id:https://example.social/users/acme/statuses/1",),
    ),
    "mailbox": Post(
        network="web",
        url="https://mailchi.mp/acme/1",
        title=HEADLINE,
        text=f"Liebe Freunde des Hauses! {STORY} Kommt vorbei.",
        keys=("id:m1@acme", "url:https://mailchi.mp/acme/1"),
    ),
    "linkedin": Post(
        network="linkedin",
        url="https://www.linkedin.com/feed/update/urn:li:activity:7/",
        title="",
        text=f"{HEADLINE} – {STORY[:60]}",
        keys=("url:https://www.linkedin.com/feed/update/urn:li:activity:7",),
    ),
}


@pytest.mark.parametrize("order", list(itertools.permutations(PLACES)), ids=" ".join)
def test_one_story_in_four_places_is_one_card_in_any_order(make_day, order):
    sources = tuple(on(f"https://acme.example/{name}") for name in PLACES)
    day = make_day(replace(ACME, sources=sources)).seeded()
    for step, name in enumerate(order):
        now = NOON + hours(25 * step)
        day.shelf = Shelf()
        day.shelf.show(f"https://acme.example/{name}", replace(PLACES[name], published_at=NOON))
        day.watch(now)
    assert len({card.post.story for card in day.cards(NOON + hours(1))}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"title": "Speiseplan Woche 47", "text": ""},
            {"title": "Speiseplan Woche 48", "text": ""},
        ),
        ({"title": HEADLINE, "text": ""}, {"title": "", "text": "Heute ein ganz anderes Thema."}),
        (
            {"title": "Die neue Werkbank der Saison 2026", "text": ""},
            {"title": "", "text": "Die neue Werkbank der Saison ist verkauft"},
        ),
        (
            {"title": "", "text": "https://a.example https://b.example"},
            {"title": "A", "text": ""},
        ),
        ({"title": "Kurz", "text": "x " * 60}, {"title": "Lang", "text": "y " * 60}),
    ],
)
def test_two_stories_stay_two(make_day, one, other):
    day = make_day().seeded()
    first, second = ACME.sources
    day.shelf.show(first.address, post("a", keys=("id:a",), **one))
    day.shelf.show(second.address, post("b", keys=("id:b",), **other))
    day.watch(NOON)
    assert len({card.post.story for card in day.cards()}) == 2


def test_two_short_posts_with_one_link_are_one_story(make_day):
    day = make_day().seeded()
    first, second = ACME.sources
    day.shelf.show(
        first.address, post("a", title="", text="Schaut: https://a.example/x?utm_source=m")
    )
    day.shelf.show(second.address, post("b", title="", text="Neu bei uns http://a.example/x."))
    day.watch(NOON)
    assert len(day.cards()) == 1


# Looking in

PROFILE = "https://www.linkedin.com/in/mira-kern"
LOOKS = Source(client="acme", network="linkedin", address=PROFILE, look_in_days=14)


@pytest.fixture
def looks(make_day):
    return make_day(replace(ACME, sources=(LOOKS,)))


def test_a_profile_is_opened_by_the_human_every_so_many_days(looks):
    looks.watch(NOON)
    [card] = looks.cards()
    assert card.choice.is_look_in
    assert card.choice.target_url == f"{PROFILE}#look-in-2026-11-23"
    assert "ACME" in card.post.post.title
    assert looks.shelf.cursors == []
    looks.decide(card.id, Approve())
    looks.watch(NOON + days(2))
    done_at = NOON + days(3)
    confirm(looks.store, card.id, done_at)
    for day in range(3, 17):
        looks.watch(NOON + days(day) + hours(1))
        assert looks.cards(NOON + days(day) + hours(1)) == []
    looks.watch(done_at + days(14) + hours(2))
    [following] = looks.cards(done_at + days(14) + hours(2))
    assert following.id != card.id
    looks.decide(following.id, Approve(), done_at + days(14) + hours(2))
    with looks.store.read() as tx:
        assert touches.of_client(tx, "professional", "acme", limit=9) == []


def test_a_look_that_was_skipped_or_expired_comes_again(looks):
    looks.watch(NOON)
    [card] = looks.cards()
    looks.decide(card.id, Skip(reason=SkipReason.OTHER))
    looks.watch(NOON + days(13))
    assert looks.cards(NOON + days(13)) == []
    looks.watch(NOON + days(14) + hours(1))
    [second] = looks.cards(NOON + days(14) + hours(1))
    expired = second.expires_at + timedelta(days=14, hours=1)
    looks.watch(second.expires_at - hours(1))
    looks.watch(expired)
    [third] = looks.cards(expired)
    assert third.id != second.id


def test_a_client_left_in_peace_is_not_looked_at(looks):
    leave_in_peace(looks.store, "acme", NOON + days(3), NOON)
    looks.watch(NOON)
    assert looks.cards() == []
    looks.watch(NOON + days(4))
    [card] = looks.cards(NOON + days(4))
    leave_in_peace(looks.store, "acme", NOON + days(9), NOON + days(4))
    assert looks.cards(NOON + days(5)) == []
    assert card.choice.is_look_in


def test_a_look_is_no_moment_for_tact(looks):
    looks.watch(NOON)
    [card] = looks.cards()
    with pytest.raises(UsageError, match="no moment for tact"):
        looks.decide(card.id, FalseAlarm())
    asked: list[StoredPost] = []
    assert vanish(looks.store, looks.desk, asked.append, NOON) == []
    assert asked == []


def test_a_look_does_not_stand_for_a_condolence(make_day):
    sources = (LOOKS, on("https://acme.example/feed.xml"))
    day = make_day(replace(ACME, sources=sources)).seeded()
    leave_in_peace(day.store, "acme", NOON + days(20), NOON - days(29))
    day.shelf.show("https://acme.example/feed.xml", post("t", text="Sie ist verstorben."))
    day.watch(NOON)
    personal = [card for card in day.cards() if not card.choice.is_look_in]
    assert [card.choice.verb for card in personal] == [Verb.GESTURE]


def test_an_address_without_its_scheme_and_without_a_host_can_be_opened(make_day):
    source = Source(client="acme", network="xing", address="profile/Mira_Kern", look_in_days=7)
    day = make_day(replace(ACME, sources=(source,)))
    day.watch(NOON)
    [card] = day.cards()
    assert card.choice.target_url.startswith("https://profile/Mira_Kern#look-in-")


# Proposing an address


def told(url="https://acme.example/blog/x", **facts):
    values = {
        "network": "web",
        "url": url,
        "title": "Ein Fund",
        "text": "",
        "keys": (f"url:{url}",),
    }
    return Post(**(values | facts))


def test_an_address_becomes_one_waiting_card(day):
    card = propose_address(day.store, day.desk, "acme", told(), NOON)
    again = propose_address(day.store, day.desk, "acme", told(), NOON)
    assert (card.id, card.state.value) == (again.id, "waiting")
    assert (
        propose_address(day.store, day.desk, "acme", told("https://acme.example/y"), NOON).id
        != card.id
    )


def test_what_a_feed_has_shown_is_that_post(day):
    day.seeded()
    day.shelf.show(ACME.sources[0].address, post("a"))
    day.watch(NOON)
    [card] = day.cards()
    found = told(keys=("url:https://acme.example/a",))
    assert propose_address(day.store, day.desk, "acme", found, NOON).id == card.id


def test_a_conviction_counts_against_a_wish_and_strangers_are_unknown(day):
    with pytest.raises(PolicyRefused, match="against your rule"):
        propose_address(day.store, day.desk, "acme", told(text="Glücksspiel"), NOON)
    with pytest.raises(UnknownId):
        propose_address(day.store, day.desk, "nobody", told(), NOON)


def test_an_address_tells_whose_it_is(make_day):
    other = replace(
        ACME,
        id="mira",
        sources=(
            replace(LOOKS, client="mira"),
            Source(client="mira", network="mastodon", address="@mira@example.social"),
            Source(client="mira", network="x", address="/"),
        ),
    )
    house = make_day(ACME, other).house
    assert [c.id for c in owners(house, "web", "https://www.acme.example/b")] == ["acme"]
    assert [c.id for c in owners(house, "linkedin", f"{PROFILE}/details/")] == ["mira"]
    assert [c.id for c in owners(house, "mastodon", "https://b.example/@mira/7")] == ["mira"]
    assert owners(house, "x", "https://x.com/somebody") == []
    assert owners(house, "web", "https://else.example/") == []
