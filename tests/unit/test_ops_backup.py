"""One home as one file, and back: whole or not at all."""

import base64
import hashlib
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from netbot import app, pause
from netbot.claims import Claims
from netbot.model import NetbotError, StoreError, UsageError
from netbot.ops import archive, homeid, seal
from netbot.ops.backup import back_up
from netbot.ops.restore import restore
from netbot.pause import Pause
from netbot.store import Store, copies, texts
from tests import schemas
from tests.house import NOON
from tests.nowhere import no_file_grows
from tests.unit.test_ops_daily import flip
from tests.unit.test_store_upgrade import FIRST_HOUSE

PASSPHRASE = "richtig Pferd Batterie"
CANARY = "canary-5f0c"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home: two spheres with something in them, files in all places, a secret; its backup."""
    folder: Path = tmp_path_factory.mktemp("made")
    home = folder / "home"
    files = {
        "config/netbot.yaml": "rules: {shipped: false}\n",
        "config/private.yaml": "clients: [{id: choir, name: Chor}]\n",
        "config/professional.yaml": "clients: [{id: acme, name: ACME Übersetzer}]\n",
        "rules/values.yaml": "never: []\n",
        "rules/private/more.yaml": "never: []\n",
        "secrets/professional/studio.token": CANARY,
        "data/empty/left-over": "",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    for name in app.sphere_names(home):
        with app.open_sphere(home, name, NOON) as sphere, sphere.store.write() as tx:
            texts.put(tx, "acme", [f"Grüße von {name}"], NOON)
    Claims(home / "data", "private").take("https://a.example/1")
    Store(f"sqlite:///{home}/data/web.db", "web").close()
    back_up(home, folder / "backup.zip", NOON, PASSPHRASE)
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "home", tmp_path / "home")


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy2(made / "backup.zip", tmp_path / "backup.zip"))


def tell() -> str:
    return PASSPHRASE


def held(home: Path) -> dict[str, object]:
    """All that makes a home: files as they are, databases as what they hold."""
    found: dict[str, object] = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.suffix == ".db":
            found[name] = rows(path)
        elif path.is_file() and not name.startswith(("data/empty", "data/pause", "data/home.id")):
            found[name] = path.read_bytes()
    return {name: what for name, what in found.items() if not name.endswith(".lock")}


def rows(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [line for line in connection.iterdump() if "heartbeats" not in line]


def test_everything_comes_back(home, file, tmp_path):
    back = restore(file, tmp_path / "new" / "home", NOON, tell)
    assert held(tmp_path / "new" / "home") == held(home)
    assert (back.unsure, back.pending, back.secrets) == (0, 0, 1)
    assert back.manifest.spheres == ["private", "professional"]
    assert set(back.manifest.revisions) == {"private", "professional"}
    assert (tmp_path / "new" / "home").stat().st_mode & 0o777 == 0o700
    token = tmp_path / "new" / "home" / "secrets" / "professional" / "studio.token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["home"]
    app.read_config(tmp_path / "new" / "home")


def test_a_home_that_came_back_is_another_one_and_paused(home, file, tmp_path):
    restore(file, tmp_path / "new", NOON)
    assert homeid.home_id(tmp_path / "new") != homeid.home_id(home)
    assert app.paused(tmp_path / "new") == Pause(since=NOON, former_home=homeid.home_id(home))
    with app.open_sphere(tmp_path / "new", "private", NOON) as sphere:
        assert sphere.hindrance() == "the home is paused: `netbot resume` lets it go on"
        pause.end(tmp_path / "new", old_is_off=True)
        assert sphere.hindrance() == ""
    assert app.paused(home) is None


def test_a_paused_home_comes_back_as_one_from_a_backup(home, tmp_path):
    app.pause(home, "Ferien", NOON)
    back_up(home, tmp_path / "backup.zip", NOON)
    restore(tmp_path / "backup.zip", tmp_path / "new", NOON)
    assert app.paused(tmp_path / "new") == Pause(since=NOON, former_home=homeid.home_id(home))


def test_an_empty_folder_is_filled_and_another_is_not(file, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    restore(file, tmp_path / "empty", NOON)
    before = held(tmp_path / "empty")
    for taken in (tmp_path / "empty", file):
        with pytest.raises(UsageError, match="is not empty"):
            restore(file, taken, NOON)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UsageError, match="itself cannot be replaced: name a new folder"):
        restore(file, tmp_path / "here", NOON)
    assert held(tmp_path / "empty") == before


def test_secrets_stay_out_unless_asked_for(home, tmp_path):
    file = tmp_path / "open.zip"
    assert not back_up(home, file, NOON).has_secrets
    assert restore(file, tmp_path / "new", NOON, tell).secrets == 0
    assert not (tmp_path / "new" / "secrets").exists()
    with zipfile.ZipFile(file) as packed:
        assert all(CANARY.encode() not in packed.read(name) for name in packed.namelist())


def test_sealed_secrets_open_for_their_passphrase_only(file, tmp_path):
    with zipfile.ZipFile(file) as packed:
        assert all(CANARY.encode() not in packed.read(name) for name in packed.namelist())
    with pytest.raises(UsageError, match="does not open the secrets"):
        restore(file, tmp_path / "new", NOON, lambda: "falsch Pferd Batterie")
    assert not (tmp_path / "new").exists()
    assert restore(file, tmp_path / "new", NOON, None).secrets == 0


def test_a_short_passphrase_makes_no_backup(home, tmp_path):
    with pytest.raises(UsageError, match="at least 12 characters"):
        back_up(home, tmp_path / "backup.zip", NOON, "hunter2")
    assert not (tmp_path / "backup.zip").exists()


def test_nothing_is_overwritten_and_nobody_else_reads_it(home, file):
    with pytest.raises(UsageError, match="exists already"):
        back_up(home, file, NOON)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["backup.zip", "home"]


def test_a_backup_that_finds_no_room_leaves_nothing(home, tmp_path):
    with no_file_grows(20_000), pytest.raises((StoreError, OSError)):
        back_up(home, tmp_path / "backup.zip", NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_restore_that_finds_no_room_leaves_nothing(file, tmp_path):
    with no_file_grows(20_000), pytest.raises(OSError, match="too large"):
        restore(file, tmp_path / "new", NOON)
    assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["backup.zip"]


def test_any_changed_byte_is_noticed(file, tmp_path):
    """Whatever is changed, either nothing comes back, or all of it as it was."""
    whole, good = file.read_bytes(), tmp_path / "good"
    restore(file, good, NOON, tell)
    refused = 0
    for place in range(0, len(whole), len(whole) // 30):
        changed = bytearray(whole)
        changed[place] ^= 0x41
        bad, new = tmp_path / "bad.zip", tmp_path / "new"
        bad.write_bytes(changed)
        try:
            restore(bad, new, NOON, tell)
        except NetbotError:
            refused += 1
            assert not new.exists()
        else:
            assert held(new) == held(good)
            shutil.rmtree(new)
    assert refused > 25


def packed(tmp_path: Path, held: dict[str, bytes], **facts: Any) -> Path:
    """An archive that somebody else made, with a manifest that fits it unless facts say else."""
    told: dict[str, Any] = {
        "format": 1,
        "netbot": "0.1.0",
        "made_at": "2026-11-23",
        "home": "x",
        "revisions": {},
        "files": {
            name: {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
            for name, body in held.items()
        },
    }
    target = tmp_path / "strange.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in held.items():
            made.writestr(name, body)
        made.writestr("manifest.json", json.dumps(told | facts))
    return target


TRAVERSALS = [
    "../evil",
    "/etc/evil",
    "config/../../evil",
    "config/..",
    "config/./x",
    "config//x",
    "config\\..\\..\\evil",
    "config/x\ny",
    "rules/",
    "data/../config/x",
    "data/claims/../../evil",
    "data/professional/../netbot.db",
    "data/professional/netbot.db-wal",
    "data/Professional/netbot.db",
    "data/pause",
    "data/home.id",
    "secrets/professional/x.token",
    "evil",
]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_archive_puts_a_file_where_a_home_has_none(name, tmp_path):
    strange = packed(tmp_path, {"config/netbot.yaml": b"", name: b"evil"})
    with pytest.raises(NetbotError, match="cannot be restored, nothing was put in place"):
        restore(strange, tmp_path / "new", NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["strange.zip"]
    assert not archive.is_ours(name)


@pytest.mark.parametrize("name", ["config/netbot.yaml", "rules/private/a b.yaml", "data/web.db"])
def test_what_a_home_has_is_taken(name):
    assert archive.is_ours(name)


def test_names_of_secrets_stay_below_their_folder():
    assert archive.is_secret_name("professional/studio.token")
    for name in ("../x", "/x", "a/../../x", "", "a//b", "a\\..\\b"):
        assert not archive.is_secret_name(name)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"format": 2}, "netbot 0.1.0 made it: install that version"),
        ({"files": {}}, "other files than its manifest says"),
        ({"files": 7}, "manifest cannot be read"),
        ({"format": "x"}, "manifest cannot be read"),
        ({"files": {"config/a": {"sha256": "", "size": 1}}}, "config/a is not what the manifest"),
        ({"files": {"config/a": {"sha256": "", "size": 10**12}}}, "config/a is not what the"),
        ({"files": {"config/a": {"sha256": "", "size": -1}}}, "config/a is not what the manifest"),
        ({"files": {"config/a": {"sha256": "", "size": "all"}}}, "manifest cannot be read"),
        ({"home": None, "revisions": 3}, "manifest cannot be read"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(facts, why, tmp_path):
    strange = packed(tmp_path, {"config/a": b"0" * 100_000}, **facts)
    with pytest.raises(NetbotError, match=why):
        restore(strange, tmp_path / "new", NOON)
    assert not (tmp_path / "new").exists()


def test_what_is_no_backup_is_said(tmp_path):
    (tmp_path / "x.zip").write_text("shopping list")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as made:
        made.writestr("photo.jpg", b"")
    for name, why in (("x.zip", "not a zip file"), ("y.zip", "it is no backup of netbot")):
        with pytest.raises(NetbotError, match=why):
            restore(tmp_path / name, tmp_path / "new", NOON)
    with pytest.raises(FileNotFoundError):
        restore(tmp_path / "none.zip", tmp_path / "new", NOON)


def test_another_packing_is_refused(tmp_path):
    file = packed(tmp_path, {"config/a": b"a"})
    with zipfile.ZipFile(file, "a", zipfile.ZIP_BZIP2) as made:
        made.writestr("config/b", b"b")
    with pytest.raises(NetbotError, match="packed in a way that netbot does not pack"):
        restore(file, tmp_path / "new", NOON)


def test_a_sealed_name_that_leads_out_is_refused(tmp_path):
    evil = json.dumps({"../../evil": base64.b64encode(b"x").decode()}).encode()
    strange = packed(tmp_path, {"secrets.sealed": seal.seal(evil, PASSPHRASE)})
    with pytest.raises(NetbotError, match="no home has a secret"):
        restore(strange, tmp_path / "new", NOON, tell)
    assert [path.name for path in tmp_path.iterdir()] == ["strange.zip"]


def database(tmp_path: Path, sphere: str, spoil: str = "") -> bytes:
    file = tmp_path / "spoilt.db"
    with Store(f"sqlite:///{file}", sphere) as store, store.write() as tx:
        texts.put(tx, "acme", ["x"], NOON)
        if spoil:
            tx.exec_driver_sql(spoil)
    try:
        return file.read_bytes()
    finally:
        file.unlink()


@pytest.mark.parametrize(
    ("sphere", "spoil", "why"),
    [
        ("private", "", "belongs to the sphere private"),
        ("professional", "UPDATE alembic_version SET version_num = '9999'", "by a newer netbot"),
    ],
)
def test_a_database_that_cannot_be_opened_is_not_put_in_place(sphere, spoil, why, tmp_path):
    body = database(tmp_path, sphere, spoil)
    strange = packed(tmp_path, {"data/professional/netbot.db": body})
    with pytest.raises(NetbotError, match=why):
        restore(strange, tmp_path / "new", NOON)
    assert not (tmp_path / "new").exists()


def test_damage_is_found_on_both_ways(home, tmp_path):
    good = home / "data" / "private" / "netbot.db"
    flip(good)
    with pytest.raises(StoreError, match="is damaged"):
        back_up(home, tmp_path / "backup.zip", NOON)
    assert not (tmp_path / "backup.zip").exists()
    strange = packed(tmp_path, {"data/private/netbot.db": good.read_bytes()})
    with pytest.raises(NetbotError, match="is damaged"):
        restore(strange, tmp_path / "new", NOON)
    assert not (tmp_path / "new").exists()


def test_an_older_database_comes_back_up_to_date(home, tmp_path):
    with closing(sqlite3.connect(tmp_path / "old.db")) as made:
        made.executescript(schemas.kept("0001") + FIRST_HOUSE)
    body = (tmp_path / "old.db").read_bytes()
    file = packed(
        tmp_path,
        {"data/professional/netbot.db": body, "config/professional.yaml": b"clients: []\n"},
    )
    restore(file, tmp_path / "new", NOON)
    with app.open_sphere(tmp_path / "new", "professional", NOON) as sphere:
        assert sphere.store.find_damage() == ""
    assert copies.revision(tmp_path / "new" / "data" / "professional" / "netbot.db") > "0001"
    assert list((tmp_path / "new" / "data" / "professional" / "backups").iterdir())
