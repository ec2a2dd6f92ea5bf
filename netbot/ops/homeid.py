"""Which home this is: a name that no other home has, in ``data/home.id``.

A home put together from a backup gets a new one, and so can tell itself from the old.
"""

from pathlib import Path
from uuid import uuid4

from netbot.wholefile import write_whole


def home_id(home: Path) -> str:
    """The home's id; made at the first asking. Raises ``OSError``."""
    file = home / "data" / "home.id"
    if not file.exists():
        give_id(home)
    return file.read_text(encoding="utf-8").strip()


def give_id(home: Path) -> None:
    """Give a home an id that no other has. Raises ``OSError``."""
    (home / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(home / "data" / "home.id", f"{uuid4()}\n".encode())
