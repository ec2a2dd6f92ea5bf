"""Everything a person could read, by its SHA-256 and the client it is about; may be deleted."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from netbot.store.schema import texts

#: How many values one IN list holds; SQLite's oldest limit is 999.
CHUNK = 500


def sha256(body: str) -> str:
    """The name under which a text is kept: hex digest of its UTF-8 bytes."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def put(tx: Connection, client: str, bodies: Iterable[str], now: datetime) -> None:
    """Keep each text once."""
    named = {sha256(body): body for body in bodies}
    missing = named.keys() - get(tx, client, named).keys()
    rows = [
        {"sha256": sha, "client_id": client, "body": named[sha], "created_at": now}
        for sha in sorted(missing)
    ]
    if rows:
        tx.execute(insert(texts), rows)


def get(tx: Connection, client: str, shas: Iterable[str]) -> dict[str, str]:
    """The texts of that client among ``shas``; forgotten ones are absent."""
    found = of_clients(tx, ((client, sha) for sha in shas))
    return {sha: body for (_client, sha), body in found.items()}


def of_clients(tx: Connection, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The texts by client and hash; forgotten ones are absent."""
    wanted = sorted(set(pairs))
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(wanted), CHUNK // 2):
        part = wanted[start : start + CHUNK // 2]
        clients = sorted({client for client, _sha in part})
        shas = sorted({sha for _client, sha in part})
        for client, sha, body in tx.execute(_FIND, {"clients": clients, "shas": shas}):
            found[client, sha] = body
    return {pair: found[pair] for pair in wanted if pair in found}


_FIND = select(texts.c.client_id, texts.c.sha256, texts.c.body).where(
    texts.c.client_id.in_(bindparam("clients", expanding=True)),
    texts.c.sha256.in_(bindparam("shas", expanding=True)),
)
