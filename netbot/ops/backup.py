"""One home as one file: configuration, rules, every sphere's database, claims; secrets if asked."""

import base64
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from netbot import __version__
from netbot.model import UsageError
from netbot.ops import archive, seal
from netbot.ops.archive import Manifest, Packing
from netbot.ops.homeid import home_id
from netbot.store import copies
from netbot.wholefile import sync_folder


def back_up(home: Path, target: Path, now: datetime, passphrase: str | None = None) -> Manifest:
    """Write a backup of a home to ``target``, for its owner alone to read; netbot may be at work.

    Secrets go along, sealed, when there is a ``passphrase``. Raises ``UsageError`` when the target
    exists or the passphrase is too short, ``StoreError`` when a database cannot be copied.
    """
    if target.exists():
        raise UsageError(f"{target} exists already: name another file, or remove it")
    sealed = None if passphrase is None else seal.seal(_read_secrets(home), passphrase)
    with tempfile.TemporaryDirectory(prefix=".netbot-backup-", dir=target.parent) as name:
        part = Path(name) / "backup.zip"
        with part.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            with archive.packing(file) as packing:
                manifest = _pack(home, Path(name), packing, now, sealed)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    sync_folder(target.parent)
    return manifest


def _pack(
    home: Path, scratch: Path, packing: Packing, now: datetime, sealed: bytes | None
) -> Manifest:
    """Databases go first: a claim that is taken later belongs to none of the acts in them."""
    revisions: dict[str, str] = {}
    for name in _names(home, "data"):
        if name.endswith(".db"):
            copies.copy(home / name, scratch / "copy.db")
            packing.add(name, scratch / "copy.db")
        if name.endswith("/netbot.db"):
            revisions[name.split("/")[1]] = copies.revision(scratch / "copy.db")
    for name in (*_names(home, "data"), *_names(home, "config"), *_names(home, "rules")):
        if not name.endswith(".db"):
            packing.add(name, home / name)
    if sealed is not None:
        packing.add_bytes(archive.SEALED, sealed)
    return packing.finish(
        netbot=__version__,
        made_at=now.isoformat(timespec="seconds"),
        home=home_id(home),
        revisions=revisions,
    )


def _names(home: Path, folder: str) -> Iterator[str]:
    """The files below a folder that a home has a place for, in order."""
    for path in sorted((home / folder).rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and archive.is_ours(name):
            yield name


def _read_secrets(home: Path) -> bytes:
    folder = home / "secrets"
    found = {
        path.relative_to(folder).as_posix(): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return json.dumps(found).encode()
