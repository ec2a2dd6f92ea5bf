"""``netbot source problems`` and ``settle`` as scripts and people call them."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from netbot import app, clock
from netbot.cli.sources import app as commands
from netbot.cli.sources import tell_problem
from netbot.engine import problems, watch
from netbot.model import UsageError
from netbot.text import translator
from tests.house import BLOG, Shelf, days, post

SPHERE = f"""
accounts:
  - {{id: anna-web, network: web, handle: Anna Muster}}
clients:
  - {{id: acme, name: ACME, sources: ["{BLOG}"]}}
"""


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def home(tmp_path: Path, now: datetime) -> Path:
    """A home in which twelve posts are set aside."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "netbot.yaml").write_text("language: de\nrules: {shipped: false}\n")
    (tmp_path / "config" / "professional.yaml").write_text(SPHERE, encoding="utf-8")
    shelf = Shelf()
    with app.open_sphere(tmp_path, "professional", now) as sphere:
        shelf.show(BLOG)
        watch(sphere.store, {"web": shelf}, sphere.desk, now - days(1))
        shown = [post(f"p{n}", published_at=now - days(n / 4)) for n in range(12)]
        shelf.show(BLOG, *shown)
        watch(sphere.store, {"web": shelf}, sphere.desk, now)
    return tmp_path


def run(*arguments: str):
    return CliRunner().invoke(commands, list(arguments))


def test_problems_are_listed_with_what_mends_them(home: Path):
    result = run("problems", "--home", str(home))
    assert result.exit_code == 3
    assert "12 " in result.output
    assert f"netbot source settle {BLOG} --new" in result.output
    (item,) = json.loads(run("problems", "--home", str(home), "--json").output)["items"]
    assert (item["sphere"], item["kind"], item["client"]) == (
        "professional",
        "quarantined",
        "acme",
    )
    assert "12 posts at once" in item["what"]


@pytest.mark.parametrize(("answer", "cards"), [("--new", 12), ("--old", 0)])
def test_an_answer_settles_it(home: Path, answer: str, cards: int):
    result = run("settle", BLOG, answer, "--home", str(home), "--json")
    assert json.loads(result.output)["suggested"] == cards
    assert run("problems", "--home", str(home)).exit_code == 0
    again = run("settle", BLOG, answer, "--home", str(home))
    assert isinstance(again.exception, UsageError)


def test_an_answer_must_be_one(home: Path):
    for arguments in (("settle", BLOG), ("settle", "https://other.example/", "--new")):
        assert isinstance(run(*arguments, "--home", str(home)).exception, UsageError)


def test_a_person_reads_what_was_done(home: Path):
    assert "12" in run("settle", BLOG, "--new", "--home", str(home)).output


def test_every_language_tells_the_same_facts(home: Path, now: datetime):
    with app.open_sphere(home, "professional", now) as sphere:
        (problem,) = problems(sphere.store, sphere.house, now)
    for language in ("de", "en"):
        assert BLOG in tell_problem(problem, translator(language))
