"""Finding where somebody publishes: the one page here that asks other sites, and only by POST.

What was found is shown with the last posts as the rules judge them; saving it is another form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.responses import Response

from netbot import app
from netbot.app import Chosen
from netbot.model import Client, ConfigError, NetbotError, Source
from netbot.network import SourceHint
from netbot.web import sheet
from netbot.web.deeds import CONFLICT, UNFIT
from netbot.web.sheet import Sheet
from netbot.web.visit import Visit

#: How often the human may look in, in days.
DAYS = range(1, 366)

#: What a form may tell of an address, in characters.
LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed and chosen before anything is found."""

    address: str = ""
    way: str = ""  # "": find out; page, mail, hand; else a network and an address on it
    sender: str = ""
    days: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that was found, as the form about it carries it."""

    network: str
    address: str
    look_in_days: int | None
    title: str
    site: str
    find: str  # the name of what it showed

    @property
    def chosen(self) -> Chosen:
        """The same for the house."""
        source = Source(
            client="",
            network=self.network,
            address=self.address,
            look_in_days=self.look_in_days,
        )
        return Chosen(source=source, site=self.site, title=self.title, can_be_seen=False)


def asked(sent: Mapping[str, str]) -> Asked:
    """What a form says that asks where somebody publishes."""
    names = ("address", "way", "sender", "days")
    return Asked(**{name: str(sent.get(name, "")).strip()[:LONGEST] for name in names})


def ask(
    visit: Visit,
    client: Client | None,
    told: Asked | None = None,
    *,
    hints: list[SourceHint] | None = None,
    stuck: bool = False,
    problem: str = "",
    status: int = 200,
) -> Response:
    """The form that asks for an address; with several finds or none it offers what else there is.

    ``client`` is whose place it is to be, None for somebody new.
    """
    return visit.render(
        "seek.html",
        status=status,
        client=client,
        asked=told or Asked(address=visit.request.query_params.get("address", "")[:LONGEST]),
        hints=hints or [],
        stuck=stuck,
        usual_days=app.USUAL_DAYS,
        problem=problem,
    )


def find(visit: Visit, client: Client | None) -> Response:
    """Look what stands behind the address, or in the place that was chosen."""
    _ = visit.texts.get
    told = asked(visit.form)
    if not told.address:
        return ask(visit, client, told, problem=_("Paste an address first."), status=UNFIT)
    problem = _mistake(visit, told)
    if problem:
        return ask(visit, client, told, stuck=True, problem=problem, status=UNFIT)
    networks = visit.sphere.networks
    try:
        if not told.way:
            hints = app.find_places(networks, told.address)
            if len(hints) != 1:
                return ask(visit, client, told, hints=hints, stuck=not hints)
            place = app.choose_place(networks, hints[0], told.address)
        else:
            place = _place(visit, told)
        batch = app.look(visit.sphere, place)
    except NetbotError as error:
        return ask(visit, client, told, stuck=True, problem=visit.explain(error), status=CONFLICT)
    name = visit.site.finds.keep(visit.sphere.name, place.source, batch, visit.now)
    found = Place(
        network=place.source.network,
        address=place.source.address,
        look_in_days=place.source.look_in_days,
        title=place.title,
        site=place.site,
        find=name,
    )
    return show(visit, client, found)


def show(
    visit: Visit,
    client: Client | None,
    place: Place,
    typed: Sheet | None = None,
    *,
    wrong: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    """What stands in a place, and the form that keeps it; ``typed`` is what was typed there."""
    batch = visit.site.finds.get(place.find, visit.sphere.name, place.chosen.source, visit.now)
    told = client or Client(id="", name="")
    try:
        found = app.meet(visit.sphere, place.chosen, told, batch, visit.now)
    except ConfigError as error:
        return ask(visit, client, asked(visit.form), problem=visit.explain(error), status=CONFLICT)
    hints: list[str] = []
    if typed is None:
        hints, problem = _foresee(visit, client, found.client)
    return visit.render(
        "found.html",
        status=status,
        client=client,
        found=place,
        latest=found.latest,
        seen=batch is not None,
        sheet=typed or sheet.sheet_of(found.client),
        wrong=wrong or {},
        hints=hints,
        problem=problem,
    )


def read_place(sent: Mapping[str, str]) -> Place:
    """The place that a form about it carries."""

    def read(name: str) -> str:
        return str(sent.get(name, ""))[:LONGEST]

    days = read("look_in_days")
    return Place(
        network=read("network"),
        address=read("address"),
        look_in_days=int(days) if _is_days(days) else None,
        title=read("title"),
        site=read("site"),
        find=read("find"),
    )


def take_up(visit: Visit, source: Source, place: Place) -> int:
    """Take in what the place showed when it was found, so that it is not asked again."""
    bare = replace(source, client="")
    batch = visit.site.finds.get(place.find, visit.sphere.name, bare, visit.now)
    return app.take_up(visit.sphere, source, batch, visit.now)


def _mistake(visit: Visit, told: Asked) -> str:
    """What is missing for the way that was chosen."""
    _ = visit.texts.get
    if told.way == "mail" and not told.sender:
        return _("Say who sends their newsletter.")
    if told.way == "hand" and not _is_days(told.days):
        return _("Say after how many days you look there again, from 1 to 365.")
    return ""


def _place(visit: Visit, told: Asked) -> Chosen:
    networks = visit.sphere.networks
    match told.way:
        case "page":
            return app.by_page(networks, told.address)
        case "mail":
            return app.by_mail(told.address, told.sender)
        case "hand":
            return app.by_hand(told.address, int(told.days))
        case _:
            network, _, address = told.way.partition(" ")
            hint = SourceHint(network=network, address=address)
            return app.choose_place(networks, hint, told.address)


def _foresee(visit: Visit, client: Client | None, found: Client) -> tuple[list[str], str]:
    """What may not be meant, and why it cannot be kept, before anybody fills in the form."""
    try:
        change = (
            app.plan_source(visit.sphere, client.id, found.sources[0])
            if client
            else app.plan_join(visit.sphere, found)
        )
    except NetbotError as error:
        return [], tell(visit, error)
    return [hint.message for hint in change.hints], ""


def tell(visit: Visit, error: NetbotError) -> str:
    """Why a change was not made, without the places in files where it can be said without."""
    if isinstance(error, ConfigError):
        return "\n".join(dict.fromkeys(problem.message for problem in error.problems))
    return visit.explain(error)


def tell_overtaken(visit: Visit, seen: str) -> str:
    """That the file behind a form is another one by now (``seen``); "" when it is not."""
    _ = visit.texts.get
    if seen == visit.form.get("file", ""):
        return ""
    return _(
        "The file was changed meanwhile, by you in an editor or in another window. Nothing was"
        " written, and your words stand below: look at them, then save once more."
    )


def _is_days(text: str) -> bool:
    return text.isdecimal() and len(text) <= 3 and int(text) in DAYS
