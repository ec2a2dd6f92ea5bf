"""Robots read everything, and send every form without having been let in: nothing changes."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from netbot import app
from netbot.app import tokens
from netbot.digest import compose
from netbot.store.door import Right
from netbot.web import create
from netbot.web.guard import READING
from netbot.web.lock import Lock
from tests import robot, told
from tests.caller import PORT, Caller, Form
from tests.fullhouse import FullHouse

PASSWORD = "vier Birnen im Nebel"
START = ("/", "/add", "/login", "/door", "/professional/add", "/private/add")
ROUNDS = 3
#: Of each kind so many are looked at again and again: a card is much like the next.
MOST = 5 * int(os.environ.get("NETBOT_SOAK", "1"))
OURS = {"origin": "null", "sec-fetch-site": "same-origin"}
#: What a page of somebody else would send along, and what a program sends.
FOREIGN = (
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example"},
    {"sec-fetch-site": "same-site"},
)


@dataclass
class Yard:
    """A locked home in which much is going on, the owner's browser, and a stranger's."""

    home: Path
    owner: Caller
    stranger: Caller
    link: str  # where a password can be set anew
    feeds: tuple[str, ...]  # addresses that are secrets themselves
    before: dict[str, bytes]  # all files, before anybody has read anything

    def bytes(self) -> dict[str, bytes]:
        """Every file of the home; SQLite's index of what is in memory anyway is none."""
        found = sorted(path for path in self.home.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in found
            if not path.name.endswith("-shm")
        }

    def mails(self) -> list[str]:
        """The addresses that today's mails lead to, as paths."""
        told_of = set[str]()
        for name in app.sphere_names(self.home):
            with app.open_sphere(self.home, name, told.NOW) as sphere:
                mail = compose(sphere, told.NOW)
            assert mail is not None
            for part in mail.iter_parts():
                told_of.update(re.findall(r"https?://[^\s\"<>]+", part.get_content()))
        return sorted(urlsplit(each).path for each in told_of)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Yard:
    home = tmp_path_factory.mktemp("yard")
    FullHouse(home).fill()
    for name in app.sphere_names(home):
        file = home / "config" / f"{name}.yaml"
        wish = json.dumps({"at": "08:00", "to": f"{name}@example.com", "server": "127.0.0.1"})
        text = re.sub(r"^digest:.*\n", "", file.read_text(), flags=re.MULTILINE)
        file.write_text(f"digest: {wish}\n{text}")
        app.open_sphere(home, name, told.NOW, fresh=True).close()
    lock = Lock(home / "data" / "web.db", must=True, now=lambda: told.NOW)
    page = create(home, port=PORT, lock=lock, clock=lambda: told.NOW)
    owner = Caller(page)
    form = owner.get(f"/set-up/{lock.link()}").page.forms[0]
    assert owner.send(form, password=PASSWORD, again=PASSWORD).status == 303
    token = tokens.make(
        home, name="a feed reader", sphere="professional", right=Right.FEED, now=told.NOW
    )
    link = f"/set-up/{lock.link()}"
    made = Yard(home, owner, Caller(page), link, token.addresses("/"), {})
    return replace(made, before=made.bytes())


@pytest.fixture(scope="module")
def seen(yard: Yard) -> robot.Walk:
    """All that the owner can come to."""
    return robot.walk(yard.owner, (*START, yard.link, *yard.feeds, *yard.mails()))


def test_whoever_follows_every_link_three_times_changes_nothing(yard: Yard, seen: robot.Walk):
    assert len(seen.answers) > 100
    assert len(yard.mails()) >= 6
    assert set(yard.mails()) <= seen.answers.keys()
    for _ in range(1, ROUNDS):
        robot.walk(yard.owner, seen.answers, most=MOST)
    assert yard.bytes() == yard.before


def test_whoever_is_not_in_changes_nothing_either_and_reads_nothing(yard: Yard, seen: robot.Walk):
    before = yard.bytes()
    for _ in range(ROUNDS):
        for path in seen.answers.keys() - set(yard.feeds):
            for method in READING:
                answer = yard.stranger.ask(method, path)
                assert answer.status in {200, 303}
                assert "ACME" not in answer.body
    assert yard.bytes() == before


def test_every_page_is_reached_by_links(yard: Yard, seen: robot.Walk):
    """What no link leads to no other test that walks the pages would see."""
    reached = robot.sort(robot.routes(yard.owner.app), seen.answers)
    assert [path for path, found in reached.items() if not found] == []


def test_forms_sent_without_our_cookie_or_from_elsewhere_decide_nothing(
    yard: Yard, seen: robot.Walk
):
    before = yard.bytes()
    known = robot.sort(robot.routes(yard.owner.app, "POST"), seen.forms)
    unseen = [Form(_fill(path)) for path, found in known.items() if not found]
    some = [seen.forms[path] for found in known.values() for path in found[:MOST]]
    forms = [replace(each.form, fields={**each.form.fields, **each.pressed}) for each in some]
    assert len(forms) > 60
    cookies = dict(yard.owner.cookies)
    token = next(form.fields["token"] for form in forms)
    session = {name: value for name, value in cookies.items() if name.endswith("-session")}
    for form in (*forms, *unseen):
        fields = form.fields | {"token": token}
        for jar, sent, headers in (
            ({}, fields, OURS),
            (session, fields, OURS),
            (cookies, fields | {"token": "guessed"}, OURS),
            *((cookies, fields, foreign) for foreign in FOREIGN),
        ):
            answer = _send(yard, form.action, jar, sent, headers)
            assert answer in {303, 401, 403, 404, 405}, (form.action, answer)
    assert yard.bytes() == before


def test_the_same_form_from_our_page_decides(yard: Yard, seen: robot.Walk):
    """Otherwise the tests above would show nothing."""
    before = yard.bytes()
    skip = next(each for path, each in seen.forms.items() if path.endswith("/skip"))
    assert yard.owner.send(skip.form, why="other").status == 303
    assert yard.bytes() != before


def _fill(path: str) -> str:
    """An address of a route that no form of the pages names."""
    known = {"sphere": "professional", "n": "1", "id": "acme"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda hole: known.get(hole[1], "1"), path)


def _send(
    yard: Yard,
    path: str,
    cookies: Mapping[str, str],
    fields: Mapping[str, str],
    headers: Mapping[str, str],
) -> int:
    robber = Caller(yard.owner.app)
    robber.cookies.update(cookies)
    return robber.ask("POST", path, fields=fields, headers=headers).status
