"""The morning mail: what it says, that it leaves once a day, and that nothing in it decides."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from netbot import app, clock, engine
from netbot.clock import due_date
from netbot.digest import NotSent, compose, post, send_due
from netbot.digest.morning import AGAIN_AFTER, MAILED
from netbot.model import Digest, UsageError
from netbot.store import houses
from tests import told
from tests.unit.conftest import Commands

PASSWORD = "the-password-of-the-mail"


class Box:
    """A mail server that keeps what it is given, or fails as it is told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refuse = ""
        self.logins: list[bytes] = []
        self.controller: Controller | None = None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse == "recipient":
            return "550 there is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.refuse == "data":
            return "554 we do not like it"
        self.raw.append(envelope.content)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.refuse == "answer":
            server.transport.abort()
        return "250 kept"

    def let_in(self, server, session, envelope, mechanism, data) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=box.let_in,
        auth_require_tls=False,
    )
    controller.start()
    box.controller = controller
    yield box
    controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    told.tell(home, "de")
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path, box: Box) -> Path:
    home = shutil.copytree(told_home, tmp_path / "home")
    wish(home, server(box))
    return home


def server(box: Box) -> str:
    assert box.controller is not None
    return f"127.0.0.1:{box.controller.port}"


def wish(home: Path, server: str, **more: str) -> None:
    """Let the professional sphere want a mail."""
    file = home / "config" / "professional.yaml"
    lines = {"at": "08:00", "to": "anna@example.com", "server": server} | more
    text = re.sub(r"^digest:.*\n", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(f"digest: {json.dumps(lines)}\n{text}")


def opened(home: Path, now: datetime = told.NOW, **options: Any) -> app.Sphere:
    return app.open_sphere(home, "professional", now, fresh=True, **options)


def mail_of(home: Path, now: datetime = told.NOW) -> EmailMessage:
    with opened(home, now) as sphere:
        made = compose(sphere, now)
    assert made is not None
    return made


def parts(mail: EmailMessage) -> tuple[str, str]:
    both = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text, markup = (str(part.get_content()) for part in both if part is not None)
    return text, markup


def morning(sphere: app.Sphere, now: datetime) -> str:
    """What the worker does each minute."""
    engine.settle(sphere.store, now)
    engine.open_day(sphere.store, sphere.house, now)
    return send_due(sphere, now)


def test_it_tells_what_waits_in_text_and_in_html(home):
    mail = mail_of(home)
    assert re.fullmatch(r"netbot · Beruflich: \d+ Karten warten", mail["Subject"])
    assert (mail["To"], mail["Auto-Submitted"]) == ("anna@example.com", "auto-generated")
    with opened(home) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    for said in parts(mail):
        flat = " ".join(said.split())
        assert all(f"/professional/cards/{card.id.partition('-')[2]}" in flat for card in cards)
        assert "Quellen binnen eines Tages gesehen" in flat
        assert "Kein Link in dieser Mail entscheidet etwas." in flat
    assert len(bytes(mail)) < 100_000


def test_no_address_in_it_is_another_than_our_own(home, tmp_path):
    trick = told.post(
        blog="erlengrund",
        slug="links",
        title="Siehe https://evil.example/a und www.evil.example <b>fett</b>",
        text="javascript:alert(1) mailto:x@evil.example \u202e data:text/html,x <img src=x>",
        language="de",
        at=told.NOW - timedelta(hours=1),
    )
    told.show(home, {"erlengrund": [trick]}, told.NOW)
    for said in parts(mail_of(home)):
        addresses = re.findall(r"[a-z]+:/+[^\s\"<]+", said)
        assert addresses
        assert all(each.startswith("http://127.0.0.1:8470/") for each in addresses)
        assert "evil.example/a" not in said
        assert not re.search(r"<(img|link|script|form|input|b)\b|url\(|src=", said)


def test_our_own_address_is_the_one_from_outside(home):
    settings = home / "config" / "netbot.yaml"
    text = re.sub(r"^web:.*\n", "", settings.read_text(), flags=re.MULTILINE)
    settings.write_text(f"{text}\nweb: {{base_url: https://netbot.example/nb}}\n")
    text, _ = parts(mail_of(home))
    assert "https://netbot.example/nb/professional/cards/" in text


def test_a_moment_for_tact_is_not_told_over_somebodys_shoulder(home):
    grief = told.post(
        blog="erlengrund",
        slug="abschied",
        title="Wir trauern um unsere Gründerin",
        text="Nach langer Krankheit ist unsere Gründerin verstorben. In stillem Gedenken.",
        language="de",
        at=told.NOW - timedelta(hours=1),
    )
    told.show(home, {"erlengrund": [grief]}, told.NOW)
    with opened(home) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW).cards
    assert any(card.choice.verb == "gesture" for card in cards)
    for said in parts(mail_of(home)):
        assert "trauern" not in said
        assert "verstorben" not in said


def test_it_leaves_once_a_morning(home, box):
    with opened(home, secrets=True) as sphere:
        for minutes in range(-30, 300, 10):
            assert morning(sphere, told.NOW + timedelta(minutes=minutes)) == ""
    assert len(box.mails) == 1
    with opened(home, secrets=True) as again:
        assert morning(again, told.NOW + timedelta(hours=6)) == ""
    assert len(box.mails) == 1
    assert box.mails[0]["Subject"].startswith("netbot · Beruflich")
    assert all(len(line) < 998 for line in box.raw[0].splitlines())


