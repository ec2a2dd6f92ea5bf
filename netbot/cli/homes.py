"""Commands about a home: making it, checking it, looking at its clients."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from netbot import app, clock, config, rules
from netbot.app import wire
from netbot.cli.light import LightGroup
from netbot.cli.paint import align, bold, client_name, fold, local_time, paint_touch, sphere_name
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    Place,
    SphereOption,
    add,
    place,
    texts_of,
    to_json,
)
from netbot.model import Client, ConfigError, House, Problem, Touch, UnknownId, UsageError
from netbot.text import Texts, translator

client_app = typer.Typer(cls=LightGroup, no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(cls=LightGroup, no_args_is_help=True, rich_markup_mode=None)


def register(root: typer.Typer) -> None:
    """Add these commands."""
    for command in (init, check, schema):
        add(root, command)
    add(config_app, config_show, "show")
    add(client_app, client_list, "list")
    add(client_app, client_show, "show")
    add(client_app, client_peace, "peace")
    root.add_typer(config_app, name="config", help="The configuration as netbot understands it.")
    root.add_typer(client_app, name="client", help="The people you work for.")


def init(
    home: HomeOption = None,
    name: Annotated[
        str, typer.Option("--name", help="The name under which you comment on blogs.")
    ] = "",
    language: Annotated[
        Literal["de", "en"] | None,
        typer.Option("--language", help="Of the interface; without it, your system's."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a new home: configuration to fill in, and sample rules.

    Nothing that exists is overwritten.
    """
    here = place(home, as_json=as_json)
    spoken = language or _system_language()
    files = {**config.starter(spoken, name), "rules/values.example.yaml": app.example_values()}
    _require_new(here, files)
    for file, content in files.items():
        path = here.home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    here.answer(
        {"version": wire.VERSION, "home": str(here.home), "files": list(files)},
        _tell_next(here, files, translator(spoken)),
    )


def _require_new(here: Place, files: Mapping[str, str]) -> None:
    taken = [*(here.home / "config").glob("*.y*ml"), *(here.home / file for file in files)]
    for path in taken:
        if path.exists():
            raise UsageError(f"{path} exists already: this is a home, nothing was changed")


def _system_language() -> str:
    """Asked of the environment: the system may speak a language whose locale is not installed."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    code = next(filter(None, map(os.environ.get, names)), "")
    return "de" if code.casefold().startswith("de") else "en"


def _tell_next(here: Place, files: Mapping[str, str], texts: Texts) -> str:
    _ = texts.get
    at = "" if here.home == Path.cwd() else f" --home {here.home}"
    lines = [_("A new home in {home}:").format(home=here.home), *(f"  {file}" for file in files)]
    lines += ["", _("Next:")]
    page = f"http://127.0.0.1:{app.read_config(here.home).web.port}/"
    lines.append("  1. " + _("Let netbot watch: {command}").format(command=f"netbot run{at}"))
    lines.append("  2. " + _("Add a client at {page}, or here:").format(page=page))
    lines.append(f"     netbot client add ADDRESS --sphere professional{at}")
    lines += ["", *fold(_("rules/values.example.yaml shows how your values become rules."))]
    lines += fold(_("Saved as rules/values.yaml it counts."))
    return "\n".join(lines)


def check(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check configuration and rules, and say every error at once."""
    here = place(home, as_json=as_json)
    houses, problems, warnings = find_problems(here)
    _ = _texts(houses).get
    if here.json:
        value = {
            "version": wire.VERSION,
            "errors": [asdict(problem) for problem in problems],
            "warnings": [asdict(problem) for problem in warnings],
        }
        typer.echo(to_json(value))
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
        for problem in warnings:
            typer.echo(f"{problem} ({_('a hint, not an error')})", err=True)
        if not problems:
            typer.echo(f"{here.home}: {_count(houses)}")
    if problems:
        raise typer.Exit(2)


def find_problems(here: Place) -> tuple[Mapping[str, House], list[Problem], list[Problem]]:
    """The houses (none when the configuration has errors), the errors and the hints."""
    try:
        read = app.read_config(here.home)
    except ConfigError as error:
        return {}, [*error.problems, *_find_rule_problems(here, _bare_houses(here))[0]], []
    problems, hints = _find_rule_problems(here, read.houses)
    return read.houses, problems, [*read.warnings, *hints, *_find_mute(read.houses)]


def _find_mute(houses: Mapping[str, House]) -> list[Problem]:
    """Notifications that are wanted and cannot leave from this installation."""
    from netbot.digest import notifying

    message = f"no notification leaves until the extra is there: {notifying.INSTALL}"
    return [
        Problem(file=f"config/{house.sphere}.yaml", line=1, column=1, message=message)
        for house in houses.values()
        if house.digest and house.digest.notify and not notifying.is_installed()
    ]


def _bare_houses(here: Place) -> Mapping[str, House]:
    """As much of each sphere as its own rules can be checked by."""
    try:
        names = app.sphere_names(here.home)
    except UsageError:  # told among the errors of the configuration
        names = ()
    return {name: House(sphere=name) for name in names}


def _find_rule_problems(
    here: Place, houses: Mapping[str, House]
) -> tuple[list[Problem], list[Problem]]:
    """The errors, and as hints the rules that cannot speak in this installation."""
    problems: dict[Problem, None] = {}  # files in rules/ hold in every sphere, and speak once
    hints: dict[Problem, None] = {}
    for house in houses.values():
        if not app.has_rules(here.home, house.sphere):
            continue
        try:
            inactive = app.load_rules(here.home, house).inactive
            hints |= {_mute(each.file, each.line, each.name): None for each in inactive}
        except ConfigError as error:
            problems |= dict.fromkeys(error.problems)
    return list(problems), list(hints)


