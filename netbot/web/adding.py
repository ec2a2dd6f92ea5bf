"""A post by its address: what a bookmarklet or a phone opens, and the form that makes a card."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from netbot import app
from netbot.model import NetbotError
from netbot.text import translator
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.visit import Site, Visit

#: What an address may tell of a post, in characters.
LONGEST = {"url": 2_000, "title": 300, "text": 2_000}

_LINK = re.compile(r"https?://\S+")


def choose(site: Site, request: Request) -> Response:
    """Onward to the sphere of the one who publishes there; a question when nobody can tell."""
    told = _told(dict(request.query_params))
    spheres = site.spheres()
    known = [name for name in spheres if _is_known(site, name, told["url"])]
    candidates = known or spheres
    ways = {name: f"{site.root}/{name}/add?{urlencode(told)}" for name in candidates}
    if len(ways) == 1:
        return RedirectResponse(ways[candidates[0]], 303)
    return site.render("choose.html", translator(site.language), 200, ways=ways)


def form(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """What will be added, to look over first; nothing is changed by looking."""
    told = _told(visit.form or dict(visit.request.query_params))
    owners = app.owners(visit.sphere, told["url"])
    client = visit.form.get("client", "") or (owners[0].id if len(owners) == 1 else "")
    return visit.render(
        "add.html",
        status=status,
        problem=problem,
        post=told,
        client=client,
        clients=visit.sphere.house.clients,
    )


def add(visit: Visit) -> Response:
    """A waiting card, made by the rules; never an approval."""
    _ = visit.texts.get
    told, client = _told(visit.form), visit.form.get("client", "")
    if visit.sphere.house.client(client) is None:
        return form(visit, problem=_("Say whose post it is."), status=UNFIT)
    try:
        card = app.propose(
            visit.sphere,
            told["url"],
            visit.now,
            client=client,
            title=told["title"],
            text=told["text"],
        )
    except NetbotError as error:
        return form(visit, problem=visit.explain(error), status=CONFLICT)
    return visit.go(f"/cards/{card.id.rpartition('-')[2]}")


def keep(visit: Visit) -> Response:
    """A form that is not of this process: nothing is added, and no word is lost."""
    return form(visit, problem=stale(visit), status=403)


def _told(sent: Mapping[str, str]) -> dict[str, str]:
    told = {name: str(sent.get(name, "")).strip()[:longest] for name, longest in LONGEST.items()}
    if not told["url"]:  # what phones share often holds its address in the text
        link = _LINK.search(f"{told['text']} {told['title']}")
        told["url"] = link[0] if link else ""
    return told


def _is_known(site: Site, name: str, url: str) -> bool:
    with app.open_sphere(site.home, name, site.clock()) as sphere:
        return bool(app.owners(sphere, url))
