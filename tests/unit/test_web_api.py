"""The API: what a token reads and proposes, and that it opens nothing else."""

import ast
import json
import re
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount, Route

from netbot import app
from netbot.app import tokens
from netbot.model import UsageError
from netbot.store.door import Door, Right
from netbot.web import api, create, login
from netbot.web.app import DEEDS, PAGES
from netbot.web.lock import FREE_TRIES, LONGEST_WAIT_S, Lock
from tests import told
from tests.caller import HOST, PORT, Answer, Caller
from tests.check import tree
from tests.shapes import faults

JSON = "application/json"
#: What answers whoever has no session.
OPEN = ("/api/v1/", "/feeds/", "/login", "/set-up", "/manifest.webmanifest")
POST_URL = "https://brueckentext.example/ein-anderer-text"


class Program:
    """Something that shows a token, or none."""

    def __init__(self, page: Any, secret: str = "") -> None:
        self.caller = Caller(page)
        self.headers = {"authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str) -> Answer:
        return self.caller.get(f"/api/v1{path}", **self.headers)

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        sent = {"content-type": JSON} | self.headers | headers
        return self.caller.ask("POST", f"/api/v1{path}", headers=sent, body=body)


@pytest.fixture(scope="module")
def small_day(story_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story, on a day that holds three cards; one client has a site of her own."""
    home = tmp_path_factory.mktemp("api") / "home"
    shutil.copytree(story_home, home)
    for name, old, new in (
        ("netbot", "daily_limit: 12", "daily_limit: 3"),
        ("professional", "feed.xml]", "feed.xml, https://brueckentext.example/feed.xml]"),
    ):
        file = home / "config" / f"{name}.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    app.open_sphere(home, "professional", told.NOW, fresh=True).close()
    return home


@pytest.fixture
def home(small_day: Path, tmp_path: Path) -> Path:
    return shutil.copytree(small_day, tmp_path / "home")


@pytest.fixture
def now() -> list[Any]:
    return [told.NOW]


@pytest.fixture
def page(home, now):
    return create(home, port=PORT, clock=lambda: now[0])


def program(page: Any, home: Path, right: str = "read", sphere: str = "professional") -> Program:
    made = tokens.make(home, name="script", sphere=sphere, right=Right(right), now=told.NOW)
    return Program(page, made.secret)


def said(answer: Answer) -> str:
    assert answer.headers["content-type"] == JSON
    value = json.loads(answer.body)
    assert value.keys() == {"error"}
    return str(value["error"])


def decisions(home: Path) -> list[Any]:
    """Everything in the databases that a decision would change."""
    found = []
    for name in ("professional", "private"):
        with sqlite3.connect(home / "data" / name / "netbot.db") as tx:
            for table in ("decisions", "outbox", "touches", "claims"):
                listed = tx.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table])
                if listed.fetchone():
                    found += tx.execute(f"SELECT * FROM {table}").fetchall()
            found += tx.execute("SELECT id, state FROM suggestions").fetchall()
    return found


def test_a_token_reads_its_sphere(page, home, netbot_json):
    script = program(page, home)
    queue = json.loads(script.get("/professional/queue").body)
    assert queue == netbot_json("queue", "--sphere", "professional")
    first = queue["items"][0]["id"]
    card = json.loads(script.get(f"/professional/cards/{first}").body)
    assert card == netbot_json("show", first)
    assert card["text"]
    everything = json.loads(script.get("/professional/queue?all=1").body)["items"]
    assert (len(everything), len(queue["items"])) == (10, 3)
    clients = json.loads(script.get("/professional/clients").body)["items"]
    assert clients == netbot_json("client", "list", "--sphere", "professional")
    outbox = json.loads(script.get("/professional/outbox").body)
    assert outbox == {"version": 1, "waiting": [], "by_hand": [], "later": [], "troubles": []}


@pytest.fixture
def netbot_json(home, capsys):
    """What a command prints for scripts, at the time of the story."""
    from netbot import engine
    from netbot.app import wire
    from netbot.cli.main import run

    def ask(*words: str) -> Any:
        if words[0] == "queue":  # the only one that depends on the hour
            with app.open_sphere(home, "professional", told.NOW) as opened:
                found = engine.queue(opened.store, opened.house, told.NOW)
                items = [wire.item(each, opened.house) for each in found.cards]
            return json.loads(json.dumps({"version": 1, "items": items, "paused": None}))
        assert run([*words, "--json", "--home", str(home)]) == 0
        return json.loads(capsys.readouterr().out)

    return ask


def test_a_program_proposes_and_the_card_waits(page, home):
    script = program(page, home, "propose")
    answer = script.post("/professional/propose", {"url": POST_URL, "title": "Ein anderer Text"})
    assert answer.status == 201, answer.body
    item = json.loads(answer.body)["item"]
    assert (item["state"], item["client"], item["title"]) == (
        "waiting",
        "brueckentext",
        "Ein anderer Text",
    )
    assert answer.headers["location"] == f"/api/v1/professional/cards/{item['id']}"
    assert script.get(f"/professional/cards/{item['id']}").status == 200
    again = script.post("/professional/propose", {"url": POST_URL, "client": "brueckentext"})
    assert json.loads(again.body)["item"]["id"] == item["id"]


@pytest.mark.parametrize(
    ("body", "status", "told_so"),
    [
        ({"title": "x"}, 422, "“url” is missing"),
        ({"url": POST_URL, "approve": "yes"}, 422, "“approve” is unknown"),
        ({"url": POST_URL, "client": "nobody"}, 422, "there is no client nobody in professional"),
        ({"url": "https://stranger.example/1"}, 422, "say whose post it is by the client's id"),
        ({"url": "javascript:alert(1)", "client": "brueckentext"}, 422, ""),
        ({"url": POST_URL, "title": "\ud800", "client": "brueckentext"}, 422, "half a character"),
        ({"url": 7}, 400, "values are all texts"),
        ([POST_URL], 400, "values are all texts"),
        (b"{", 400, "the body is no JSON"),
        (b"\xff\xfe", 400, "the body is no JSON"),
        (b"[" * 60_000, 400, "the body is no JSON"),
        ({"url": POST_URL, "text": "x" * 70_000}, 413, "64 KiB"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(page, home, body, status, told_so):
    script, before = program(page, home, "propose"), decisions(home)
    answer = script.post("/professional/propose", body)
    assert (answer.status, told_so in said(answer)) == (status, True), answer.body
    assert decisions(home) == before


def test_a_body_that_hides_its_length_is_read_no_further(page, home):
    script = program(page, home, "propose")
    answer = script.post(
        "/professional/propose", {"url": POST_URL, "text": "x" * 70_000}, **{"content-length": ""}
    )
    assert answer.status == 413
    assert said(answer) == "that is more than 64 KiB"


def test_only_json_is_read(page, home):
    script = program(page, home, "propose")
    for kind in ("", "text/plain", "application/x-www-form-urlencoded"):
        answer = script.post("/professional/propose", {"url": POST_URL}, **{"content-type": kind})
        assert (answer.status, "application/json" in said(answer)) == (415, True)
    kind = "application/json; charset=utf-8"
    assert (
        script.post("/professional/propose", {"url": POST_URL}, **{"content-type": kind}).status
        == 201
    )


def test_a_rule_of_the_house_is_no_way_round(page, home):
    script = program(page, home, "propose")
    item = json.loads(script.get("/professional/queue").body)["items"][0]
    owner = Caller(page)
    card = owner.get(f"/professional/cards/{item['id'].rpartition('-')[2]}")
    form = card.form("/approve")
    assert owner.send(form, text="Schön, dass es euch gibt.").status == 303
    answer = script.post(
        "/professional/propose", {"url": item["target_url"], "client": item["client"]}
    )
    assert (answer.status, "you have approved it already" in said(answer)) == (409, True)
    outbox = json.loads(script.get("/professional/outbox").body)
    assert [each["id"] for each in outbox["by_hand"]] == [item["id"]]


@pytest.mark.parametrize("right", ["none", "read", "feed", "another", "revoked"])
def test_who_may_not_propose_changes_nothing(page, home, right):
    script = Program(page)
    if right == "revoked":
        made = tokens.make(home, name="x", sphere="professional", right=Right.PROPOSE, now=told.NOW)
        tokens.revoke(home, made.token.id)
        script = Program(page, made.secret)
    elif right == "another":
        script = program(page, home, "propose", "private")
    elif right != "none":
        script = program(page, home, right)
    before = decisions(home)
    answer = script.post("/professional/propose", {"url": POST_URL})
    assert answer.status == (401 if right in {"none", "revoked"} else 403)
    assert said(answer)
    assert decisions(home) == before


def test_a_token_opens_one_sphere_and_tells_nothing_of_others(page, home):
    script = program(page, home, sphere="private")
    assert script.get("/private/queue").status == 200
    told_of = {script.get(f"/{name}/queue").body for name in ("professional", "nowhere")}
    assert told_of == {'{"error":"this token opens the sphere private and no other"}'}
    assert script.get("/professional/cards/professional-1").status == 403
    assert script.get("/private/cards/professional-1").status == 404
    (home / "config" / "private.yaml").unlink()
    assert (script.get("/private/queue").status, said(script.get("/private/queue"))) == (
        404,
        "there is no sphere private here any more",
    )


@pytest.mark.parametrize("id", ["private-0", "private-x", "private-" + "9" * 40, "9", "private-²"])
def test_a_card_that_is_not_there(page, home, id):
    answer = program(page, home, sphere="private").get(f"/private/cards/{id}")
    assert (answer.status, "is no card" in said(answer) or "no" in said(answer)) == (404, True)


def test_a_feed_token_opens_no_answer_of_the_api(page, home):
    script = program(page, home, "feed")
    for path in ("/professional/queue", "/openapi.json"):
        answer = script.get(path)
        assert (answer.status, said(answer)) == (
            403,
            "this token is for “feed” and opens nothing else",
        )


def test_without_a_token_there_is_only_one_answer(page):
    nobody = Program(page)
    for path in ("/professional/queue", "/openapi.json", "/nowhere", "/"):
        answer = nobody.get(path)
        assert answer.status == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "netbot token add" in said(answer)
    for word in ("Basic bmV0Ym90", "netbot_x", "Bearer", "bearer  "):
        assert nobody.caller.get("/api/v1/professional/queue", authorization=word).status == 401


def test_errors_of_the_frame_are_json_too(page, home):
    script = program(page, home)
    assert (script.get("/nowhere").status, said(script.get("/nowhere"))) == (
        404,
        "there is no such address here",
    )
    answer = script.post("/professional/queue", {})
    assert (answer.status, said(answer)) == (405, "this address takes no such request")
    (home / "data" / "professional" / "netbot.db").write_bytes(b"no database at all" * 100)
    answer = script.get("/professional/queue")
    assert (answer.status, said(answer)) == (503, api.SENTENCES[503])


def test_guessing_is_slowed_down_and_a_good_token_never_waits(page, home, now):
    good, thief = program(page, home), Program(page, "netbot_" + "x" * 43)
    assert [thief.get("/professional/queue").status for _ in range(FREE_TRIES)] == [401] * 4 + [429]
    waits = []
    for _ in range(12):
        answer = thief.get("/professional/queue")
        assert answer.status == 429
        waits.append(int(answer.headers["retry-after"]))
    assert waits == [min(2**step, LONGEST_WAIT_S) for step in range(1, 13)]
    now[0] += timedelta(seconds=LONGEST_WAIT_S + 1)
    assert Program(page).get("/professional/queue").status == 401, "nothing was tried"
    assert good.get("/professional/queue").status == 200
    assert thief.get("/professional/queue").status == 401


def test_only_what_changes_something_is_noted_on_the_disk(page, home, now):
    def used() -> list[Any]:
        with Door(home / "data" / "web.db") as door:
            return [each.used_at for each in door.tokens()]

    script = program(page, home, "propose")
    kept = (home / "data" / "web.db").read_bytes()
    for path in ("/professional/queue", "/professional/clients", "/openapi.json"):
        assert script.get(path).status == 200
    assert (home / "data" / "web.db").read_bytes() == kept
    assert script.post("/professional/propose", {"url": POST_URL}).status == 201
    assert used() == [told.NOW]
    now[0] += timedelta(minutes=1)
    script.post("/professional/propose", {"url": POST_URL})
    assert used() == [told.NOW]
    now[0] += timedelta(hours=1)
    script.post("/professional/propose", {"url": POST_URL})
    assert used() == [now[0]]


def test_reading_leaves_every_database_as_it_was(page, home):
    script = program(page, home)
    files = [
        home / "data" / name for name in ("web.db", "professional/netbot.db", "private/netbot.db")
    ]
    before = [list(sqlite3.connect(file).iterdump()) for file in files]
    queue = json.loads(script.get("/professional/queue?all=1").body)
    for item in queue["items"]:
        script.get(f"/professional/cards/{item['id']}")
    for path in api.READ:
        script.get(f"/professional{path}")
    assert [list(sqlite3.connect(file).iterdump()) for file in files] == before


def addresses(page: Any) -> dict[str, set[str]]:
    """Every address of the whole page, its parameters filled in, and the methods it takes."""
    found: dict[str, set[str]] = {}

    def walk(routes: Any, above: str) -> None:
        for route in routes:
            if isinstance(route, Route):
                found.setdefault(above + route.path, set()).update(route.methods or ())
            elif isinstance(route, Mount):
                inner = route.app.app if isinstance(route.app, api.Bearer) else route.app
                walk(getattr(inner, "routes", []), above + route.path)

    walk(page.app.app.routes, "")
    return found


def test_no_token_decides_whatever_address_it_is_shown_at(home):
    lock = Lock(home / "data" / "web.db", must=True, now=lambda: told.NOW)
    page = create(home, port=PORT, lock=lock, clock=lambda: told.NOW)
    first = program(page, home, "propose")
    item = json.loads(first.get("/professional/queue").body)["items"][0]
    number = item["id"].rpartition("-")[2]
    found = addresses(page)
    assert {*PAGES, *DEEDS, "/api/v1/{sphere}/queue", "/feeds/{secret}/queue.atom"} <= found.keys()
    form = {"act": "", "why": "other", "until": "3d", "text": "Ja.", "token": "x"}
    before = decisions(home)
    for right in Right:
        made = tokens.make(home, name="x", sphere="professional", right=right, now=told.NOW)
        headers = {
            "authorization": f"Bearer {made.secret}",
            "cookie": f"netbot-{PORT}-session={made.secret}; netbot-{PORT}={made.secret}",
        }
        for path, methods in found.items():
            named = item["id"] if path.startswith("/api") else item["client"]
            asked = path.replace("{sphere}", "professional").replace("{n:int}", number)
            asked = re.sub(r"\{(token|secret)\}", made.secret, asked)
            asked = asked.replace("{id:int}", "1").replace("{id}", named).replace("{name}", "x")
            assert "{" not in asked, path
            is_open = path.startswith(OPEN)
            for method in methods:
                answer = Caller(page).ask(method, asked, fields=form, headers=headers)
                if not is_open:
                    assert answer.status == (303 if method in {"GET", "HEAD"} else 401), path
                    assert answer.headers.get("location", "/login").startswith("/login")
    assert decisions(home) == before
    lock.close()


def test_a_login_opens_no_api(home):
    lock = Lock(home / "data" / "web.db", must=False, now=lambda: told.NOW)
    page = create(home, port=PORT, lock=lock, clock=lambda: told.NOW)
    owner = Caller(page)
    form = owner.get(f"/set-up/{lock.link()}").page.forms[0]
    password = "vier Birnen im Nebel"
    assert owner.send(form, password=password, again=password).status == 303
    assert owner.get("/professional").status == 200
    assert owner.get("/api/v1/professional/queue").status == 401
    answer = owner.ask(
        "POST",
        "/api/v1/professional/propose",
        body=json.dumps({"url": POST_URL}).encode(),
        headers={"content-type": JSON},
    )
    assert answer.status == 401
    lock.close()


#: What changes the state of a card or an act, by the names of the engine.
DECIDING = {
    *("decide", "Approve", "Skip", "Snooze", "Undo", "FalseAlarm"),
    *("confirm", "decline", "hand_off", "perform", "thank", "end_peace", "leave_in_peace"),
}


def test_what_a_token_opens_does_not_know_how_to_decide():
    for path in (
        *("netbot/web/api.py", "netbot/web/feeds.py", "netbot/web/dates.py", "netbot/web/keys.py"),
        *("netbot/web/openapi.py", "netbot/app/reading.py", "netbot/app/tokens.py"),
        *("netbot/mcp/__init__.py", "netbot/mcp/server.py", "netbot/mcp/tools.py"),
    ):
        nodes = list(ast.walk(tree.syntax(Path(path))))
        named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        named |= {node.id for node in nodes if isinstance(node, ast.Name)}
        named |= {
            each.name for node in nodes if isinstance(node, ast.ImportFrom) for each in node.names
        }
        assert named & DECIDING == set(), path


def test_the_document_tells_of_every_address_and_every_answer_is_as_it_says(page, home):
    script = program(page, home, "propose")
    document = json.loads(script.get("/openapi.json").body)
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": f"http://{HOST}/api/v1"}]
    told_of = {
        (path, method.upper()) for path, item in document["paths"].items() for method in item
    }
    there = {
        (path.removeprefix(api.ROOT).replace("{sphere}", "professional"), method)
        for path, methods in addresses(page).items()
        if path.startswith(api.ROOT)
        for method in methods - {"HEAD"}
    }
    assert told_of == there
    assert {method for _, method in there if method != "GET"} == {"POST"}
    items = json.loads(script.get("/professional/queue?all=1").body)["items"]
    for item in items:
        check(document, "/professional/cards/{id}", script, id=item["id"])
    for path in document["paths"]:
        if "{" not in path and not path.endswith("propose"):
            check(document, path, script)
    check(document, "/professional/propose", script, body={"url": POST_URL})
    check(document, "/professional/propose", script, body={"url": 7})
    check(document, "/professional/propose", script, body={"url": "x"})
    check(document, "/professional/cards/{id}", script, id="professional-0")
    for nobody in (Program(page), Program(page, "netbot_x"), program(page, home, "feed")):
        for path in document["paths"]:
            body = {"url": POST_URL} if path.endswith("propose") else None
            check(document, path, nobody, body=body, id="professional-1")


def check(document: Any, path: str, script: Program, *, body: Any = None, id: str = "") -> None:
    """One request and its answer, both as the document says."""
    operation = document["paths"][path]["get" if body is None else "post"]
    asked = path.replace("{id}", id)
    answer = script.get(asked) if body is None else script.post(asked, body)
    described = operation["responses"][str(answer.status)]
    schema = described["content"][JSON]["schema"]
    assert faults(json.loads(answer.body), schema, document) == []
    if answer.status == 201:
        sent = operation["requestBody"]["content"][JSON]["schema"]
        assert faults(body, sent, document) == []


def test_the_document_holds_together(page, home):
    """OpenAPI 3.1: what is required of each object, and no reference that leads nowhere."""
    document = json.loads(program(page, home).get("/openapi.json").body)
    assert {"title", "version"} <= document["info"].keys()
    names: list[str] = []
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert used == document["components"]["schemas"].keys()
    for path, item in document["paths"].items():
        assert path.startswith("/")
        for operation in item.values():
            names.append(operation["operationId"])
            assert all(each["description"] for each in operation["responses"].values())
            inside = {
                each["name"] for each in operation.get("parameters", []) if each["in"] == "path"
            }
            assert inside == set(re.findall(r"\{(\w+)\}", path))
    assert len(names) == len(set(names))


def test_a_folder_behind_a_proxy(home):
    base = "https://anna.example/netbot/"
    page = create(home, port=PORT, base_url=base, clock=lambda: told.NOW)
    made = tokens.make(home, name="x", sphere="private", right=Right.PROPOSE, now=told.NOW)
    headers = {"host": "anna.example", "authorization": f"Bearer {made.secret}"}
    caller = Caller(page)
    for path in ("/netbot/api/v1/openapi.json", "/api/v1/openapi.json"):
        document = json.loads(caller.get(path, **headers).body)
        assert document["servers"] == [{"url": "https://anna.example/netbot/api/v1"}]
    assert caller.get("/netbot/api/v1/private/queue", **headers).status == 200


def test_a_page_of_another_site_makes_no_browser_propose(page, home):
    script = program(page, home, "propose")
    for headers in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example"},
    ):
        answer = script.post("/professional/propose", {"url": POST_URL}, **headers)
        assert answer.status in {403, 421}
    assert "access-control-allow-origin" not in script.get("/professional/queue").headers


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_token_has_a_name(home, name):
    with pytest.raises(UsageError, match="name the program"):
        tokens.make(home, name=name, sphere="private", right=Right.READ, now=told.NOW)
    with pytest.raises(UsageError, match="there is no sphere"):
        tokens.make(home, name="x", sphere="nowhere", right=Right.READ, now=told.NOW)


def test_a_lost_token_can_be_found_by_its_look_and_is_kept_as_a_hash(home):
    made = tokens.make(home, name="x", sphere="private", right=Right.READ, now=told.NOW)
    assert re.fullmatch(r"netbot_[\w-]{43}", made.secret)
    assert made.secret.encode() not in (home / "data" / "web.db").read_bytes()
    assert made.addresses("http://x/") == ()


def test_each_right_and_each_route_is_looked_at():
    assert {*api.READERS, Right.FEED} == {*Right}
    assert {*api.PROPOSERS} == {Right.PROPOSE}
    assert login.OPEN.fullmatch("/api/v1/x")
    assert not login.OPEN.fullmatch("/api/v2/x")
