"""The notification of a morning: what it says, that it leaves once, what keeps it back."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from netbot import app, clock, engine
from netbot.digest import notify, summarise
from netbot.digest.morning import AGAIN_AFTER, NOTIFIED, send_due
from netbot.digest.notifying import Notification
from netbot.model import Unsure
from netbot.store import houses
from tests import told
from tests.unit.conftest import Commands

REPO = Path(__file__).parents[2]


class Phone(HTTPServer):
    """What Apprise calls a JSON service: keeps what it is told, or answers as it is asked to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ring)
        self.rings: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/for-me-alone"


class _Ring(BaseHTTPRequestHandler):
    server: Phone

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        self.server.rings.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone() as phone:
        thread = threading.Thread(target=phone.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield phone
        phone.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    told.tell(home, "de")
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path, phone: Phone) -> Path:
    home = shutil.copytree(told_home, tmp_path / "home")
    wish(home, notify=["phone"])
    keep(home, "phone", phone.address)
    return home


def wish(home: Path, **lines: object) -> None:
    file = home / "config" / "professional.yaml"
    text = re.sub(r"^digest:.*\n", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(f"digest: {json.dumps({'at': '08:00'} | lines)}\n{text}")


def keep(home: Path, name: str, address: str) -> Path:
    file = home / "secrets" / "professional" / f"{name}.token"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(address)
    return file


def opened(home: Path, now: datetime = told.NOW) -> app.Sphere:
    return app.open_sphere(home, "professional", now, fresh=True, secrets=True)


def morning(sphere: app.Sphere, now: datetime) -> str:
    """What the worker does each minute."""
    engine.settle(sphere.store, now)
    engine.open_day(sphere.store, sphere.house, now)
    return send_due(sphere, now)


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("de", "netbot · Beruflich", r"(1 Karte wartet|\d+ Karten warten)"),
        ("en", "netbot · Professional", r"(1 card waits|\d+ cards wait)"),
    ],
)
def test_it_tells_how_much_waits_once_and_nothing_else(home, phone, language, title, words):
    settings = home / "config" / "netbot.yaml"
    text = re.sub(r"^(language|web):.*\n", "", settings.read_text(), flags=re.MULTILINE)
    front = "https://netbot.example/nb"
    settings.write_text(f"language: {language}\nweb: {{base_url: {front}}}\n{text}")
    with opened(home) as sphere:
        for minutes in range(-30, 300, 30):
            assert morning(sphere, told.NOW + timedelta(minutes=minutes)) == ""
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    (ring,) = phone.rings
    assert phone.paths == ["/for-me-alone"]
    assert ring["title"] == title
    first, *_, last = ring["message"].splitlines()
    assert re.fullmatch(words, first)
    assert last == f"{front}/professional"
    names = [client.name for client in sphere.house.clients]
    words_of_others = [*names, *(card.post.post.title for card in cards)]
    assert len(words_of_others) > len(names) > 1
    assert not [each for each in words_of_others if each in ring["message"] + ring["title"]]


def test_no_link_where_no_other_machine_could_follow_it(home):
    with opened(home) as sphere:
        said = summarise(sphere, told.NOW)
        assert said is not None
        assert "http" not in said.body
        with sphere.store.write() as tx:
            tx.exec_driver_sql("DELETE FROM sources WHERE id NOT IN (SELECT source_id FROM posts)")
    wish(home, to="anna@example.com")
    with opened(home) as sphere:
        assert summarise(sphere, told.NOW) is None, "nobody asked for one"
    (home / "config" / "private.yaml").write_text("digest: {at: '08:00', notify: [phone]}\n")
    with app.open_sphere(home, "private", told.NOW, fresh=True, secrets=True) as sphere:
        assert summarise(sphere, told.NOW + timedelta(days=30)) is None, "nothing waits"


def test_what_needs_the_human_is_counted(home):
    later = told.NOW + timedelta(days=90)
    with opened(home, later) as sphere:
        said = summarise(sphere, later)
        assert said is not None
        assert re.search(r"^\d+ Sachen? brauch", said.body, re.MULTILINE)


def test_what_did_not_get_through_is_told_and_not_repeated(home, phone, caplog):
    phone.status = 500
    with opened(home) as sphere:
        fault = morning(sphere, told.NOW)
        assert "the notification phone did not get through" in fault
        phone.status = 200
        assert morning(sphere, told.NOW + AGAIN_AFTER * 3) == fault, "until the day is over"
        assert len(phone.rings) == 1
        assert morning(sphere, told.NOW + timedelta(days=1)) == ""
    assert len(phone.rings) == 2
    assert "for-me-alone" not in fault + caplog.text


def test_a_redirect_is_not_followed(home, phone):
    phone.status = 302
    with opened(home) as sphere, pytest.raises(Unsure, match="phone"):
        notify(sphere, Notification("netbot", "2"))
    assert phone.paths == ["/for-me-alone"]


