"""The flag that stops everything, and small files that are there whole or not at all."""

from datetime import UTC, datetime

import pytest

from netbot import app, pause
from netbot.model import PolicyRefused
from netbot.pause import Pause
from netbot.wholefile import write_whole
from tests.house import NOON, hours
from tests.nowhere import no_file_grows

OLD = Pause(since=NOON, former_home="the old one")


def test_a_home_is_stopped_and_goes_on(tmp_path):
    assert app.paused(tmp_path) is None
    begun = app.pause(tmp_path, "Ferien", NOON)
    assert app.paused(tmp_path) == begun == Pause(since=NOON, why="Ferien")
    assert app.pause(tmp_path, "again", NOON + hours(1)) == begun
    assert app.resume(tmp_path) == begun
    assert app.paused(tmp_path) is None
    assert app.resume(tmp_path) is None


def test_a_home_from_a_backup_goes_on_when_the_old_one_is_off(tmp_path):
    pause.begin(tmp_path, OLD)
    app.pause(tmp_path, "forgets nothing", NOON)
    with pytest.raises(PolicyRefused, match="resume --old-is-off"):
        app.resume(tmp_path)
    assert app.paused(tmp_path) == OLD
    assert app.resume(tmp_path, old_is_off=True) == OLD
    assert app.paused(tmp_path) is None


WHOLE = pause.to_bytes(Pause(since=NOON, why="Ferien", former_home="the old one"))


@pytest.mark.parametrize(
    "content",
    [
        *(WHOLE[:length] for length in range(len(WHOLE) - 1)),
        b"null",
        b"[]",
        b'{"since": null}',
        b'{"since": "yesterday"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda content: f"{len(content)} {content[-8:]!r}",
)
def test_a_flag_that_cannot_be_read_stops_as_well(tmp_path, content):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pause").write_bytes(content)
    assert app.paused(tmp_path) == Pause()
    assert app.resume(tmp_path) == Pause()
    assert app.paused(tmp_path) is None


def test_even_a_folder_in_its_place_stops(tmp_path):
    (tmp_path / "data" / "pause").mkdir(parents=True)
    assert app.paused(tmp_path) == Pause()


def test_the_time_is_told_in_utc(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pause").write_text('{"since": "2026-11-23T12:00:00+01:00"}')
    found = app.paused(tmp_path)
    assert found is not None
    assert found.since == datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_without_room_for_words_an_empty_flag_stops(tmp_path):
    with no_file_grows():
        app.pause(tmp_path, "Ferien", NOON)
    assert app.paused(tmp_path) == Pause()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["pause"]


def test_a_file_is_replaced_whole_and_nobody_else_reads_it(tmp_path):
    target = tmp_path / "told"
    for content in (b"first", b"second"):
        write_whole(target, content)
        assert target.read_bytes() == content
    assert target.stat().st_mode & 0o777 == 0o600
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "folder", b"no")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "told"]
