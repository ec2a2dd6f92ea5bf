"""The house's own keys: from its file to the page and the terminal."""

from pathlib import Path

import pytest

from netbot import app
from netbot.config.stored import house_from_json, house_to_json
from netbot.keys import KEYS, LABELS, key_of, keys_of, twice
from netbot.model import House


def house_of(folder: Path, keys: str) -> House:
    (folder / "config").mkdir()
    (folder / "config" / "netbot.yaml").write_text(f"web: {{keys: {keys}}}\n")
    (folder / "config" / "private.yaml").write_text("clients: []\n")
    return app.read_config(folder).houses["private"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("true", {}),
        ("false", None),
        ("{}", {}),
        ('{approve: y, not_done: "1"}', {"approve": "y", "not_done": "1"}),
        ("{approve: s, skip: a}", {"approve": "s", "skip": "a"}),
    ],
)
def test_keys_are_kept_as_written(tmp_path, written, kept):
    house = house_of(tmp_path, written)
    assert house.keys == kept
    assert house_from_json(house_to_json(house)) == house


def test_each_deed_has_one_key_and_a_name():
    assert LABELS.keys() == KEYS.keys()
    assert twice({}) == ""
    assert twice({"approve": "s"}) == "s"
    assert twice({"approve": "s", "skip": "a"}) == ""
    assert keys_of(None) == {}
    assert keys_of({"approve": "y"}) == {**KEYS, "approve": "y"}
    assert [key_of(own, "approve") for own in (None, {}, {"approve": "y"})] == ["a", "a", "y"]
