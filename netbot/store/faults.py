"""What SQLite complains of, in words that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, IntegrityError

from netbot.model import Damaged, StoreError, Term
from netbot.text import mark

#: What to do, by the beginning of SQLite's own name for the fault (sqlite.org/rescode.html).
ADVICE = {
    "SQLITE_FULL": mark("the disk is full, nothing was written: make room, then try again"),
    "SQLITE_READONLY": mark("netbot may not write there: give its user the file and its folder"),
    "SQLITE_CANTOPEN": mark("look whether its folder is there, may be written and has room"),
    "SQLITE_IOERR": mark("the disk fails or is full: look after it before you try again"),
    "SQLITE_BUSY": mark("another program holds it: try again, and end that one if it stays so"),
}

#: The file does not hold what was written.
DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@contextmanager
def telling(place: str) -> Iterator[None]:
    """Turn SQLite's complaints about the file at ``place`` into ``StoreError`` and ``Damaged``.

    What breaks a rule of the schema is no fault of the file and goes through.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as error:
        raise explain(place, error.orig) from error
    except sqlite3.DatabaseError as error:
        raise explain(place, error) from error


def explain(place: str, error: BaseException | None) -> StoreError:
    """The complaint as an error of ours."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(DAMAGE):
        return Damaged(
            mark(
                "{place} is damaged, or is not a netbot database ({error}): stop netbot and put"
                " a backup in its place; data/<sphere>/backups keeps some"
            ),
            place=place,
            error=str(error),
        )
    for each, advice in ADVICE.items():
        if name.startswith(each):
            return StoreError(
                mark("the database cannot be used now: {error} ({advice})"),
                error=str(error),
                advice=Term(advice),
            )
    return StoreError(mark("the database cannot be used now: {error}"), error=str(error))
