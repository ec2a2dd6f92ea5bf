"""The log to take away: all of it, as JSON for scripts and as CSV for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from netbot.model import Outcome
from netbot.store import Store, journal
from netbot.store.journal import Correction, Record
from netbot.store.texts import CHUNK

VERSION = 1

#: Stands for words that are no longer kept.
FORGOTTEN = "(forgotten)"

#: A spreadsheet takes a cell that begins so for a formula (OWASP: CSV injection).
_FORMULAE = ("=", "+", "-", "@", "\t", "\r", "\n")

#: Without it, spreadsheets take UTF-8 for something else.
_MARK = "\ufeff"


def everything(
    store: Store, *, client: str = "", outcome: Outcome | None = None
) -> Iterator[Record]:
    """The whole log, newest first, however long it is; what is decided meanwhile is not in it."""
    before: int | None = None
    while True:
        with store.read() as tx:
            records = journal.page(
                tx, store.sphere, limit=CHUNK, before=before, client=client, outcome=outcome
            )
        yield from records
        if len(records) < CHUNK:
            return
        before = records[-1].number


def to_json(record: Record) -> dict[str, Any]:
    """One decision and what became of it, for scripts."""
    choice = record.choice
    return {
        "number": record.number,
        "id": record.card,
        "at": _moment(record.at),
        "decision": record.outcome.value,
        "face": record.face.value if record.face else None,
        "client": record.client,
        "title": record.title,
        "reason": record.reason.value if record.reason else None,
        "until": _moment(record.until),
        "verb": choice.verb.value if choice else None,
        "account": choice.account if choice else None,
        "network": choice.network if choice else None,
        "channel": choice.channel.value if choice else None,
        "target_url": choice.target_url if choice else None,
        "text": record.text,
        "forgotten": record.is_forgotten,
        "approval_hash": record.approval_hash or None,
        "state": record.state.value if record.state else None,
        "changed_at": _moment(record.changed_at),
        "note": record.note or None,
        "corrections": [_correction(each) for each in record.corrections],
    }


def in_json(records: Iterable[Record]) -> Iterator[str]:
    """A JSON document, a piece for each decision."""
    yield f'{{"version": {VERSION}, "items": ['
    between = "\n"
    for record in records:
        yield between + json.dumps(to_json(record), ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"


def in_csv(records: Iterable[Record]) -> Iterator[str]:
    """A table for spreadsheets, a piece for each decision; no cell of it is taken for a formula."""
    yield _MARK + _line(COLUMNS)
    for record in records:
        value = to_json(record) | {
            "text": FORGOTTEN if record.is_forgotten else record.text,
            "corrections": "; ".join(map(_told, record.corrections)),
        }
        yield _line(_defuse(value[name]) for name in COLUMNS)


#: The heads of the table.
COLUMNS = (
    *("number", "id", "at", "decision", "face", "client", "title", "reason", "until", "verb"),
    *("account", "network", "channel", "target_url", "text", "approval_hash", "state"),
    *("changed_at", "note", "corrections"),
)


def _correction(each: Correction) -> dict[str, Any]:
    return {
        "kind": each.kind.value,
        "at": _moment(each.at),
        "text": each.text,
        "face": each.face.value if each.face else None,
    }


def _told(each: Correction) -> str:
    words = FORGOTTEN if each.text is None else each.text
    return " ".join(filter(None, (_moment(each.at), each.kind.value, words)))


def _moment(at: datetime | None) -> str | None:
    """An ISO 8601 time in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _defuse(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAE) else text


def _line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
