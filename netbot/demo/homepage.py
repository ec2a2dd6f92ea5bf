"""A personal site on loopback: it posts by Micropub, and takes webmentions of its own posts."""

import html
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from netbot.demo.answering import Answer
from netbot.demo.personal import Site, Visit

_ABOUT = ("like-of", "repost-of", "in-reply-to")


@dataclass(slots=True, kw_only=True)
class Note:
    """A post of the site."""

    url: str
    facts: dict[str, str]  # properties of the h-entry
    at: datetime
    gone: bool = False

    def told(self) -> dict[str, Any]:
        """As Micropub tells it."""
        named = {"url": [self.url]} | {name: [value] for name, value in self.facts.items()}
        return {"type": ["h-entry"], "properties": named}

    def page(self) -> str:
        """Its own page, with microformats."""
        about = "".join(
            f'<a class="u-{name}" href="{html.escape(self.facts[name])}">{name}</a>'
            for name in _ABOUT
            if name in self.facts
        )
        words = html.escape(self.facts.get("content", ""))
        moment = self.at.isoformat()
        return (
            '<!DOCTYPE html><html><body><article class="h-entry">'
            f'<a class="u-url" href="{self.url}"><time class="dt-published" datetime="{moment}">'
            f'{moment}</time></a><a class="p-author h-card" href="/">Anna Muster</a>{about}'
            f'<p class="p-name e-content">{words}</p></article></body></html>'
        )


class HomePage(Site):
    """What it names about itself, and how its Micropub answers, can be changed."""

    me = ""  # for whom the tokens are; "" = for this site
    tells_tokens = True  # it has a token endpoint
    lists_posts = True
    is_slow = False  # a post is accepted (202) before it stands
    endpoint = "/webmention"  # "" = it takes none

    def __init__(self, port: int = 0, **facts: Any) -> None:
        super().__init__(port, **facts)
        self.tokens: set[str] = set()
        self.notes: list[Note] = []
        self.mentions: dict[tuple[str, str], int] = {}  # (source, target): how often

    def post(self, **facts: str) -> str:
        """A post that its owner writes without us; returns its address."""
        with self._lock:
            named = {name.replace("_", "-"): value for name, value in facts.items()}
            note = Note(url=self.url(f"/posts/{len(self.notes)}"), facts=named, at=self._now())
            self.notes.append(note)
            return note.url

    def name(self, visit: Visit) -> str:
        """``create``, ``delete``, ``mention``, ``whoami``, ``list``, ``config`` or ``page``."""
        match visit.method, visit.path:
            case "POST", "/micropub":
                return visit.form.get("action", "create")
            case "POST", "/webmention":
                return "mention"
            case "GET", "/token":
                return "whoami"
            case "GET", "/micropub":
                return {"source": "list"}.get(visit.query.get("q", ""), "config")
        return "page"

    def serve(self, visit: Visit) -> Answer:
        """As such a site does."""
        public = {"page": self._page, "mention": self._mention}
        private = {"create": self._create, "delete": self._delete, "list": self._list}
        if visit.verb in public:
            return public[visit.verb](visit)
        if visit.login.removeprefix("Bearer ") not in self.tokens:
            return Answer(status=401, json={"error": "unauthorized"})
        if visit.verb in private:
            return private[visit.verb](visit)
        return Answer(json={"me": self.me or self.url("/")} if visit.verb == "whoami" else {})

    def _list(self, visit: Visit) -> Answer:
        told = [note.told() for note in reversed(self.notes) if not note.gone]
        return Answer(json={"items": told}) if self.lists_posts else _no("no such query")

    def _page(self, visit: Visit) -> Answer:
        found = [note for note in self.notes if note.url == self.url(visit.path)]
        if visit.path != "/" and not found:
            return Answer(status=404, page="")
        if found and found[0].gone:
            return Answer(status=410, page="")
        named = {"webmention": self.endpoint, "micropub": "/micropub"}
        named |= {"token_endpoint": "/token"} if self.tells_tokens else {}
        told = ", ".join(f'<{path}>; rel="{rel}"' for rel, path in named.items() if path)
        return Answer(page=found[0].page() if found else "", headers={"Link": told})

    def _create(self, visit: Visit) -> Answer:
        form = visit.form
        facts = {name: value for name, value in form.items() if name != "h"}
        if form.get("h") != "entry" or not facts:
            return _no("no entry")
        place = self.post(**facts)
        self.note("written", visit, ref=place, text=json.dumps(facts, sort_keys=True))
        return Answer(status=202 if self.is_slow else 201, json={}, headers={"Location": place})

    def _delete(self, visit: Visit) -> Answer:
        found = [note for note in self.notes if note.url == visit.form.get("url")]
        if not found:
            return _no("no such post")
        found[0].gone = True
        self.note("written", visit, ref=found[0].url)
        return Answer(json={})

    def _mention(self, visit: Visit) -> Answer:
        source, target = visit.form.get("source", ""), visit.form.get("target", "")
        if target not in {note.url for note in self.notes}:
            return _no("no post of ours")
        self.mentions[source, target] = self.mentions.get((source, target), 0) + 1
        self.note("written", visit, ref=source, target=target)
        return Answer(status=202, json={})


def _no(words: str) -> Answer:
    return Answer(status=400, json={"error": "invalid_request", "error_description": words})
