"""The command line as a whole: what there is, how it is told, what it loads, how it ends."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from netbot.cli import place
from netbot.cli.main import app, run

PROMISED = {
    "init",
    "check",
    "schema",
    "run",
    "web",
    "watch",
    "queue",
    "show",
    "approve",
    "skip",
    "snooze",
    "undo",
    "perform",
    "done",
    "not-done",
    "review",
    "status",
    "health",
    "demo",
}
GROUPS = {
    "account": ["check", "list"],
    "config": ["show"],
    "client": ["list", "show"],
    "rules": ["judge", "test", "try", "explain", "lint", "stats", "new"],
    "demo": ["serve"],
}
HEAVY = {
    "aiohttp",
    "alembic",
    "apscheduler",
    "atproto",
    "feedparser",
    "praw",
    "re2",
    "rich",
    "ruamel",
    "simplemma",
    "starlette",
    "structlog",
    "tweepy",
    "uvicorn",
}
SPY = """
import sys
from netbot.cli.main import run
code = run(sys.argv[1:])
print(code, *sys.modules, file=sys.stderr)
"""


def commands():
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        yield name, command
        for inner, below in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", below


COMMANDS = dict(commands())


def python(*arguments, **options):
    """A process of its own, with the environment of somebody who just installed netbot."""
    environment = {**os.environ, "COLUMNS": "80", **options.pop("environ", {})}
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        env=environment,
        stdout=options.get("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        encoding=options.get("encoding", "utf-8"),
    )


def test_every_promised_command_is_there():
    below = {f"{group} {name}" for group, names in GROUPS.items() for name in names}
    assert {*PROMISED, *GROUPS, *below} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name):
    command = COMMANDS[name]
    assert command.hidden or command.help, name
    silent = [param.name for param in command.params if not getattr(param, "help", "")]
    assert silent == []


def test_no_line_of_the_list_is_cut(capsys):
    for group in ([], *([name] for name in GROUPS)):
        assert run([*group, "--help"]) == 0
        assert "..." not in capsys.readouterr().out.replace("[ARGS]...", "")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in {"config", "client"}])
def test_help_of_every_command_comes_without_a_home(name, capsys):
    assert run([*name.split(), "--help"]) == 0
    assert "Usage: netbot" in capsys.readouterr().out


def test_shared_options_stand_before_or_behind(netbot, capsys):
    home = ["--home", str(netbot.home)]
    ways = (
        [*home, "--sphere", "private", "--json", "queue"],
        ["queue", *home, "--sphere", "private", "--json"],
        ["--json", f"--home={netbot.home}", "queue", "--sphere=private"],
        ["--json", "--sphere", "private", "queue", *home],
    )
    said = []
    for way in ways:
        assert run(way) == 0
        said.append(capsys.readouterr().out)
    assert len(set(said)) == 1
    assert '"id": "private-' in said[0]


@pytest.mark.parametrize(
    "way",
    [
        ["client", "list"],
        ["client", "show", "nachtkerzen"],
        ["status"],
        ["config", "show"],
        ["show", "private-1"],
        ["rules", "explain", "private-1"],
        ["perform", "--once"],
    ],
    ids=" ".join,
)
def test_shared_options_of_every_command(way, netbot, capsys):
    shared = ["--home", str(netbot.home), "--sphere", "private", "--json"]
    assert run([*shared, *way]) == 0
    before = capsys.readouterr().out
    assert run([*way, *shared]) == 0
    assert capsys.readouterr().out == before
    assert before.startswith(("{", "["))
    assert "professional-" not in before


def test_what_follows_two_dashes_is_no_option():
    moved = place.move_behind(["--home", "x", "show", "--", "--json"])
    assert moved == ["show", "--home", "x", "--", "--json"]
    assert place.move_behind(["--home", "x"]) == []
    assert place.move_behind(["--json", "--help"]) == ["--help"]


def test_home_comes_from_the_environment(netbot, monkeypatch, capsys):
    monkeypatch.setenv("NETBOT_HOME", str(netbot.home))
    assert run(["queue", "--sphere", "private"]) == 0
    assert "private-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["queue", "--nope"], "No such option: --nope"),
        (["show"], "Missing argument 'id'.\nSee: netbot show --help"),
        (["skip", "x-1"], "Missing option '--why'"),
        (["skip", "x-1", "--why", "boring"], "“boring” is none of nonsense, values, moment"),
        (["approve", "x-1", "--verb", "poke"], "“poke” is none of like, share"),
        (["web", "--port", "high"], "Invalid value for '--port'"),
        (["web", "--port", "99999"], "65535"),
        (["demo", "--language", "fr"], "'fr' is not one of 'de', 'en'"),
        (["watch"], "say --once"),
        (["perform"], "say --once"),
        (["worker"], "--sphere professional"),
        (["review"], "review needs a terminal"),
        (["client"], "Usage: netbot client"),
        ([], "Usage: netbot"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_call_is_exit_2_and_says_why(way, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(way) == 2
    out, err = capsys.readouterr()
    assert words in err
    assert out == ""


def test_a_home_that_is_missing_or_a_file(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run(["queue", "--home", str(tmp_path)]) == 2
    assert "`netbot init` makes one" in capsys.readouterr().err
    assert run(["queue", "--home", str(tmp_path / "file")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_an_unreadable_place_is_told_without_a_traceback(anew):
    anew("init")
    (anew.home / "data").write_text("in the way")
    told = anew("queue")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(f"netbot: {anew.home / 'data'}")


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("netbot ")


@pytest.mark.parametrize(
    "way",
    [
        ["--help"],
        ["queue"],
        ["show", "professional-1"],
        ["approve", "professional-1", "--text", "Schön."],
        ["skip", "professional-2", "--why", "other"],
    ],
    ids=lambda way: way[0],
)
def test_quick_commands_load_nothing_heavy(way, netbot):
    told = python("-c", SPY, *way, environ={"NETBOT_HOME": str(netbot.home)})
    code, *modules = told.stderr.split()
    assert code == "0", told.stderr
    policy = {"ruamel"} if way[0] in {"approve", "skip"} else set()
    assert HEAVY & {*modules} <= policy
    assert "pydantic" not in modules or policy
    if way == ["--help"]:
        assert "sqlalchemy" not in modules


def test_a_reader_who_has_seen_enough_ends_it_silently(netbot):
    reading, writing = os.pipe()
    os.close(reading)
    told = python("-m", "netbot", "queue", "--home", str(netbot.home), stdout=writing)
    os.close(writing)
    assert (told.returncode, told.stderr) == (1, "")


def test_a_full_disk_is_told(netbot):
    with Path("/dev/full").open("w") as full:
        told = python("-m", "netbot", "queue", "--home", str(netbot.home), stdout=full)
    assert (told.returncode, told.stderr) == (1, "netbot: output: No space left on device\n")


def test_a_narrow_character_set_loses_no_json(netbot):
    narrow = {"PYTHONIOENCODING": "latin-1", "NETBOT_HOME": str(netbot.home)}
    told = python("-m", "netbot", "queue", "--json", environ=narrow)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.isascii()
    assert "B\\u00fccherregalen" in told.stdout
    told = python("-m", "netbot", "queue", environ=narrow, encoding="latin-1")
    assert "Bücherregalen" in told.stdout


@pytest.mark.parametrize("error", [KeyboardInterrupt, typer.Abort])
def test_interrupted(error, capsys):
    def interrupt() -> None:
        raise error

    app.command("test-interrupt", hidden=True)(interrupt)
    try:
        assert run(["test-interrupt"]) == 130
    finally:
        app.registered_commands.pop()
    assert "Traceback" not in capsys.readouterr().err
