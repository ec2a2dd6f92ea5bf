"""A client added, changed or laid to rest on a form; the words go into the sphere's own file."""

from urllib.parse import quote

from starlette.responses import Response

from netbot import app
from netbot.model import Client, ConfigError, NetbotError, UnknownId
from netbot.web import seeking, sheet
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.seeking import Place
from netbot.web.sheet import Sheet
from netbot.web.visit import Visit


def new(visit: Visit) -> Response:
    """Ask for an address of somebody new."""
    return seeking.ask(visit, None)


def find(visit: Visit) -> Response:
    """Look what stands behind the address of somebody new."""
    return seeking.find(visit, None)


def keep_find(visit: Visit) -> Response:
    """A form that is not of this process: nobody is asked."""
    told = seeking.asked(visit.form)
    return seeking.ask(visit, None, told, problem=stale(visit), status=403)


def add(visit: Visit) -> Response:
    """Write a new client down, and let them be watched at once."""
    typed, place = sheet.typed(visit.form), seeking.read_place(visit.form)
    wrong = sheet.find_problems(visit, typed)
    if wrong:
        return seeking.show(visit, None, place, typed, wrong=wrong, status=UNFIT)
    try:
        found = app.meet(visit.sphere, place.chosen, sheet.told(typed), None, visit.now)
        app.put_in_force(visit.sphere, app.plan_join(visit.sphere, found.client), visit.now)
    except NetbotError as error:
        told = seeking.tell(visit, error)
        return seeking.show(visit, None, place, typed, problem=told, status=CONFLICT)
    seeking.take_up(visit, found.source, place)
    return visit.go(_page(found.client.id))


def keep_new(visit: Visit) -> Response:
    """The same of what was found: nothing is written."""
    typed, place = sheet.typed(visit.form), seeking.read_place(visit.form)
    return seeking.show(visit, None, place, typed, problem=stale(visit), status=403)


def edit(visit: Visit) -> Response:
    """A client's facts and sources as they stand in the file. Raises ``UnknownId``."""
    seen = app.file_mark(visit.sphere.home, visit.sphere.name)
    client, problem = _in_file(visit)
    return _edit(visit, client, sheet.sheet_of(client), seen, problem=problem)


def change(visit: Visit) -> Response:
    """Write down what is new; whatever somebody else has changed meanwhile stays."""
    before, typed = _typed(visit)
    wrong = sheet.find_problems(visit, typed)
    if wrong:
        client, _ = _in_file(visit)
        return _edit(
            visit, client, typed, visit.form.get("file", ""), was=before, wrong=wrong, status=UNFIT
        )
    name = visit.request.path_params["id"]
    wanted = sheet.changes(before, typed)
    try:
        if wanted:
            plan = app.plan_client(visit.sphere, name, wanted, visit.form.get("file", ""))
            app.put_in_force(visit.sphere, plan, visit.now)
    except NetbotError as error:
        return _again(visit, seeking.tell(visit, error), CONFLICT)
    return visit.go(_page(name))


def keep_edit(visit: Visit) -> Response:
    """A form about a client that is not of this process: nothing is written."""
    return _again(visit, stale(visit), 403)


def remove(visit: Visit) -> Response:
    """Take one source out of the file. Raises ``UnknownId``."""
    name, number = visit.request.path_params["id"], visit.form.get("n", "")
    _require(visit)
    try:
        index = int(number[:9]) if number.isdecimal() else -1
        plan = app.plan_removal(visit.sphere, name, index, visit.form.get("file", ""))
        app.put_in_force(visit.sphere, plan, visit.now)
    except NetbotError as error:
        return _anew(visit, seeking.tell(visit, error), CONFLICT)
    return visit.go(f"{_page(name)}/edit#sources")


def keep_sources(visit: Visit) -> Response:
    """A form about a client's sources that is not of this process: nothing is written."""
    return _anew(visit, stale(visit), 403)


