"""The flag that stops everything that goes out: a file of the home, ``data/pause``.

It holds for all spheres and outlives every process. A flag that cannot be read counts as well:
``touch data/pause`` stops netbot when nothing else is at hand.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from netbot.model import PolicyRefused
from netbot.wholefile import sync_folder, write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why nothing leaves a home."""

    since: datetime | None = None  # UTC; None when the flag does not tell
    why: str = ""  # for people; "" when nobody said
    former_home: str = ""  # id of the home whose backup became this one; it may still be at work


def find(home: Path) -> Pause | None:
    """The pause of a home, or None when it has none."""
    try:
        told = json.loads((home / "data" / "pause").read_bytes())
        return Pause(
            since=datetime.fromisoformat(told["since"]).astimezone(UTC),
            why=_text(told, "why"),
            former_home=_text(told, "former_home"),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Pause()


def begin(home: Path, pause: Pause) -> Pause:
    """Stop a home; a pause that has begun already stays as it is, and is returned.

    Raises ``OSError`` when not even an empty flag can be put up.
    """
    folder = home / "data"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = find(home)
    if before is not None:
        return before
    flag = folder / "pause"
    flag.touch(mode=0o600)  # stops already, also where the disk has no room left for words
    sync_folder(folder)
    with suppress(OSError):
        write_whole(flag, to_bytes(pause))
    return pause


def end(home: Path, *, old_is_off: bool = False) -> Pause | None:
    """Let a home go on; returns the pause that has ended, or None when there was none.

    Raises ``PolicyRefused`` for a home that came from a backup unless ``old_is_off``: two homes
    would do what was decided once. Raises ``OSError`` when the flag cannot be taken down.
    """
    ended = find(home)
    if ended is None:
        return None
    if ended.former_home and not old_is_off:
        raise PolicyRefused(
            "this home came from a backup: make sure that the old one is off for good, "
            "then say `netbot resume --old-is-off`"
        )
    (home / "data" / "pause").unlink(missing_ok=True)
    sync_folder(home / "data")
    return ended


def to_bytes(pause: Pause) -> bytes:
    """What stands in the flag."""
    told = {
        "since": pause.since.isoformat(timespec="seconds") if pause.since else None,
        "why": pause.why,
        "former_home": pause.former_home,
    }
    return (json.dumps(told, ensure_ascii=False) + "\n").encode()


def _text(told: Any, name: str) -> str:
    return str(told.get(name, ""))
