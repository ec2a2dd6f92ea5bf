"""The daily copy of a database, and which copies stay."""

import random
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise

import pytest

from netbot.model import Damaged, StoreError
from netbot.ops import daily, damage
from netbot.ops.daily import DAYS, MONTHS, WEEKS, keep_copy, newest_copy, worth_keeping
from netbot.store import Store, copies, texts
from tests.house import NOON, days

MOST = DAYS + WEEKS + MONTHS


@pytest.fixture
def folder(tmp_path):
    with Store(f"sqlite:///{tmp_path}/netbot.db", "professional") as store, store.write() as tx:
        texts.put(tx, "acme", ["Grüße"], NOON)
    return tmp_path


def body(file):
    with closing(sqlite3.connect(file)) as database:
        return database.execute("SELECT body FROM texts").fetchall()


def test_a_year_of_copies_day_by_day():
    kept: set[date] = set()
    start = date(2026, 1, 1)
    for number in range(400):
        today = start + timedelta(days=number)
        kept = worth_keeping(kept | {today}, today)
        assert {today - timedelta(days=n) for n in range(min(number + 1, DAYS))} <= kept
        assert len(kept) <= MOST
    today = start + timedelta(days=399)
    ages = sorted((today - day).days for day in kept)
    assert len({day.isocalendar()[:2] for day in kept}) >= WEEKS
    assert len({(day.year, day.month) for day in kept}) == MONTHS
    assert max(after - before for before, after in pairwise(ages)) <= 31
    assert ages[-1] > 120


def test_days_without_a_copy_push_nothing_out():
    chance = random.Random(7)
    for _ in range(200):
        every = {date(2026, 1, 1) + timedelta(days=chance.randrange(900)) for _ in range(40)}
        kept = worth_keeping(every, max(every))
        assert kept <= every
        assert DAYS <= len(kept) <= MOST
        assert set(sorted(every)[-DAYS:]) <= kept
        assert worth_keeping(kept, max(every)) == kept


def test_a_wrong_clock_costs_no_copy():
    good = {date(2026, 11, 1) + timedelta(days=n) for n in range(7)}
    assert worth_keeping(good | {date(1970, 1, 1)}, date(1970, 1, 1)) == good | {date(1970, 1, 1)}
    far = {date(2099, 1, 1) + timedelta(days=n) for n in range(99)}
    kept = worth_keeping(good | far, date(2026, 11, 7))
    assert good <= kept
    assert len(kept) <= 2 * MOST


def test_a_copy_a_day_and_too_many_go(folder):
    (folder / copies.FOLDER).mkdir()
    strangers = [folder / copies.FOLDER / name for name in ("2026-99-99.db", "before-upgrade-1.db")]
    for stranger in strangers:
        stranger.touch()
    for number in range(20):
        made = keep_copy(folder, NOON + days(number))
        assert made is not None
        assert body(made) == [("Grüße",)]
        assert keep_copy(folder, NOON + days(number)) is None
        assert newest_copy(folder) == made
    names = {path.name for path in (folder / copies.FOLDER).iterdir()}
    ends = {"2026-11-29.db", "2026-11-30.db"}  # of a week and of a month
    last = {f"2026-12-{day:02}.db" for day in range(6, 13)}
    assert names == {each.name for each in strangers} | ends | last


def test_a_copy_is_one_file_that_others_cannot_read(folder):
    made = keep_copy(folder, NOON)
    assert made is not None
    assert [path.name for path in made.parent.iterdir()] == ["2026-11-23.db"]
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    assert copies.revision(made) == copies.revision(folder / "netbot.db") != ""


def test_a_copy_holds_what_a_writer_had_committed(folder):
    with Store(f"sqlite:///{folder}/netbot.db", "professional") as store, store.write() as tx:
        texts.put(tx, "acme", ["half"], NOON)
        made = keep_copy(folder, NOON)
    assert made is not None
    assert body(made) == [("Grüße",)]


def test_what_is_no_database_gives_no_copy_and_the_old_one_stays(folder):
    made = keep_copy(folder, NOON)
    assert made is not None
    before = made.read_bytes()
    (folder / "netbot.db").write_text("shopping list\n" * 500)
    with pytest.raises(Damaged, match="is not a netbot database"):
        copies.copy(folder / "netbot.db", made)
    (folder / "netbot.db").unlink()
    with pytest.raises(StoreError, match="cannot be used now: unable to open"):
        copies.copy(folder / "netbot.db", made)
    assert made.read_bytes() == before
    assert not (folder / "netbot.db").exists()
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def flip(file):
    """Overwrite the page in the middle of a table, as failing disks do."""
    with closing(sqlite3.connect(file)) as database:
        page, size = database.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) "
            "FROM sqlite_master WHERE name = 'texts'"
        ).fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xa5" * size)


def test_a_flipped_page_is_found_and_the_way_back_named(folder):
    made = keep_copy(folder, NOON)
    with Store(f"sqlite:///{folder}/netbot.db", "professional") as store:
        assert damage.look(store, folder) == damage.find(folder) == ""
    flip(folder / "netbot.db")
    with Store(f"sqlite:///{folder}/netbot.db", "professional") as store:
        told = damage.look(store, folder)
        assert told == damage.find(folder)
        assert f"stop netbot and put {made} in its place" in told
        with pytest.raises(Damaged, match="backups keeps some"), store.read() as tx:
            texts.get(tx, "acme", [texts.sha256("Grüße")])
    with pytest.raises(Damaged, match="is damaged"):
        keep_copy(folder, NOON + days(1))
    assert made is not None
    assert newest_copy(folder) == made
    (folder / "netbot.db").write_bytes(made.read_bytes())
    with Store(f"sqlite:///{folder}/netbot.db", "professional") as store:
        assert damage.look(store, folder) == damage.find(folder) == ""


def test_a_copy_that_is_not_whole_is_none(folder):
    """The count of free pages in the header is wrong: SQLite copies that without a word."""
    with (folder / "netbot.db").open("r+b") as raw:
        raw.seek(36)
        raw.write(b"\0\0\0\7")
    with pytest.raises(Damaged, match=r"is damaged, no copy was made: .*[Ff]reelist"):
        keep_copy(folder, NOON)
    assert list((folder / copies.FOLDER).iterdir()) == []


def test_a_database_of_nobody_has_no_revision(tmp_path):
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    assert copies.revision(tmp_path / "empty.db") == ""


def test_without_a_copy_that_is_said(folder):
    assert "there is no copy of it" in damage.note(folder, "page 7")
    (folder / "damaged").write_text("")
    assert damage.find(folder).endswith("is damaged")
    assert daily.newest_copy(folder) is None
