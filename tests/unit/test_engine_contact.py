"""Contacts that the human notes, looking for cards and clients, and what is done later by hand."""

import pytest

from netbot import engine
from netbot.clock import parse_day
from netbot.engine import Approve, Snooze
from netbot.model import CONTACT, Direction, PolicyRefused, UnknownId, UsageError
from netbot.store import touches
from netbot.store.pulse import pulse
from tests.house import BLOG, NOON, Day, days, hours, post


@pytest.fixture
def queued(day: Day) -> Day:
    """A day with cards of one client."""
    day.seeded().shelf.show(BLOG, *(post(name) for name in ("mill", "bridge")))
    day.watch(NOON)
    return day


def timeline(day: Day) -> list[tuple[str, str]]:
    with day.store.read() as tx:
        found = touches.of_client(tx, "professional", "acme", limit=9)
    return [(touch.kind, touch.text) for touch in found]


def test_a_contact_counts_as_a_word_of_mine_until_it_is_taken_back(queued):
    yesterday = NOON - days(1)
    number = engine.note_contact(
        queued.store, queued.house, "acme", yesterday, NOON, text=" At the\nfair "
    )
    assert timeline(queued) == [(CONTACT, "At the fair")]
    touch, counts = engine.contact(queued.store, number)
    assert (touch.at, touch.direction, counts) == (yesterday, Direction.OUT, True)
    assert engine.last_contact(queued.store, "acme") == number
    with queued.store.read() as tx:
        assert touches.last(tx) == {"acme": yesterday}
    for now in (NOON, NOON + hours(1)):
        assert engine.undo_contact(queued.store, number, now) == touch
    assert timeline(queued) == []
    assert engine.contact(queued.store, number) == (touch, False)
    with queued.store.read() as tx:
        assert touches.last(tx) == {}
    with pytest.raises(UsageError, match="nothing to undo"):
        engine.last_contact(queued.store, "acme")


def test_the_next_card_knows_of_the_contact(queued):
    engine.note_contact(queued.store, queued.house, "acme", NOON - days(1), NOON)
    queued.shelf.show(BLOG, post("wheel"))
    queued.watch(NOON + hours(2))
    newest = max(queued.cards(NOON + hours(2)), key=lambda card: card.created_at)
    assert newest.score.parts["often"] == -0.5


def test_nobody_is_in_touch_with_strangers_or_with_the_future(queued):
    with pytest.raises(UnknownId, match="there is no client nobody"):
        engine.note_contact(queued.store, queued.house, "nobody", NOON, NOON)
    with pytest.raises(UsageError, match="still to come"):
        engine.note_contact(queued.store, queued.house, "acme", NOON + hours(1), NOON)
    with pytest.raises(UnknownId, match="no contact 7"):
        engine.undo_contact(queued.store, 7, NOON)


def test_an_act_is_no_contact_that_could_be_taken_back_as_one(queued):
    queued.decide("professional-1", Approve(text="Schön."))
    engine.confirm(queued.store, "professional-1", NOON)
    with pytest.raises(UnknownId):
        engine.undo_contact(queued.store, 1, NOON)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("today", NOON),
        ("Heute ", NOON),
        ("yesterday", NOON - days(1)),
        ("gestern", NOON - days(1)),
        ("3d", NOON - days(3)),
        ("3t", NOON - days(3)),
        ("0d", NOON),
        ("2026-11-20", NOON - days(3)),
        ("2026-10-20", NOON - days(34) - hours(1)),  # noon was earlier, in summer
    ],
)
def test_days_that_were(said, day):
    assert parse_day(said, NOON, "Europe/Berlin") == day


@pytest.mark.parametrize("said", ["", "soon", "tomorrow", "2026-11-24", "1999-01-01", "999-1-1"])
def test_days_that_were_not(said):
    with pytest.raises(UsageError, match="is no da"):
        parse_day(said, NOON, "Europe/Berlin")


def test_every_word_must_occur(queued):
    def find(words: str) -> tuple[list[str], list[str]]:
        found = engine.find(queued.store, queued.house, words, NOON)
        return [card.post.post.url for card in found.cards], [each.id for each in found.clients]

    assert find("  ") == ([], [])
    assert find("WERKSTATT mill") == (["https://acme.example/mill"], [])
    assert find("übersetzer feed") == ([], ["acme"])
    assert find("bridge nowhere") == ([], [])
    assert len(find("acme")[0]) == 2


def test_what_is_done_later_is_not_asked_for_before(queued):
    queued.decide("professional-1", Approve(text="Schön."))
    later = NOON + days(1)
    with pytest.raises(PolicyRefused, match="is approved already"):
        queued.decide("professional-1", Snooze(until=later))
    engine.hand_off(queued.store, queued.hall, "professional-1", NOON)
    with pytest.raises(UsageError, match="has passed"):
        queued.decide("professional-1", Snooze(until=NOON))
    queued.decide("professional-1", Snooze(until=later))
    assert engine.handed_off(queued.store, queued.house, NOON) == []
    assert engine.perform(queued.store, queued.hall, NOON) == []
    [resting] = engine.put_off(queued.store, queued.house, NOON)
    assert resting.not_before == later
    [due] = engine.handed_off(queued.store, queued.house, later)
    assert due.suggestion == "professional-1"
    assert engine.put_off(queued.store, queued.house, later) == []
    engine.confirm(queued.store, "professional-1", later)
    assert timeline(queued) == [("comment", "Schön.")]


def test_every_decision_and_every_move_is_felt(queued):
    def beat() -> int:
        with queued.store.read() as tx:
            return pulse(tx)

    beats = [beat()]
    queued.decide("professional-1", Approve(text="Schön."))
    beats.append(beat())
    engine.hand_off(queued.store, queued.hall, "professional-1", NOON)
    beats.append(beat())
    queued.decide("professional-2", Snooze(until=NOON + days(1)))
    beats.append(beat())
    assert beats == sorted(set(beats))
    assert beats[0] == 0
