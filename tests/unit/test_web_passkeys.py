"""Passkeys: made with the password, shown in its place, each answer once, refused when wrong."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from netbot.store.door import Door, Passkey
from netbot.web import create
from netbot.web.lock import FREE_TRIES, Lock
from netbot.web.passkeys import ASK_LASTS, MOST_ASKED, Passkeys, Place, find_named, find_place
from tests import told
from tests.authenticator import PRESENT, Authenticator, encode
from tests.caller import HOST, PORT, Answer, Caller, Form
from tests.check.tree import ROOT

LOCALHOST = f"localhost:{PORT}"
ORIGIN = f"http://{LOCALHOST}"
OUTSIDE = "netbot.example"
PASSWORD = "vier Birnen im Nebel"
PLACE = Place("localhost", ORIGIN)


class Clock:
    def __init__(self) -> None:
        self.now = told.NOW

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("passkeys")
    told.write_home(home, "en")
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(told_home, tmp_path / "home")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lock(home, clock) -> Iterator[Lock]:
    lock = Lock(home / "data" / "web.db", must=False, now=clock)
    yield lock
    lock.close()


@pytest.fixture
def page(home, lock, clock):
    return create(home, port=PORT, base_url=f"https://{OUTSIDE}", lock=lock, clock=clock)


@pytest.fixture
def anna(page, lock) -> Caller:
    """Somebody who has just set the password."""
    caller = Caller(page, LOCALHOST)
    form = caller.get(f"/set-up/{lock.link()}").page.forms[0]
    assert caller.send(form, password=PASSWORD, again=PASSWORD).status == 303
    return caller


def ask(caller: Caller, form: Form, **typed: str) -> Answer:
    """What the script of the page asks before the device is asked."""
    fields = form.fields | typed
    origin = f"http://{caller.host}"
    headers = {"origin": origin, "sec-fetch-site": "same-origin"}
    return caller.ask("POST", f"{form.action}/ask", fields=fields, headers=headers)


def add(caller: Caller, device: Authenticator, name: str = "telephone") -> Answer:
    form = caller.get("/door").form("/door/passkeys")
    asked = ask(caller, form, name=name, old=PASSWORD)
    assert asked.status == 200, asked.body
    return caller.send(form, credential=device.create(json.loads(asked.body)))


def enter(caller: Caller, device: Authenticator, path: str = "/login") -> Answer:
    form = caller.get(path).form("/login/passkey")
    return caller.send(form, credential=device.get(json.loads(ask(caller, form).body)))


def keys(home: Path) -> list[Passkey]:
    with Door(home / "data" / "web.db") as door:
        return door.passkeys()


def test_a_passkey_is_added_with_the_password_and_then_opens(page, anna, home, clock):
    device = Authenticator(ORIGIN)
    assert add(anna, device).headers["location"] == "/door"
    assert "telephone · localhost · 2026" in anna.get("/door").text
    (kept,) = keys(home)
    assert (kept.name, kept.rp_id, kept.credential) == ("telephone", "localhost", device.id)
    assert (kept.made_at, kept.used_at, kept.counter) == (clock.now, None, 0)

    berta = Caller(page, LOCALHOST)
    came = enter(berta, device, "/login?next=/professional/cards/3")
    assert came.headers["location"] == "/professional/cards/3"
    assert len(came.cookies) == 2
    assert berta.get("/professional").status == 200
    (kept,) = keys(home)
    assert (kept.counter, kept.used_at) == (1, clock.now)
    session = berta.cookies[f"netbot-{PORT}-session"]
    assert enter(berta, device).headers["location"] == "/"
    assert berta.cookies[f"netbot-{PORT}-session"] != session


def test_a_passkey_that_was_removed_opens_no_more(page, anna, home):
    device = Authenticator(ORIGIN)
    add(anna, device)
    add(anna, Authenticator(ORIGIN), "laptop")
    removing = anna.get("/door").form("/remove")
    assert anna.send(removing).headers["location"] == "/door"
    assert anna.send(removing).status == 303
    assert [each.name for each in keys(home)] == ["laptop"]
    berta = Caller(page, LOCALHOST)
    assert enter(berta, device).status == 401
    assert anna.send(replace(removing, action="/door/passkeys/2/remove")).status == 303
    assert "passkey" not in berta.get("/login").body


def test_what_the_device_is_asked(anna):
    form = anna.get("/door").form("/door/passkeys")
    device = Authenticator(ORIGIN)
    add(anna, device)
    asked = json.loads(ask(anna, form, name="laptop", old=PASSWORD).body)
    assert asked["rp"] == {"name": "netbot", "id": "localhost"}
    assert asked["user"]["name"] == LOCALHOST
    assert asked["excludeCredentials"] == [{"id": encode(device.id), "type": "public-key"}]
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    stranger = Caller(anna.app, LOCALHOST)
    form = stranger.get("/login").form("/login/passkey")
    asked = json.loads(ask(stranger, form).body)
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    assert asked["allowCredentials"] == []
    assert asked["timeout"] == 300_000


def test_a_question_needs_the_password_a_name_and_a_form_of_ours(anna, page):
    form = anna.get("/door").form("/door/passkeys")
    for typed, status, said in (
        ({"old": "wrong", "name": "x"}, 401, "That is not the password."),
        ({"old": PASSWORD, "name": "  "}, 422, "Name the passkey"),
        ({"old": PASSWORD, "name": "x" * 61}, 422, "Name the passkey"),
        ({"old": PASSWORD, "name": "x", "token": "guessed"}, 403, "That form was an old one."),
    ):
        answer = ask(anna, form, **typed)
        assert (answer.status, said in json.loads(answer.body)["problem"]) == (status, True)
    assert anna.send(form, token="guessed").status == 403
    assert anna.send(replace(form, action="/door/passkeys/1/remove"), token="x").status == 403
    stranger = Caller(page, LOCALHOST)
    assert ask(stranger, form, old=PASSWORD, name="x").status == 401


def test_the_wrong_password_makes_one_wait_there_too(anna):
    form = anna.get("/door").form("/door/passkeys")
    for _ in range(FREE_TRIES):
        ask(anna, form, name="x", old="wrong")
    answer = ask(anna, form, name="x", old=PASSWORD)
    assert (answer.status, json.loads(answer.body)["problem"][:14]) == (401, "Too many tries")


LIES: tuple[Callable[[Authenticator], Authenticator], ...] = (
    lambda device: replace(device, origin="https://evil.example"),
    lambda device: replace(device, origin=f"https://{LOCALHOST}"),
    lambda device: replace(device, flags=PRESENT),
    lambda device: replace(device, flags=0),
    lambda device: replace(device, counter=3),  # it had said 9
    lambda device: replace(device, counter=8),  # the same once more: 9
    lambda device: replace(device, key=Authenticator(ORIGIN).key),
    lambda device: replace(device, id=b"another"),
)


def test_a_device_that_lies_does_not_come_in(page, anna, home):
    device = Authenticator(ORIGIN, counter=8)
    add(anna, device)
    berta = Caller(page, LOCALHOST)
    assert enter(berta, device).status == 303
    before = keys(home)
    for number, lie in enumerate(LIES):
        answer = enter(anna if number % 2 else berta, lie(device))  # nobody has to wait
        assert answer.status == 401, number
        assert "does not open this page" in answer.text
    assert keys(home) == before
    assert enter(Caller(page, LOCALHOST), replace(device, counter=20)).status == 303


def test_a_device_that_does_not_count_comes_in_each_time(page, anna):
    device = Authenticator(ORIGIN, step=0)
    add(anna, device)
    for _ in range(3):
        assert enter(Caller(page, LOCALHOST), device).status == 303


def test_an_answer_counts_once_in_its_time_and_in_its_browser(page, anna, clock):
    device = Authenticator(ORIGIN)
    add(anna, device)
    berta = Caller(page, LOCALHOST)
    form = berta.get("/login").form("/login/passkey")
    said = device.get(json.loads(ask(berta, form).body))
    clara = Caller(page, LOCALHOST)
    theirs = clara.get("/login").form("/login/passkey")
    assert clara.send(theirs, credential=said).status == 401, "it was not asked for there"
    ask(clara, theirs)
    assert clara.send(theirs, credential=said).status == 401, "something else was asked"
    assert berta.send(form, credential=said).status == 303
    assert berta.send(form, credential=said).status == 401, "it was answered before"
    late = device.get(json.loads(ask(berta, form).body))
    clock.now += ASK_LASTS
    assert berta.send(form, credential=late).status == 401
    fresh = device.get(json.loads(ask(berta, form).body))
    clock.now += ASK_LASTS - timedelta(seconds=1)
    assert berta.send(form, credential=fresh).status == 303


def test_an_answer_to_one_question_is_none_to_the_other(page, anna, home):
    device = Authenticator(ORIGIN)
    add(anna, device)
    adding = anna.get("/door").form("/door/passkeys")
    asked = json.loads(ask(anna, adding, name="x", old=PASSWORD).body)
    known = anna.get("/login").form("/login/passkey")
    shown = device.get({"rpId": "localhost", "challenge": asked["challenge"]})
    assert anna.send(known, credential=shown).status == 401
    asked = json.loads(ask(anna, known).body)
    made = Authenticator(ORIGIN).create({"rp": {"id": "localhost"}, **asked})
    assert anna.send(adding, credential=made).status == 422
    assert len(keys(home)) == 1


UNSOUND: tuple[Callable[[Authenticator, dict[str, Any]], str], ...] = (
    lambda device, asked: replace(device, origin="https://evil.example").create(asked),
    lambda device, asked: replace(device, flags=PRESENT).create(asked),
    lambda device, asked: device.create(asked | {"challenge": encode(b"guessed")}),
    lambda device, asked: device.create(asked | {"rp": {"id": "evil.example"}}),
    lambda device, asked: device.get({"rpId": "localhost", **asked}),
    lambda device, asked: "",
    lambda device, asked: "[]",
    lambda device, asked: "[" * 9_000,
    lambda device, asked: '{"id": 7}',
)


def test_what_was_not_asked_for_is_not_kept(anna, home):
    form = anna.get("/door").form("/door/passkeys")
    for number, spoil in enumerate(UNSOUND):
        asked = json.loads(ask(anna, form, name="x", old=PASSWORD).body)
        answer = anna.send(form, credential=spoil(Authenticator(ORIGIN), asked))
        assert (answer.status, "could not be kept" in answer.text) == (422, True), number
    assert keys(home) == []


def test_what_is_no_answer_opens_nothing(page, anna):
    add(anna, Authenticator(ORIGIN, id=b"x"))
    berta = Caller(page, LOCALHOST)
    form = berta.get("/login").form("/login/passkey")
    for sent in ("", "null", "[" * 9_000, "{}", '{"id": "eA", "rawId": 1}'):
        ask(berta, form)
        assert berta.send(form, credential=sent).status == 401, sent[:9]


def test_the_same_device_twice_is_one_passkey(anna, home):
    device = Authenticator(ORIGIN)
    assert add(anna, device).status == 303
    assert add(anna, device).status == 422
    assert len(keys(home)) == 1


def test_a_passkey_is_made_by_the_session_that_asked(page, anna, home):
    form = anna.get("/door").form("/door/passkeys")
    asked = json.loads(ask(anna, form, name="x", old=PASSWORD).body)
    made = Authenticator(ORIGIN).create(asked)
    login = anna.get("/login").form("/login")
    assert anna.send(login, password=PASSWORD).status == 303  # another session, the same browser
    assert anna.send(form, credential=made).status == 422
    assert keys(home) == []


def test_guessing_makes_one_wait_as_with_the_password(page, anna, clock):
    device = Authenticator(ORIGIN)
    add(anna, device)
    berta = Caller(page, LOCALHOST)
    form = berta.get("/login").form("/login/passkey")
    said = device.get(json.loads(ask(berta, form).body))
    for _ in range(FREE_TRIES):
        clara = Caller(page, LOCALHOST)
        theirs = clara.get("/login").form("/login/passkey")
        assert clara.send(theirs, credential="{}").status == 401
    answer = berta.send(form, credential=said)
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert ask(berta, form).status == 429
    assert enter(anna, device).status == 303, "the owner's browser is counted by itself"
    clock.now += timedelta(seconds=2)
    assert enter(berta, device).status == 303


def test_whoever_tries_at_the_same_time_waits_too(lock, anna):
    for _ in range(FREE_TRIES):
        assert lock.enter_otherwise(lambda: False, "", "x") is None
    assert lock.enter_otherwise(lambda: True, "", "x") is None


def test_a_foreign_form_opens_nothing(page, anna):
    device = Authenticator(ORIGIN)
    add(anna, device)
    berta = Caller(page, LOCALHOST)
    form = berta.get("/login").form("/login/passkey")
    said = device.get(json.loads(ask(berta, form).body))
    assert berta.send(form, credential=said, token="guessed").status == 403
    assert ask(berta, form, token="guessed").status == 403
    evil = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    fields = form.fields | {"credential": said}
    for action in ("/login/passkey", "/login/passkey/ask"):
        assert berta.ask("POST", action, fields=fields, headers=evil).status == 403
        assert berta.ask("GET", action).status == 405
    assert berta.send(form, credential=said).status == 303


def test_each_host_has_passkeys_of_its_own(page, anna, home):
    device = Authenticator(ORIGIN)
    add(anna, device)
    for host in (HOST, OUTSIDE):
        berta = Caller(page, host)
        login = berta.get("/login")
        assert "passkey" not in login.body
        form = Form("/login/passkey", login.form("/login").fields)
        for action in ("/login/passkey", "/login/passkey/ask"):
            answer = berta.send(replace(form, action=action), credential="{}")
            assert (answer.status, "No passkey opens" in answer.body) == (422, True)


def test_at_a_number_the_page_says_where_passkeys_work(page, anna):
    numbers = Caller(page, HOST)
    login = numbers.get("/login").form("/login")
    assert numbers.send(login, password=PASSWORD).status == 303
    door = numbers.get("/door")
    assert f"http://{LOCALHOST}/door" in door.text
    form = Form("/door/passkeys", door.page.forms[0].fields)
    assert ask(numbers, form, name="x", old=PASSWORD).status == 422
    assert "passkeys.js" not in door.body
    assert "passkeys.js" in anna.get("/door").body


def test_without_a_password_there_are_none(page, home):
    caller = Caller(page, LOCALHOST)
    door = caller.get("/door")
    assert "asskey" not in door.body
    fields = door.page.forms[0].fields
    for path in ("/door/passkeys", "/door/passkeys/ask", "/door/passkeys/1/remove"):
        assert caller.send(Form(path, fields), name="x").status == 403
    passkey = Passkey(
        name="x",
        rp_id="localhost",
        credential=b"x",
        public_key=b"x",
        counter=0,
        made_at=told.NOW,
    )
    with Door(home / "data" / "web.db") as door_:
        door_.add_passkey(passkey)
    assert caller.send(Form("/login/passkey", fields), credential="{}").status == 401


WITHOUT = """
import sys
from pathlib import Path
from tests import told
from tests.caller import PORT, Caller, Form
from tests.unit.test_web_passkeys import LOCALHOST, PASSWORD, ask, create

