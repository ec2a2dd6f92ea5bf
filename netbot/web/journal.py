"""The log: who approved which words from which account, when, and what became of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from netbot import app
from netbot.model import Outcome
from netbot.ops import journal as export
from netbot.store import journal
from netbot.store.journal import Record
from netbot.text import OUTCOMES
from netbot.web import plots
from netbot.web.entries import may_mend
from netbot.web.visit import Visit

#: How many decisions a page shows.
SHOWN = 50

#: From how many of the last answers the time to decide is worked out.
ANSWERS = 2_000

#: A decision's number, as an address may tell it.
NUMBER = re.compile(r"[0-9]{1,15}")

#: How many lines of an export leave together.
_TOGETHER = 500


def log(visit: Visit) -> Response:
    """One page of the log, newest first; the first one with the plots."""
    asked = _asked(visit)
    told = visit.request.query_params.get("before", "")
    before = int(told) if NUMBER.fullmatch(told) else None
    with visit.sphere.store.read() as tx:
        found = journal.page(
            tx,
            visit.sphere.name,
            limit=SHOWN + 1,
            before=before,
            client=asked["client"],
            outcome=_kind(asked),
        )
        known = journal.clients(tx)
    records = found[:SHOWN]
    older = {"before": str(records[-1].number)} if found[SHOWN:] else {}
    clients = {each.id: each.name for each in visit.sphere.house.clients}
    is_first = before is None and not any(asked.values())
    return visit.render(
        "log.html",
        records=records,
        asked=asked,
        query=_query(asked),
        older=_query(asked | older) if older else "",
        is_newest=before is None,
        clients={name: clients.get(name, name) for name in dict.fromkeys([*clients, *known])},
        outcomes=OUTCOMES,
        may_mend=lambda record: may_mend(visit, record.state, record.changed_at),
        deciding=_waits(visit) if is_first else None,
        touched=plots_of_contacts(visit) if is_first else None,
        is_first=is_first,
    )


def log_csv(visit: Visit) -> Response:
    """The whole log, or what is asked for of it, for a spreadsheet."""
    return _export(visit, export.in_csv, "text/csv; charset=utf-8", "csv")


def log_json(visit: Visit) -> Response:
    """The same for scripts."""
    return _export(visit, export.in_json, "application/json", "json")


def plots_of_contacts(visit: Visit, client: str = "") -> plots.Contacts | None:
    """Contacts of the last twelve months, with one client or with all; None: there is no plot."""
    first = plots.first_of_year(visit.now.date())
    since = visit.now.replace(
        year=first.year, month=first.month, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    with visit.sphere.store.read() as tx:
        many = journal.count_by_month(tx, since, client)
    return plots.contacts(many, visit.now.date())


def _waits(visit: Visit) -> plots.Waits | None:
    today = visit.now.date()
    passed = today - plots.first_week(today)
    since = (visit.now - passed).replace(hour=0, minute=0, second=0, microsecond=0)
    with visit.sphere.store.read() as tx:
        return plots.waits(journal.answers(tx, since, limit=ANSWERS), today)


def _asked(visit: Visit) -> dict[str, str]:
    """What the address asks to see: of which client, and which kind of decision."""
    sent = visit.request.query_params
    kind = sent.get("kind", "")
    return {"client": sent.get("client", ""), "kind": kind if kind in set(Outcome) else ""}


def _kind(asked: dict[str, str]) -> Outcome | None:
    return Outcome(asked["kind"]) if asked["kind"] else None


def _query(asked: dict[str, str]) -> str:
    told = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(told)}" if told else ""


def _export(
    visit: Visit,
    written: Callable[[Iterable[Record]], Iterator[str]],
    kind: str,
    ending: str,
) -> Response:
    """The sphere is opened once more: an answer that flows outlives the visit."""
    site, name, now, asked = visit.site, visit.sphere.name, visit.now, _asked(visit)

    def flow() -> Iterator[str]:
        with app.open_sphere(site.home, name, now) as sphere:
            records = export.everything(sphere.store, client=asked["client"], outcome=_kind(asked))
            pieces = written(records)
            while together := "".join(islice(pieces, _TOGETHER)):
                yield together

    file = f"netbot-{name}-{now:%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return StreamingResponse(flow(), headers=headers, media_type=kind)
