"""Settings on forms: what holds for the whole home, and the morning mail of one sphere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from starlette.responses import Response

from netbot import app
from netbot.model import ConfigError, House, NetbotError
from netbot.web import sheet
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.seeking import tell, tell_overtaken
from netbot.web.sheet import Sheet
from netbot.web.visit import Visit

Path = tuple[str, ...]

#: Where each field stands in its file.
IN_HOME: Mapping[str, Path] = {
    "language": ("language",),
    "time_zone": ("time_zone",),
    "daily_limit": ("queue", "daily_limit"),
    "undo_window_s": ("queue", "undo_window_s"),
    "peace_days": ("queue", "peace_days"),
    "quiet_from": ("queue", "quiet_hours", "start"),
    "quiet_until": ("queue", "quiet_hours", "end"),
}
IN_SPHERE: Mapping[str, Path] = {
    "at": ("digest", "at"),
    "to": ("digest", "to"),
    "server": ("digest", "server"),
    "user": ("digest", "user"),
    "notify": ("digest", "notify"),
}

#: The bounds of the numbers, as ``netbot check`` knows them.
NUMBERS = {
    "daily_limit": range(51),
    "undo_window_s": range(86_401),
    "peace_days": range(366),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One form, and the file behind it."""

    name: str  # of the form
    fields: Mapping[str, Path]
    show: Callable[[House], Sheet]
    to_values: Callable[[Sheet, Sheet], dict[Path, Any]]  # before and after -> what changes
    is_shared: bool  # by all spheres

    def file(self, visit: Visit) -> str:
        """The name of its file without folder and ending."""
        return "netbot" if self.is_shared else visit.sphere.name


def settings(visit: Visit) -> Response:
    """What is set, as the files say now."""
    return _render(visit)


def save(visit: Visit) -> Response:
    """Write down what is new in one of the forms."""
    part = PARTS.get(visit.form.get("part", ""), PARTS["home"])
    before, typed = _typed(visit, part)
    wrong = _find_problems(visit, part, typed)
    if wrong:
        return _render(visit, part, typed, was=before, wrong=wrong, status=UNFIT)
    try:
        changes = part.to_values(before, typed)
        if changes:
            seen = visit.form.get("file", "")
            plan = app.plan_settings(visit.sphere, part.file(visit), changes, seen)
            app.put_in_force(visit.sphere, plan, visit.now)
    except NetbotError as error:
        return _again(visit, part, tell(visit, error), CONFLICT)
    return visit.go(f"/settings?saved={part.name}#{part.name}")


def keep(visit: Visit) -> Response:
    """A form that is not of this process: nothing is written."""
    part = PARTS.get(visit.form.get("part", ""), PARTS["home"])
    return _again(visit, part, stale(visit), 403)


def _show_home(house: House) -> Sheet:
    begin, end = house.quiet_hours or ("", "")
    return {
        "language": house.language,
        "time_zone": house.time_zone,
        "daily_limit": str(house.daily_limit),
        "undo_window_s": str(house.undo_window_s),
        "peace_days": str(house.peace_days),
        "quiet_from": begin,
        "quiet_until": end,
    }


def _show_sphere(house: House) -> Sheet:
    digest = house.digest
    return {
        "at": house.opens_at if digest else "08:00",
        "to": digest.to if digest else "",
        "server": digest.server if digest else "",
        "user": digest.user if digest else "",
        "notify": ", ".join(digest.notify) if digest else "",
    }


def _home_values(before: Sheet, after: Sheet) -> dict[Path, Any]:
    new = {name: after[name] for name in IN_HOME if after[name] != before[name]}
    values: dict[Path, Any] = {
        IN_HOME[name]: int(text) if name in NUMBERS else text for name, text in new.items()
    }
    if not after["quiet_from"] and before["quiet_from"]:
        values = {path: value for path, value in values.items() if "quiet_hours" not in path}
        values[("queue", "quiet_hours")] = None
    return values


