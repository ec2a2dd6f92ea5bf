"""A visitor of the page without a browser: asks, reads forms and links, sends forms."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message

PORT = 8470
HOST = f"127.0.0.1:{PORT}"


@dataclass
class Form:
    """A form of a page, with what its fields hold."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Reader(HTMLParser):
    """Collects links, forms, the names of tags and what can be read."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.forms: list[Form] = []  # that change something
        self.questions: list[Form] = []  # that only ask
        self._form = Form("")
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._box: str | None = None
        self._select = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.tags.append((tag, facts))
        if "href" in facts:
            self.links.append(facts)
        if tag == "form":
            self._form = Form(facts["action"])
            (self.forms if facts.get("method") == "post" else self.questions).append(self._form)
        elif tag == "select":
            self._select = facts["name"]
        elif tag == "option" and "selected" in facts:
            self._form.fields[self._select] = facts["value"]
        elif tag == "input" and "value" in facts:
            self._form.fields[facts["name"]] = facts["value"]
        elif tag == "textarea" and "name" in facts:
            self._box = facts["name"]
            self._form.fields[self._box] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._box = None

    def handle_data(self, data: str) -> None:
        if self._box:
            self._form.fields[self._box] += data.removeprefix("\n")
        self.text += f" {data}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str
    cookies: tuple[str, ...]

    @property
    def page(self) -> Reader:
        return Reader(self.body)

    @property
    def text(self) -> str:
        """What a person reads, in one line."""
        return " ".join(self.page.text.split())

    def form(self, ending: str) -> Form:
        """The first form whose address ends so."""
        return next(form for form in self.page.forms if form.action.endswith(ending))


class Caller:
    """Somebody with a browser: keeps cookies, sends forms as browsers do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def send(self, form: Form, **changes: str) -> Answer:
        """Send a form; ``changes`` are what the user chose, typed or pressed."""
        headers = {"origin": "null", "sec-fetch-site": "same-origin"}
        return self.ask("POST", form.action, fields=form.fields | changes, headers=headers)

    def follow(self, answer: Answer) -> Answer:
        """Where a redirect leads."""
        assert answer.status in {303, 307}, (answer.status, answer.text)
        return self.get(answer.headers["location"])

    def ask(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, with exactly these headers besides cookies and the usual host."""
        body = urlencode(fields or {}).encode()
        sent = {"host": HOST} | dict(headers or {})
        if method == "POST":
            sent |= {"content-type": "application/x-www-form-urlencoded"}
            sent |= {"content-length": str(len(body))}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = asyncio.run(_ask(self.app, method, path, sent, body))
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


async def _ask(
    app: ASGIApp, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    parts = urlsplit(path)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},  # who answers at length is heard out
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", PORT),
    }
    sent: list[Message] = []
    coming: list[Message] = [{"type": "http.disconnect"}, {"type": "http.request", "body": body}]

    async def receive() -> Message:
        return coming.pop() if coming[1:] else coming[0]

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except RuntimeError:  # raised anew for the server's log, after the answer
        assert sent
    told = [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]
    return Answer(
        status=sent[0]["status"],
        headers=dict(told),
        body=b"".join(message.get("body", b"") for message in sent[1:]).decode(),
        cookies=tuple(value for name, value in told if name == "set-cookie"),
    )
