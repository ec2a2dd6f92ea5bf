"""What ails a home is found, told in a sentence with what to do, and nothing is changed by that."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from netbot import app, clock
from netbot.cli.main import run
from netbot.demo.mastodon import MastodonServer
from netbot.model import House
from netbot.ops import doctor
from netbot.store import accounts, houses, sources
from tests.unit.conftest import Commands

TOKEN = "canary-of-the-studio-4713"
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)

FOLDER = Path("data/professional")


def write(home: Path, name: str, content: object) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def put_secret(home: Path, sphere: str = "professional", text: str = TOKEN) -> Path:
    folder = home / "secrets" / sphere
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    file = folder / "studio.token"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def beat(home: Path, *, age: timedelta = timedelta(), ok: bool = True, mark: str = "") -> None:
    """Let a home look as if its daemon had just been at work."""
    now = clock.now()
    with app.open_sphere(home, "professional", now, fresh=True) as sphere:
        copies = sphere.folder / "backups"
        copies.mkdir(exist_ok=True)
        (copies / f"{now.date()}.db").touch()
        with sphere.store.write() as tx:
            for job in ("watch", "perform"):
                houses.beat(tx, job, now - age, ok=ok, note="" if ok else "it stumbled")
            if mark:
                houses.keep_clocks(tx, mark)


@pytest.fixture(scope="module")
def shared() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        server.add_account("studio", token=TOKEN)
        yield server


@pytest.fixture
def server(shared: MastodonServer) -> MastodonServer:
    """A server that knows whose the token is."""
    shared.add_account("studio", token=TOKEN)
    return shared


@pytest.fixture(scope="module")
def confirmed(shared: MastodonServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of one sphere with a confirmed account."""
    home = tmp_path_factory.mktemp("confirmed")
    settings = {"watch": {"allow_hosts": ["127.0.0.1"]}, "rules": {"shipped": False}}
    write(home, "netbot", settings)
    studio = {"id": "studio", "network": "mastodon", "handle": f"@studio@{shared.host}"}
    write(home, "professional", {"accounts": [studio | {"server": shared.url()}]})
    put_secret(home)
    assert run(["account", "check", "--yes", "--home", str(home)]) == 0
    return home


