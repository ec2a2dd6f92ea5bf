"""What is remembered of rule files: taken over only where it is sound, and fits the file."""

import json
import shutil

import pytest

from netbot import rules
from netbot.rules import files, remembering

MOMENT = files.shipped_folder() / "moment.yaml"


@pytest.fixture(autouse=True)
def forgetful():
    """A process of its own for every test."""
    files._READ.clear()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A folder that remembers the shipped file."""
    folder = tmp_path_factory.mktemp("cache")
    files._READ.clear()
    files.read_file(MOMENT, "shipped/moment.yaml", folder)
    return folder / "rule-file-moment.json"


def read(folder):
    return files.read_file(MOMENT, "shipped/moment.yaml", folder)


def test_what_is_remembered_equals_what_was_read(told):
    fresh = read(None)
    files._READ.clear()
    again = read(told.parent)
    assert (again.data, again.spots) == (fresh.data, fresh.spots)
    assert (again.name, again.sha256) == (fresh.name, fresh.sha256)


def test_it_is_taken_over(told, tmp_path):
    head, _, body = told.read_bytes().partition(b"\n")
    planted = json.loads(body) | {"data": {"moment": []}, "spots": []}
    remembering.remember(tmp_path, told.name, head.split()[0].decode(), planted)
    assert read(tmp_path).data == {"moment": []}


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"Trauerfall", b"Grillabend"),
        lambda whole: b"0" * 64 + whole[64:],
        lambda whole: b"\xff" + whole,
        lambda whole: b"[" * 100_000,
    ],
)
def test_damage_and_age_count_as_nothing(told, tmp_path, harm):
    file = tmp_path / told.name
    file.write_bytes(harm(told.read_bytes()))
    assert read(tmp_path).data == read(None).data
    assert file.read_bytes() == told.read_bytes(), "and the file is mended"


def test_sound_bytes_that_are_no_json_count_as_nothing(tmp_path):
    body = b"{"
    head = remembering._head("x", body).encode()
    (tmp_path / "file").write_bytes(head + b"\n" + body)
    assert remembering.recall(tmp_path, "file", "x") is None


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path):
    (tmp_path / "file").write_text("")
    remembering.remember(tmp_path / "file", "name", "x", {})
    remembering.remember(None, "name", "x", {})
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_files_of_a_home_are_read_anew(tmp_path):
    shutil.copy(MOMENT, tmp_path / "moment.yaml")
    files.read_file(tmp_path / "moment.yaml", "rules/moment.yaml", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["moment.yaml"]


def test_loading_remembers_files_and_forms_in_each_place(tmp_path):
    assert rules.load(home=None, sphere=None) is rules.load(home=None, sphere=None, cache=tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "rule-file-moment.json",
        "rule-file-nonsense.json",
        "rule-words.json",
    ]
