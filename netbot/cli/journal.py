"""The log in a terminal, and to take away."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot.cli.paint import client_name, describe, dim, fold, local_time
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    SphereOption,
    add,
    place,
    texts_of,
)
from netbot.cli.wire import VERSION, excerpt
from netbot.model import Outcome, UsageError
from netbot.text import AMENDS, FACES, OUTCOMES, REASONS, STATES, Texts

if TYPE_CHECKING:
    from netbot.app import Sphere
    from netbot.model import House
    from netbot.store.journal import Record

#: How many decisions are listed without ``--all``.
SHOWN = 20


class Kind(StrEnum):
    """Which decisions to list."""

    APPROVED = Outcome.APPROVED.value
    SKIPPED = Outcome.SKIPPED.value
    SNOOZED = Outcome.SNOOZED.value
    UNDONE = Outcome.UNDONE.value


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, log)


def log(
    client: Annotated[str, typer.Option("--client", help="Only this client's, by id.")] = "",
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only such decisions.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Not the last 20 only.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for spreadsheets.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was decided, and what became of it."""
    from netbot.ops import journal

    here = place(home, sphere, as_json=as_json)
    if as_csv and len(here.spheres) > 1:
        raise UsageError("say whose table it shall be: --sphere professional")
    outcome = Outcome(kind.value) if kind else None
    items: list[dict[str, Any]] = []
    for opened in here.each():
        found = journal.everything(opened.store, client=client, outcome=outcome)
        records = found if everything or as_csv else islice(found, SHOWN)
        if as_csv:
            for line in journal.in_csv(records):
                typer.echo(line.replace("\r\n", "\n"), nl=False)
        elif here.json:
            items += [{"sphere": opened.name} | journal.to_json(each) for each in records]
        else:
            _tell(opened, records)
    if here.json and not as_csv:
        here.answer({"version": VERSION, "items": items}, "")


def _tell(opened: "Sphere", records: "Iterator[Record]") -> None:
    texts = texts_of(opened)
    for record in records:
        typer.echo("\n".join(paint_record(record, opened.house, texts)))


def paint_record(record: "Record", house: "House", texts: Texts) -> Iterator[str]:
    """One decision in a few lines."""
    _ = texts.get
    what = _(OUTCOMES[record.outcome.value])
    if record.reason:
        what = f"{what}: {_(REASONS[record.reason.value])}"
    if record.face:
        what = f"{what} {_(FACES[record.face.value])}"
    said = f"{local_time(record.at, house)} {record.card} · {client_name(record.client, house)}"
    yield from fold(f"{said} · {what}")
    if record.choice:
        yield from fold(describe(record.choice, house, texts), "  ")
    if record.is_forgotten:
        yield f"  {_('forgotten')}"
    elif record.text:
        yield from fold(f"“{excerpt(record.text)}”", "  ")
    if record.state and record.changed_at:
        state = f"{_(STATES[record.state.value])} {local_time(record.changed_at, house)}"
        yield from fold(f"{state} {_(record.note)}".rstrip(), "  ")
    for each in record.corrections:
        words = _("forgotten") if each.text is None else each.text
        told = f"{local_time(each.at, house)} {_(AMENDS[each.kind.value])} {words}".rstrip()
        yield from map(dim, fold(told, "  "))
