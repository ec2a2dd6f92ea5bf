"""A home on a disk that is full, or that may only be read."""

import os
from pathlib import Path

import pytest

from netbot import app
from netbot.model import NetbotError, StoreError
from netbot.ops import damage, room
from netbot.store import Store, texts
from netbot.web import create
from tests import told
from tests.caller import PORT, Caller
from tests.crash.test_migrating import child
from tests.nowhere import fill, no_file_grows, small_disk


def put(store: Store, text: str) -> None:
    with store.write() as tx:
        texts.put(tx, "acme", [text], told.NOW)


def test_a_full_disk_fails_closed_and_the_page_can_be_read(tmp_path):
    """A disk of its own where this machine lets one be mounted, else a limit on every file."""
    with small_disk(tmp_path / "disk", 16) as real:
        home = tmp_path / "disk" / "home"
        told.tell(home, "en")
        with (  # both, as their workers hold them: who comes first needs room for SQLite's own
            app.open_sphere(home, "professional", told.NOW) as sphere,
            app.open_sphere(home, "private", told.NOW),
        ):
            assert sphere.hall  # as at every page: the key of claims is made at first use
            if real:
                ballast = fill(tmp_path / "disk")
                assert room.free_mb(home) == 0
                assert "nothing leaves below 50" in sphere.hindrance()
                fail_closed(home, sphere)
                ballast.unlink()
            else:
                with no_file_grows():
                    fail_closed(home, sphere)
            app.resume(home)
            put(sphere.store, "x" * 1000)
            assert damage.look(sphere.store, sphere.folder) == ""


def fail_closed(home: Path, sphere: app.Sphere) -> None:
    for _ in range(3):
        with pytest.raises(StoreError, match="the database cannot be used now"):
            put(sphere.store, os.urandom(100_000).hex())
    app.pause(home, "no room", told.NOW)
    assert app.paused(home) is not None
    assert sphere.store.find_damage() == ""
    today = Caller(create(home, port=PORT, clock=lambda: told.NOW)).get("/professional")
    assert today.status == 200, today.text
    assert "Paused" in today.text


def test_where_nothing_may_be_written_that_is_said(tmp_path):
    """In a process that is not root: root may write everywhere."""
    folder = tmp_path / "data"
    folder.mkdir()
    Store(f"sqlite:///{folder}/netbot.db", "professional").close()
    for path in (folder / "netbot.db", folder):
        path.chmod(0o555)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    assert child(lambda: be_refused(folder)) == 0
    folder.chmod(0o755)


def be_refused(folder: Path) -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    with pytest.raises(NetbotError, match=r"look whether its folder|netbot may not write there"):
        Store(f"sqlite:///{folder}/netbot.db", "professional")
