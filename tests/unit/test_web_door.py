"""Who is heard, what every answer carries, and how the page is served."""

import asyncio
import signal
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from starlette.types import Message

from netbot import clock
from netbot.model import ConfigError, UsageError
from netbot.web import create, serve
from netbot.web.stamp import stamp
from tests import told
from tests.caller import HOST, PORT, Caller

BASE = "https://netbot.example"
OURS = {"origin": "null", "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("door")
    told.write_home(home, "en")
    return home


@pytest.fixture
def caller(home: Path) -> Caller:
    return Caller(create(home, port=PORT, base_url=BASE))


@pytest.mark.parametrize(
    "host", [HOST, f"localhost:{PORT}", f"LOCALHOST:{PORT}", f"[::1]:{PORT}", "netbot.example"]
)
def test_our_own_names_are_answered(caller: Caller, host: str):
    assert caller.get("/professional", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        *("", "127.0.0.1", "127.0.0.1:80", "0.0.0.0:8470", f"127.0.0.1.:{PORT}", f"x@{HOST}"),
        *("evil.example", f"evil.example:{PORT}", f"{HOST}.evil.example", "netbot.example:8470"),
    ],
)
def test_a_foreign_name_for_this_machine_is_not(caller: Caller, host: str):
    for path in ("/professional", "/static/page.css", "/"):
        answer = caller.get(path, host=host)
        assert answer.status == 421
        assert not answer.cookies


def test_the_port_that_browsers_leave_out_may_be_left_out(home: Path):
    caller = Caller(create(home, port=80))
    assert caller.get("/professional", host="127.0.0.1").status == 200
    assert caller.get("/professional", host="127.0.0.1:80").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": f"https://{HOST}"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_site_is_not_heard(caller: Caller, headers: dict[str, str]):
    answer = caller.ask("POST", "/professional/cards/1/skip", fields={}, headers=headers)
    assert answer.status == 403
    assert "does not come from a page of netbot" in answer.body


@pytest.mark.parametrize(
    "headers",
    [OURS, {"origin": f"http://{HOST}"}, {"origin": BASE, "host": "netbot.example"}, {}],
)
def test_a_form_of_ours_is_heard(caller: Caller, headers: dict[str, str]):
    answer = caller.ask("POST", "/professional/cards/1/skip", fields={}, headers=headers)
    assert answer.status == 404, "there is no such card, and that was looked up"


def test_the_cookie_stays_on_this_machine_and_belongs_to_this_port(caller: Caller):
    (cookie,) = caller.get("/professional").cookies
    name, *facts = (part.strip().lower() for part in cookie.split(";"))
    assert name.startswith(f"netbot-{PORT}=")
    assert {"httponly", "samesite=strict", "path=/"} <= set(facts)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/professional"),
        ("GET", "/static/page.css"),
        ("GET", "/nowhere/at/all"),
        ("PUT", "/professional"),
        ("POST", "/professional"),
    ],
)
def test_every_answer_carries_the_same_caution(caller: Caller, method: str, path: str):
    headers = caller.ask(method, path, headers=OURS).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_only_a_file_of_this_very_version_is_kept_by_browsers(caller: Caller):
    lasting = "private, max-age=31536000, immutable"
    assert caller.get(f"/static/page.css?{stamp()}").headers["cache-control"] == lasting
    for path in ("/static/page.css?old", f"/professional?{stamp()}", f"/static/x.css?{stamp()}"):
        assert caller.get(path).headers["cache-control"] == "no-store"
    refused = caller.get(f"/static/page.css?{stamp()}", host="evil.example")
    assert refused.headers["cache-control"] == "no-store"


def test_by_tls_browsers_are_told_to_stay_with_it(caller: Caller):
    strict = "strict-transport-security"
    assert caller.get("/", host="netbot.example").headers[strict] == "max-age=31536000"
    assert caller.get("/nowhere", host="netbot.example").headers[strict] == "max-age=31536000"
    for host in (HOST, "evil.example", ""):
        assert strict not in caller.get("/", host=host).headers


def test_a_form_too_large_to_be_ours_is_not_read(caller: Caller):
    answer = caller.ask(
        "POST", "/professional/cards/1/skip", fields={"text": "x" * 300_000}, headers=OURS
    )
    assert answer.status == 413
    assert answer.headers["cache-control"] == "no-store"


def test_only_plain_requests_are_answered(caller: Caller):
    assert caller.ask("DELETE", "/professional", headers=OURS).status == 405
    assert caller.ask("OPTIONS", "/professional").status == 405


def test_nothing_else_than_http_is_answered(home: Path):
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        app = create(home, port=PORT)
        await app({"type": "websocket", "path": "/professional"}, receive, send)

    asyncio.run(ask())
    assert sent == []


def test_an_error_nobody_thought_of_is_one_sentence(home: Path):
    def clock() -> datetime:
        if stopped:
            raise RuntimeError("the clock has stopped")
        return told.NOW

    stopped = False
    caller = Caller(create(home, port=PORT, clock=clock))
    stopped = True
    answer = caller.get("/professional")
    assert answer.status == 500
    assert "Something went wrong. Nothing was changed." in answer.text
    assert "clock" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_home_that_cannot_be_read_has_no_page(tmp_path: Path):
    with pytest.raises(UsageError, match="netbot init"):
        create(tmp_path, port=PORT)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "private.yaml").write_text("clients: [")
    with pytest.raises(ConfigError):
        create(tmp_path, port=PORT)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "127.0.0.2", "192.168.1.4", "::", "netbot.example", ""]
)
def test_others_reach_the_page_by_tls_only(home: Path, host: str):
    for base_url in (None, "http://netbot.example"):
        with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
            serve(home, host, 0, base_url=base_url)


def test_a_port_that_is_taken_is_named(home: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot serve at port {port}"):
            serve(home, "localhost", port)


SERVING = """
import sys
from pathlib import Path
from netbot.web import serve
serve(Path(sys.argv[1]), sys.argv[2], 0, ready=lambda *said: print(*said, flush=True))
print("ended")
"""


def test_serving_ends_when_it_is_told_to(home: Path):
    command = [sys.executable, "-c", SERVING, str(home), "localhost"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        with urlopen(f"{address}professional") as answer:
            assert "Today" in answer.read().decode()
        server.send_signal(signal.SIGTERM)
        rest, _ = server.communicate(timeout=20)
    assert (rest, server.returncode) == ("ended\n", 0)


OUTSIDE = """
import sys
from pathlib import Path
from netbot.web import serve
outside = "https://netbot.example"
said = lambda *said: print(*said, flush=True)
serve(Path(sys.argv[1]), "0.0.0.0", 0, base_url=outside, ready=said)
"""


def test_whoever_lets_others_reach_it_is_shown_where_to_set_the_password(tmp_path: Path):
    told.write_home(tmp_path, "en")
    command = [sys.executable, "-c", OUTSIDE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        front, link = server.stdout.readline().split()
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)
    assert front == "https://netbot.example/"
    assert link.startswith("https://netbot.example/set-up/")


def test_the_time_is_that_of_now_when_nobody_sets_it(home: Path):
    page = Caller(create(home, port=PORT)).get("/professional")
    assert f"{clock.now():%B}" in page.text
