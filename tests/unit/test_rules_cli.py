"""``netbot rules judge`` and ``test`` as scripts and people call them."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from netbot import rules
from netbot.cli.rules import app
from netbot.model import UsageError
from netbot.rules.scores import NAMES

RULES = """\
never:
  - name: bad
    when: {phrase: ["böse", evil]}
    because: "sagt „{match}“"
    examples:
      refuse: ["Das ist böse."]
      pass:
        - "Das ist evil."
champion:
  - {name: good, when: {phrase: gut}, suggest: like}
"""
POSTS = [
    {"id": 1, "text": "Ganz BÖSE, aber gut."},
    {"id": "zwei", "text": "Alles gut."},
    {"id": 3},
    {"id": 4, "text": "Wir nehmen Abschied von Karl."},
]


@pytest.fixture(scope="module")
def remembered(tmp_path_factory):
    """The forms of the shipped words, so that the child runs once."""
    folder = tmp_path_factory.mktemp("cache")
    rules.load(home=None, sphere=None, cache=folder)
    return next(folder.iterdir())


@pytest.fixture
def home(tmp_path, remembered):
    (tmp_path / "rules" / "private").mkdir(parents=True)
    (tmp_path / "data" / "private").mkdir(parents=True)
    for folder in (tmp_path / "data", tmp_path / "data" / "private"):
        shutil.copy(remembered, folder)
    (tmp_path / "rules" / "values.yaml").write_text(RULES, encoding="utf-8")
    extra = "never:\n  - {name: secret, when: {phrase: alles}, because: x}\n"
    (tmp_path / "rules" / "private" / "mine.yaml").write_text(extra, encoding="utf-8")
    return tmp_path


def call(*arguments, **options):
    return CliRunner().invoke(app, list(map(str, arguments)), **options)


def lines(*posts):
    return "".join(json.dumps(post) + "\n" for post in posts)


def test_one_line_out_for_each_line_in(home):
    result = call("judge", "--json", "--home", home, input=lines(*POSTS) + "no json\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 4
    assert [answer["id"] for answer in answers] == [1, "zwei", 3, 4, None]
    assert [answer.get("verdict") for answer in answers] == ["refuse", "pass", None, "skip", None]
    assert answers[0]["rules"][0] == {
        "rule": "bad",
        "file": "rules/values.yaml",
        "line": 2,
        "matched": "BÖSE",
        "because": "sagt „BÖSE“",
    }
    assert answers[1]["score"].keys() == {"good", "total", "kindness", "offence", "spam", "bait"}
    assert (answers[1]["score"]["good"], answers[1]["score"]["total"]) == (1, 1)
    assert answers[0]["score"]["total"] == 0
    assert answers[1]["suggest"] == ["like"]
    assert answers[3]["link"] == "moment"
    assert answers[3]["suggest"] == ["gesture"]


def test_without_a_home_the_shipped_rules_judge():
    result = call("judge", "-", "--json", input=lines({"text": "böse"}), env={"NETBOT_HOME": ""})
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    score = told.pop("score")
    assert told == {"id": None, "verdict": "pass", "link": None, "rules": [], "suggest": []}
    assert (score.pop("total"), set(score)) == (0, set(NAMES))
    assert all(0 <= value <= 1 for value in score.values())


def test_a_file_for_people_in_one_sphere(home):
    file = home / "posts.jsonl"
    file.write_text(lines(*POSTS[:3]), encoding="utf-8")
    result = call("judge", file, "--sphere", "private", env={"NETBOT_HOME": str(home)})
    assert result.stdout.splitlines() == [
        "1: refuse; sagt „BÖSE“ (rules/values.yaml:2); good (rules/values.yaml:10)",
        "zwei: refuse; x (rules/private/mine.yaml:2); good (rules/values.yaml:10)",
        '3: error: "text" is missing',
    ]


@pytest.mark.parametrize(
    "arguments",
    [("--sphere", "private"), ("--home", "nowhere"), ("missing.jsonl",)],
)
def test_calls_that_make_no_sense(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("judge", *arguments, env={"NETBOT_HOME": ""})
    assert isinstance(result.exception, UsageError)


def test_examples_that_fail_are_named_with_their_place(home):
    result = call("test", "--home", home)
    assert result.exit_code == 3
    first, last = result.stdout.splitlines()
    place = "rules/values.yaml:8: bad: should give pass, gives refuse"
    assert first == f"{place}: “Das ist evil.”"
    assert last.endswith("rules, 1 not as they should.")


def test_shipped_rules_and_the_example_pass_their_own_examples(tmp_path):
    from netbot.rules.files import shipped_folder

    (tmp_path / "rules").mkdir()
    example = (shipped_folder() / "values.example.yaml").read_text(encoding="utf-8")
    (tmp_path / "rules" / "values.yaml").write_text(example, encoding="utf-8")
    result = call("test", "--home", tmp_path)
    assert result.exit_code == 0, result.stdout
