"""The application: addresses, and what becomes of a request and of an error."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from netbot import app, clock, engine
from netbot.model import NetbotError, UnknownId
from netbot.text import translator
from netbot.web import (
    accounts,
    adding,
    api,
    clientforms,
    clients,
    contacts,
    deeds,
    feeds,
    health,
    journal,
    login,
    news,
    oops,
    outbox,
    pages,
    passkeyforms,
    rules,
    rulestext,
    searching,
    settings,
    wishes,
)
from netbot.web.guard import Guard, root_of
from netbot.web.keys import Keys
from netbot.web.lock import Lock
from netbot.web.login import Gate
from netbot.web.manifest import manifest
from netbot.web.passkeys import Passkeys
from netbot.web.visit import Site, Visit, visit

View = Callable[[Visit], Response]

#: Longer forms than this, in bytes, are not ours.
LARGEST_FORM = 256 * 1024

PAGES: dict[str, View] = {
    "/{sphere}": pages.today,
    "/{sphere}/add": adding.form,
    "/{sphere}/cards/{n:int}": pages.card,
    "/{sphere}/outbox": outbox.outbox,
    "/{sphere}/outbox/{n:int}": outbox.slip,
    "/{sphere}/outbox/{n:int}/oops": oops.oops,
    "/{sphere}/clients": clients.clients,
    "/{sphere}/clients/new": clientforms.new,
    "/{sphere}/clients/{id}": pages.client,
    "/{sphere}/clients/{id}/edit": clientforms.edit,
    "/{sphere}/clients/{id}/sources": clientforms.more,
    "/{sphere}/rules": rules.rules,
    "/{sphere}/rules/new": rules.new,
    "/{sphere}/rules/text": rulestext.text,
    "/{sphere}/rules/named/{name}": rules.edit,
    "/{sphere}/rules/named/{name}/remove": rules.ask,
    "/{sphere}/sources": health.sources,
    "/{sphere}/log": journal.log,
    "/{sphere}/log.csv": journal.log_csv,
    "/{sphere}/log.json": journal.log_json,
    "/{sphere}/accounts": accounts.accounts,
    "/{sphere}/settings": settings.settings,
    "/{sphere}/search": searching.search,
    "/{sphere}/news": news.news,
}

#: Each with the page that is shown again when the form was not ours.
DEEDS: dict[str, tuple[View, View]] = {
    "/{sphere}/cards/{n:int}/approve": (deeds.approve, deeds.keep),
    "/{sphere}/cards/{n:int}/skip": (deeds.skip, deeds.keep),
    "/{sphere}/cards/{n:int}/snooze": (deeds.snooze, deeds.keep),
    "/{sphere}/cards/{n:int}/never": (deeds.never, deeds.keep),
    "/{sphere}/cards/{n:int}/false-alarm": (deeds.false_alarm, deeds.keep),
    "/{sphere}/cards/{n:int}/thank": (wishes.thank, deeds.keep),
    "/{sphere}/cards/{n:int}/contact": (contacts.from_card, deeds.keep),
    "/{sphere}/cards/{n:int}/undo": (deeds.undo, deeds.keep),
    "/{sphere}/contacts/{n:int}/undo": (contacts.undo, wishes.keep),
    "/{sphere}/outbox/round": (deeds.begin_round, wishes.keep),
    "/{sphere}/outbox/{n:int}/begin": (deeds.begin, deeds.keep_slip),
    "/{sphere}/outbox/{n:int}/done": (deeds.done, deeds.keep_slip),
    "/{sphere}/outbox/{n:int}/not-done": (deeds.not_done, deeds.keep_slip),
    "/{sphere}/outbox/{n:int}/oops": (oops.mend, oops.keep),
    "/{sphere}/sources/{n:int}/settle": (wishes.settle, wishes.keep),
    "/{sphere}/clients/{id}/thank": (wishes.thank_client, wishes.keep_client),
    "/{sphere}/clients/{id}/contact": (contacts.from_client, wishes.keep_client),
    "/{sphere}/clients/{id}/peace": (wishes.peace, wishes.keep_client),
    "/{sphere}/clients/{id}/posts/{n:int}/queue": (wishes.queue, wishes.keep_client),
    "/{sphere}/clients/new": (clientforms.add, clientforms.keep_new),
    "/{sphere}/clients/new/find": (clientforms.find, clientforms.keep_find),
    "/{sphere}/clients/{id}/edit": (clientforms.change, clientforms.keep_edit),
    "/{sphere}/clients/{id}/sources": (clientforms.add_more, clientforms.keep_more),
    "/{sphere}/clients/{id}/sources/find": (clientforms.find_more, clientforms.keep_find_more),
    "/{sphere}/clients/{id}/sources/remove": (clientforms.remove, clientforms.keep_sources),
    "/{sphere}/settings": (settings.save, settings.keep),
    "/{sphere}/add": (adding.add, adding.keep),
    "/{sphere}/rules/make": (rules.propose, rules.keep_new),
    "/{sphere}/rules/write": (rulestext.write, rulestext.keep),
    "/{sphere}/rules/named/{name}/change": (rules.change, rules.keep),
    "/{sphere}/rules/named/{name}/drop": (rules.remove, rules.keep_ask),
    "/{sphere}/pause": (wishes.pause, wishes.keep),
    "/{sphere}/resume": (wishes.resume, wishes.keep),
}


_ROUTES = [(Route(path, view), view) for path, view in PAGES.items()]

#: What a script asks for that goes on by itself (RFC 7240).
REPRESENTATION = "return=representation"


def create(
    home: Path,
    *,
    port: int,
    base_url: str | None = None,
    lock: Lock | None = None,
    clock: Callable[[], datetime] = clock.now,
) -> ASGIApp:
    """The page of a home, for requests to this machine's ``port`` or to ``base_url``.

    Without a ``lock`` it is locked as soon as the home has a password.

    Raises ``UsageError``, ``ConfigError`` or ``StoreError`` when a sphere cannot be opened.
    """
    site = Site(
        home=home,
        clock=clock,
        cookie=f"netbot-{port}",
        language=_open_all(home, clock()),
        root=root_of(base_url),
        lock=lock or Lock(app.data_folder(home) / "web.db", must=False, now=clock),
        keys=Keys(app.data_folder(home) / "web.db", clock),
        passkeys=Passkeys(app.data_folder(home) / "web.db", clock),
        front=f"{base_url.rstrip('/')}/" if base_url else f"http://127.0.0.1:{port}/",
    )
    routes = [
        Route("/", _front(site)),
        Route("/add", _reading_all(site, adding.choose)),
        Route("/manifest.webmanifest", manifest(site)),
        Mount("/static", StaticFiles(packages=[("netbot.web", "static")])),
        Mount(api.ROOT, api.create(site)),
        *feeds.routes(site),
        *login.routes(site),
        *passkeyforms.routes(site),
        *(Route(path, _reading(site, view)) for path, view in PAGES.items()),
        *(Route(path, _doing(site, *views), methods=["POST"]) for path, views in DEEDS.items()),
    ]
    return Guard(Gate(_build(site, routes), site), port=port, base_url=base_url)


def _open_all(home: Path, now: datetime) -> str:
    """Migrations and a first reading of the files happen here, so that no GET has to write.

    Returns the language of the first sphere.
    """
    language = ""
    for name in app.sphere_names(home):
        with app.open_sphere(home, name, now) as sphere:
            language = language or sphere.house.language
    return language


def _build(site: Site, routes: list[BaseRoute]) -> Starlette:
    show = _failing(site)
    inner = Starlette(
        routes=routes,
        exception_handlers={HTTPException: show, NetbotError: show, Exception: show},
        max_body_size=LARGEST_FORM,
    )
    inner.router.redirect_slashes = False
    return inner


def _front(site: Site) -> Callable[[Request], Response]:
    def endpoint(_request: Request) -> Response:
        spheres = site.spheres()
        for name in spheres:
            with app.open_sphere(site.home, name, site.clock()) as sphere:
                if engine.line(sphere.store, sphere.house, site.clock()):
                    return RedirectResponse(f"{site.root}/{name}")
        return RedirectResponse(f"{site.root}/{spheres[0]}")

    return endpoint


def _reading(site: Site, view: View) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        with visit(site, request) as opened, opened.sphere.store.moment():
            return view(opened)

    return endpoint


def _reading_all(
    site: Site, view: Callable[[Site, Request], Response]
) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return view(site, request)

    return endpoint


def _doing(site: Site, deed: View, keep: View) -> Callable[[Request], Awaitable[Response]]:
    def run(request: Request, form: dict[str, str]) -> Response:
        with visit(site, request, form) as opened:
            answer = deed(opened) if opened.is_ours() else keep(opened)
            return (
                _follow(opened, answer)
                if request.headers.get("prefer") == REPRESENTATION
                else answer
            )

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=40) as form:
            sent = {key: value for key, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(run, request, sent)

    return endpoint


def _follow(opened: Visit, answer: Response) -> Response:
    """The page of this sphere to which the ``answer`` leads, for a script that asks for it."""
    onward = answer.headers.get("location", "")
    if not onward:
        return answer
    at = urlsplit(onward)
    asked = {
        **opened.request.scope,
        "method": "GET",
        "path": at.path.removeprefix(opened.site.root),
        "query_string": at.query.encode(),
    }
    for route, view in _ROUTES:
        match, found = route.matches(asked)
        if match is Match.FULL and found["path_params"]["sphere"] == opened.sphere.name:
            opened.request.state.onward = onward
            there = replace(opened, request=Request({**asked, **found}), form={})
            with there.sphere.store.moment():
                page = view(there)
            page.headers["location"] = onward
            return page
    return _point_to(onward)


def _point_to(onward: str) -> Response:
    """Something was done, and a script goes on by itself."""
    return Response(headers={"Location": onward})


def _failing(site: Site) -> Callable[[Request, Exception], Response]:
    """Every error is a page with one sentence; what it was in detail stands in the log."""

    def show(request: Request, error: Exception) -> Response:
        if onward := getattr(request.state, "onward", ""):  # only the page after it went wrong
            return _point_to(onward)
        texts = translator(site.language)
        status = _status(error)
        _ = texts.get
        said = {
            404: _("There is no such page here."),
            405: _("This address takes no such request."),
        }
        detail = error.told(_) if isinstance(error, NetbotError) and status != 404 else ""
        sentence = said.get(status, _("Something went wrong. Nothing was changed."))
        return site.render("error.html", texts, status, sentence=sentence, detail=detail)

    return show


def _status(error: Exception) -> int:
    match error:
        case HTTPException():
            return error.status_code
        case UnknownId():
            return 404
        case NetbotError():
            return 503
        case _:
            return 500
