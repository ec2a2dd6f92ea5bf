"""One request: the sphere that it is about, what was sent along, and how it is answered."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from netbot import app, engine
from netbot.keys import KEYS, LABELS, keys_of
from netbot.model import Action, ConfigError, Face, NetbotError, Suggestion, Touch, UnknownId
from netbot.rules.ranking import Because, Ranking
from netbot.store import acts, suggestions, touches
from netbot.store.holds import Hold
from netbot.store.pulse import pulse
from netbot.text import (
    AMENDS,
    FACES,
    REASONS,
    SPHERES,
    STATES,
    STATUSES,
    VERDICTS,
    Texts,
    translator,
)
from netbot.web.finds import Finds
from netbot.web.guard import Tokens
from netbot.web.keys import Keys
from netbot.web.lock import Lock
from netbot.web.passkeys import Passkeys
from netbot.web.stamp import stamp
from netbot.web.words import Words, excerpt, host_of, language_tag

LOOK = Environment(
    loader=PackageLoader("netbot.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
LOOK.globals.update(
    excerpt=excerpt,
    host_of=host_of,
    labels=LABELS,
    language_tag=language_tag,
    stamp=stamp(),
    amends=AMENDS,
    faces=FACES,
    reasons=REASONS,
    spheres=SPHERES,
    states=STATES,
    statuses=STATUSES,
    verdicts=VERDICTS,
)

#: The largest number that SQLite can look for (sqlite.org/datatype3.html).
LARGEST = 2**63 - 1

#: How many of a client's last contacts a card shows.
CONTACTS = 5

#: A number that an address may tell.
_COUNT = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all requests share."""

    home: Path
    clock: Callable[[], datetime]
    cookie: str  # its name
    language: str  # of pages that belong to no sphere
    lock: Lock
    keys: Keys
    passkeys: Passkeys
    front: str  # the page's address as seen from outside, ending in a slash
    root: str = ""  # the folder in which a proxy shows the pages, "" for none
    tokens: Tokens = field(default_factory=Tokens)
    finds: Finds = field(default_factory=Finds)

    def spheres(self) -> list[str]:
        """The home's spheres in the order of their tabs."""
        known = list(SPHERES)
        names = app.sphere_names(self.home)
        return sorted(names, key=lambda n: (known.index(n) if n in known else len(known), n))

    @property
    def session_cookie(self) -> str:
        """The name of the cookie of whoever is in."""
        return f"{self.cookie}-session"

    @property
    def browser_cookie(self) -> str:
        """The name of the cookie by which a browser that was in before is known."""
        return f"{self.cookie}-browser"

    @property
    def passkey_cookie(self) -> str:
        """The name of the cookie that binds a question to a device to the browser that asked."""
        return f"{self.cookie}-passkey"

    def render(self, template: str, texts: Texts, status: int, **values: Any) -> Response:
        """A page; the cookie that its forms need goes along."""
        body = LOOK.get_template(template).render(
            _=texts.get,
            ngettext=texts.plural,
            language=texts.language,
            token=self.tokens.form,
            root=self.root,
            **values,
        )
        answer = HTMLResponse(body, status)
        self.keep(answer, self.cookie, self.tokens.cookie, samesite="strict")
        return answer

    def keep(
        self,
        answer: Response,
        name: str,
        value: str,
        *,
        samesite: Literal["lax", "strict"],
        max_age: int | None = None,
    ) -> None:
        """Let the browser keep a cookie for these pages, out of reach of any script."""
        path = self.root or "/"
        answer.set_cookie(name, value, max_age=max_age, path=path, httponly=True, samesite=samesite)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One sphere as its tab shows it."""

    sphere: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What of a page may have changed since it was shown."""

    tabs: dict[str, int]  # how many cards wait, by sphere
    outgoing: str  # what waits for netbot or for the user's own hands, in words
    cards: list[int]  # today's, by number
    pulse: int  # grows with every decision and every move of an act


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request to one sphere."""

    site: Site
    request: Request
    sphere: app.Sphere
    now: datetime
    form: Mapping[str, str]

    @cached_property
    def texts(self) -> Texts:
        """In the language of the house."""
        return translator(self.sphere.house.language)

    @cached_property
    def words(self) -> Words:
        """How things are put."""
        return Words(
            texts=self.texts,
            house=self.sphere.house,
            now=self.now,
            policy=self.sphere.policy,
        )

    @cached_property
    def quiet(self) -> frozenset[str]:
        """The clients for whom nothing public happens now."""
        return engine.quiet_now(self.sphere.store, self.sphere.house, self.now)

    @cached_property
    def holds(self) -> Mapping[str, Hold]:
        """Who is left in peace now, by client."""
        return {hold.client: hold for hold in engine.left_in_peace(self.sphere.store, self.now)}

    def contacts(self, client: str) -> Sequence[Touch]:
        """A client's last contacts, newest first; looked up once, however many cards there are."""
        if client not in self._contacts:
            with self.sphere.store.read() as tx:
                found = touches.of_client(tx, self.sphere.name, client, limit=CONTACTS)
            self._contacts[client] = found
        return self._contacts[client]

    @cached_property
    def _contacts(self) -> dict[str, Sequence[Touch]]:
        return {}

    @cached_property
    def _taste(self) -> Ranking:
        with self.sphere.store.read() as tx:
            return engine.taste(tx)

    def taste(self, card: Suggestion) -> list[Because]:
        """What was decided about posts like this one, where that has moved the card."""
        if engine.PART not in card.score.parts:
            return []
        return self._taste.explain(engine.see(card.post.post, card.client))

    @property
    def id(self) -> str:
        """The card that the address names."""
        return f"{self.sphere.name}-{self.request.path_params['n']}"

    @property
    def path(self) -> str:
        """Where this sphere's pages stand."""
        return f"{self.site.root}/{self.sphere.name}"

    def is_ours(self) -> bool:
        """Whether the form was made by this process."""
        cookie = self.request.cookies.get(self.site.cookie, "")
        return self.site.tokens.fit(self.form.get("token", ""), cookie)

    def queue(self, *, everything: bool = False) -> engine.Queue:
        """What waits today."""
        if not everything:
            return self._waiting
        return engine.queue(self.sphere.store, self.sphere.house, self.now, everything=True)

    @cached_property
    def _waiting(self) -> engine.Queue:
        return engine.queue(self.sphere.store, self.sphere.house, self.now)

    def line(self, *, everything: bool = False) -> list[str]:
        """The ids of what waits today."""
        return engine.line(self.sphere.store, self.sphere.house, self.now, everything=everything)

    def card(self, id: str | None = None) -> tuple[Suggestion, Action | None]:
        """A card and its newest act. Raises ``UnknownId``."""
        wanted = id or self.id
        with self.sphere.store.read() as tx:
            card = suggestions.get(tx, self.sphere.name, wanted)
            return card, acts.latest(tx, self.sphere.name, wanted)

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page of this sphere."""
        return self.site.render(
            template,
            self.texts,
            status,
            words=self.words,
            sphere=self.sphere.name,
            path=self.path,
            place=self.site.root + self.request.url.path,
            tabs=self._tabs,
            news=self.news,
            keys=keys_of(self.sphere.house.keys),
            pressed=self._pressed,
            told=self._told(),
            noted=self._noted(),
            settled=self._settled(),
            against=self.request.query_params.get("against") == "1",
            ruled=self._ruled(),
            paused=app.paused(self.site.home),
            session=self.request.state.session,
            alarms=self.sphere.alarms(),
            **values,
        )

    @cached_property
    def news(self) -> News:
        """What of this page may change while it is looked at."""
        with self.sphere.store.read() as tx:
            beat = pulse(tx)
        return News(
            tabs={tab.sphere: tab.waiting for tab in self._tabs},
            outgoing=self._outgoing(),
            cards=[int(each.rpartition("-")[2]) for each in self._today],
            pulse=beat,
        )

    def explain(self, error: NetbotError) -> str:
        """What went wrong, in the language of the house."""
        return error.told(self.texts.get)

    def go(self, path: str) -> Response:
        """Onward to a page of this sphere, by GET."""
        return RedirectResponse(self.path + path, 303)

    @cached_property
    def _today(self) -> list[str]:
        if "_waiting" in vars(self):  # asked for already, and more of it
            return [card.id for card in self._waiting.cards]
        return self.line()

    @cached_property
    def _pressed(self) -> dict[str, str]:
        """What each key of this house is taken for, by the script that knows the usual ones."""
        return {key: KEYS[deed] for deed, key in keys_of(self.sphere.house.keys).items()}

    def _outgoing(self) -> str:
        waits = len(engine.outbox(self.sphere.store))
        by_hand = len(engine.handed_off(self.sphere.store, self.sphere.house, self.now))
        said: list[str] = []
        if waits:
            told = self.texts.plural("{n} waits", "{n} wait", waits)
            said.append(told.format(n=waits))
        if by_hand:
            told = self.texts.plural("{n} to do by hand", "{n} to do by hand", by_hand)
            said.append(told.format(n=by_hand))
        return " · ".join(said) or self.texts.get("Outbox")

    @cached_property
    def _tabs(self) -> list[Tab]:
        tabs = []
        for name in self.site.spheres():
            if name == self.sphere.name:
                tabs.append(Tab(sphere=name, waiting=len(self._today)))
                continue
            with app.open_sphere(self.site.home, name, self.now) as other:
                found = engine.line(other.store, other.house, self.now)
                tabs.append(Tab(sphere=name, waiting=len(found)))
        return tabs

    def _told(self) -> tuple[Suggestion, Action | None] | None:
        """The card that was just decided: the status line says where it stands by now."""
        number = self.request.query_params.get("after", "")
        try:
            return self.card(f"{self.sphere.name}-{number}") if number else None
        except UnknownId:
            return None

    def _noted(self) -> tuple[int, Touch, bool] | None:
        """The contact that was just noted, and whether it still counts."""
        told = self.request.query_params.get("noted", "")
        try:
            number = int(told) if _COUNT.fullmatch(told) else 0
            return (number, *engine.contact(self.sphere.store, number)) if number else None
        except UnknownId:
            return None

    def _ruled(self) -> str:
        """The rule that was just made of a card."""
        name = self.request.query_params.get("ruled", "")
        with suppress(ConfigError):
            return name if name and name in {rule.name for rule in self.sphere.rules.rules} else ""
        return ""

    def _settled(self) -> int | None:
        """How many cards the answer about a source has just made."""
        told = self.request.query_params.get("settled", "")
        return int(told) if _COUNT.fullmatch(told) else None


@contextmanager
def visit(site: Site, request: Request, form: Mapping[str, str] | None = None) -> Iterator[Visit]:
    """Open the sphere that the address names. Raises ``UnknownId``."""
    name = request.path_params["sphere"]
    if name not in site.spheres():
        raise UnknownId(name, f"there is no sphere {name} here")
    if request.path_params.get("n", 0) > LARGEST:
        raise UnknownId(name, "nothing here has so large a number")
    now = site.clock()
    with app.open_sphere(site.home, name, now, face=Face.PAGE) as sphere:
        yield Visit(site=site, request=request, sphere=sphere, now=now, form=form or {})
