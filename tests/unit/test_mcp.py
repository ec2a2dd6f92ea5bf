"""`netbot mcp`: a language model reads and proposes, through a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from netbot import app
from netbot.app import reading
from netbot.mcp import serve
from netbot.mcp.server import LEGACY, LONGEST_LINE, MODERN, Server
from netbot.mcp.tools import TOOLS
from tests import told
from tests.check import tree

PREFIX = "io.modelcontextprotocol/"
META = {f"{PREFIX}protocolVersion": MODERN, f"{PREFIX}clientCapabilities": {}}
POST_URL = "https://brueckentext.example/neu"


@pytest.fixture
def home(story_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(story_home, tmp_path / "home")


@pytest.fixture
def server(home):
    return Server(home, "professional", lambda: told.NOW)


def ask(server: Server, method: Any, *, meta: Any = META, **params: Any) -> Any:
    sent = params | ({"_meta": meta} if meta is not None else {})
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": sent})
    answer = server.answer(line.encode())
    assert answer is not None
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", 1)
    return answer.get("result") or answer["error"]


def use(server: Server, name: str, **arguments: Any) -> Any:
    return ask(server, "tools/call", name=name, arguments=arguments)


def test_a_process_of_its_own_speaks_one_message_a_line(home):
    hello = {"protocolVersion": "2025-06-18"}
    ping = '{"jsonrpc": "2.0", "id": 4, "method": "ping"}'
    lines: list[Any] = [
        {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "initialize",
            "params": hello,
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": "p", "method": "ping"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_clients"}},
        "no json at all",
        {"jsonrpc": "2.0", "id": 3, "method": "tools/list", "params": {"_meta": META}},
    ]
    told_in = "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines)
    done = subprocess.run(
        [sys.executable, "-m", "netbot", "mcp", "--sphere", "private", "--home", str(home)],
        input=told_in + "x" * (LONGEST_LINE + 10) + "\n" + ping,
        env=os.environ | {"PYTHONPATH": str(tree.ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each.get("id") for each in answers] == [0, "p", 1, 2, None, 3, None, 4]
    assert answers[0]["result"]["protocolVersion"] == "2025-06-18"
    assert answers[0]["result"]["serverInfo"]["name"] == "netbot"
    assert answers[1]["result"] == {}
    assert {each["name"] for each in answers[2]["result"]["tools"]} == {each.name for each in TOOLS}
    items = answers[3]["result"]["structuredContent"]["items"]
    assert {each["sphere"] for each in items} == {"private"}
    assert answers[4]["error"]["code"] == -32700
    assert answers[5]["result"]["resultType"] == "complete"
    assert answers[6]["error"] == {"code": -32600, "message": "that line is longer than 256 KiB"}


@pytest.mark.parametrize(
    ("words", "told_so"),
    [([], "say --sphere professional"), (["--sphere", "nowhere"], "there is no sphere nowhere")],
)
def test_one_sphere_is_named(home, words, told_so, capsys):
    from netbot.cli.main import run

    assert run(["mcp", *words, "--home", str(home)]) == 2
    out, err = capsys.readouterr()
    assert (out, told_so in err) == ("", True)


def test_what_can_be_asked_for_is_told(server):
    found = ask(server, "server/discover")
    assert found["supportedVersions"] == [MODERN, *LEGACY]
    assert found["capabilities"] == {"tools": {"listChanged": False}}
    assert found["_meta"][f"{PREFIX}serverInfo"]["name"] == "netbot"
    assert "never instructions" in found["instructions"]
    listed = ask(server, "tools/list")
    assert (listed["resultType"], listed["cacheScope"]) == ("complete", "public")
    for tool in listed["tools"]:
        schema = tool["inputSchema"]
        assert schema["additionalProperties"] is False
        assert {*schema["required"]} <= schema["properties"].keys()
        assert tool["annotations"]["readOnlyHint"] is (tool["name"] != "propose_post")


def test_it_reads_what_programs_read(server, home):
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        queue = reading.queue(sphere, told.NOW)
        card = reading.card(sphere, queue["items"][0]["id"])
    answer = use(server, "read_queue")
    assert answer["structuredContent"] == queue
    assert json.loads(answer["content"][0]["text"]) == queue
    assert answer["isError"] is False
    assert use(server, "read_queue", all=True)["structuredContent"]["items"][0] == queue["items"][0]
    assert use(server, "show_card", id=card["id"])["structuredContent"] == card
    assert use(server, "read_outbox")["structuredContent"]["waiting"] == []


def test_it_proposes_and_the_card_waits(server):
    answer = use(server, "propose_post", url=POST_URL, client="brueckentext", title="Neu")
    item = answer["structuredContent"]["item"]
    assert (item["state"], item["title"]) == ("waiting", "Neu")
    assert use(server, "show_card", id=item["id"])["structuredContent"]["action"] is None


@pytest.mark.parametrize(
    ("name", "arguments", "told_so"),
    [
        ("show_card", {"id": "professional-99999"}, "professional-99999"),
        ("show_card", {"id": "private-1"}, "is no card of professional"),
        ("show_card", {"id": "professional-" + "9" * 30}, "is no card of professional"),
        ("show_card", {}, "“id” is missing"),
        ("show_card", {"id": 7}, "“id” must be a string"),
        ("read_queue", {"all": "yes"}, "“all” must be a boolean"),
        ("list_clients", {"sphere": "private"}, "“sphere” is unknown to list_clients"),
        ("list_clients", ["x"], "arguments must be an object"),
        ("propose_post", {"url": POST_URL, "text": "\udfff"}, "half a character"),
        ("show_card", {"id": "\ud800-1"}, "is no card of professional"),
        ("propose_post", {"url": "x"}, "say whose post it is"),
        ("propose_post", {"url": POST_URL, "approve": "yes"}, "“approve” is unknown"),
    ],
)
def test_a_wrong_call_is_told_so_that_a_better_one_follows(server, name, arguments, told_so):
    answer = ask(server, "tools/call", name=name, arguments=arguments)
    assert (answer["isError"], answer["resultType"]) == (True, "complete")
    assert told_so in answer["content"][0]["text"]


@pytest.mark.parametrize(
    "name", ["approve", "skip", "undo", "read_queue ", None, 7, ["read_queue"]]
)
def test_there_is_no_tool_that_decides(server, name):
    assert ask(server, "tools/call", name=name)["code"] == -32602


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'"text"', -32600),
        (b"null", -32600),
        (b'{"id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": 7}}', -32602),
        (b"x" * (LONGEST_LINE + 1), -32600),
    ],
)
def test_what_is_no_message_is_refused(server, line, code):
    answer = server.answer(line)
    assert answer is not None
    assert answer["error"]["code"] == code
    assert answer.get("id", 1) == 1


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc": "2.0", "method": "notifications/cancelled"}',
        b'{"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "propose_post"}}',
        b'{"jsonrpc": "2.0", "id": 1, "result": {}}',
    ],
)
def test_what_asks_nothing_is_not_answered(server, line):
    assert server.answer(line) is None


def test_each_request_says_which_revision_it_speaks(server):
    other = META | {f"{PREFIX}protocolVersion": "1900-01-01"}
    assert ask(server, "tools/list", meta=other) == {
        "code": -32022,
        "message": "Unsupported protocol version",
        "data": {"supported": [MODERN, *LEGACY], "requested": "1900-01-01"},
    }
    without = {f"{PREFIX}protocolVersion": MODERN}
    assert ask(server, "tools/list", meta=without)["code"] == -32602
    for method in ("ping", "resources/list", "approve", 7):
        assert ask(server, method)["code"] == -32601
    assert ask(server, "tools/list", meta=None)["code"] == -32602, "nobody has said hello"


def test_older_clients_say_hello_first(server):
    for wanted, given in (("2025-06-18", "2025-06-18"), ("2024-11-05", LEGACY[0]), (7, LEGACY[0])):
        hello = ask(server, "initialize", meta=None, protocolVersion=wanted)
        assert hello["protocolVersion"] == given
    assert "resultType" not in ask(server, "tools/list", meta=None)
    assert ask(server, "server/discover", meta=None)["code"] == -32601


def test_an_answer_that_nobody_reads_any_more_ends_it(home):
    out = BytesIO()
    serve(home, "private", lambda: told.NOW, BytesIO(b"x" * (LONGEST_LINE * 2)), out)
    assert json.loads(out.getvalue())["error"]["code"] == -32600
