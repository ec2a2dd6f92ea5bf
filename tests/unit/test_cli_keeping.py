"""The commands that stop a home, keep it and bring it back."""

import pytest

from netbot import app, clock, pause
from netbot.cli import keeping
from netbot.cli.place import place
from netbot.ops.archive import Manifest
from netbot.ops.restore import Restored
from netbot.pause import Pause
from netbot.store import texts
from tests.unit.conftest import Commands
from tests.unit.test_cli_adding import Terminal

PASSPHRASE = "richtig Pferd Batterie"


@pytest.fixture
def at_desk(anew: Commands) -> Commands:
    """A new home, in English, that has been opened."""
    assert anew("init").code == 0
    with (anew.home / "config" / "netbot.yaml").open("a", encoding="utf-8") as file:
        file.write("rules: {shipped: false}\n")
    assert anew("queue").code == 0
    return anew


def test_paused_is_said_everywhere(at_desk):
    told = at_desk("pause", "--why", "On holiday.")
    assert told.code == 0
    assert "nothing goes out" in told.out
    for command in ("queue", "status", "health"):
        said = at_desk(command)
        assert "Paused since" in said.out
        assert "On holiday." in said.out
        assert "netbot resume" in said.out
        flag = at_desk(command, "--json").json["paused"]
        assert (flag["why"], flag["restored"]) == ("On holiday.", False)
    assert at_desk("pause", "--json").json["why"] == "On holiday."
    assert at_desk("resume").out == "netbot goes on.\n"
    assert at_desk("resume").out == "netbot was not paused.\n"
    assert at_desk("resume", "--json").json == {"version": 1, "paused": None}
    for command in ("queue", "status", "health"):
        assert "Paused" not in at_desk(command).out
        assert at_desk(command, "--json").json["paused"] is None


def test_a_flag_without_words_is_said_too(at_desk):
    (at_desk.home / "data" / "pause").touch()
    assert "Paused since ?: nothing goes out." in at_desk("status").out


def test_where_there_is_no_home_nothing_is_stopped(anew):
    for command in ("pause", "resume", "backup"):
        assert anew(command).code == 2
    assert not anew.home.exists()


def test_a_home_that_is_not_well_can_be_stopped(at_desk):
    for name in ("private", "professional"):
        (at_desk.home / "data" / name / "netbot.db").write_text("shopping list\n" * 999)
    told = at_desk("pause")
    assert told.code == 0
    assert app.paused(at_desk.home) is not None
    assert at_desk("resume").code == 0


def test_there_and_back(at_desk, tmp_path, monkeypatch):
    (at_desk.home / "secrets" / "private").mkdir(parents=True)
    (at_desk.home / "secrets" / "private" / "x.token").write_text("s3cret")
    monkeypatch.setenv(keeping.PASSPHRASE, PASSPHRASE)
    file = tmp_path / "kept.zip"
    made = at_desk("backup", str(file), "--secrets", "--json").json
    assert (made["file"], made["secrets"]) == (str(file), True)
    assert at_desk("backup", str(file)).code == 2
    at_desk.home = tmp_path / "back"
    back = at_desk("restore", str(file), "--json").json
    assert (back["secrets"], back["unsure"], back["pending"]) == (1, 0, 0)
    assert back["paused"]["restored"]
    assert "This home came from a backup." in at_desk("status").out
    assert (tmp_path / "back" / "secrets" / "private" / "x.token").read_text() == "s3cret"
    refused = at_desk("resume")
    assert refused.code == 5
    assert "--old-is-off" in refused.err
    assert at_desk("resume", "--old-is-off").code == 0
    assert app.paused(at_desk.home) is None
    assert at_desk("restore", str(file)).code == 2