@pytest.fixture
def well(
    confirmed: Path, server: MastodonServer, anew: Commands, monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """Commands on a home that nothing ails."""
    for name in list(os.environ):
        if name.casefold().endswith("_proxy"):
            monkeypatch.delenv(name)
    shutil.copytree(confirmed, anew.home)
    beat(anew.home)
    return anew


def found(netbot: Commands, *words: str) -> dict[str, Any]:
    """The findings by kind; a kind that is there twice counts once."""
    told = netbot("doctor", *words, "--json")
    assert told.code == (
        1
        if any(each["broken"] for each in told.json["findings"])
        else 3
        if told.json["findings"]
        else 0
    )
    assert TOKEN not in told.out + told.err
    return {each["kind"]: each for each in told.json["findings"]}


def only(netbot: Commands, kind: str, *words: str) -> Any:
    """The one finding that there is."""
    [(is_kind, finding)] = found(netbot, *words).items()
    assert is_kind == kind
    assert finding["what"]
    assert finding["mend"]
    assert "{" not in finding["what"] + finding["mend"]
    return finding


def test_of_a_home_that_is_well_only_the_versions_are_told(well):
    told = well("doctor")
    assert (told.code, told.out.splitlines()[0]) == (0, "Nothing ails this home.")
    assert "SQLite 3." in told.out
    assert found(well, "--online") == {}


def test_a_finding_is_told_with_what_mends_it(well):
    well("pause", "--why", "a holiday")
    told = well("doctor")
    assert told.code == 3
    what, mend, count, versions = told.out.splitlines()
    assert what.startswith("! Nothing goes out: netbot is paused since ")
    assert (mend, count) == ("   netbot resume", "1 finding")
    assert versions.startswith("netbot ")


def digest(home: Path) -> dict[str, str]:
    """All files but those in which SQLite keeps who is reading."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_nothing_is_changed(well, server):
    server.revoke(TOKEN)
    before = digest(well.home)
    assert well("doctor").code == 0
    assert well("doctor", "--online").code == 3
    assert digest(well.home) == before


def test_configuration_and_rules_with_errors_are_broken(well):
    write(well.home, "private", {"acounts": []})
    (well.home / "rules").mkdir()
    (well.home / "rules" / "mine.yaml").write_text("never: [{name: a}]\n", encoding="utf-8")
    told = well("doctor", "--sphere", "professional", "--json")
    assert told.code == 1
    said = [each["what"] for each in told.json["findings"] if each["kind"] == "configuration"]
    assert any("config/private.yaml:1:2: unknown key “acounts”" in each for each in said)
    assert any(each.startswith("rules/mine.yaml:1:") for each in said)


def test_what_may_not_be_meant_is_a_hint(well, monkeypatch):
    monkeypatch.setenv("NETBOT_PROFESSIONAL__NOBODY__TOKEN", TOKEN)
    assert "belongs to no account" in only(well, "hint")["what"]


def test_rules_that_are_hardly_meant_are_counted(well):
    (well.home / "rules").mkdir()
    rule = {"name": "raffle", "when": {"phrase": "Gewinnspiel"}, "because": "a raffle"}
    text = json.dumps({"nonsense": [rule]})
    (well.home / "rules" / "mine.yaml").write_text(text, encoding="utf-8")
    assert only(well, "rules")["mend"] == "netbot rules lint"


@pytest.mark.parametrize(
    ("path", "mode", "broken"),
    [("secrets/professional/studio.token", 0o644, True), ("secrets/professional", 0o755, False)],
)
def test_open_secrets_are_found_with_the_line_that_closes_them(well, path, mode, broken):
    (well.home / path).chmod(mode)
    finding = only(well, "rights")
    assert finding["broken"] is broken
    assert finding["mend"] == f"chmod {'600' if broken else '700'} {well.home / path}"


def test_an_open_folder_of_a_database_is_found(well):
    (well.home / FOLDER).chmod(0o750)
    assert only(well, "rights")["mend"].startswith("chmod 700 ")


def test_secrets_of_nobody_are_found(well):
    put_secret(well.home, "private")
    assert "is a secret of no account" in only(well, "secret")["what"]


def test_a_secret_that_was_only_tried_out_is_found(well):
    file = put_secret(well.home)
    file.with_name("studio.token.new").write_text("half-done")
    file.with_name("studio.token.new").chmod(0o600)
    assert only(well, "trial")["mend"].startswith("rm ")


def test_a_full_disk_is_found(well):
    disk = {"watch_free_mb": 10**9, "act_free_mb": 0}
    write(well.home, "netbot", {"disk": disk, "rules": {"shipped": False}})
    beat(well.home)
    finding = found(well)["disk"]
    assert (finding["broken"], "no source is looked at" in finding["what"]) == (True, True)


def test_of_two_thresholds_the_worse_one_is_told(tmp_path):
    house = House(sphere="professional", act_free_mb=10**9, watch_free_mb=10**9)
    [finding] = doctor.check_disk(tmp_path, house)
    assert "nothing leaves any more" in finding.what


def test_a_clock_that_was_set_back_is_found(well):
    beat(well.home, age=timedelta(hours=-2))
    assert "which is yet to come" in only(well, "clock")["what"]


def test_a_clock_that_was_set_forward_is_found(tmp_path):
    [finding] = doctor.check_clock([], timedelta(hours=1), "professional", NOW)
    assert finding.what.format(**finding.facts).startswith("The clock was set by 3600 s")
    assert not list(doctor.check_clock([], timedelta(minutes=4), "professional", NOW))


def test_a_damaged_database_is_broken(well):
    database = well.home / FOLDER / "netbot.db"
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    finding = found(well)["damage"]
    assert finding["broken"]
    assert str(well.home) in finding["what"] + finding["mend"]


def test_damage_that_the_daemon_found_is_told_without_opening_anything(well):
    (well.home / FOLDER / "damaged").write_text("it is damaged")
    assert only(well, "damage")["what"].endswith("it is damaged")


def test_what_is_no_database_is_broken(well):
    (well.home / FOLDER / "netbot.db").write_bytes(b"no database" * 100)
    assert only(well, "damage")["broken"]


def test_old_and_missing_copies_are_found(well):
    [copy] = (well.home / FOLDER / "backups").iterdir()
    week = (clock.now() - timedelta(days=7)).timestamp()
    os.utime(copy, (week, week))
    assert "The last copy of the database was made on" in only(well, "copy")["what"]
    copy.unlink()
    assert "netbot backup" in only(well, "copy")["mend"]


def test_a_daemon_that_does_not_run_or_stumbles_is_found(well):
    beat(well.home, age=timedelta(hours=2))
    assert "silent since" in only(well, "daemon")["what"]
    beat(well.home, ok=False)
    assert "it stumbled" in only(well, "daemon")["what"]


def test_a_sphere_that_never_worked_is_found(well):
    write(well.home, "private", {})
    assert only(well, "daemon")["sphere"] == "private"
    assert well("queue").code == 0  # now there is a database, and still no daemon
    assert only(well, "daemon")["mend"] == "netbot run"


def test_a_source_that_is_gone_is_found(well):
    now = clock.now()
    config = json.loads((well.home / "config/professional.yaml").read_text())
    acme = {"id": "acme", "name": "ACME", "sources": ["https://acme.example/feed"]}
    web = {"id": "anna-web", "network": "web", "handle": "Anna"}
    config |= {"clients": [acme], "accounts": [*config["accounts"], web]}
    write(well.home, "professional", config)
    with app.open_sphere(well.home, "professional", now, fresh=True) as sphere:
        with sphere.store.write() as tx:
            sources.align(tx, sphere.house.sources, now)
            tx.exec_driver_sql("UPDATE sources SET gone_at = next_check")
    finding = only(well, "source gone")
    assert "https://acme.example/feed is gone for good" in finding["what"]


def test_frozen_and_unconfirmed_accounts_and_those_without_a_secret_are_found(well):
    with app.open_sphere(well.home, "professional", clock.now()) as sphere:
        with sphere.store.write() as tx:
            accounts.freeze(tx, "studio", clock.now(), "barred")
    assert "netbot account check studio" in only(well, "frozen")["mend"]
    with app.open_sphere(well.home, "professional", clock.now()) as sphere:
        with sphere.store.write() as tx:
            tx.exec_driver_sql("DELETE FROM accounts")
    assert only(well, "unconfirmed")["mend"].startswith("netbot account check studio")
    put_secret(well.home).unlink()
    assert "netbot account add mastodon --sphere professional" in only(well, "no secret")["mend"]


def test_old_policy_of_a_network_in_use_is_found():
    policy = app.load_policy()
    day = date.fromisoformat(policy["mastodon"].checked_on)
    later = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=181)
    [finding] = doctor.check_policy(policy, ["mastodon", "nowhere"], later)
    assert finding.facts["network"] == "mastodon"
    assert not list(doctor.check_policy(policy, ["mastodon"], later - timedelta(days=1)))


def test_claims_without_their_key_are_broken(well):
    claims = well.home / "data" / "claims"
    claims.mkdir(exist_ok=True)
    (claims / "0123").touch()
    (well.home / "data" / "claims.key").unlink(missing_ok=True)
    assert only(well, "claims")["broken"]


def test_strangers_in_the_surroundings_are_found(well, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "praw.ini").touch()
    assert "praw.ini could be taken" in only(well, "stray")["what"]
    (tmp_path / "praw.ini").unlink()
    monkeypatch.setenv("praw_username", "anna")
    assert only(well, "stray")["what"].startswith("praw_username")
    monkeypatch.delenv("praw_username")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert only(well, "proxy")["what"].startswith("HTTPS_PROXY is set")


def test_secrets_of_two_spheres_in_one_environment_are_found():
    told = {"NETBOT_PROFESSIONAL__A__TOKEN": "x", "NETBOT_PRIVATE__B__TOKEN": "y"}
    [finding] = doctor.check_surroundings(told, Path("nowhere"), ["private", "professional"])
    assert finding.facts == {"spheres": "private, professional"}


def test_libraries_that_are_too_old_are_broken():
    told = doctor.versions() | {"SQLite": "3.34.1"}
    [finding] = doctor.check_versions(told)
    assert (finding.broken, finding.facts["least"]) == (True, "3.35")


def test_a_secret_that_the_network_does_not_take_is_found_online_only(well, server):
    server.revoke(TOKEN)
    assert found(well) == {}
    assert "studio could not be asked" in only(well, "network", "--online")["what"]
    server.add_account("anna", token=TOKEN)
    assert "confirmed as @studio@" in only(well, "network", "--online")["what"]
    with app.open_sphere(well.home, "professional", clock.now()) as sphere:
        with sphere.store.read() as tx:
            known = accounts.load(tx)["studio"]
    assert (known.frozen_at, known.handle) == (None, f"@studio@{server.host}")


def test_without_a_home_there_is_nothing_to_look_at(anew):
    told = anew("doctor")
    assert (told.code, "netbot init" in told.err) == (2, True)
