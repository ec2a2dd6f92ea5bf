"""Markers are planted in one house, and looked for in all that the other shows, keeps and sends."""

import base64
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from netbot import app, clock, engine, log
from netbot.cli.main import run
from netbot.daemon.worker import Worker
from netbot.demo.blogserver import BlogServer
from netbot.digest import compose
from netbot.engine import Approve, Skip
from netbot.model import Post, SkipReason
from netbot.web import create
from tests import robot, told
from tests.caller import PORT, Caller
from tests.unit.test_canaries import as_before

__all__ = ["as_before"]

NOW = clock.now()
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Works</title>
<item><title>The mill has opened</title><link>https://works.example/mill</link>
<guid>mill</guid><description>It turns.</description></item></channel></rss>"""
COMMANDS = (
    "account list",
    "check",
    "doctor",
    "health",
    "queue",
    "rules lint",
    "rules stats",
    "show professional-1",
    "status",
)


class Markers:
    """Words that nobody else would write, each made when it is first asked for."""

    def __init__(self) -> None:
        self._chance = random.Random(21)
        self.all: dict[str, str] = {}

    def __getitem__(self, place: str) -> str:
        return self.all.setdefault(place, f"mark{self._chance.randrange(10**12):012d}")

    def found(self, *texts: bytes) -> set[str]:
        """The places whose marker stands there, in the clear, in an address or in base64."""
        return {
            place
            for place, mark in self.all.items()
            for text in texts
            if any(trace in text for trace in _traces(mark))
        }


def _traces(mark: str) -> Iterator[bytes]:
    yield mark.encode()
    yield quote(mark).upper().encode()
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + mark.encode())[(0, 2, 3)[shift] : -4]


@dataclass(frozen=True, slots=True)
class Houses:
    """A home with two houses, and what stands in one of them."""

    home: Path
    marks: Markers
    server: BlogServer

    def kept(self, sphere: str) -> list[bytes]:
        """All that its files hold."""
        files = (self.home / "data" / sphere).rglob("*")
        return [path.read_bytes() for path in files if path.is_file()]


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[Houses]:
    marks = Markers()
    with BlogServer() as server:
        server.put("/works.xml", FEED.replace("<item>", "<x>").replace("</item>", "</x>").encode())
        made = Houses(tmp_path, marks, server)
        _write(made)
        _live(made)
        yield made


def _write(houses: Houses) -> None:
    marks = houses.marks
    files: dict[str, object] = {
        "config/netbot.yaml": {
            "language": "en",
            "rules": {"shipped": False},
            "watch": {"allow_hosts": ["127.0.0.1"], "min_interval_s": 1},
        },
        "config/professional.yaml": {
            "digest": {"at": "08:00", "to": "studio@example.com", "server": "127.0.0.1"},
            "accounts": [{"id": "web", "network": "web", "handle": "Nora Feldkamp"}],
            "clients": [
                {"id": "works", "name": "Works", "sources": [houses.server.url("/works.xml")]}
            ],
        },
        "config/private.yaml": {
            "digest": {"at": "08:00", "to": f"{marks['mail']}@example.com", "server": "127.0.0.1"},
            "accounts": [{"id": marks["account"], "network": "web", "handle": marks["handle"]}],
            "clients": [
                {
                    "id": marks["client"],
                    "name": marks["name"],
                    "tags": [marks["tag"]],
                    "sources": [f"https://blogs.example/{marks['source']}/feed.xml"],
                }
            ],
        },
        "rules/values.yaml": {
            "champion": [{"name": "opening", "when": {"phrase": "opened"}, "suggest": ["comment"]}]
        },
        "rules/private/own.yaml": {
            "champion": [
                {
                    "name": marks["rule"],
                    "when": {"phrase": marks["phrase"]},
                    "because": marks["because"],
                    "conviction": marks["conviction"],
                    "suggest": ["comment"],
                }
            ]
        },
    }
    for name, content in files.items():
        path = houses.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


def _live(houses: Houses) -> None:
    """Two looks in each house; in the private one three posts are decided, each otherwise."""
    for shown, at in ((False, NOW - timedelta(days=1)), (True, NOW)):
        if shown:
            houses.server.put("/works.xml", FEED.encode())
        with app.open_sphere(houses.home, "professional", at, fresh=True) as sphere:
            engine.watch(sphere.store, sphere.networks, sphere.desk, at)
        posts = {houses.marks["source"]: [_post(houses, n) for n in range(4)] if shown else []}
        with app.open_sphere(houses.home, "private", at, fresh=True) as sphere:
            engine.watch(sphere.store, {"web": told.Told(posts)}, sphere.desk, at)
    with app.open_sphere(houses.home, "private", NOW) as sphere:
        done, begun, skipped, *_ = engine.line(sphere.store, sphere.house, NOW, everything=True)
        for card, words in ((done, "sent"), (begun, "begun")):
            text = Approve(text=houses.marks[words])
            engine.decide(sphere.store, sphere.hall, card, text, NOW)
            engine.hand_off(sphere.store, sphere.hall, card, NOW)
        engine.confirm(sphere.store, done, NOW)
        skip = Skip(reason=SkipReason.VALUES)
        engine.decide(sphere.store, sphere.hall, skipped, skip, NOW)


def _post(houses: Houses, number: int) -> Post:
    marks, one = houses.marks, f"{number}"
    return told.post(
        blog=marks["host"],
        slug=marks["slug" + one],
        title=f"{marks['title' + one]} {marks['phrase']}",
        text=" ".join(marks[f"text {one} {part}"] for part in range(20)),
        language="en",
        at=NOW - timedelta(hours=1),
    )


def test_no_page_of_one_house_tells_of_the_other(houses: Houses):
    caller = Caller(create(houses.home, port=PORT, clock=lambda: NOW))
    start = ["/", "/add", "/door", "/login", "/professional", "/professional/add"]
    mine = robot.walk(caller, start, keep=lambda path: not path.startswith("/private"))
    pages = [str((path, each)).encode() for path, each in mine.answers.items()]
    assert len(pages) > 8
    assert any(b"The mill has opened" in page for page in pages)
    assert houses.marks.found(*pages) == set()
    for path in ("/add?url=https://works.example/new", "/professional?all=1"):
        assert houses.marks.found(caller.get(path).body.encode()) == set()

    theirs = robot.walk(caller, ["/private"], keep=lambda path: path.startswith("/private"))
    shown = houses.marks.found(*(each.body.encode() for each in theirs.answers.values()))
    assert {"name", "handle", "rule", "because", "phrase", "title0", "begun"} <= shown


@pytest.mark.usefixtures("as_before")
def test_nothing_that_one_house_keeps_prints_or_sends_tells_of_the_other(
    houses: Houses, capsys: pytest.CaptureFixture[str]
):
    said = io.StringIO()
    log.configure("debug", stream=said)
    with app.open_sphere(houses.home, "professional", NOW, secrets=True) as sphere:
        mail = compose(sphere, NOW)
        worker = Worker(sphere)
        worker.watch()
        worker.perform()
    assert mail is not None
    place = ["--home", str(houses.home), "--sphere", "professional"]
    for command in COMMANDS:
        for more in ([], ["--json"]):
            run([*command.split(), *place, *more])
    printed = "".join(capsys.readouterr())
    assert "The mill has opened" in printed
    assert said.getvalue()
    asked = houses.server.requests
    assert asked
    sent = [mail.as_bytes(), *(str(each).encode() for each in asked)]
    kept = [*houses.kept("professional"), *houses.kept("claims")]
    everything = [printed.encode(), said.getvalue().encode(), *sent, *kept]
    assert houses.marks.found(*everything) == set()


def test_the_markers_are_there_to_be_found(houses: Houses):
    """Otherwise the tests above would show nothing."""
    found = houses.marks.found(*houses.kept("private"))
    assert len(houses.marks.all) > 90
    assert set(houses.marks.all) - found <= {"mail"}
    some = houses.marks["name"]
    coded = base64.b64encode(b"x" + some.encode() + b"y")
    assert houses.marks.found(coded) == {"name"}
