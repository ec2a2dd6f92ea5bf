"""A house as JSON: what the database keeps, and what fast commands read instead of YAML."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

from netbot.model import Account, Client, ClientStatus, Digest, House, Source, Verb


def house_to_json(house: House) -> str:
    """One line of JSON, the same for the same house."""
    return json.dumps(asdict(house), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=4)  # every request to the page begins with it
def house_from_json(text: str) -> House:
    """The house again; a field that an older netbot did not write has its default."""
    data = _known(House, json.loads(text))
    digest = data.get("digest")
    read = Digest(**_known(Digest, digest)) if digest else None
    accounts = (Account(**_known(Account, each)) for each in data.get("accounts", ()))
    clients = (_client(each) for each in data.get("clients", ()))
    return House(
        **(data | {"digest": read, "accounts": tuple(accounts), "clients": tuple(clients)})
    )


def _client(data: Mapping[str, Any]) -> Client:
    known = _known(Client, data)
    verbs = tuple(Verb(verb) for verb in known.get("verbs", ()))
    sources = tuple(Source(**_known(Source, each)) for each in known.get("sources", ()))
    handles = tuple(Source(**_known(Source, each)) for each in known.get("handles", ()))
    status = ClientStatus(known.get("status", ClientStatus.ACTIVE))
    places = {"sources": sources, "handles": handles}
    return Client(**(known | places | {"verbs": verbs, "status": status}))


def _known(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """What ``kind`` has a field for (a newer netbot may have written more), lists as tuples."""
    names = {field.name for field in fields(kind)}
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in data.items()
        if key in names
    }
