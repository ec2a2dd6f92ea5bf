"""The door: which requests are heard at all, and what every answer carries.

A page on this machine can be reached by every site that the user visits, through their browser.
So the name asked for must be ours (a foreign name that points to loopback is not), and a POST must
come from a page of ours.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netbot.web.stamp import LASTING, is_stamped

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    "Cache-Control": "no-store",
}
READING = ("GET", "HEAD")

#: For a year, browsers that came by TLS come by nothing else (RFC 6797). Without subdomains: the
#: name may be one of several under which other things stand.
STRICT = {"Strict-Transport-Security": "max-age=31536000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Two secrets of this process: only who has read a page of it can send a form."""

    form: str = field(default_factory=secrets.token_urlsafe)
    cookie: str = field(default_factory=secrets.token_urlsafe)

    def fit(self, form: str, cookie: str) -> bool:
        """Whether both are ours."""
        fits_form = hmac.compare_digest(form.encode(), self.form.encode())
        return hmac.compare_digest(cookie.encode(), self.cookie.encode()) and fits_form


def root_of(base_url: str | None) -> str:
    """The folder in which the page stands as seen from outside, "" for the top."""
    return urlsplit(base_url or "").path.rstrip("/")


class Guard:
    """Wraps the application; refuses foreign names and foreign forms.

    Some proxies pass the folder of ``base_url`` on, others take it away; both are understood.
    """

    def __init__(self, app: ASGIApp, *, port: int, base_url: str | None) -> None:
        names = [f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")]
        self.app = app
        self.root = root_of(base_url)
        self.secure = ""  # the name under which browsers come by TLS
        self.mark = b"__Secure-" if self.root else b"__Host-"  # how cookies are called there
        self.origins = {f"http://{name}" for name in names}
        self.names = set(names)
        if port == 80:
            self.names |= {name.removesuffix(":80") for name in names}
        if base_url:
            outside = urlsplit(base_url)
            self.names.add(outside.netloc.lower())
            self.origins.add(f"{outside.scheme}://{outside.netloc}".lower())
            self.secure = outside.netloc.lower() if outside.scheme == "https" else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        asked = Headers(scope=scope)
        by_tls = self.secure != "" and asked.get("host", "").lower() == self.secure

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                message["headers"] = (
                    [self._sealed(*each) for each in headers] if by_tls else headers
                )
                kept = {"Cache-Control": LASTING} if lasts and message["status"] < 400 else {}
                MutableHeaders(scope=message).update(HEADERS | (STRICT if by_tls else {}) | kept)
            await send(message)

        refusal = self._refuse(scope["method"], asked)
        inner = self._inner(self._unsealed(scope) if by_tls else scope)
        lasts = not refusal and is_stamped(inner["path"], scope["query_string"])
        await (refusal or self.app)(inner, receive, send_dressed)

    def _sealed(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        """A cookie that came by TLS goes back by TLS only, and its name says so (RFC 6265bis)."""
        is_cookie = name.lower() == b"set-cookie"
        return (name, self.mark + value + b"; Secure") if is_cookie else (name, value)

    def _unsealed(self, scope: Scope) -> Scope:
        """Only cookies that were handed out by TLS count where one comes by TLS."""

        def own(value: bytes) -> bytes:
            cookies = (each.strip() for each in value.split(b";"))
            kept = (each.removeprefix(self.mark) for each in cookies if each.startswith(self.mark))
            return b"; ".join(kept)

        headers = [
            (name, own(value) if name == b"cookie" else value) for name, value in scope["headers"]
        ]
        return {**scope, "headers": headers}

    def _inner(self, scope: Scope) -> Scope:
        """The request as the application knows it."""
        path = scope["path"]
        if not self.root or not f"{path}/".startswith(f"{self.root}/"):
            return scope
        inner = path.removeprefix(self.root) or "/"
        return {**scope, "path": inner, "raw_path": quote(inner).encode()}

    def _refuse(self, method: str, headers: Headers) -> ASGIApp | None:
        if headers.get("host", "").lower() not in self.names:
            return PlainTextResponse("There is no such page here.\n", 421)
        if method not in READING and not self._is_ours(headers):
            return PlainTextResponse("This form does not come from a page of netbot.\n", 403)
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Browsers that say where a form comes from are believed before the ``Origin``.

        Under ``no-referrer`` the ``Origin`` of our own forms is ``null``
        (fetch.spec.whatwg.org, "append a request Origin header").
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site != "same-origin":
            return False
        if origin == "null":
            return site is not None
        return origin is None or origin.lower() in self.origins