@pytest.mark.parametrize(
    "start", [datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)]
)
@pytest.mark.parametrize("at", ["02:30", "08:00"])
def test_one_a_local_date_over_the_nights_in_which_clocks_are_set(home, box, start, at):
    wish(home, server(box), at=at)
    with opened(home, start, secrets=True) as sphere:
        for step in range(4 * 24 * 4):
            now = start + timedelta(minutes=15 * step)
            morning(sphere, now)
    days = [due_date(mail["Date"].datetime, at, "Europe/Berlin") for mail in box.mails]
    assert days == [days[0] + timedelta(days=step) for step in range(5)]


def test_an_empty_day_has_no_mail(home, box):
    with opened(home, secrets=True) as sphere:
        later = told.NOW + timedelta(days=90)
        assert compose(sphere, later) is not None, "sources that are silent are told"
        with sphere.store.write() as tx:
            tx.exec_driver_sql("DELETE FROM sources WHERE id NOT IN (SELECT source_id FROM posts)")
    wish(home, server(box))
    (home / "config" / "private.yaml").write_text("digest: {at: '08:00', to: a@example.com}\n")
    with app.open_sphere(home, "private", told.NOW, fresh=True) as sphere:
        assert compose(sphere, told.NOW + timedelta(days=30)) is None
        assert send_due(sphere, told.NOW) == "", "there is no server"


def test_what_the_server_refuses_is_told_and_tried_again(home, box):
    with opened(home, secrets=True) as sphere:
        for refuse, words in (("recipient", "550 there is nobody"), ("data", "554 we do not like")):
            box.refuse = refuse
            now = told.NOW + AGAIN_AFTER * (2 if refuse == "data" else 0)
            assert words in morning(sphere, now)
            assert words in morning(sphere, now + timedelta(minutes=1)), "until it is over"
        box.refuse = ""
        assert morning(sphere, told.NOW + timedelta(hours=1)) == ""
    assert len(box.mails) == 1


def test_what_broke_off_is_not_sent_again(home, box):
    box.refuse = "answer"
    with opened(home, secrets=True) as sphere:
        assert "nobody knows" in morning(sphere, told.NOW)
        box.refuse = ""
        assert "nobody knows" in morning(sphere, told.NOW + timedelta(hours=2))
    assert len(box.mails) == 1


def test_a_death_while_it_leaves_is_told_and_sends_nothing_again(home, box):
    with opened(home, secrets=True) as sphere:
        engine.open_day(sphere.store, sphere.house, told.NOW)
        with sphere.store.write() as tx:
            houses.beat(tx, "digest", told.NOW, ok=False, note=MAILED.leaving)
        assert morning(sphere, told.NOW + timedelta(hours=1)) == MAILED.leaving
        assert box.mails == []
        assert morning(sphere, told.NOW + timedelta(days=1)) == ""
    assert len(box.mails) == 1


def test_the_password_is_the_spheres_own(home, box):
    wish(home, server(box), user="anna", sender="netbot@example.com")
    with opened(home, secrets=True) as sphere:
        assert "no password for anna" in morning(sphere, told.NOW)
        secret = home / "secrets" / "professional" / "smtp.token"
        secret.write_text("a wrong password")
        secret.chmod(0o600)
        assert "takes no mail: 535" in morning(sphere, told.NOW + AGAIN_AFTER)
        secret.write_text(PASSWORD)
        assert morning(sphere, told.NOW + AGAIN_AFTER * 2) == ""
    assert box.logins[-1] == PASSWORD.encode()
    assert box.mails[0]["From"].addresses[0].addr_spec == "netbot@example.com"
    assert PASSWORD.encode() not in (home / "data/professional/netbot.db").read_bytes()


@pytest.mark.parametrize("port", [465, 587, 25])
def test_elsewhere_it_leaves_by_tls_only(port):
    """No name is known there, so nothing is asked; what is asked for is shown by the code."""
    settings = Digest(to="a@example.com", sender="a@example.com", server=f"smtp.invalid:{port}")
    with pytest.raises(NotSent, match=r"smtp\.invalid"):
        post(EmailMessage(), settings, None)


def test_a_server_that_is_not_there_is_told(box):
    settings = Digest(
        to="a@example.com", sender="a@example.com", server=f"127.0.0.1:{_free_port()}"
    )
    with pytest.raises(NotSent, match="takes no mail"):
        post(EmailMessage(), settings, None)
    with pytest.raises(UsageError, match=r"digest\.server"):
        post(EmailMessage(), Digest(to="a@example.com", sender="a@example.com"), None)


def test_the_command_shows_and_sends(home, box, capsys):
    told.show(home, told.story_posts(clock.now(), 2), clock.now())
    commands = Commands(home, capsys)
    shown = commands("digest", "--sphere", "professional")
    assert "Beruflich" in shown.out
    assert box.mails == []
    sent = commands("digest", "--send", "--sphere", "professional", "--json")
    assert sent.json["mails"] == [
        {"sphere": "professional", "sent": True, "to": "anna@example.com"}
    ]
    assert len(box.mails) == 1
    nothing = commands("digest", "--sphere", "private", "--json")
    assert nothing.json["mails"][0]["subject"] is None
    for more in ((), ("--send",)):
        told_so = commands("digest", *more, "--sphere", "private").out
        assert "Keine Mail: keine ist bestellt; „digest“ in config/private.yaml tut das." in told_so
    box.refuse = "data"
    refused = commands("digest", "--send", "--sphere", "professional")
    assert refused.code == 1
    assert "554" in refused.err