def more(visit: Visit) -> Response:
    """Ask for one more address of a client. Raises ``UnknownId``."""
    return seeking.ask(visit, _require(visit))


def find_more(visit: Visit) -> Response:
    """Look what stands behind one more address of a client. Raises ``UnknownId``."""
    return seeking.find(visit, _require(visit))


def keep_find_more(visit: Visit) -> Response:
    """A form that is not of this process: nobody is asked."""
    told = seeking.asked(visit.form)
    return seeking.ask(visit, _require(visit), told, problem=stale(visit), status=403)


def add_more(visit: Visit) -> Response:
    """Write one more source of a client down, and let it be watched. Raises ``UnknownId``."""
    client, place = _require(visit), seeking.read_place(visit.form)
    try:
        found = app.meet(visit.sphere, place.chosen, client, None, visit.now)
        plan = app.plan_source(visit.sphere, client.id, found.source)
        app.put_in_force(visit.sphere, plan, visit.now)
    except NetbotError as error:
        return _show_more(visit, client, place, seeking.tell(visit, error), CONFLICT)
    seeking.take_up(visit, found.source, place)
    return visit.go(f"{_page(client.id)}/edit#sources")


def keep_more(visit: Visit) -> Response:
    """The same of what was found: nothing is written."""
    place = seeking.read_place(visit.form)
    return _show_more(visit, _require(visit), place, stale(visit), 403)


def _show_more(visit: Visit, client: Client, place: Place, problem: str, status: int) -> Response:
    typed = sheet.sheet_of(client)
    return seeking.show(visit, client, place, typed, problem=problem, status=status)


def _require(visit: Visit) -> Client:
    name = visit.request.path_params["id"]
    client = visit.sphere.house.client(name)
    if client is None:
        raise UnknownId(name, f"there is no client {name} here")
    return client


def _in_file(visit: Visit) -> tuple[Client, str]:
    """The client as the file says now, and what is wrong with the files; then as last known."""
    name = visit.request.path_params["id"]
    try:
        house = app.read_config(visit.sphere.home).houses.get(visit.sphere.name)
    except ConfigError as error:
        return _require(visit), visit.explain(error)
    client = house.client(name) if house else None
    if client is None:
        raise UnknownId(name, f"there is no client {name} here")
    return client, ""


def _typed(visit: Visit) -> tuple[Sheet, Sheet]:
    """What the form showed, and what came back."""
    typed = sheet.typed(visit.form)
    return sheet.unpack(visit.form.get("was", ""), typed), typed


def _again(visit: Visit, problem: str, status: int) -> Response:
    """The form once more: what was typed, beside what the file says by now."""
    before, typed = _typed(visit)
    seen = app.file_mark(visit.sphere.home, visit.sphere.name)
    client, broken = _in_file(visit)
    theirs = sheet.sheet_of(client)
    mine = sheet.merge(before, typed, theirs)
    told = broken or seeking.tell_overtaken(visit, seen) or problem
    return _edit(visit, client, mine, seen, was=theirs, problem=told, status=status)


def _anew(visit: Visit, problem: str, status: int) -> Response:
    """The form as the file says now, with what went wrong."""
    seen = app.file_mark(visit.sphere.home, visit.sphere.name)
    client, broken = _in_file(visit)
    told = broken or seeking.tell_overtaken(visit, seen) or problem
    return _edit(visit, client, sheet.sheet_of(client), seen, problem=told, status=status)


def _edit(
    visit: Visit,
    client: Client,
    shown: Sheet,
    seen: str,
    *,
    was: Sheet | None = None,
    wrong: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    theirs = sheet.sheet_of(client)
    return visit.render(
        "client_edit.html",
        status=status,
        client=client,
        sheet=shown,
        theirs=theirs if was is not None and not wrong else shown,
        was=sheet.pack(was or shown),
        file=seen,
        wrong=wrong or {},
        problem=problem,
    )


def _page(id: str) -> str:
    return f"/clients/{quote(id, safe='')}"
