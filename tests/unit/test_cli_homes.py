"""Making a home, checking it, looking at its clients."""

import os
from pathlib import Path

import pytest

from netbot import yamlfile
from netbot.cli import homes
from netbot.rules.files import shipped_folder

UNIT = Path(__file__).parent
CONFIGS = yamlfile.load(UNIT / "config" / "broken.yaml").data
RULES = yamlfile.load(UNIT / "rules" / "broken.yaml").data
GOOD = {
    "config/netbot.yaml": "rules: {shipped: false}\n",
    "config/private.yaml": "clients: []\n",
    "config/professional.yaml": "clients: []\n",
}


def write(home, files):
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def snapshot(home):
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def test_a_new_home_works_at_once(anew):
    told = anew("init", "--name", 'Anna "Ä" Muster: Texte')
    assert told.code == 0
    assert set(snapshot(anew.home)) == {
        "config/netbot.yaml",
        "config/private.yaml",
        "config/professional.yaml",
        "rules/values.example.yaml",
    }
    added = f"netbot client add ADDRESS --sphere professional --home {anew.home}"
    assert f"Add a client at http://127.0.0.1:8470/, or here:\n     {added}\n" in told.out
    assert f"netbot run --home {anew.home}" in told.out
    example = (anew.home / "rules" / "values.example.yaml").read_bytes()
    assert example == (shipped_folder() / "values.example.yaml").read_bytes()
    with (anew.home / "config" / "netbot.yaml").open("a", encoding="utf-8") as file:
        file.write("rules: {shipped: false}\n")  # their words take a while to expand
    assert anew("check").out == f"{anew.home}: 2 spheres, 0 clients, no errors\n"
    assert "All caught up" in anew("queue").out
    assert "netbot client add ADDRESS --sphere private\n" in anew("client", "list").out
    assert "netbot watch --once" in anew("status").out
    account = anew("config", "show").json["professional"]["accounts"][0]
    assert account["handle"] == 'Anna "Ä" Muster: Texte'


def test_next_steps_need_no_option_in_the_home_itself(anew, monkeypatch):
    anew.home.mkdir()
    monkeypatch.chdir(anew.home)
    assert "  1. Let netbot watch: netbot run\n" in anew("init").out


def test_what_was_made_as_json(anew):
    told = anew("init", "--json").json
    assert told["home"] == str(anew.home)
    assert "rules/values.example.yaml" in told["files"]


@pytest.mark.parametrize(
    "there", ["config/netbot.yaml", "config/family.yaml", "rules/values.example.yaml"]
)
def test_a_home_is_not_made_twice(anew, there):
    write(anew.home, {there: "language: de\n"})
    before = snapshot(anew.home)
    told = anew("init")
    assert (told.code, told.out) == (2, "")
    assert there in told.err
    assert "nothing was changed" in told.err
    assert snapshot(anew.home) == before


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "de_DE"}, "de"),
        ({"LANG": "C", "LANGUAGE": "de:en"}, "de"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_systems(anew, monkeypatch, environ, language):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    anew("init")
    text = (anew.home / "config" / "netbot.yaml").read_text(encoding="utf-8")
    assert f"\nlanguage: {language} " in text


@pytest.mark.parametrize("case", CONFIGS, ids=lambda case: case["name"])
def test_every_broken_configuration_is_named(case, anew):
    write(anew.home, {f"config/{name}": text for name, text in case["files"].items()})
    told = anew("check")
    assert (told.code, told.out) == (2, "")
    lines = told.err.splitlines()
    places = [expected.partition(": ")[0] for expected in case["expect"]]
    assert [line.partition(": ")[0] for line in lines] == places, told.err
    assert not (anew.home / "data").exists()


@pytest.mark.parametrize("case", RULES, ids=lambda case: f"{case['at']} {case['says']}")
def test_every_broken_rule_is_named(case, anew):
    write(anew.home, GOOD | {"rules/broken.yaml": case["file"]})
    told = anew("check")
    assert (told.code, told.out) == (2, "")
    at = f"rules/broken.yaml:{case['at']}: "
    assert any(line.startswith(at) and case["says"] in line for line in told.err.splitlines())


def test_mistakes_of_configuration_and_rules_come_together_and_once(anew):
    files = {
        "config/netbot.yaml": "langauge: de\n",
        "rules/mine.yaml": "nevr: []\n",
        "rules/private/more.yaml": "never: 7\n",
    }
    write(anew.home, GOOD | files)
    lines = anew("check").err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "config/netbot.yaml:1:1",
        "rules/mine.yaml:1:1",
        "rules/private/more.yaml:1:8",
    ]
    told = anew("check", "--json")
    assert told.code == 2
    assert [problem["file"] for problem in told.json["errors"]] == [
        "config/netbot.yaml",
        "rules/mine.yaml",
        "rules/private/more.yaml",
    ]


