"""Everything a person could read, by its SHA-256 and the client it is about; may be deleted."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select

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
    wanted = sorted(set(shas))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(texts.c.sha256, texts.c.body).where(
            texts.c.client_id == client, texts.c.sha256.in_(wanted[start : start + CHUNK])
        )
        found.update((row.sha256, row.body) for row in tx.execute(query))
    return found
