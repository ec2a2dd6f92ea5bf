"""The log to take away: JSON and CSV, complete, and harmless in a spreadsheet."""

import csv
import io
import json
from typing import Any

import pytest

from netbot.engine import Approve, Skip, confirm
from netbot.model import Amends, Face, Outcome, SkipReason
from netbot.ops import journal as export
from netbot.store import acts, journal
from netbot.store.journal import Correction, Record
from netbot.store.texts import CHUNK
from tests.house import BLOG, NOON, Day, hours, post


@pytest.fixture
def told(day: Day) -> Day:
    """A day on which one card was approved and done, and another skipped."""
    day.seeded().shelf.show(BLOG, post("a"), post("b", title="=1+1"))
    day.watch(NOON)
    first, second = sorted(card.id for card in day.cards())
    day.decide(first, Approve(text="Größe; “Zitat”,\nzweite Zeile"))
    confirm(day.store, first, NOON + hours(1))
    day.decide(second, Skip(reason=SkipReason.MOMENT))
    return day


def records(day: Day, **asked: Any) -> list[Record]:
    return list(export.everything(day.store, **asked))


def table(day: Day) -> list[dict[str, str]]:
    text = "".join(export.in_csv(records(day)))
    assert text.startswith("\ufeffnumber,id,at,decision,face,client,")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_json_holds_what_there_is_to_know(told):
    document = json.loads("".join(export.in_json(records(told))))
    assert document["version"] == 1
    skipped, approved = document["items"]
    assert (skipped["decision"], skipped["reason"], skipped["verb"]) == ("skipped", "moment", None)
    assert approved["text"] == "Größe; “Zitat”,\nzweite Zeile"
    assert (approved["account"], approved["network"]) == ("anna-web", "web")
    assert (approved["at"], approved["changed_at"]) == (
        "2026-11-23T11:00:00+00:00",
        "2026-11-23T12:00:00+00:00",
    )
    assert (approved["state"], approved["forgotten"], approved["corrections"]) == (
        "confirmed",
        False,
        [],
    )


def test_an_empty_log_is_a_document_as_well(day):
    assert json.loads("".join(export.in_json(records(day)))) == {"version": 1, "items": []}
    assert table(day) == []


def test_csv_keeps_umlauts_line_ends_and_commas(told):
    skipped, approved = table(told)
    assert approved["text"] == "Größe; “Zitat”,\nzweite Zeile"
    assert (approved["client"], approved["state"], skipped["until"]) == ("acme", "confirmed", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_taken_for_a_formula(told, start):
    (record, _) = records(told)
    named = Record(
        number=1,
        card=record.card,
        client=f"{start}cmd|' /C calc'!A0",
        outcome=record.outcome,
        at=record.at,
        face=None,
        title=f"{start}1+1",
    )
    _, line = export.in_csv([named])
    (row,) = csv.reader(io.StringIO(line, newline=""))
    assert f"'{start}cmd|' /C calc'!A0" in row
    assert f"'{start}1+1" in row


def test_corrections_and_forgotten_words_are_told(told):
    (card,) = (each.card for each in records(told, outcome=Outcome.APPROVED))
    with told.store.read() as tx:
        action = acts.latest(tx, "professional", card)
    assert action is not None
    with told.store.write() as tx:
        done = Correction(kind=Amends.NOTED, at=NOON, text="Versehen.", face=Face.PAGE)
        journal.correct(tx, action, done)
    _, approved = table(told)
    assert approved["corrections"] == "2026-11-23T11:00:00+00:00 noted Versehen."
    with told.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM texts")
    _, approved = table(told)
    assert approved["text"] == "(forgotten)"
    assert approved["corrections"] == "2026-11-23T11:00:00+00:00 noted (forgotten)"
    document = json.loads("".join(export.in_json(records(told))))
    assert document["items"][1]["forgotten"]
    assert document["items"][1]["corrections"] == [
        {"kind": "noted", "at": "2026-11-23T11:00:00+00:00", "text": None, "face": "page"}
    ]


def test_a_long_log_is_told_to_its_end(told):
    with told.store.write() as tx:
        tx.exec_driver_sql(
            "INSERT INTO decisions (suggestion_id, outcome, decided_at) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT 1, 'undone', '2026-11-23T12:00:00.000000+00:00' FROM n",
            (2 * CHUNK,),
        )
    numbers = [each.number for each in records(told)]
    assert numbers == list(range(2 * CHUNK + 2, 0, -1))
    assert len(records(told, outcome=Outcome.UNDONE)) == 2 * CHUNK
    assert records(told, client="nobody") == []