def test_a_backup_without_a_name_lies_here(at_desk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = at_desk("backup")
    assert "Secrets are not in it; --secrets takes them along" in told.out
    (file,) = tmp_path.glob("netbot-20*.zip")
    at_desk.home = tmp_path / "back"
    told = at_desk("restore", str(file))
    assert told.code == 0
    assert f"{at_desk.home} is back as of 20" in told.out
    assert "When the old one is off for good: netbot resume" in " ".join(told.out.split())
    assert at_desk("backup", str(tmp_path / "none" / "x.zip")).code == 2
    assert at_desk("restore", str(tmp_path / "none.zip")).code == 2


def test_what_was_under_way_is_told(at_desk):
    made = Manifest(format=1, netbot="0", made_at="2026-11-23", home="x", revisions={}, files={})
    done = Restored(manifest=made, unsure=1, pending=2, secrets=0)
    told = " ".join(keeping._tell_restored(place(at_desk.home), done))
    assert "1 act was under way then: look whether it arrived." in told
    assert "2 approved acts wait; the old home may have done them since" in told


@pytest.mark.parametrize(("answer", "code"), [("n\n", 5), ("\n", 5), ("y\n", 0)])
def test_at_a_terminal_a_restored_home_asks(at_desk, answer, code):
    pause.begin(at_desk.home, Pause(since=clock.now(), former_home="x"))
    terminal = Terminal(at_desk.home, "resume")
    terminal.answer("Is the old one off for good?", answer)
    assert terminal.end() == code
    assert (app.paused(at_desk.home) is None) == (code == 0)


def test_at_a_terminal_a_passphrase_is_asked_for_twice(at_desk, tmp_path):
    # the space comes last: what is typed before it is thrown away, lest it show
    terminal = Terminal(at_desk.home, "backup", str(tmp_path / "x.zip"), "--secrets")
    terminal.answer("A passphrase for the secrets: ", f"{PASSPHRASE}\n")
    terminal.answer("Repeat for confirmation: ", f"{PASSPHRASE}\n")
    assert terminal.end() == 0
    assert PASSPHRASE not in terminal.seen
    terminal = Terminal(tmp_path / "back", "restore", str(tmp_path / "x.zip"))
    terminal.answer("Passphrase of this backup: ", f"{PASSPHRASE}\n")
    assert terminal.end() == 0
    assert app.paused(tmp_path / "back") is not None


def test_without_a_terminal_nobody_is_asked_for_a_passphrase(at_desk, tmp_path, monkeypatch):
    told = at_desk("backup", str(tmp_path / "x.zip"), "--secrets")
    assert told.code == 2
    assert "set NETBOT_BACKUP_PASSPHRASE" in told.err
    assert not (tmp_path / "x.zip").exists()
    monkeypatch.setenv(keeping.PASSPHRASE, "short")
    assert at_desk("backup", str(tmp_path / "x.zip"), "--secrets").code == 2


def test_a_sealed_backup_comes_back_without_its_secrets(at_desk, tmp_path, monkeypatch):
    monkeypatch.setenv(keeping.PASSPHRASE, PASSPHRASE)
    assert at_desk("backup", str(tmp_path / "x.zip"), "--secrets").code == 0
    monkeypatch.setenv(keeping.PASSPHRASE, PASSPHRASE + "!")
    at_desk.home = tmp_path / "back"
    assert at_desk("restore", str(tmp_path / "x.zip")).code == 2
    assert not at_desk.home.exists()
    assert at_desk("restore", str(tmp_path / "x.zip"), "--without-secrets", "--json").code == 0


def test_alarms_stand_in_the_status(at_desk):
    with (at_desk.home / "config" / "netbot.yaml").open("a", encoding="utf-8") as file:
        file.write("disk: {watch_free_mb: 1000000000}\n")
    with app.open_sphere(at_desk.home, "private", clock.now(), fresh=True) as sphere:
        with sphere.store.write() as tx:
            texts.put(tx, "acme", ["x"], clock.now())
    (at_desk.home / "data" / "private" / "damaged").write_text("The disk is dying.")
    told = at_desk("status", "--sphere", "private")
    assert "! The disk is dying." in told.out
    assert "no source is looked at below 1000000000" in " ".join(told.out.split())
    alarms = at_desk("status", "--json").json["spheres"][0]["alarms"]
    assert len(alarms) + len(at_desk("status", "--json").json["spheres"][1]["alarms"]) >= 2
    assert "The disk is dying." in at_desk("health").out
