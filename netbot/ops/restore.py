"""A home put together from a backup: whole or not at all, and paused."""

import base64
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from netbot import pause
from netbot.model import ActionState, Damaged, NetbotError, UsageError
from netbot.ops import archive, seal
from netbot.ops.archive import Archive, Manifest
from netbot.ops.homeid import give_id
from netbot.pause import Pause
from netbot.store import Store, acts, doubts
from netbot.wholefile import sync_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back."""

    manifest: Manifest
    unsure: int  # acts that were under way when the backup was made
    pending: int  # acts that were approved and had not left then; they may have left since
    secrets: int  # files of secrets


def restore(
    file: Path, home: Path, now: datetime, ask: Callable[[], str] | None = None
) -> Restored:
    """Put a home together from a backup, in a folder that is empty or not there yet.

    ``ask`` gives the passphrase for the backup's secrets; without it they are left out. The home
    is paused, has an id of its own, and knows of acts that were under way only that it does not
    know. Raises ``UsageError`` for an unfit folder or passphrase, ``NetbotError`` for an archive
    that is not whole; then nothing is put in place.
    """
    home = home.absolute()
    _require_empty(home)
    home.parent.mkdir(parents=True, exist_ok=True)
    with (
        archive.reading(file) as opened,
        tempfile.TemporaryDirectory(
            prefix=".netbot-restore-", dir=home.parent, ignore_cleanup_errors=True
        ) as scratch,
    ):
        new = Path(scratch) / "home"
        new.mkdir(mode=0o700)
        opened.unpack(new)
        secrets = _unpack_secrets(opened, new, ask)
        unsure, pending = _doubt(new, opened.manifest, now)
        give_id(new)
        pause.begin(new, Pause(since=now, former_home=opened.manifest.home))
        _put_in_place(new, home)
    return Restored(manifest=opened.manifest, unsure=unsure, pending=pending, secrets=secrets)


def _require_empty(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise UsageError(
            f"{home} is not empty: a backup is restored into a new folder; "
            "name one with --home, and move it where you want it"
        )
    if home == Path.cwd() or home.is_mount():
        raise UsageError(f"{home} itself cannot be replaced: name a new folder with --home")


def _unpack_secrets(opened: Archive, home: Path, ask: Callable[[], str] | None) -> int:
    if ask is None or not opened.manifest.has_secrets:
        return 0
    found = json.loads(seal.unseal(opened.sealed(), ask()))
    for name, content in found.items():
        if not archive.is_secret_name(name):
            raise NetbotError(f"no home has a secret {name!r}")
        path = home / "secrets" / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(base64.b64decode(content))
    return len(found)


def _doubt(home: Path, manifest: Manifest, now: datetime) -> tuple[int, int]:
    """Open every database, which brings it up to date; how many acts are unsure, and approved."""
    unsure = pending = 0
    for sphere in manifest.spheres:
        database = home / "data" / sphere / "netbot.db"
        with Store(f"sqlite:///{database}", sphere) as store:
            damage = store.find_damage()
            if damage:
                raise Damaged(f"the database of {sphere} is damaged: {damage}")
            with store.write() as tx:
                unsure += doubts.doubt(tx, sphere, now)
                pending += acts.count(tx).get(ActionState.PENDING, 0)
    return unsure, pending


def _put_in_place(new: Path, home: Path) -> None:
    """One rename, after everything has reached the disk."""
    for folder, _folders, files in os.walk(new):
        for name in files:
            descriptor = os.open(Path(folder) / name, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        sync_folder(Path(folder))
    new.rename(home)
    sync_folder(home.parent)