def test_hints_are_no_errors(anew):
    write(anew.home, GOOD | {"config/netbot.yaml": "watch: {min_interval_s: 60}\n"})
    told = anew("check")
    assert told.code == 0
    assert "config/netbot.yaml:1:25: " in told.err
    assert told.err.endswith("(a hint, not an error)\n")
    assert "no errors" in told.out
    assert len(anew("check", "--json").json["warnings"]) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"config/Private Things.yaml": "clients: []\n"},
        {"config/private.yml": "clients: []\n"},
        {"config/web.yaml": "clients: []\n"},
        {"config/netbot.yaml": "language: de\n"},
        {"config/private.yaml/folder": ""},
        {"config/private.yaml": "clients: []\n", "rules/x.yaml/folder": ""},
        {"config/private.yaml": "clients: [\n", "rules/x.yaml": "\0"},
    ],
    ids=lambda files: next(iter(files)),
)
def test_odd_homes_are_told_without_a_traceback(files, anew):
    write(anew.home, files)
    told = anew("check")
    assert (told.code, told.out) == (2, "")
    assert ":1:" in told.err


def test_a_broken_file_leaves_the_last_good_configuration(netbot):
    file = netbot.home / "config" / "professional.yaml"
    file.write_text("clients: [\n", encoding="utf-8")
    assert netbot("check").code == 2
    assert netbot("queue").code == 0
    assert netbot("skip", "professional-1", "--why", "other").code == 0
    watched = netbot("watch", "--once")
    assert watched.code == 2
    assert "config/professional.yaml:1:10: " in watched.err
    assert netbot("web").code == 2
    assert netbot("run").code == 2


def test_schemas_for_editors(anew, capsys):
    homes.schema()
    assert '"cadence_days"' in capsys.readouterr().out


def test_clients_and_their_timeline(netbot):
    assert (
        "  none yet      erlengrund      Hospizverein Am Erlengrund\n"
        in netbot("client", "list").out
    )
    netbot("approve", "professional-9", "--text", "Mein Beileid.")
    netbot("done", "professional-9")
    told = netbot("client", "list", "--json").json
    assert {client["id"]: bool(client["last_touch"]) for client in told}["erlengrund"]
    shown = netbot("client", "show", "erlengrund")
    assert shown.out.startswith("Hospizverein Am Erlengrund · Professional\n")
    assert "→ write personally: Mein Beileid." in shown.out
    value = netbot("client", "show", "erlengrund", "--json").json
    assert value["touches"][0]["suggestion"] == "professional-9"
    assert "No contact yet." in netbot("client", "show", "nachtkerzen").out


def test_a_client_nobody_knows_or_two_spheres_know(netbot):
    assert netbot("client", "show", "nobody").code == 2
    client = "clients: [{id: erlengrund, name: Freunde}]\n"
    (netbot.home / "config" / "private.yaml").write_text(client, encoding="utf-8")
    (netbot.home / "data" / "private" / "netbot.db").unlink()
    told = netbot("client", "show", "erlengrund")
    assert told.code == 2
    assert "erlengrund stands in professional and private: say which with --sphere" in told.err
    assert netbot("client", "show", "erlengrund", "--sphere", "private").code == 0


def test_the_environment_of_these_tests_is_clean():
    assert "NETBOT_HOME" not in os.environ
