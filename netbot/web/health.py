"""The sources: how the last looks went, what ails each and what mends it."""

from collections.abc import Mapping

from starlette.responses import Response

from netbot import engine
from netbot.engine import Condition
from netbot.text import mark
from netbot.web import plots
from netbot.web.visit import Visit

#: What people read for how a source is.
CONDITIONS: Mapping[str, str] = {
    Condition.DEAD: mark("nothing comes any more"),
    Condition.ASKING: mark("asks you something"),
    Condition.STUMBLING: mark("failed the last time"),
    Condition.NEW: mark("not looked at yet"),
    Condition.WELL: mark("well"),
}


def sources(visit: Visit) -> Response:
    """Every source that is watched, those that need the user first."""
    found = engine.check_up(visit.sphere.store, visit.sphere.house, visit.now)
    names = [each.condition.value for each in found]
    return visit.render(
        "sources.html",
        found=found,
        alive=sum(each.is_alive for each in found),
        conditions=CONDITIONS,
        plot=plots.conditions(names, list(Condition)),
    )
