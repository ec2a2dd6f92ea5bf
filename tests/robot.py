"""A robot that goes wherever the pages lead, as mail scanners and previews do."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from netbot.web.guard import READING, Guard
from netbot.web.login import Gate
from tests.caller import Answer, Caller, Form


@dataclass(frozen=True, slots=True)
class Found:
    """A form that changes something, where it stands, and all that its buttons could say."""

    page: str
    form: Form
    pressed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a robot came, and the forms that it found there, by address."""

    answers: dict[str, Answer] = field(default_factory=dict)
    forms: dict[str, Found] = field(default_factory=dict)

    @property
    def pages(self) -> list[str]:
        """The addresses of pages that people look at."""
        return [
            path
            for path, answer in self.answers.items()
            if answer.status == 200 and answer.headers["content-type"].startswith("text/html")
        ]


def sort(known: Iterable[Route], paths: Iterable[str]) -> dict[str, list[str]]:
    """Addresses by the path of the first route that answers them, the shortest first."""
    ways = list(known)
    found: dict[str, list[str]] = {way.path: [] for way in ways}
    for path in sorted(paths, key=lambda path: (len(path), path)):
        fits = (way for way in ways if way.path_regex.fullmatch(urlsplit(path).path))
        if way := next(fits, None):
            found[way.path].append(path)
    return found


def routes(page: ASGIApp, method: str = "GET") -> list[Route]:
    """Every address of ``netbot.web.create`` that takes such requests."""
    assert isinstance(page, Guard)
    assert isinstance(page.app, Gate)
    assert isinstance(page.app.app, Starlette)
    found: list[Route] = []
    ahead = list(page.app.app.routes)
    while ahead:
        each = ahead.pop(0)
        if isinstance(each, Mount):
            ahead += each.routes
        elif isinstance(each, Route) and method in (each.methods or ()):
            found.append(each)
    return found


def walk(
    caller: Caller,
    start: Iterable[str],
    *,
    most: int = 10_000,
    keep: Callable[[str], bool] = bool,
) -> Walk:
    """Ask for every address that can be reached from these, by GET and by HEAD.

    Of each kind of page at ``most`` so many; those alone that are to be kept.
    """
    done, ahead, known = Walk(), list(start), routes(caller.app)
    while ahead:
        path = ahead.pop()
        kinds = sort(known, {path, *done.answers}).values()
        if path in done.answers or any(path in kind and len(kind) > most for kind in kinds):
            continue
        answer, head = (caller.ask(method, path) for method in READING)
        assert head.status == answer.status, path
        assert answer.status < 400, (path, answer.status, answer.text[:300])
        done.answers[path] = answer
        ahead += filter(keep, leads(answer))
        for found in posts(path, answer):
            done.forms.setdefault(found.form.action, found)
    return done


def leads(answer: Answer) -> list[str]:
    """Where one comes from here without leaving the house: by link, redirect or a search."""
    reader = answer.page
    told = [link["href"] for link in reader.links]
    told += [
        value
        for _, facts in reader.tags
        for name, value in facts.items()
        if name == "src" or name.startswith("data-")
    ]
    told += [f"{form.action}?{urlencode(form.fields)}" for form in reader.questions]
    told.append(answer.headers.get("location", ""))
    return [path.partition("#")[0] for path in told if re.match(r"/(?!/)", path)]


def posts(path: str, answer: Answer) -> list[Found]:
    """The forms of a page that change something."""
    buttons = (facts for tag, facts in answer.page.tags if tag == "button" and "name" in facts)
    pressed = {facts["name"]: facts.get("value", "") for facts in buttons}
    return [Found(path, form, pressed) for form in answer.page.forms]
