"""The API: programs read one sphere and propose posts, with a token. No address here decides.

Cookies count for nothing here, so no page of another site can make a browser ask.
"""

import json
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from netbot import app
from netbot.app import reading, wire
from netbot.model import ConfigError, NetbotError, PolicyRefused, UnknownId, UsageError
from netbot.store.door import Right, Token
from netbot.web import openapi
from netbot.web.visit import Site

ROOT = "/api/v1"

#: What is proposed fits into this, in bytes.
LARGEST_BODY = 64 * 1024

#: What each right opens.
READERS, PROPOSERS = (Right.READ, Right.PROPOSE), (Right.PROPOSE,)

#: What becomes of an error, the first that fits; what it says is told where it tells of a request.
STATUSES: Mapping[type[NetbotError], int] = {
    UnknownId: 404,
    PolicyRefused: 409,
    ConfigError: 503,
    UsageError: 422,
    NetbotError: 503,
}
TOLD = (404, 409, 422)

SENTENCES = {
    401: "show a token as “Authorization: Bearer netbot_…”; `netbot token add` makes one",
    404: "there is no such address here",
    405: "this address takes no such request",
    500: "something went wrong; nothing was changed",
    503: "this sphere cannot be opened now; `netbot check` and `netbot doctor` say why",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a program to one sphere."""

    site: Site
    sphere: app.Sphere
    request: Request
    body: Mapping[str, str]


def queue(call: Call) -> dict[str, Any]:
    """What waits today."""
    everything = call.request.query_params.get("all") == "1"
    return reading.queue(call.sphere, call.site.clock(), everything=everything)


def card(call: Call) -> dict[str, Any]:
    """One card in full."""
    return reading.card(call.sphere, call.request.path_params["id"])


def clients(call: Call) -> dict[str, Any]:
    """The clients of the sphere."""
    return {"version": wire.VERSION, "items": reading.clients(call.sphere)}


def outbox(call: Call) -> dict[str, Any]:
    """What was approved and is not over."""
    return {"version": wire.VERSION, **reading.outbox(call.sphere, call.site.clock())}


def propose(call: Call) -> dict[str, Any]:
    """Queue a post; its card waits for the human."""
    unknown = call.body.keys() - {"url", "client", "title", "text"}
    if unknown or "url" not in call.body:
        wrong = f"“{min(unknown)}” is unknown" if unknown else "“url” is missing"
        raise UsageError(f"{wrong}: a proposal has url, and may have client, title and text")
    return reading.wish(call.sphere, call.site.clock(), **call.body)


#: What can be read below a sphere's name, and what answers.
READ: Mapping[str, Callable[[Call], dict[str, Any]]] = {
    "/queue": queue,
    "/cards/{id}": card,
    "/clients": clients,
    "/outbox": outbox,
}
PROPOSE = "/propose"


def create(site: Site) -> ASGIApp:
    """The API of a home, to be mounted at ``ROOT``."""
    sphere = "/{sphere}"
    inner = Starlette(
        routes=[
            Route("/openapi.json", _describing(site)),
            *(Route(f"{sphere}{path}", _reading(site, view)) for path, view in READ.items()),
            Route(f"{sphere}{PROPOSE}", _proposing(site), methods=["POST"]),
        ],
        exception_handlers={HTTPException: _fail, NetbotError: _fail, Exception: _fail},
    )
    inner.router.redirect_slashes = False
    return Bearer(inner, site)


class Bearer:
    """Lets nobody in without a token; ``request.state.token`` says what it opens."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        secret = shown.strip() if scheme.lower() == "bearer" else ""
        token = await run_in_threadpool(self.site.keys.find, secret) if secret else None
        request.state.token = token
        answer = None if token else self._refuse(is_shown=bool(secret))
        await (answer or self.app)(scope, receive, send)

    def _refuse(self, *, is_shown: bool) -> Response:
        wait_s = self.site.keys.wait_s() if is_shown else 0
        if wait_s:
            told = f"too many tokens that are none: wait {wait_s} s"
            return _say(429, told, {"Retry-After": str(wait_s)})
        return _say(401, SENTENCES[401], {"WWW-Authenticate": "Bearer"})


def _describing(site: Site) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        _require(request, READERS)
        address = site.front.rstrip("/") + ROOT
        return JSONResponse(openapi.document(request.state.token.sphere, address))

    return endpoint


def _reading(site: Site, view: Callable[[Call], dict[str, Any]]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        with _call(site, request, READERS) as call:
            return JSONResponse(view(call))

    return endpoint


def _proposing(site: Site) -> Callable[[Request], Awaitable[Response]]:
    def run(request: Request, body: Mapping[str, str]) -> Response:
        with _call(site, request, PROPOSERS, body) as call:
            made = propose(call)
            site.keys.note(request.state.token)
            where = f"{site.root}{ROOT}/{call.sphere.name}/cards/{made['item']['id']}"
            return JSONResponse(made, 201, {"Location": where})

    async def endpoint(request: Request) -> Response:
        _require(request, PROPOSERS)
        return await run_in_threadpool(run, request, _parse(await _read(request)))

    return endpoint


@contextmanager
def _call(
    site: Site, request: Request, rights: Container[Right], body: Mapping[str, str] | None = None
) -> Iterator[Call]:
    _require(request, rights)
    name = request.path_params["sphere"]
    if name not in site.spheres():
        raise UnknownId(name, f"there is no sphere {name} here any more")
    with app.open_sphere(site.home, name, site.clock()) as sphere:
        yield Call(site=site, sphere=sphere, request=request, body=body or {})


def _require(request: Request, rights: Container[Right]) -> None:
    """Raise ``HTTPException`` unless the token opens this, and this sphere."""
    token: Token = request.state.token
    if token.right not in rights:
        raise HTTPException(403, f"this token is for “{token.right}” and opens nothing else")
    if request.path_params.get("sphere", token.sphere) != token.sphere:
        raise HTTPException(403, f"this token opens the sphere {token.sphere} and no other")


async def _read(request: Request) -> bytes:
    """The body. Raises ``HTTPException`` when it is no JSON, or more than belongs here."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "send JSON, as Content-Type: application/json")
    body, told = b"", request.headers.get("content-length", "")
    if not (told.isdecimal() and int(told[:9]) > LARGEST_BODY):
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                break
        else:
            return body
    raise HTTPException(413, f"that is more than {LARGEST_BODY // 1024} KiB")


def _parse(body: bytes) -> dict[str, str]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None
    if not isinstance(sent, dict) or not all(isinstance(each, str) for each in sent.values()):
        raise HTTPException(400, "the body must be one object whose values are all texts")
    return sent


def _fail(_request: Request, error: Exception) -> Response:
    """Every error is one sentence; what it was in detail stands in the log."""
    if isinstance(error, HTTPException):
        told = SENTENCES.get(error.status_code, error.detail)
        return _say(error.status_code, told, error.headers)
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 500)
    return _say(status, str(error) if status in TOLD else SENTENCES[status])


def _say(status: int, told: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": told}, status, headers)
