"""What is told of a client on a form, as it was typed, and what of it cannot be."""

import json
import re
from collections.abc import Mapping
from typing import Any

from netbot.app import one_line
from netbot.model import Client, ClientStatus
from netbot.web.visit import Visit

#: The fields, and how much of each is read, in characters.
LONGEST = {
    "name": 200,
    "language": 20,
    "since": 10,
    "cadence_days": 5,
    "tags": 500,
    "status": 20,
}

Sheet = Mapping[str, str]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SINCE = re.compile(r"(19|20)[0-9]{2}(-[0-9]{2}){0,2}")
_DAYS = re.compile(r"[1-9][0-9]{0,4}")


def typed(sent: Mapping[str, str], longest: Mapping[str, int] = LONGEST) -> Sheet:
    """The fields of a form that came back; ``longest`` names them."""
    return {name: str(sent.get(name, "")).strip()[:most] for name, most in longest.items()}


def sheet_of(client: Client) -> Sheet:
    """A client as the form shows it."""
    return {
        "name": client.name,
        "language": client.language or "",
        "since": client.since or "",
        "cadence_days": str(client.cadence_days or ""),
        "tags": ", ".join(client.tags),
        "status": client.status.value,
    }


def find_problems(visit: Visit, sheet: Sheet) -> dict[str, str]:
    """What cannot be meant, by field, in words for people."""
    _ = visit.texts.get
    wrong = {}
    if not one_line(sheet["name"]):
        wrong["name"] = _("Give them a name.")
    if sheet["language"] and not _LANGUAGE.fullmatch(sheet["language"]):
        wrong["language"] = _("Write a code such as de, en or de-AT.")
    if sheet["since"] and not _SINCE.fullmatch(sheet["since"]):
        wrong["since"] = _("Write a year or a date, such as 2019 or 2019-04-01.")
    if sheet["cadence_days"] and not _DAYS.fullmatch(sheet["cadence_days"]):
        wrong["cadence_days"] = _("Write a whole number of days, such as 60, or nothing.")
    if sheet["status"] and sheet["status"] not in set(ClientStatus):
        wrong["status"] = _("Choose one of these.")
    return wrong


def told(sheet: Sheet) -> Client:
    """A client to be, as far as the form tells. Only for a sheet without problems."""
    return Client(
        id="",
        name=one_line(sheet["name"]),
        language=sheet["language"] or None,
        since=sheet["since"] or None,
        cadence_days=int(sheet["cadence_days"]) if sheet["cadence_days"] else None,
        tags=_tags(sheet),
    )


def changes(before: Sheet, after: Sheet) -> dict[str, Any]:
    """What the file shall say instead; None for what is to be taken out."""
    client = told(after)
    since = client.since or ""
    values: dict[str, Any] = {
        "name": client.name,
        "language": client.language,
        "since": int(since) if since.isdecimal() else since or None,
        "cadence_days": client.cadence_days,
        "tags": client.tags or None,
        "status": None if after["status"] in {"", ClientStatus.ACTIVE} else after["status"],
    }
    return {name: value for name, value in values.items() if before[name] != after[name]}


def pack(sheet: Sheet) -> str:
    """A sheet in one hidden field."""
    return json.dumps(sheet, ensure_ascii=False)


def unpack(text: str, otherwise: Sheet) -> Sheet:
    """The sheet again; ``otherwise`` for what is none."""
    try:
        data = json.loads(text)
    except ValueError:
        return otherwise
    if not isinstance(data, dict):
        return otherwise
    return {name: str(data.get(name, "")) for name in otherwise}


def merge(was: Sheet, mine: Sheet, theirs: Sheet) -> Sheet:
    """What I typed, and where I typed nothing what others have written meanwhile."""
    return {name: theirs[name] if mine[name] == was[name] else mine[name] for name in mine}


def _tags(sheet: Sheet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, sheet["tags"].split(",")))))