def test_elsewhere_it_leaves_by_tls_only(home):
    """No name is known there: what may leave fails a step later."""
    with opened(home) as sphere:
        keep(home, "phone", "json://phone.invalid:8080/for-me-alone")
        assert "begin it with jsons://" in morning(sphere, told.NOW)
    settings = home / "config" / "netbot.yaml"
    text = re.sub(r"^watch:\n(  .*\n)*", "", settings.read_text(), flags=re.MULTILINE)
    settings.write_text(f"watch: {{allow_hosts: [phone.invalid]}}\n{text}")
    for address in ("json://phone.invalid:8080/for-me-alone", "jsons://other.invalid/"):
        keep(home, "phone", address)
        with opened(home) as sphere, pytest.raises(Unsure, match="phone"):
            notify(sphere, Notification("netbot", "2"))


def test_a_mail_and_a_notification_know_nothing_of_each_other(home, phone):
    """Port 9 takes no mail; the notification left, and leaves no second time."""
    wish(home, notify=["phone"], to="anna@example.com", server="127.0.0.1:9")
    with opened(home) as sphere:
        for step in range(3):
            assert morning(sphere, told.NOW + AGAIN_AFTER * step).startswith("no morning mail: ")
        with sphere.store.read() as tx:
            notes = {beat.job: beat.note for beat in houses.pulse(tx)}
    assert notes["notification"] == "sent"
    assert len(phone.rings) == 1


def test_a_death_while_it_leaves_is_told_and_sends_nothing_again(home, phone):
    with opened(home) as sphere:
        engine.open_day(sphere.store, sphere.house, told.NOW)
        with sphere.store.write() as tx:
            houses.beat(tx, NOTIFIED.job, told.NOW, ok=False, note=NOTIFIED.leaving)
        assert morning(sphere, told.NOW + timedelta(hours=1)) == NOTIFIED.leaving
    assert phone.rings == []


def test_an_address_that_is_missing_or_none_is_told_before_any_other_leaves(home, phone):
    wish(home, notify=["phone", "desk"])
    with opened(home) as sphere:
        fault = morning(sphere, told.NOW)
        assert fault.startswith("no notification: there is no secret desk: write")
        assert "secrets/professional/desk.token" in fault
        keep(home, "desk", "an address of nobody")
        fault = morning(sphere, told.NOW + AGAIN_AFTER)
        assert "the secret desk is no address that Apprise understands" in fault
        assert phone.rings == []
        keep(home, "desk", f"{phone.address}/desk")
        assert morning(sphere, told.NOW + AGAIN_AFTER * 2) == ""
    assert phone.paths == ["/for-me-alone", "/for-me-alone/desk"]


def test_the_command_shows_and_sends_past_every_proxy(home, phone, capsys, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    told.show(home, told.story_posts(clock.now(), 2), clock.now())
    commands = Commands(home, capsys)
    assert "netbot · Beruflich" in commands("digest", "--sphere", "professional").out
    shown = commands("digest", "--sphere", "professional", "--json").json["mails"][0]
    assert shown["subject"] is None
    assert shown["notification"]["title"] == "netbot · Beruflich"
    assert phone.rings == []
    sent = commands("digest", "--send", "--sphere", "professional", "--json")
    assert sent.json["mails"] == [{"sphere": "professional", "sent": True, "to": "phone"}]
    assert [ring["message"] for ring in phone.rings] == [shown["notification"]["body"]]
    wish(home, notify=["phone"], to="anna@example.com", server="127.0.0.1:9")
    half = commands("digest", "--send", "--sphere", "professional")
    assert half.code == 1
    assert "127.0.0.1:9 takes no mail" in half.out
    assert len(phone.rings) == 2
    phone.status = 500
    none = commands("digest", "--send", "--sphere", "professional")
    assert none.code == 1
    assert "did not get through" in none.err


def test_check_and_doctor_say_what_is_missing(home, capsys):
    opened(home).close()
    commands = Commands(home, capsys)
    assert "notification" not in commands("check").err
    before = commands("doctor").out
    assert "phone" not in before, "its secret is known"
    (home / "secrets" / "professional" / "phone.token").unlink()
    assert "kein Geheimnis phone" in " ".join(commands("doctor").out.split())


WITHOUT = """
import sys
from pathlib import Path
from netbot.cli.main import run
from tests import told
from tests.unit.test_digest_notify import morning, opened

sys.modules["apprise"] = None  # as if it were not there
home = Path(sys.argv[1])
run(["check", "--home", str(home)])
with opened(home) as sphere:
    print(morning(sphere, told.NOW))
"""


def test_without_the_extra_it_says_what_to_install(home, phone):
    command = [sys.executable, "-c", WITHOUT, str(home)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    install = "pip install 'netbot[notify]'"
    hint = "config/professional.yaml:1:1: no notification leaves until the extra is there"
    assert f"{hint}: {install}" in done.stderr
    assert f"notifications need the extra notify: {install}" in done.stdout
    assert phone.rings == []
