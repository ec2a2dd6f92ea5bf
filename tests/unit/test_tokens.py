"""Tokens at the terminal and on the page: made, shown once, listed, revoked."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from netbot.app import tokens
from netbot.store.door import Door, Right
from netbot.web import create
from netbot.web.lock import FREE_TRIES, Lock
from tests import told
from tests.caller import HOST, PORT, Answer, Caller

PASSWORD = "vier Birnen im Nebel"


@pytest.fixture
def home(story_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(story_home, tmp_path / "home")


@pytest.fixture
def lock(home):
    lock = Lock(home / "data" / "web.db", must=False, now=lambda: told.NOW)
    yield lock
    lock.close()


@pytest.fixture
def page(home, lock):
    return create(home, port=PORT, lock=lock, clock=lambda: told.NOW)


@pytest.fixture
def anna(page, lock) -> Caller:
    """Somebody who has just set the password."""
    caller = Caller(page)
    form = caller.get(f"/set-up/{lock.link()}").page.forms[0]
    assert caller.send(form, password=PASSWORD, again=PASSWORD).status == 303
    return caller


def make(caller: Caller, **typed: str) -> Answer:
    values = {"name": "shell script", "sphere": "private", "right": "read", "old": PASSWORD}
    return caller.send(caller.get("/door").form("/door/tokens"), **values | typed)


def shown(answer: Answer) -> str:
    [secret] = {word for word in answer.text.split() if word.startswith(tokens.PREFIX)}
    return secret


def test_at_the_terminal_a_token_is_made_listed_and_revoked(netbot):
    assert netbot("token", "list").out == "No token yet.\n"
    made = netbot("token", "add", "  my  script ", "--sphere", "private", "--right", "propose")
    assert made.code == 0
    head, secret = made.out.splitlines()
    assert (head, tokens.SHAPE.fullmatch(secret) is not None) == ("This is shown once:", True)
    listed = netbot("token", "list")
    assert listed.out == "1  my script  Private  read, and propose posts\n"
    [as_json] = netbot("token", "list", "--json").json["tokens"]
    assert as_json == {
        "id": 1,
        "name": "my script",
        "sphere": "private",
        "right": "propose",
        "made_at": as_json["made_at"],
        "used_at": None,
    }
    assert netbot("token", "list", "--sphere", "professional").out == "No token yet.\n"
    with Door(netbot.home / "data" / "web.db") as door:
        door.use_token(1, told.NOW)
    assert netbot("token", "list").out.endswith("last used 2026-11-20\n")
    assert netbot("token", "remove", "1").out == "Token 1 opens nothing any more.\n"
    gone = netbot("token", "remove", "1")
    assert (gone.code, "there is no token 1" in gone.err) == (2, True)


def test_at_the_terminal_a_feed_is_two_addresses(netbot):
    told_so = netbot(
        "token", "add", "reader", "--sphere", "private", "--right", "feed", "--json"
    ).json
    front = f"http://127.0.0.1:8470/feeds/{told_so['token']}"
    assert told_so["addresses"] == [f"{front}/queue.atom", f"{front}/dates.ics"]
    lines = netbot("token", "add", "x", "--sphere", "private", "--right", "feed").out.splitlines()
    assert [line.rpartition("/")[2] for line in lines[1:]] == ["queue.atom", "dates.ics"]


@pytest.mark.parametrize(
    ("words", "told_so"),
    [
        (["x"], "say which with --sphere"),
        (["x", "--sphere", "nowhere"], "there is no sphere nowhere"),
        (["x", "--sphere", "private", "--right", "approve"], "“approve” is no right"),
        ([" ", "--sphere", "private"], "name the program"),
    ],
)
def test_at_the_terminal_what_makes_no_sense_is_refused(netbot, words, told_so):
    told_back = netbot("token", "add", *words)
    assert (told_back.code, told_so in told_back.err) == (2, True)
    assert netbot("token", "list", "--json").json["tokens"] == []


def test_on_the_page_a_token_is_shown_once_and_revoked(page, anna):
    answer = make(anna)
    assert answer.status == 201
    secret = shown(answer)
    headers = {"authorization": f"Bearer {secret}"}
    assert Caller(page).get("/api/v1/private/queue", **headers).status == 200
    door = anna.get("/door")
    assert secret not in door.body
    assert (
        "shell script · Private · read the queue, clients and outbox · last used 2026-11-20"
        in door.text
    )
    assert anna.send(door.form("/revoke")).status == 303
    assert "shell script" not in anna.get("/door").text
    assert Caller(page).get("/api/v1/private/queue", **headers).status == 401
    assert anna.send(door.form("/revoke")).status == 303, "once more does no harm"


def test_on_the_page_a_feed_is_two_addresses(page, anna):
    answer = make(anna, right="feed", name="<b>reader</b>")
    assert "<b>reader" not in answer.body
    assert "not used yet" in answer.text
    addresses = [word for word in answer.text.split() if "/feeds/" in word]
    assert [each.rpartition("/")[2] for each in addresses] == ["queue.atom", "dates.ics"]
    for each in addresses:
        assert Caller(page).get(each.removeprefix(f"http://{HOST}")).status == 200


def test_whoever_finds_an_open_browser_makes_no_token(page, anna, home):
    wrong = make(anna, old="geraten", name="thief")
    assert (wrong.status, "not the password" in wrong.text) == (401, True)
    assert wrong.form("/door/tokens").fields["name"] == "thief", "nothing typed is lost"
    for _ in range(FREE_TRIES):
        wrong = make(anna, old="geraten")
    assert "Too many tries" in wrong.text
    assert "Too many tries" in make(anna).text
    assert tokens.everything(home) == []


def test_without_a_password_the_owner_of_the_machine_makes_one(page, home):
    caller = Caller(page)
    assert "old" not in caller.get("/door").form("/door/tokens").fields
    assert make(caller).status == 201
    assert [each.right for each in tokens.everything(home)] == [Right.READ]


@pytest.mark.parametrize(
    "typed", [{"sphere": "nowhere"}, {"right": "approve"}, {"name": " "}, {"name": "x" * 61}]
)
def test_on_the_page_what_makes_no_sense_is_refused(anna, home, typed):
    answer = make(anna, **typed)
    assert (answer.status, answer.page.text.count("netbot_")) == (422, 0)
    assert tokens.everything(home) == []


def test_a_form_of_another_page_makes_and_revokes_nothing(page, anna, home):
    made = tokens.make(home, name="x", sphere="private", right=Right.READ, now=told.NOW)
    door = anna.get("/door")
    for form in (door.form("/door/tokens"), door.form("/revoke")):
        assert anna.send(form, token="another", name="y").status == 403
    assert tokens.everything(home) == [made.token]
    stranger = Caller(page)
    for form in (door.form("/door/tokens"), door.form("/revoke")):
        assert stranger.send(form).status == 401


def test_tokens_outlast_a_new_password_and_are_all_listed(page, anna, home):
    make(anna, name="first")
    form = anna.get("/door").form("/door/password")
    new = "sieben Pflaumen auf dem Dach"
    assert anna.send(form, old=PASSWORD, password=new, again=new).status == 303
    assert "first" in anna.get("/door").text


def test_a_door_of_an_older_version_gets_its_table(tmp_path):
    file = tmp_path / "web.db"
    with Door(file) as door:
        door.set_password("hash", told.NOW)
        with door._write() as tx:
            tx.exec_driver_sql("DROP TABLE tokens")
    with Door(file) as door:
        assert door.password() == "hash"
        assert (door.tokens(), door.token("x")) == ([], None)
        token = door.add_token(
            name="x", sphere="private", right=Right.READ, sha256="x", now=told.NOW
        )
        assert door.tokens() == [door.token("x")] == [token]
        assert door.password() == "hash"
        door.use_token(token.id, told.NOW + timedelta(days=1))
        assert door.remove_token(token.id)
        assert not door.remove_token(token.id)
        again = door.add_token(
            name="x", sphere="private", right=Right.READ, sha256="x", now=told.NOW
        )
        assert again.id == 2, "a number never names another"