def _sphere_values(before: Sheet, after: Sheet) -> dict[Path, Any]:
    was_there, stays = (bool(each["to"] or each["notify"]) for each in (before, after))
    if not stays:
        return {("digest",): None} if was_there else {}
    begins = not was_there  # then the hour has to stand there too
    new = {
        name: after[name] or None
        for name in IN_SPHERE
        if after[name] != before[name] or (begins and name == "at")
    }
    values: dict[Path, Any] = {IN_SPHERE[name]: text for name, text in new.items()}
    if new.get("notify"):
        names = (each.strip() for each in after["notify"].split(","))
        values[IN_SPHERE["notify"]] = [each for each in names if each]
    return values


PARTS = {
    part.name: part
    for part in (
        Part(name="home", fields=IN_HOME, show=_show_home, to_values=_home_values, is_shared=True),
        Part(
            name="mail",
            fields=IN_SPHERE,
            show=_show_sphere,
            to_values=_sphere_values,
            is_shared=False,
        ),
    )
}


def _find_problems(visit: Visit, part: Part, typed: Sheet) -> dict[str, str]:
    """What no file would take, by field, in words for people."""
    _ = visit.texts.get
    wrong = {}
    for name, numbers in NUMBERS.items():
        if name in typed and not (typed[name].isdecimal() and int(typed[name]) in numbers):
            most = numbers[-1]
            wrong[name] = _("Write a whole number from 0 to {most}.").format(most=most)
    if part.is_shared and typed["time_zone"] not in available_timezones():
        wrong["time_zone"] = _("Write a time zone such as Europe/Berlin.")
    if part.is_shared and bool(typed["quiet_from"]) != bool(typed["quiet_until"]):
        wrong["quiet_until"] = _("Say both when they begin and when they end, or neither.")
    if (typed.get("to") or typed.get("notify")) and not typed["at"]:
        wrong["at"] = _("Say when the mail shall come.")
    return wrong


def _typed(visit: Visit, part: Part) -> tuple[Sheet, Sheet]:
    """What the form showed, and what came back."""
    typed = sheet.typed(visit.form, dict.fromkeys(part.fields, 200))
    return sheet.unpack(visit.form.get("was", ""), typed), typed


def _again(visit: Visit, part: Part, problem: str, status: int) -> Response:
    """The page once more: what was typed, beside what the file says by now."""
    before, typed = _typed(visit, part)
    theirs = part.show(_house(visit)[0])
    mine = sheet.merge(before, typed, theirs)
    seen = app.file_mark(visit.sphere.home, part.file(visit))
    told = tell_overtaken(visit, seen) or problem
    return _render(visit, part, mine, was=theirs, problem=told, status=status)


def _house(visit: Visit) -> tuple[House, str]:
    """The house as the files say now, or as last known and what is wrong with the files."""
    try:
        houses = app.read_config(visit.sphere.home).houses
    except ConfigError as error:
        return visit.sphere.house, visit.explain(error)
    return houses.get(visit.sphere.name, visit.sphere.house), ""


def _render(
    visit: Visit,
    part: Part | None = None,
    typed: Sheet | None = None,
    *,
    was: Sheet | None = None,
    wrong: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    """All forms; one of them as it was typed."""
    files = {each.name: each.file(visit) for each in PARTS.values()}
    marks = {name: app.file_mark(visit.sphere.home, file) for name, file in files.items()}
    house, broken = _house(visit)
    shown = {each.name: each.show(house) for each in PARTS.values()}
    before = dict(shown)
    theirs = dict(shown)
    if part and typed is not None and was is not None:
        shown[part.name], before[part.name] = typed, was
        theirs[part.name] = typed if wrong else was
        marks[part.name] = visit.form.get("file", "") if wrong else marks[part.name]
    return visit.render(
        "settings.html",
        status=status,
        files=files,
        marks=marks,
        shown=shown,
        theirs=theirs,
        was={name: sheet.pack(each) for name, each in before.items()},
        wrong={each: (wrong or {}) if part and part.name == each else {} for each in PARTS},
        problem=broken or problem,
        trouble=part.name if part else "",
        saved=visit.request.query_params.get("saved", ""),
    )
