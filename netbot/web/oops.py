"""An act was a mistake: what helps now, and what the log keeps of it."""

from starlette.responses import Response

from netbot import engine
from netbot.engine import HELPS
from netbot.model import Amends, PolicyRefused, UsageError
from netbot.web import pages
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.visit import Visit


def oops(
    visit: Visit, *, problem: str = "", status: int = 200, typed: tuple[str, str] = ("", "")
) -> Response:
    """What helps, or the card where there is nothing to mend.

    ``typed`` holds a kind of correction and its words, which are not lost.
    """
    try:
        remedy = engine.remedy(visit.sphere.store, visit.sphere.hall, visit.id, visit.now)
    except PolicyRefused as error:
        return pages.card(visit, problem=visit.explain(error), status=CONFLICT)
    return visit.render(
        "oops.html",
        status=status,
        problem=problem,
        remedy=remedy,
        number=visit.request.path_params["n"],
        helps=HELPS,
        apology=typed[1] if typed[0] == Amends.APOLOGISED else remedy.apology,
        note=typed[1] if typed[0] == Amends.NOTED else "",
    )


def mend(visit: Visit) -> Response:
    """The user has deleted it there, has apologised, or says what went wrong."""
    _ = visit.texts.get
    kind, text = visit.form.get("what", ""), _typed(visit)
    if kind not in set(Amends):
        return oops(visit, problem=_("Say what you have done about it."), status=UNFIT)
    try:
        engine.correct(
            visit.sphere.store, visit.sphere.hall, visit.id, Amends(kind), visit.now, text=text
        )
    except UsageError:
        problem = _("Say in a few words what went wrong.")
        return oops(visit, problem=problem, status=UNFIT)
    except PolicyRefused as error:
        return oops(visit, problem=visit.explain(error), status=CONFLICT, typed=(kind, text))
    return visit.go(f"/outbox/{visit.request.path_params['n']}/oops")


def keep(visit: Visit) -> Response:
    """A form that is not of this process: nothing is written down, and no word is lost."""
    typed = (visit.form.get("what", ""), _typed(visit))
    return oops(visit, problem=stale(visit), status=403, typed=typed)


def _typed(visit: Visit) -> str:
    return visit.form.get("text", "").replace("\r\n", "\n")
