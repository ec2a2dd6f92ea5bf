"""A damaged database: noticed by the worker, told by a file, for the database is past writing to.

While ``data/<sphere>/damaged`` stands, nothing works on that sphere's database. The worker looks
anew whenever it starts.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from netbot.ops.daily import newest_copy
from netbot.wholefile import write_whole

if TYPE_CHECKING:
    from netbot.store import Store


def look(store: "Store", folder: Path) -> str:
    """Read the whole database; what is wrong and what to do is kept in ``folder``, and returned.

    "" when it is whole. Raises ``StoreError`` when it cannot be looked at now.
    """
    found = store.find_damage()
    if not found:
        (folder / "damaged").unlink(missing_ok=True)
        return ""
    return note(folder, found)


def note(folder: Path, found: str) -> str:
    """Keep what is wrong, with what mends it; returns both."""
    copy = newest_copy(folder)
    mend = f"put {copy} in its place" if copy else "there is no copy of it in backups/"
    told = (
        f"{folder / 'netbot.db'} is damaged, netbot no longer works on it: stop netbot and {mend} "
        f"({found})"
    )
    write_whole(folder / "damaged", told.encode())
    return told


def find(folder: Path) -> str:
    """What was found wrong with a sphere's database; "" when nothing was."""
    try:
        told = (folder / "damaged").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return told or f"{folder / 'netbot.db'} is damaged"