def _mute(file: str, line: int, rule: str) -> Problem:
    message = f"{rule} is inactive until the extra is there: pip install 'netbot[semantic]'"
    return Problem(file=file, line=line, column=1, message=message)


def _texts(houses: Mapping[str, House]) -> Texts:
    return translator(next((house.language for house in houses.values()), "en"))


def _count(houses: Mapping[str, House]) -> str:
    texts = _texts(houses)
    _ = texts.get
    clients = sum(len(house.clients) for house in houses.values())
    counts = (
        texts.plural("{n} sphere", "{n} spheres", len(houses)).format(n=len(houses)),
        texts.plural("{n} client", "{n} clients", clients).format(n=clients),
        _("no errors"),
    )
    return ", ".join(counts)


def schema() -> None:
    """Print JSON Schemas of configuration and rules, for editors."""
    typer.echo(json.dumps(config.schema() | {"rules": rules.file_schema()}, indent=2))


def config_show(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """Print the last good configuration as JSON; no secret is in it."""
    here = place(home, sphere, as_json=as_json)
    value = {opened.name: asdict(opened.house) for opened in here.each()}
    typer.echo(to_json(value))


def client_list(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """List the clients and the last contact with each."""
    from netbot.store import touches

    here = place(home, sphere, as_json=as_json)
    values, pages = [], []
    for opened in here.each():
        with opened.store.read() as tx:
            last = touches.last(tx)
        _ = texts_of(opened).get
        rows = [(_("last contact"), _("client"), _("name"))]
        for client in opened.house.clients:
            at = last.get(client.id)
            values.append(wire.client(opened.name, client, at))
            seen = local_time(at, opened.house) if at else _("none yet")
            rows.append((seen, client.id, client.name))
        if len(rows) == 1:
            command = f"netbot client add ADDRESS --sphere {opened.name}"
            lines = [_("No client yet. Add one: {command}").format(command=command)]
        else:
            lines = align(rows)
        heading = bold(sphere_name(opened.name, texts_of(opened)))
        pages.append("\n".join([heading, *(f"  {line}" for line in lines)]))
    here.answer(values, "\n\n".join(pages))


def client_show(
    id: Annotated[str, typer.Argument(help="The client's id.")],
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a client's timeline: the last contacts, newest first."""
    from netbot.store import touches

    here = place(home, sphere, as_json=as_json)
    with here.open(sphere_of_client(id, here)) as opened:
        client = opened.house.client(id) or Client(id=id, name=id)
        with opened.store.read() as tx:
            timeline = touches.of_client(tx, opened.name, id, limit=50)
        texts = texts_of(opened)
        _ = texts.get
        lines = [bold(f"{client.name} · {sphere_name(opened.name, texts)}")]
        lines += [paint_touch(each, opened.house, texts) for each in timeline]
        if not timeline:
            lines.append("  " + _("No contact yet."))
        value = _client(opened.name, client) | {"touches": [_touch(touch) for touch in timeline]}
        here.answer(value, "\n".join(lines))


def client_peace(
    id: Annotated[str, typer.Argument(help="The client's id.")],
    until: Annotated[str | None, typer.Option("--until", help="2026-12-24, monday or 14d.")] = None,
    end: Annotated[bool, typer.Option("--end", help="No longer.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave a client in peace, or no longer.

    Nothing public is suggested meanwhile, and nothing is sent.

    After a moment for tact netbot does so by itself. Without options it says how things stand.
    """
    from netbot import engine

    if until and end:
        raise UsageError("say --until or --end, not both")
    here, now = place(home, sphere, as_json=as_json), clock.now()
    with here.open(sphere_of_client(id, here)) as opened:
        if until:
            at = clock.parse_until(until, now, opened.house.time_zone)
            if at <= now:
                raise UsageError(f"{until} has passed; name a later day")
            engine.leave_in_peace(opened.store, id, at, now)
        elif end:
            engine.end_peace(opened.store, opened.house, id, now)
        hold = engine.hold_of(opened.store, id, now)
        _ = texts_of(opened).get
        said = _("{client} is left in peace until {day}") if hold else _("{client} is not held")
        day = local_time(hold.until, opened.house)[:10] if hold else ""
        value = {
            "version": wire.VERSION,
            "client": id,
            "until": wire.moment(hold.until if hold else None),
        }
        here.answer(value, said.format(client=client_name(id, opened.house), day=day))


def sphere_of_client(id: str, here: Place) -> str:
    """The one sphere that knows the client; netbot never guesses which of two is meant.

    Raises ``UnknownId`` or ``UsageError``.
    """
    names = [opened.name for opened in here.each() if opened.house.client(id)]
    if not names:
        raise UnknownId(id, f"there is no client {id}: `netbot client list` shows them")
    if len(names) > 1:
        raise UsageError(f"{id} stands in {' and '.join(names)}: say which with --sphere")
    return names[0]


def _client(sphere: str, client: Client) -> dict[str, object]:
    return {"sphere": sphere, "id": client.id, "name": client.name, "status": client.status.value}


def _touch(touch: Touch) -> dict[str, str | None]:
    return {
        "at": wire.moment(touch.at),
        "direction": touch.direction.value,
        "kind": touch.kind,
        "suggestion": touch.suggestion,
        "text": touch.text,
    }
