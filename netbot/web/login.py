"""Coming in and going out: the password, the one-time link that sets it, and who is in."""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from netbot import log
from netbot.app import tokens
from netbot.model import UnknownId, UsageError
from netbot.store.door import Right, Session
from netbot.text import RIGHTS, SPHERES, Texts, mark, translator
from netbot.web.guard import READING
from netbot.web.lock import LONGEST, Fault, Key, find_fault
from netbot.web.passkeys import Place, find_named, find_place
from netbot.web.visit import LARGEST, Site

#: What answers also to those who are not in.
OPEN = re.compile(
    r"/login|/login/passkey(/ask)?|/set-up/[\w-]{1,100}|/static/[\w.-]+|/manifest\.webmanifest"
    r"|/api/v1/.*|/feeds/.*"  # these ask for a token, and for nothing else
)

#: Where one may be led after the password: a page of ours, with nothing in it that leads elsewhere.
_INWARD = re.compile(r"/[a-z0-9][a-z0-9/-]{0,200}(\?[!-\[\]-~]{0,8000})?")

FAULTS = {
    Fault.SHORT: mark("Take at least twelve characters; a few words are easy to keep in mind."),
    Fault.LONG: mark("That is longer than netbot reads. A short sentence is enough."),
    Fault.WEAK: mark(
        "That is easy to guess. Take three or four words that do not belong together."
    ),
}

TOO_MANY = mark("Too many tries. Please wait a moment.")
OLD_FORM = mark("That form was an old one. Please try again.")

_BROWSER_LASTS_S = 400 * 86_400  # what browsers keep at most (RFC 6265bis)


class Gate:
    """Wraps the application: whoever is not in comes no further than to the password."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; ``request.state.session`` says who asks."""
        request = Request(scope)
        session = await run_in_threadpool(self._who, request)
        request.state.session = session
        answer = None if session else await run_in_threadpool(self._refuse, request)
        await (answer or self.app)(scope, receive, send)

    def _who(self, request: Request) -> Session | None:
        lock = self.site.lock
        session = lock.who(request.cookies.get(self.site.session_cookie, ""))
        if session and request.method not in READING:
            lock.note(session)
        return session

    def _refuse(self, request: Request) -> Response | None:
        path = request.url.path
        if OPEN.fullmatch(path) or not self.site.lock.is_locked:
            return None
        if request.method in READING:
            query = request.url.query
            whole = f"{path}?{query}" if query else path
            wanted = f"?next={quote(whole)}" if _INWARD.fullmatch(whole) else ""
            return RedirectResponse(f"{self.site.root}/login{wanted}", 303)
        return Room(self.site, request, {}).show(
            401, problem=mark("You are no longer logged in. Nothing was changed.")
        )


