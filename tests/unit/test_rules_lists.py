"""Named lists: their entries count wherever a condition of the same file refers to them."""

import pytest

from netbot import rules
from netbot.model import ConfigError, Context, Post
from tests.house import NOON

LISTS = r"""
lists:
  garden: [Beet, watering can]
  tools: ["Rechen, lang", Spaten]
  numbers: ['\b\d+ €', '\bEUR \d+']
"""


def load(folder, text, name="a.yaml"):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / name).write_text(text, encoding="utf-8")
    return rules.load(home=folder, sphere=None, shipped=False)


def spoke(loaded, text):
    post = Post(network="web", url="", title="", text=text, keys=("k",))
    return [each.matched for each in rules.judge(post, loaded, Context(now=NOON)).reasons]


@pytest.mark.parametrize(
    ("when", "text", "matched"),
    [
        ("{words: $garden}", "Zwei Beete", ["Beete"]),
        ("{words: [$garden, Zaun]}", "Two watering cans", ["watering cans"]),
        ("{words: [$garden, Zaun]}", "Hinter Zäunen", ["Zäunen"]),
        ("{phrase: $garden}", "In allen Beeten blüht es.", []),
        ("{phrase: [$tools]}", "Der Rechen, lang und schwer", ["Rechen, lang"]),
        ("{exact: $tools}", "Mit Spaten", ["Spaten"]),
        ("{regex: [$numbers]}", "kostet 5 € nur", ["5 €"]),
        ("{any: [{none: [{words: $garden}], phrase: x}]}", "x im Beet", []),
        ("{phrase: x, unless: {words: $garden, near: 2}}", "x im Beet", []),
        ("{phrase: x, unless: {words: $garden, near: 2}}", "x hier und da im Beet", ["x"]),
        ("{all: [{phrase: x}, {words: $garden}]}", "x im Beet", ["x"]),
        ("{phrase: $5}", "for $5 only", ["$5"]),
    ],
)
def test_a_list_stands_for_its_entries(tmp_path, when, text, matched):
    rule = f"hesitate:\n  - {{name: a, when: {when}, because: b}}\n"
    assert spoke(load(tmp_path, LISTS + rule), text) == matched


def test_an_excuse_can_be_a_list(tmp_path):
    rule = "hesitate:\n  - {name: a, when: {phrase: x}, unless: {words: $garden}, because: b}\n"
    loaded = load(tmp_path, LISTS + rule)
    assert (spoke(loaded, "x im Beet"), spoke(loaded, "x")) == ([], ["x"])


def test_a_list_counts_in_its_own_file_only(tmp_path):
    load(tmp_path, LISTS)
    with pytest.raises(ConfigError, match="unknown list “garden”"):
        load(tmp_path, "never: [{name: a, when: {words: $garden}, because: b}]\n", "b.yaml")


def test_what_is_no_condition_may_begin_with_the_sign(tmp_path):
    rule = "never:\n  - {name: a, when: {phrase: x}, because: $b, examples: {refuse: [$x x]}}\n"
    assert load(tmp_path, rule).rules[0].because == "$b"


def test_the_lists_of_a_file_are_known_with_their_places(tmp_path):
    loaded = load(tmp_path, LISTS + "never: [{name: a, when: {words: $garden}, because: b}]\n")
    known = [(each.name, each.file, each.line, each.used) for each in loaded.lists]
    assert known == [
        ("garden", "rules/a.yaml", 3, True),
        ("tools", "rules/a.yaml", 4, False),
        ("numbers", "rules/a.yaml", 5, False),
    ]


def test_the_shipped_lists_are_all_asked_for():
    loaded = rules.load(home=None, sphere=None)
    assert [each.name for each in loaded.lists if not each.used] == []


def test_the_schema_for_editors_knows_lists_and_what_a_moment_holds():
    schema = rules.file_schema()
    assert "lists" in schema["properties"]
    assert schema["$defs"]["Moment"]["properties"]["holds"]["enum"] == ["client", "post"]