sys.modules["webauthn"] = None  # as if it were not there
page = create(Path(sys.argv[1]), port=PORT, clock=lambda: told.NOW)
anna = Caller(page, LOCALHOST)
login = anna.get("/login")
print("asskey" in login.body)
anna.send(login.form("/login"), password=PASSWORD)
door = anna.get("/door")
print(door.text)
fields = {**door.page.forms[0].fields, "name": "x", "old": PASSWORD, "credential": "{}"}
for form in (Form("/door/passkeys", fields), Form("/login/passkey", fields)):
    print(ask(anna, form).status, anna.send(form).status)
"""


def test_without_the_extra_one_line_says_so(anna, home):
    add(anna, Authenticator(ORIGIN))
    command = [sys.executable, "-c", WITHOUT, str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    on_login, *door, for_door, for_login = done.stdout.splitlines()
    assert on_login == "False"
    assert "pip install 'netbot[passkeys]'" in " ".join(door)
    assert (for_door, for_login) == ("422 422", "422 422")


def test_questions_nobody_answers_are_forgotten(tmp_path, clock):
    passkeys = Passkeys(tmp_path / "web.db", clock)
    first = passkeys.ask_for_new(PLACE, "telephone", "session")
    second = passkeys.ask_for_new(PLACE, "telephone", "session")
    for _ in range(MOST_ASKED - 1):
        passkeys.ask(PLACE)
    made = [Authenticator(ORIGIN).create(json.loads(each.options)) for each in (first, second)]
    assert not passkeys.add(made[0], first.ticket, "session")
    assert passkeys.add(made[1], second.ticket, "session")


@pytest.mark.parametrize(
    ("front", "host", "place"),
    [
        ("http://127.0.0.1:8470/", "localhost:8470", Place("localhost", "http://localhost:8470")),
        ("http://127.0.0.1/", "LOCALHOST", Place("localhost", "http://localhost")),
        ("http://127.0.0.1:8470/", "127.0.0.1:8470", None),
        ("http://127.0.0.1:8470/", "[::1]:8470", None),
        ("https://a.example/netbot/", "a.example", Place("a.example", "https://a.example")),
        ("https://a.example:444/", "A.example:444", Place("a.example", "https://a.example:444")),
        ("https://a.example/", "localhost:8470", Place("localhost", "http://localhost:8470")),
        ("https://192.0.2.7/", "192.0.2.7", None),
        ("https://[2001:db8::1]/", "[2001:db8::1]", None),
        ("http://a.example/", "a.example", None),
    ],
)
def test_where_browsers_know_passkeys(front, host, place):
    assert find_place(front, host) == place


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.1:8470", "http://localhost:8470"),
        ("[::1]:8470", "http://localhost:8470"),
        ("127.0.0.1", "http://localhost"),
        ("192.0.2.7", ""),
        ("a.example", ""),
    ],
)
def test_who_comes_by_number_is_told_the_name(host, named):
    assert find_named(host) == named


def test_a_number_with_tls_is_still_a_number(home, lock, clock):
    page = create(home, port=PORT, base_url="https://192.0.2.7", lock=lock, clock=clock)
    caller = Caller(page, "192.0.2.7")
    form = caller.get(f"/set-up/{lock.link()}").page.forms[0]
    caller.send(form, password=PASSWORD, again=PASSWORD)
    assert "only for a name with https" in caller.get("/door").text


def test_devices_may_be_asked_by_our_pages_alone(anna):
    policy = anna.get("/login").headers["permissions-policy"]
    assert "publickey-credentials-get=(self)" in policy
    assert "publickey-credentials-create=(self)" in policy