def routes(site: Site) -> list[BaseRoute]:
    """The addresses of this part."""
    return [
        Route("/login", page(site, Room.show)),
        Route("/login", deed(site, Room.enter), methods=["POST"]),
        Route("/logout", deed(site, Room.leave), methods=["POST"]),
        Route("/set-up/{token}", page(site, Room.show_set_up)),
        Route("/set-up/{token}", deed(site, Room.set_up), methods=["POST"]),
        Route("/door", page(site, Room.show_door)),
        Route("/door/password", deed(site, Room.change), methods=["POST"]),
        Route("/door/others", deed(site, Room.leave_others), methods=["POST"]),
        Route("/door/tokens", deed(site, Room.make_token), methods=["POST"]),
        Route("/door/tokens/{id:int}/revoke", deed(site, Room.revoke_token), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Room:
    """One request to this part."""

    site: Site
    request: Request
    form: dict[str, str]

    @property
    def texts(self) -> Texts:
        """In the language of pages that belong to no sphere."""
        return translator(self.site.language)

    @property
    def session(self) -> Session | None:
        """Of whoever asks; None of somebody who is not in."""
        found: Session | None = self.request.state.session
        return found

    @property
    def browser(self) -> str:
        """What this browser was handed when it was let in before, "" for nothing."""
        return self.request.cookies.get(self.site.browser_cookie, "")

    @property
    def place(self) -> Place | None:
        """What passkeys know these pages by, as this browser calls them; None where none work."""
        return find_place(self.site.front, self.request.headers["host"])

    def is_ours(self) -> bool:
        """Whether the form was made by this process."""
        cookie = self.request.cookies.get(self.site.cookie, "")
        return self.site.tokens.fit(self.form.get("token", ""), cookie)

    def show(self, status: int = 200, *, problem: str = "") -> Response:
        """Ask for the password."""
        lock = self.site.lock
        sent = self.form.get("next") or self.request.query_params.get("next", "")
        return self._render(
            "login.html",
            status,
            problem=problem,
            has_password=lock.has_password,
            next=sent if _INWARD.fullmatch(sent) else "",
            by_passkey=self.site.passkeys.open_at(self.place),
        )

    def enter(self) -> Response:
        """Let somebody in."""
        if not self.is_ours():
            return self.show(403, problem=OLD_FORM)
        wait_s = self.site.lock.wait_s(self.browser)
        if not wait_s:
            name = self.request.headers.get("user-agent", "")
            key = self.site.lock.enter(self.form.get("password", ""), self.browser, name)
            log.info("login" if key else "login refused", browser=browser_name(name))
            if key:
                return self.lead_in(key)
            return self.show(401, problem=mark("That is not the password."))
        return self.show_wait(wait_s)

    def show_wait(self, wait_s: int) -> Response:
        """Nobody tries before so many seconds are over."""
        answer = self.show(429, problem=TOO_MANY)
        answer.headers["Retry-After"] = str(wait_s)
        return answer

    def lead_in(self, key: Key) -> Response:
        """To the page that somebody asked for before they had to log in."""
        wanted = self.form.get("next", "")
        return self._admit(key, wanted if _INWARD.fullmatch(wanted) else "/")

    def leave(self) -> Response:
        """Let somebody go."""
        if self.session and self.is_ours():
            self.site.lock.leave(self.session)
        answer = RedirectResponse(f"{self.site.root}/", 303)
        answer.delete_cookie(self.site.session_cookie, path=self.site.root or "/")
        return answer

    def show_set_up(self, status: int = 200, *, problem: str = "") -> Response:
        """Ask for a new password, where the link is good."""
        link = self.request.path_params["token"]
        good = self.site.lock.opens(link)
        return self._render(
            "setup.html", status if good else 404, problem=problem, link=link if good else ""
        )

    def set_up(self) -> Response:
        """Set the password by the link."""
        if not self.is_ours() or not self.site.lock.opens(self.request.path_params["token"]):
            return self.show_set_up(403, problem=OLD_FORM)
        return self._set() or self.show_set_up(422, problem=self._fault())

    def show_door(
        self, status: int = 200, *, problem: str = "", made: tokens.Made | None = None
    ) -> Response:
        """Who is in, how the password is changed, and what programs may."""
        here = self.session
        return self._render(
            "door.html",
            status,
            problem=problem,
            has_password=self.site.lock.has_password,
            here=here.sha256 if here else "",
            sessions=self.site.lock.sessions(),
            browser_name=browser_name,
            spheres={name: SPHERES.get(name, name) for name in self.site.spheres()},
            rights=RIGHTS,
            tokens=tokens.everything(self.site.home),
            used_at=self.site.keys.used_at,
            made=made,
            addresses=made.addresses(self.site.front) if made else (),
            name="" if made else self.form.get("name", ""),
            passkeys=self.site.passkeys,
            place=self.place,
            named=find_named(self.request.headers["host"]),
        )

    def make_token(self) -> Response:
        """Let a program read or propose; the token is shown here and never again."""
        if not self.is_ours():
            return self.show_door(403, problem=OLD_FORM)
        fault = self.doubt()
        if fault:
            return self.show_door(401, problem=fault)
        sphere, right = self.form.get("sphere", ""), self.form.get("right", "")
        if right not in RIGHTS or sphere not in self.site.spheres():
            return self.show_door(422, problem=mark("Say what the token is for, and for whom."))
        try:
            made = tokens.make(
                self.site.home,
                name=self.form.get("name", ""),
                sphere=sphere,
                right=Right(right),
                now=self.site.clock(),
            )
        except UsageError:
            return self.show_door(422, problem=mark("Name the program, in a few words."))
        return self.show_door(201, made=made)

    def revoke_token(self) -> Response:
        """Let a token open nothing any more; one that is gone already is fine too."""
        if not self.is_ours():
            return self.show_door(403, problem=OLD_FORM)
        with suppress(UnknownId):
            tokens.revoke(self.site.home, min(self.request.path_params["id"], LARGEST))
        return RedirectResponse(f"{self.site.root}/door", 303)

    def doubt(self) -> str:
        """Why nobody may make a key now: whoever found an open browser does not know more."""
        lock = self.site.lock
        if not lock.has_password or lock.confirm(self.form.get("old", ""), self.browser):
            return ""
        if lock.wait_s(self.browser):
            return TOO_MANY
        return mark("That is not the password.")

    def change(self) -> Response:
        """Another password, for whoever knows the old one."""
        if self.session is None or not self.is_ours():
            return self.show_door(403, problem=OLD_FORM)
        if self.site.lock.wait_s(self.browser):
            return self.show_door(429, problem=TOO_MANY)
        name = self.request.headers.get("user-agent", "")
        key = self.site.lock.enter(self.form.get("old", ""), self.browser, name)
        if key is None:
            log.info("login refused", browser=browser_name(name))
            return self.show_door(401, problem=mark("That is not the password."))
        return self._set() or self.show_door(422, problem=self._fault())

    def leave_others(self) -> Response:
        """Everybody else is out."""
        if self.session is None or not self.is_ours():
            return self.show_door(403, problem=OLD_FORM)
        self.site.lock.leave_others(self.session)
        return RedirectResponse(f"{self.site.root}/door", 303)

    def _fault(self) -> str:
        fault = find_fault(self.form.get("password", ""))
        return FAULTS[fault] if fault else mark("The two are not the same.")

    def _set(self) -> Response | None:
        password = self.form.get("password", "")
        if password != self.form.get("again", "") or find_fault(password):
            return None
        name = self.request.headers.get("user-agent", "")
        log.info("password set", browser=browser_name(name))
        return self._admit(self.site.lock.set_password(password, self.browser, name), "/")

    def _admit(self, key: Key, path: str) -> Response:
        answer = RedirectResponse(self.site.root + path, 303)
        lasts_s = int(LONGEST.total_seconds())
        for name, value, age_s in (
            (self.site.session_cookie, key.session, lasts_s),
            (self.site.browser_cookie, key.browser, _BROWSER_LASTS_S),
        ):
            # Lax, or a link from the morning mail would find nobody in; every deed is a POST.
            self.site.keep(answer, name, value, samesite="lax", max_age=age_s)
        return answer

    def _render(self, template: str, status: int, *, problem: str, **values: object) -> Response:
        said = self.texts.get(problem) if problem else ""
        return self.site.render(template, self.texts, status, problem=said, **values)


def browser_name(agent: str) -> str:
    """What people call the browser that calls itself so; "" when nobody can tell."""
    known = {"Firefox/": "Firefox", "Edg/": "Edge", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux")
    browser = next((name for token, name in known.items() if token in agent), "")
    system = next((name for name in systems if name in agent), "")
    return ", ".join(filter(None, (browser, system)))


def page(site: Site, view: Callable[[Room], Response]) -> Callable[[Request], Response]:
    """A page of this part."""

    def endpoint(request: Request) -> Response:
        return view(Room(site, request, {}))

    return endpoint


def deed(site: Site, act: Callable[[Room], Response]) -> Callable[[Request], Awaitable[Response]]:
    """What a form of this part does."""

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=20) as form:
            sent = {key: value for key, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(act, Room(site, request, sent))

    return endpoint
