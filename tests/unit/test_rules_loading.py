"""Rule files: what is refused and where, which files count, and which rule replaces which."""

import shutil
from pathlib import Path

import pytest

from netbot import rules, yamlfile
from netbot.model import ConfigError
from netbot.rules import files

BROKEN = yamlfile.load(Path(__file__).parent / "rules" / "broken.yaml").data
RULE = "never:\n  - {{name: {name}, when: {{phrase: {phrase}}}, because: b}}\n"


def write(home, path, text):
    file = home / "rules" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A folder that remembers the forms of the shipped words, so that the child runs once."""
    folder = tmp_path_factory.mktemp("cache")
    rules.load(home=None, sphere=None, cache=folder)
    return folder


def load(home, **options):
    options = {"sphere": None, "shipped": False} | options
    return rules.load(home=home, **options)


def test_there_are_enough_broken_files():
    assert len(BROKEN) >= 25


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case['at']} {case['says']}")
def test_broken_file_is_named_with_its_place(tmp_path, case):
    write(tmp_path, "broken.yaml", case["file"])
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    told = [p for p in caught.value.problems if f"{p.line}:{p.column}" == case["at"]]
    assert told, str(caught.value)
    assert any(case["says"] in problem.message for problem in told)
    assert {problem.file for problem in told} == {"rules/broken.yaml"}


def test_problems_of_all_files_come_together(tmp_path):
    write(tmp_path, "a.yaml", "nevr: []\n")
    write(tmp_path, "b.yaml", "never: [\n")
    write(tmp_path, "private/c.yaml", "never: 7\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, sphere="private")
    assert {p.file for p in caught.value.problems} == {
        "rules/a.yaml",
        "rules/b.yaml",
        "rules/private/c.yaml",
    }


def test_same_name_in_two_files_of_a_layer_is_refused(tmp_path):
    write(tmp_path, "a.yaml", RULE.format(name="same", phrase="x"))
    write(tmp_path, "b.yaml", RULE.format(name="same", phrase="y"))
    with pytest.raises(ConfigError, match=r"rules/b\.yaml:2:12: .*rules/a\.yaml:2"):
        load(tmp_path)


def test_rules_that_are_no_mappings_have_no_names(tmp_path):
    write(tmp_path, "a.yaml", "never: [7, {name: 8}]\nmoment: x\n")
    with pytest.raises(ConfigError):
        load(tmp_path)
    write(tmp_path, "a.yaml", "- never\n")
    with pytest.raises(ConfigError):
        load(tmp_path)


def test_later_layer_replaces_a_rule_of_the_same_name(tmp_path, cache):
    write(tmp_path, "a.yaml", RULE.format(name="shouting", phrase="x"))
    write(tmp_path, "private/b.yaml", RULE.format(name="shouting", phrase="y"))
    for sphere, file in ((None, "rules/a.yaml"), ("private", "rules/private/b.yaml")):
        loaded = load(tmp_path, sphere=sphere, shipped=True, cache=cache)
        assert [r.file for r in loaded.rules if r.name == "shouting"] == [file]


def test_examples_and_other_spheres_and_empty_files_do_not_count(tmp_path):
    write(tmp_path, "values.example.yaml", "nevr: []\n")
    write(tmp_path, "private/x.yaml", RULE.format(name="hidden", phrase="x"))
    write(tmp_path, "empty.yaml", "")
    write(tmp_path, "hollow.yaml", "never:\n")
    assert load(tmp_path).rules == ()
    assert load(tmp_path, sphere="professional").rules == ()


def test_home_without_rules_has_the_shipped_ones(tmp_path, cache):
    names = {rule.file for rule in load(tmp_path, shipped=True, cache=cache).rules}
    assert names == {"shipped/nonsense.yaml", "shipped/moment.yaml"}
    assert load(tmp_path).rules == ()
    assert load(None).rules == ()


def test_shipped_files_in_a_home_are_not_read_twice(tmp_path, cache):
    (tmp_path / "rules").symlink_to(files.shipped_folder())
    shipped = {"shipped/nonsense.yaml", "shipped/moment.yaml"}
    found = {rule.file for rule in load(tmp_path, shipped=True, cache=cache).rules}
    assert shipped <= found
    assert not found & {"rules/nonsense.yaml", "rules/moment.yaml"}


def test_shipped_rules_lie_in_the_package_or_beside_it(tmp_path):
    assert files.shipped_folder().name == "rules"
    (tmp_path / "netbot" / "rules" / "shipped").mkdir(parents=True)
    packaged = files.shipped_folder(tmp_path / "netbot" / "rules")
    assert packaged == tmp_path / "netbot" / "rules" / "shipped"


def test_digest_follows_names_and_bytes(tmp_path):
    file = write(tmp_path, "a.yaml", RULE.format(name="one", phrase="x"))
    first = load(tmp_path).digest
    assert load(tmp_path).digest == first
    file.write_text(RULE.format(name="one", phrase="y"))
    second = load(tmp_path).digest
    shutil.move(file, file.with_name("b.yaml"))
    assert len({first, second, load(tmp_path).digest}) == 3


def test_file_that_cannot_be_read_is_a_problem(tmp_path):
    (tmp_path / "rules" / "a.yaml").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_rules_cannot_be_changed(tmp_path):
    with pytest.raises(AttributeError):
        load(tmp_path).digest = ""
