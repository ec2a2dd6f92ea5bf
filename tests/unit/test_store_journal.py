"""The log: pages by number, filters, forgotten words, contacts and counts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError

from netbot import engine
from netbot.engine import Approve, Skip, Snooze, Undo
from netbot.model import (
    ActionState,
    Amends,
    Client,
    Direction,
    Engagement,
    EngagementKind,
    Face,
    Outcome,
    SkipReason,
    Touch,
    Verb,
)
from netbot.store import acts, engagements, journal, touches
from netbot.store.journal import Correction, Record
from tests.house import ACME, BLOG, NOON, Day, days, hours, on, post

WORDS = "Gern gelesen."
OTHER = Client(id="other", name="Other", sources=(on("https://other.example/feed", "other"),))


@pytest.fixture
def day(make_day):
    made = make_day(ACME, OTHER).seeded()
    made.shelf.show(BLOG, *(post(name) for name in "abc"))
    made.shelf.show("https://other.example/feed", post("x", url="https://other.example/x"))
    made.watch(NOON)
    return made


def ids(day: Day, client: str = "acme") -> list[str]:
    return sorted(card.id for card in day.cards() if card.client == client)


def page(day: Day, **asked: Any) -> list[Record]:
    with day.store.read() as tx:
        return journal.page(tx, "professional", **({"limit": 50} | asked))


def act(day: Day, card: str) -> Any:
    with day.store.read() as tx:
        return acts.latest(tx, "professional", card)


def test_an_approval_is_told_with_its_words_and_what_became_of_it(day):
    card = ids(day)[0]
    day.decide(card, Approve(text=WORDS))
    engine.confirm(day.store, card, NOON + hours(1))
    (record,) = page(day)
    assert record.choice is not None
    assert (record.card, record.client, record.outcome) == (card, "acme", Outcome.APPROVED)
    assert (record.at, record.face, record.reason, record.until) == (NOON, None, None, None)
    assert (record.choice.verb, record.choice.account) == (Verb.COMMENT, "anna-web")
    assert record.choice.target_url.startswith("https://acme.example/")
    assert (record.text, record.is_forgotten, len(record.approval_hash)) == (WORDS, False, 64)
    assert (record.state, record.changed_at) == (ActionState.CONFIRMED, NOON + hours(1))
    assert record.title is not None
    assert record.title.startswith("Neues aus der Werkstatt")


def test_what_starts_no_act_is_told_as_well(day):
    first, second, third = ids(day)
    day.decide(first, Skip(reason=SkipReason.NONSENSE))
    day.decide(second, Snooze(until=NOON + days(1)))
    day.decide(third, Skip(reason=SkipReason.OTHER))
    day.decide(third, Undo())
    undone, skipped, snoozed, nonsense = page(day)
    assert [each.outcome.value for each in (undone, skipped)] == ["undone", "skipped"]
    assert (snoozed.until, snoozed.reason) == (NOON + days(1), None)
    assert (nonsense.reason, nonsense.choice) == (SkipReason.NONSENSE, None)
    assert (nonsense.text, nonsense.is_forgotten, nonsense.state) == ("", False, None)
    assert (nonsense.changed_at, nonsense.note, nonsense.approval_hash) == (None, "", "")


def test_pages_go_by_number_and_leave_nothing_out(day):
    for card in ids(day):
        day.decide(card, Skip(reason=SkipReason.OTHER))
        day.decide(card, Undo())
    numbers = [each.number for each in page(day)]
    assert numbers == sorted(numbers, reverse=True)
    first = page(day, limit=4)
    second = page(day, limit=4, before=first[-1].number)
    assert [each.number for each in (*first, *second)] == numbers


@pytest.mark.parametrize("asked", [{}, {"before": 9}, {"before": 9, "outcome": Outcome.SKIPPED}])
def test_no_page_of_a_long_log_reads_or_sorts_all_of_it(day, asked):
    asked_for: list[tuple[str, Any]] = []

    def listen(_connection, _cursor, statement, parameters, *_):
        asked_for.append((statement, parameters))

    with day.store.read() as tx:
        event.listen(tx, "before_cursor_execute", listen)
        journal.page(tx, "professional", limit=51, **asked)
        statement, parameters = asked_for[0]
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    steps = [row[-1] for row in plan]
    first = "SEARCH decisions USING INTEGER PRIMARY KEY" if "before" in asked else "SCAN decisions"
    assert steps[0].startswith(first)
    assert [step for step in steps[1:] if "SCAN" in step or "TEMP" in step] == []


def test_the_log_is_sifted_by_client_and_kind(day):
    (other,) = ids(day, "other")
    first, second, _ = ids(day)
    day.decide(first, Approve(text=WORDS))
    day.decide(second, Skip(reason=SkipReason.OTHER))
    day.decide(other, Skip(reason=SkipReason.MOMENT))
    assert [each.card for each in page(day, client="acme")] == [second, first]
    assert [each.card for each in page(day, outcome=Outcome.SKIPPED)] == [other, second]
    assert [each.card for each in page(day, client="other", outcome=Outcome.APPROVED)] == []
    with day.store.read() as tx:
        assert journal.clients(tx) == ["acme", "other"]


def test_forgotten_words_are_said_to_be_forgotten(day):
    card = ids(day)[0]
    day.decide(card, Approve(text=WORDS))
    mine = act(day, card)
    with day.store.write() as tx:
        done = Correction(kind=Amends.NOTED, at=NOON, text="Versehen.", face=None)
        journal.correct(tx, mine, done)
        tx.exec_driver_sql("DELETE FROM texts")
    (record,) = page(day)
    assert record.choice is not None
    assert (record.text, record.is_forgotten, record.title) == (None, True, None)
    assert record.choice.target_url == ""
    assert [each.text for each in record.corrections] == [None]
    assert record.approval_hash


def test_corrections_stand_beside_their_act_oldest_first(day):
    first, second, _ = ids(day)
    for card in (first, second):
        day.decide(card, Approve(text=WORDS))
    notes = [
        Correction(kind=Amends.NOTED, at=NOON, text="Zu schnell.", face=Face.TERMINAL),
        Correction(kind=Amends.APOLOGISED, at=NOON + hours(1), text=None, face=None),
    ]
    mine = act(day, first)
    with day.store.write() as tx:
        for done in notes:
            journal.correct(tx, mine, done)
    other, told = page(day)
    assert other.corrections == ()
    assert told.corrections[0] == notes[0]
    assert (told.corrections[1].kind, told.corrections[1].text) == (Amends.APOLOGISED, "")
    with day.store.read() as tx:
        assert journal.corrections_of(tx, mine) == told.corrections


@pytest.mark.parametrize(
    "statement", ["UPDATE corrections SET kind = 'noted'", "DELETE FROM corrections"]
)
def test_corrections_are_for_good(day, statement):
    card = ids(day)[0]
    day.decide(card, Approve(text=WORDS))
    mine = act(day, card)
    with day.store.write() as tx:
        done = Correction(kind=Amends.DELETED, at=NOON, text="", face=Face.PAGE)
        journal.correct(tx, mine, done)
    with pytest.raises(DatabaseError, match="append-only"), day.store.write() as tx:
        tx.execute(text(statement))


# Contacts


def touch(direction: Direction = Direction.OUT, **facts: Any) -> Touch:
    values: dict[str, Any] = {"client": "acme", "at": NOON, "kind": "comment"} | facts
    return Touch(direction=direction, **values)


def test_contacts_of_both_directions_know_their_act_and_where_they_are_seen(day):
    card = ids(day)[0]
    day.decide(card, Approve(text=WORDS))
    engine.confirm(day.store, card, NOON)
    with day.store.write() as tx:
        number = touches.add(
            tx, "professional", touch(Direction.IN, at=NOON + hours(1), kind="mention", text="Hi")
        )
        mention = Engagement(
            id="m1",
            kind=EngagementKind.MENTION,
            at=NOON,
            handle="@acme",
            url="https://a.example/m1",
        )
        engagements.keep(tx, "studio", mention, number)
    with day.store.read() as tx:
        theirs, mine = journal.contacts(tx, "professional", "acme", limit=9)
        assert len(journal.contacts(tx, "professional", "acme", limit=1)) == 1
        assert journal.last_word(tx, "acme") == NOON
        assert journal.last_word(tx, "other") is None
    assert (theirs.url, theirs.state, theirs.touch.text) == ("https://a.example/m1", None, "Hi")
    assert theirs.touch.suggestion is None
    assert (mine.url, mine.state) == ("", ActionState.CONFIRMED)
    assert (mine.touch.suggestion, mine.touch.text) == (card, WORDS)


def test_months_are_counted_in_both_directions(day):
    at = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    card = ids(day)[0]
    with day.store.write() as tx:
        for facts in ({}, {"at": at}, {"client": "other"}, {"at": NOON - days(400)}):
            touches.add(tx, "professional", touch(**facts))
        touches.add(tx, "professional", touch(Direction.IN))
        touches.add(tx, "professional", touch(suggestion=card))
        touches.undo(tx, "professional", card, NOON)
    with day.store.read() as tx:
        everybody = journal.count_by_month(tx, NOON - days(90))
        acme = journal.count_by_month(tx, NOON - days(90), "acme")
    out, back = Direction.OUT, Direction.IN
    assert everybody == {("2026-10", out): 1, ("2026-11", out): 2, ("2026-11", back): 1}
    assert acme == {("2026-10", out): 1, ("2026-11", out): 1, ("2026-11", back): 1}


def test_only_the_last_answer_about_a_card_counts(day):
    first, second, third = ids(day)
    day.decide(first, Skip(reason=SkipReason.OTHER), NOON + hours(1))
    day.decide(first, Undo(), NOON + hours(2))
    day.decide(second, Snooze(until=NOON + days(2)), NOON + hours(2))
    day.decide(first, Approve(text=WORDS), NOON + hours(5))
    day.decide(third, Skip(reason=SkipReason.OTHER), NOON + hours(6))
    with day.store.read() as tx:
        assert journal.answers(tx, NOON, limit=9) == [
            (NOON, NOON + hours(6)),
            (NOON, NOON + hours(5)),
        ]
        assert journal.answers(tx, NOON, limit=1) == [(NOON, NOON + hours(6))]
        assert journal.answers(tx, NOON + days(1), limit=9) == []
