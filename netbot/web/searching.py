"""Looking for a card or a client by a few words."""

from starlette.responses import Response

from netbot import engine
from netbot.web.visit import Visit

#: How long a search may be, in characters.
LONGEST = 200


def search(visit: Visit) -> Response:
    """The waiting cards and the clients that the words of the address lead to."""
    words = visit.request.query_params.get("q", "")[:LONGEST]
    found = engine.find(visit.sphere.store, visit.sphere.house, words, visit.now)
    return visit.render("search.html", sought=words, cards=found.cards, clients=found.clients)
