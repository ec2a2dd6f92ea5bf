"""Who comes in: the password, the link that sets it, sessions, and how guessing is slowed down."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from netbot.store.door import Door
from netbot.web import create, set_up
from netbot.web.lock import FREE_TRIES, LONGEST_WAIT_S, Fault, Lock, find_fault
from netbot.web.login import browser_name
from tests import told
from tests.caller import HOST, PORT, Answer, Caller

PASSWORD = "vier Birnen im Nebel"
OTHER = "sieben Pflaumen auf dem Dach"
OUTSIDE = "netbot.example"


class Clock:
    def __init__(self) -> None:
        self.now = told.NOW

    def __call__(self):
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    told.tell(home, "en")
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(told_home, tmp_path / "home")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lock(home, clock):
    lock = Lock(home / "data" / "web.db", must=False, now=clock)
    yield lock
    lock.close()


@pytest.fixture
def page(home, lock, clock):
    return create(home, port=PORT, base_url=f"https://{OUTSIDE}", lock=lock, clock=clock)


@pytest.fixture
def anna(page, lock) -> Caller:
    """Somebody who has just set the password."""
    caller = Caller(page)
    form = caller.get(f"/set-up/{lock.link()}").page.forms[0]
    assert caller.send(form, password=PASSWORD, again=PASSWORD).status == 303
    return caller


def enter(caller: Caller, password: str = PASSWORD, path: str = "/login") -> Answer:
    return caller.send(caller.get(path).form("/login"), password=password)


def test_without_a_password_the_page_is_open_to_this_machine(page):
    caller = Caller(page)
    assert caller.get("/professional").status == 200
    assert "netbot web --set-up" in caller.get("/door").text
    assert "Log out" not in caller.get("/professional").text


def test_a_password_is_set_once_by_the_link_and_then_asked_for(page, lock, home):
    link = lock.link()
    anna, berta = Caller(page), Caller(page)
    form = anna.get(f"/set-up/{link}").page.forms[0]
    assert anna.send(form, password=PASSWORD, again=PASSWORD).headers["location"] == "/"
    assert anna.get("/professional").status == 200

    answer = berta.get("/professional/cards/3")
    assert (answer.status, answer.headers["location"]) == (303, "/login?next=/professional/cards/3")
    login = berta.follow(answer)
    came = berta.send(login.form("/login"), password=PASSWORD)
    assert came.headers["location"] == "/professional/cards/3"
    assert berta.follow(came).status == 200

    again = Caller(page).get(f"/set-up/{link}")
    assert (again.status, again.page.forms) == (404, [])
    assert "was used, or is too old" in again.text
    kept = (home / "data" / "web.db").read_bytes()
    for secret in (PASSWORD, link, *anna.cookies.values()):
        assert secret.encode() not in kept


def test_the_password_leads_to_the_whole_address_that_was_asked_for(page, anna):
    caller = Caller(page)
    login = caller.follow(caller.get("/add?url=https%3A%2F%2Fpost.example%2F%3Fp%3D1&title=A%26B"))
    came = caller.send(login.form("/login"), password=PASSWORD)
    assert came.headers["location"] == "/add?url=https%3A%2F%2Fpost.example%2F%3Fp%3D1&title=A%26B"


def test_behind_a_proxy_everything_stays_in_its_folder(home, clock):
    lock = Lock(home / "data" / "web.db", must=True, now=clock)
    base = "https://anna.example/netbot/"
    page = create(home, port=PORT, base_url=base, lock=lock, clock=clock)
    caller = Caller(page, "anna.example")
    asked = caller.get("/netbot/professional")
    assert asked.headers["location"] == "/netbot/login?next=/professional"
    form = caller.get(f"/netbot/set-up/{lock.link()}").page.forms[0]
    came = caller.send(form, password=PASSWORD, again=PASSWORD)
    assert came.headers["location"] == "/netbot/"
    assert all("; Path=/netbot;" in f"{cookie};" for cookie in came.cookies)

    first = caller.follow(caller.follow(came))
    whole = caller.get("/netbot/professional")
    without = caller.get("/professional")  # the proxy took the folder away
    assert first.body == whole.body == without.body
    seen = whole.page
    assert seen.links
    for address in (*(link["href"] for link in seen.links), *(form.action for form in seen.forms)):
        assert address.startswith(("/netbot/", "#", "https://")), address
    assert caller.get("/netbotish/professional").status == 404
    skipped = caller.send(whole.form("/skip"), why="other")
    assert skipped.headers["location"].startswith("/netbot/professional")
    left = caller.send(caller.get("/netbot/professional").form("/logout"))
    assert left.headers["location"] == "/netbot/"
    lock.close()


def test_nothing_is_to_be_had_before_the_password(page, anna):
    stranger = Caller(page)
    for path in ("/", "/professional", "/private/outbox", "/professional/clients/x", "/door", "/x"):
        answer = stranger.get(path)
        assert (answer.status, answer.body) == (303, "")
        assert answer.headers["location"].startswith("/login")
    assert stranger.get("/static/page.css").status == 200
    skip = anna.get("/professional").form("/skip")
    refused = stranger.send(skip, reason="other")
    assert refused.status == 401
    assert "Nothing was changed" in refused.text
    assert anna.send(skip, reason="other").status == 303


def test_where_others_reach_the_page_nobody_is_in_before_a_password_is_set(home, clock):
    lock = Lock(home / "data" / "web.db", must=True, now=clock)
    caller = Caller(create(home, port=PORT, lock=lock, clock=clock))
    assert caller.get("/professional").headers["location"] == "/login?next=/professional"
    login = caller.get("/login")
    assert login.page.forms == []
    assert "netbot web --set-up" in login.text
    lock.close()


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a%0d%0ab", "/add?url=x\r\nb"],
)
def test_the_password_leads_inward_only(page, anna, path):
    caller = Caller(page)
    form = caller.get("/login").form("/login")
    assert caller.send(form, password=PASSWORD, next=path).headers["location"] == "/"


def test_a_wrong_password_and_a_foreign_form_open_nothing(page, anna):
    caller = Caller(page)
    assert "not the password" in enter(caller, "falsch geraten").text
    form = caller.get("/login").form("/login")
    assert caller.send(form, password=PASSWORD, token="another").status == 403
    assert caller.get("/professional").status == 303


def test_guessing_gets_slow_and_the_owner_still_comes_in(page, anna, clock):
    thief, owner = Caller(page), Caller(page)
    assert enter(owner).status == 303
    owner.send(owner.get("/professional").form("/logout"))
    for _ in range(FREE_TRIES):
        assert enter(thief, "geraten").status == 401
    waits = []
    for _ in range(14):
        slow = enter(thief, PASSWORD)  # even the right one has to wait
        assert slow.status == 429
        waits.append(int(slow.headers["retry-after"]))
        clock.pass_by(seconds=waits[-1] + 1)
        assert enter(thief, "geraten").status == 401
    assert waits == [min(2**step, LONGEST_WAIT_S) for step in range(14)]
    assert enter(owner).status == 303, "a browser that was in before is counted by itself"
    assert enter(thief, "geraten").status == 401, "whoever comes in sets the count back"


def test_waiting_outlasts_a_new_start(page, home, lock, clock, anna):
    thief = Caller(page)
    for _ in range(FREE_TRIES + 1):
        enter(thief, "geraten")
    anew = Lock(home / "data" / "web.db", must=False, now=clock)
    assert anew.wait_s("") > 0
    anew.close()


def test_a_session_ends_by_itself(page, anna, clock, lock, home):
    for _ in range(4):
        clock.pass_by(hours=11)
        assert anna.get("/professional").status == 200
    assert lock.sessions()
    clock.pass_by(hours=13)
    assert anna.get("/professional").status == 303
    assert lock.sessions() == []
    assert enter(anna).status == 303
    for _ in range(65):
        clock.pass_by(hours=11)
        anna.get("/professional")
    assert anna.get("/professional").status == 200
    clock.pass_by(hours=11)
    assert anna.get("/professional").status == 303, "thirty days are over"
    assert enter(anna).status == 303
    with Door(home / "data" / "web.db") as door:
        assert len(door.sessions()) == 1


def test_reading_writes_nothing_and_acting_is_remembered(page, anna, clock, lock, home):
    def noted():
        with Door(home / "data" / "web.db") as door:
            return [each.seen_at for each in door.sessions()]

    first = noted()
    clock.pass_by(hours=1)
    anna.get("/professional")
    assert noted() == first
    anna.send(anna.get("/professional").form("/skip"), reason="other")
    assert noted() == [clock.now]
    clock.pass_by(minutes=1)
    anna.send(anna.get("/professional").form("/skip"), reason="other")
    assert noted() != [clock.now]
    anew = Lock(home / "data" / "web.db", must=False, now=clock)
    clock.pass_by(hours=11)
    assert anew.who(anna.cookies[f"netbot-{PORT}-session"]) is not None
    anew.close()


def test_going_out_ends_the_session_on_the_server(page, anna):
    kept = dict(anna.cookies)
    assert anna.send(anna.get("/professional").form("/logout")).headers["location"] == "/"
    anna.cookies |= kept
    assert anna.get("/professional").status == 303
    assert anna.ask("POST", "/logout", fields={}).status == 401


def test_everybody_else_can_be_put_out(page, anna):
    berta = Caller(page)
    assert enter(berta).status == 303
    door = anna.get("/door")
    assert "this one" in door.text
    assert anna.send(door.form("/others"), token="old").status == 403
    assert anna.follow(anna.send(door.form("/others"))).status == 200
    assert berta.get("/professional").status == 303
    assert anna.get("/professional").status == 200


def test_the_password_can_be_changed_by_whoever_knows_it(page, anna):
    form = anna.get("/door").form("/door/password")
    berta = Caller(page)
    enter(berta)
    refused = [
        (anna.send(form, old="falsch", password=OTHER, again=OTHER), 401, "not the password"),
        (anna.send(form, old=PASSWORD, password=OTHER, again="x"), 422, "not the same"),
        (anna.send(form, old=PASSWORD, password="kurz", again="kurz"), 422, "twelve"),
        (anna.send(form, token="x", old=PASSWORD, password=OTHER, again=OTHER), 403, "old one"),
    ]
    for answer, status, words in refused:
        assert (answer.status, words in answer.text) == (status, True)
    before = anna.cookies[f"netbot-{PORT}-session"]
    assert anna.send(form, old=PASSWORD, password=OTHER, again=OTHER).status == 303
    assert anna.cookies[f"netbot-{PORT}-session"] != before
    assert anna.get("/professional").status == 200
    assert berta.get("/professional").status == 303
    assert enter(berta).status == 401
    assert enter(berta, OTHER).status == 303


def test_guessing_the_old_password_at_the_door_is_slow_too(anna):
    form = anna.get("/door").form("/door/password")
    for _ in range(FREE_TRIES):
        assert anna.send(form, old="falsch", password=OTHER, again=OTHER).status == 401
    assert anna.send(form, old=PASSWORD, password=OTHER, again=OTHER).status == 429


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("kurz", Fault.SHORT),
        ("x" * 1025, Fault.LONG),
        ("passwordpassword", Fault.WEAK),
        ("123456789012", Fault.WEAK),
        ("netbotnetbot", Fault.WEAK),
        (PASSWORD, None),
        ("äöüß — ein Satz, den keiner kennt", None),
    ],
)
def test_what_is_easy_to_guess_is_no_password(password, fault):
    assert find_fault(password) == fault


def test_a_fault_is_told_where_the_password_is_set(page, lock):
    caller = Caller(page)
    path = f"/set-up/{lock.link()}"
    form = caller.get(path).page.forms[0]
    assert "easy to guess" in caller.send(form, password="a" * 12, again="a" * 12).text
    assert caller.send(form, password=PASSWORD, again=PASSWORD, token="x").status == 403
    assert caller.send(form, password=PASSWORD, again=PASSWORD).status == 303


def test_a_link_lasts_a_day_and_the_newest_counts(page, lock, clock):
    first, second = lock.link(), lock.link()
    caller = Caller(page)
    assert caller.get(f"/set-up/{first}").status == 404
    assert caller.get(f"/set-up/{second}").status == 200
    clock.pass_by(hours=25)
    assert caller.get(f"/set-up/{second}").status == 404


def test_cookies_are_for_the_server_alone_and_by_tls_for_tls(page, lock):
    for host, secure in ((HOST, False), (OUTSIDE, True)):
        caller = Caller(page)
        path = f"/set-up/{lock.link()}"
        form = caller.get(path, host=host).page.forms[0]
        fields = form.fields | {"password": PASSWORD, "again": PASSWORD}
        headers = {"origin": "null", "sec-fetch-site": "same-origin", "host": host}
        answer = caller.ask("POST", form.action, fields=fields, headers=headers)
        assert len(answer.cookies) == 2
        for cookie in answer.cookies:
            facts = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"httponly", "path=/", "samesite=lax"} <= facts
            assert ("secure" in facts) is secure
            assert not any(fact.startswith("domain") for fact in facts)


def test_by_tls_the_names_of_cookies_say_so(home, lock, clock):
    """And a cookie of another name, which a neighbouring host could have set, does not count."""
    for folder, mark in (("", "__Host-"), ("/netbot", "__Secure-")):
        base = f"https://{OUTSIDE}{folder}"
        page = create(home, port=PORT, base_url=base, lock=lock, clock=clock)
        caller = Caller(page, OUTSIDE)
        form = caller.get(f"{folder}/set-up/{lock.link()}").page.forms[0]
        assert caller.send(form, password=PASSWORD, again=PASSWORD).status == 303
        names = {f"{mark}netbot-{PORT}{kind}" for kind in ("", "-session", "-browser")}
        assert caller.cookies.keys() == names
        assert caller.get(f"{folder}/professional").status == 200
        stranger = Caller(page, OUTSIDE)
        stranger.cookies = {name.removeprefix(mark): v for name, v in caller.cookies.items()}
        assert stranger.get(f"{folder}/professional").status == 303


def test_who_comes_in_or_tries_to_stands_in_the_log(page, anna, caplog):
    caplog.set_level("INFO")
    caller = Caller(page)
    assert enter(caller, "falsch geraten").status == 401
    assert enter(caller).status == 303
    form = caller.get("/door").form("/door/password")
    assert caller.send(form, old="falsch", password=OTHER, again=OTHER).status == 401
    wrong = {"authorization": "Bearer netbot_falsch"}
    assert caller.get("/api/v1/professional/queue", **wrong).status == 401
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["login refused", "login", "login refused", "token refused"]
    assert "falsch" not in str([vars(record) for record in caplog.records])


def test_headers_of_proxies_are_not_believed(page, anna):
    caller = Caller(page)
    forged = {
        "x-forwarded-host": HOST,
        "x-forwarded-for": "127.0.0.1",
        "forwarded": "for=127.0.0.1",
    }
    assert caller.get("/professional", host="evil.example", **forged).status == 421
    assert caller.get("/professional", **forged).status == 303


def test_a_password_of_before_is_hashed_as_is_usual_now(home, clock):
    with Door(home / "data" / "web.db") as door:
        door.set_password(PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD), clock.now)
        lock = Lock(home / "data" / "web.db", must=False, now=clock)
        assert lock.enter(PASSWORD, "", "") is not None
        kept = door.password()
        lock.close()
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert not PasswordHasher().check_needs_rehash(kept)


def test_the_command_prints_a_link_that_works(home, page, clock):
    clock.pass_by(days=1)
    link = set_up(home, "127.0.0.1", PORT, None)
    assert link.startswith(f"http://127.0.0.1:{PORT}/set-up/")
    assert set_up(home, "::1", PORT, None).startswith(f"http://[::1]:{PORT}/")
    outside = set_up(home, "0.0.0.0", PORT, "https://netbot.example/")
    assert outside.startswith("https://netbot.example/set-up/")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/150.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
    ],
)
def test_browsers_are_called_what_people_call_them(agent, name):
    assert browser_name(agent) == name
