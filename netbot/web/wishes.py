"""What a form changes besides cards: answers about sources, posts queued by hand, the pause."""

from datetime import timedelta
from urllib.parse import quote

from starlette.responses import Response

from netbot import app, engine
from netbot.model import PolicyRefused, UnknownId, UsageError
from netbot.store import posts
from netbot.web import pages
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.visit import Visit

#: For how many days the user leaves a client in peace where no moment for tact does.
LONG_ENOUGH = 14

#: What posts that were set aside may be, as the buttons name it.
ANSWERS = {"new": True, "old": False}


def settle(visit: Visit) -> Response:
    """The user says what the posts that were set aside are."""
    _ = visit.texts.get
    sphere, source_id = visit.sphere, visit.request.path_params["n"]
    answer = visit.form.get("are", "")
    if answer not in ANSWERS:
        return pages.today(visit, problem=_("Say whether they are new or old."), status=UNFIT)
    try:
        made = engine.settle_source(
            sphere.store, sphere.desk, source_id, visit.now, are_new=ANSWERS[answer]
        )
    except UsageError:
        problem = _("No posts of this source wait for an answer: it was given already.")
        return pages.today(visit, problem=problem, status=CONFLICT)
    return visit.go(f"?settled={made}")


def queue(visit: Visit) -> Response:
    """Queue one of a client's posts, of whatever age. Raises ``UnknownId``."""
    sphere, post_id = visit.sphere, visit.request.path_params["n"]
    client = visit.request.path_params["id"]
    with sphere.store.read() as tx:
        found = posts.by_ids(tx, [post_id]).get(post_id)
    if found is None or found.client != client:
        raise UnknownId(str(post_id), f"there is no post {post_id} of {client}")
    try:
        card = engine.propose(sphere.store, sphere.desk, post_id, visit.now)
    except PolicyRefused as error:
        return pages.client(visit, problem=visit.explain(error), status=CONFLICT)
    return visit.go(f"/clients/{quote(client, safe='')}?after={card.id.rpartition('-')[2]}")


def thank(visit: Visit) -> Response:
    """Queue a personal thank-you about a card. Raises ``UnknownId``."""
    about, _newest = visit.card()
    try:
        card = engine.thank(
            visit.sphere.store, visit.sphere.desk, about.client, visit.now, about=about
        )
    except PolicyRefused as error:
        return pages.card(visit, problem=visit.explain(error), status=CONFLICT)
    return visit.go(f"/cards/{card.id.rpartition('-')[2]}")


def thank_client(visit: Visit) -> Response:
    """Queue a personal thank-you for a client. Raises ``UnknownId``."""
    client = visit.request.path_params["id"]
    try:
        card = engine.thank(visit.sphere.store, visit.sphere.desk, client, visit.now)
    except PolicyRefused as error:
        return pages.client(visit, problem=visit.explain(error), status=CONFLICT)
    return visit.go(f"/cards/{card.id.rpartition('-')[2]}")


def peace(visit: Visit) -> Response:
    """Leave a client in peace, or no longer. Raises ``UnknownId``."""
    _ = visit.texts.get
    house, client = visit.sphere.house, visit.request.path_params["id"]
    if house.client(client) is None:
        raise UnknownId(client, f"there is no client {client} here")
    match visit.form.get("peace"):
        case "begin":
            until = visit.now + timedelta(days=house.peace_days or LONG_ENOUGH)
            engine.leave_in_peace(visit.sphere.store, client, until, visit.now)
        case "end":
            engine.end_peace(visit.sphere.store, house, client, visit.now)
        case _:
            problem = _("Say whether they shall be left in peace.")
            return pages.client(visit, problem=problem, status=UNFIT)
    return visit.go(f"/clients/{quote(client, safe='')}")


def pause(visit: Visit) -> Response:
    """Stop everything that goes out, in all spheres."""
    app.pause(visit.site.home, "", visit.now)
    return visit.go("")


def resume(visit: Visit) -> Response:
    """Let it go on; a home that came from a backup only when the old one is said to be off."""
    _ = visit.texts.get
    try:
        app.resume(visit.site.home, old_is_off=visit.form.get("old") == "off")
    except PolicyRefused:
        problem = _("Say first that the old home is off: two would do what you decided once.")
        return pages.today(visit, problem=problem, status=UNFIT)
    return visit.go("")


def keep(visit: Visit) -> Response:
    """A form about a source that is not of this process: nothing is decided."""
    return pages.today(visit, problem=stale(visit), status=403)


def keep_client(visit: Visit) -> Response:
    """The same for a client's posts."""
    return pages.client(visit, problem=stale(visit), status=403)
