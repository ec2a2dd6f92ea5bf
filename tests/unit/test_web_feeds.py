"""The queue as a feed and its dates as a calendar, at secret addresses."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot import app, engine
from netbot.app import tokens
from netbot.engine import Snooze
from netbot.feedparse.read import read_document
from netbot.store.door import Right
from netbot.web import create
from netbot.web.dates import Event, calendar
from netbot.web.lock import FREE_TRIES, Lock
from tests import calendars, told
from tests.caller import HOST, PORT, Answer, Caller

BACK = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # a Monday already, in Berlin


@pytest.fixture
def home(story_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(story_home, tmp_path / "home")


@pytest.fixture
def page(home):
    """Locked, as where others can reach it."""
    lock = Lock(home / "data" / "web.db", must=True, now=lambda: told.NOW)
    yield create(home, port=PORT, lock=lock, clock=lambda: told.NOW)
    lock.close()


def made(home: Path, sphere: str = "professional", right: Right = Right.FEED) -> tokens.Made:
    return tokens.make(home, name="reader", sphere=sphere, right=right, now=told.NOW)


def paths(home: Path, sphere: str = "professional") -> list[str]:
    return [each.removeprefix("x") for each in made(home, sphere).addresses("x/")]


def feed(page: Any, home: Path, sphere: str = "professional") -> Answer:
    return Caller(page).get(paths(home, sphere)[0])


def dates(page: Any, home: Path) -> list[calendars.Seen]:
    answer = Caller(page).get(paths(home)[1])
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return calendars.read(answer.body)


def snooze(home: Path, until: datetime) -> str:
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        card = engine.queue(sphere.store, sphere.house, told.NOW).cards[-1]
        engine.decide(sphere.store, sphere.hall, card.id, Snooze(until=until), told.NOW)
    return card.id


def test_readers_understand_the_feed(page, home):
    answer = feed(page, home)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    seen: Any = feedparser.parse(answer.body.encode())
    assert (seen.bozo, seen.version) == (False, "atom10")
    assert seen.feed.title == "netbot · Professional"
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    links = [f"http://{HOST}/professional/cards/{each.id.rpartition('-')[2]}" for each in cards]
    assert [each.link for each in seen.entries] == links
    assert len({each.id for each in seen.entries}) == len(cards)
    assert all(each.id.startswith("urn:uuid:") for each in seen.entries)
    assert "Brückentext Übersetzungen: " in " ".join(each.title for each in seen.entries)
    assert [each.keys() & {"summary", "content"} for each in seen.entries] == [set()] * len(cards)


def test_our_own_parser_understands_the_feed(page, home):
    answer = feed(page, home)
    document = read_document(answer.body.encode(), "application/atom+xml", f"http://{HOST}/x")
    assert document.fast
    assert len(document.entries) == len(feedparser.parse(answer.body.encode()).entries)


def test_a_moment_for_tact_is_only_a_name(page, home):
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    gestures = [each for each in cards if each.choice.verb == "gesture"]
    [personal] = [each for each in gestures if not each.choice.is_look_in]
    body = feed(page, home).body
    assert personal.post.post.title not in body
    assert ": write personally</title>" in body
    assert personal.post.post.title not in Caller(page).get(paths(home)[1]).body


def test_an_address_opens_one_sphere_until_it_is_revoked(page, home):
    private = feed(page, home, "private")
    assert feedparser.parse(private.body.encode()).feed.title == "netbot · Private"
    assert "/professional/" not in private.body
    gone = made(home)
    address = gone.addresses("/")[0]
    assert Caller(page).get(address).status == 200
    tokens.revoke(home, gone.token.id)
    assert Caller(page).get(address).status == 404
    shut = made(home, "private").addresses("/")[0]
    (home / "config" / "private.yaml").unlink()
    assert Caller(page).get(shut).status == 404


def test_no_other_token_opens_a_feed_and_guessing_is_slowed_down(page, home):
    caller = Caller(page)
    for right in (Right.READ, Right.PROPOSE):
        secret = made(home, right=right).secret
        assert caller.get(f"/feeds/{secret}/queue.atom").status == 404
    assert caller.get("/feeds/x/other.atom").status == 404
    told_so = [caller.get(f"/feeds/{n}/queue.atom").status for n in range(FREE_TRIES + 1)]
    assert told_so == [404] * (FREE_TRIES - 1) + [429] * 2
    assert feed(page, home).status == 200


def test_what_has_not_changed_is_not_sent_again(page, home):
    caller = Caller(page)
    for path in paths(home):
        first = caller.get(path)
        tag = first.headers["etag"]
        again = caller.get(path, **{"if-none-match": f'"other", {tag}'})
        assert (again.status, again.body, again.headers["etag"]) == (304, "", tag)
        assert caller.get(path, **{"if-none-match": '"other"'}).status == 200
    snooze(home, BACK)
    for path in paths(home):
        assert caller.get(path, **{"if-none-match": tag}).status == 200


def test_the_calendar_tells_when_cards_come_back_and_expire(page, home):
    slept_id = snooze(home, BACK)
    events = dates(page, home)
    number = slept_id.rpartition("-")[2]
    by_link = {each.url: each for each in events}
    slept = by_link[f"http://{HOST}/professional/cards/{number}"]
    assert slept.summary.startswith("Comes back: ")
    assert (slept.start, slept.end) == (date(2026, 11, 23), date(2026, 11, 24))
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    assert len(cards) > 3
    for card in cards:
        event = by_link[f"http://{HOST}/professional/cards/{card.id.rpartition('-')[2]}"]
        assert event.summary.startswith("Expires: ")


def test_a_card_that_has_come_back_expires_like_any_other(page, home):
    slept_id = snooze(home, told.NOW + timedelta(hours=1))
    lock = Lock(home / "data" / "web.db", must=False, now=lambda: told.NOW)
    later = create(home, port=PORT, lock=lock, clock=lambda: told.NOW + timedelta(hours=2))
    body = Caller(later).get(paths(home)[1]).body
    assert "Comes back" not in body
    assert f"/cards/{slept_id.rpartition('-')[2]}\r\n" in body
    far = create(home, port=PORT, lock=lock, clock=lambda: told.NOW + timedelta(days=60))
    assert "Expires" not in Caller(far).get(paths(home)[1]).body
    lock.close()


def test_the_calendar_tells_when_a_word_is_due(page, home):
    def due() -> list[Any]:
        return [each for each in dates(page, home) if "is due" in each.summary]

    assert due() == []
    owner = Caller(create(home, port=PORT, clock=lambda: told.NOW))
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    card = next(each for each in cards if each.client == "brueckentext")
    number = card.id.rpartition("-")[2]
    slip = owner.send(owner.get(f"/professional/cards/{number}").form("/approve"), text="Schön.")
    assert owner.send(owner.follow(slip).form("/done")).status == 303
    [event] = due()
    assert event.summary == "A word to Brückentext Übersetzungen is due"
    assert event.start == (told.NOW + timedelta(days=45)).date()
    assert event.url == f"http://{HOST}/professional/clients/brueckentext"
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        engine.leave_in_peace(sphere.store, "brueckentext", told.NOW + timedelta(days=9), told.NOW)
    assert due() == []
    assert "Brückentext" not in str([each.summary for each in dates(page, home)])


@given(st.lists(st.text(max_size=120), max_size=3))
def test_any_words_make_a_calendar(words):
    events = [
        Event(
            uid=f"urn:uuid:{n}",
            at=BACK,
            summary=each,
            changed_at=told.NOW,
            url="https://netbot.example/private/cards/1",
        )
        for n, each in enumerate(words)
    ]
    text = calendar("netbot", events, "Europe/Berlin")
    seen = calendars.read(text)
    assert [each.url for each in seen] == ["https://netbot.example/private/cards/1"] * len(words)
    for each, summary in zip(seen, words, strict=True):
        assert (each.start, each.changed_at) == (date(2026, 11, 23), told.NOW)
        if summary.isprintable():
            assert each.summary == " ".join(summary.split())


def test_hostile_words_stay_words(page, home):
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.write() as tx:
        tx.exec_driver_sql(
            "UPDATE texts SET body = ? WHERE sha256 IN (SELECT title_sha FROM posts)",
            ('a\x01\x0b\u202e]]><b>&"\ufffe\r\nEND:VEVENT',),
        )
    answer = feed(page, home)
    seen: Any = feedparser.parse(answer.body.encode())
    assert not seen.bozo
    assert "\u202e" not in answer.body
    titles = [each.summary for each in dates(page, home)]
    assert any(']]><b>&" END:VEVENT' in each for each in titles)
