"""Commands about a home: making it, checking it, looking at its clients."""

import json
import locale
from dataclasses import asdict
from typing import Annotated

import typer

from netbot import app, config
from netbot.cli import wire
from netbot.cli.paint import paint_touch
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    Place,
    SphereOption,
    place,
    texts_of,
)
from netbot.model import ConfigError, House, Problem, Touch, UnknownId, UsageError
from netbot.store import touches

client_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(root: typer.Typer) -> None:
    """Add these commands."""
    root.command()(init)
    root.command()(check)
    root.command()(schema)
    root.add_typer(config_app, name="config", help="The configuration as netbot understands it.")
    root.add_typer(client_app, name="client", help="The people you work for.")


def init(
    home: HomeOption = None,
    name: Annotated[
        str, typer.Option("--name", help="The name under which you comment on blogs.")
    ] = "",
    language: Annotated[
        str | None, typer.Option("--language", help="de or en; without it, your system's.")
    ] = None,
) -> None:
    """Make a new home: config/ with commented starters. Nothing that exists is overwritten."""
    here = place(home)
    files = config.starter(language or _system_language(), name)
    kept = [file for file in files if (here.home / file).exists()]
    if kept:
        raise UsageError(
            f"{here.home / kept[0]} exists already: this is a home, nothing was changed"
        )
    for file, content in files.items():
        path = here.home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        typer.echo(f"wrote {path}")
    typer.echo("Next: put a client into config/professional.yaml, then `netbot check`.")


def _system_language() -> str:
    code = locale.getlocale()[0] or ""
    return "de" if code.casefold().startswith(("de", "german")) else "en"


def check(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check every file of configuration and rules; all errors in one run."""
    here = place(home, as_json=as_json)
    problems, warnings = _find_problems(here)
    if here.json:
        value = {
            "errors": [asdict(problem) for problem in problems],
            "warnings": [asdict(problem) for problem in warnings],
        }
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
        for problem in warnings:
            typer.echo(f"{problem} (a hint, not an error)", err=True)
        if not problems:
            typer.echo(f"{here.home}: {_count(here)}, no errors")
    if problems:
        raise typer.Exit(2)


def _find_problems(here: Place) -> tuple[list[Problem], list[Problem]]:
    problems: list[Problem] = []
    warnings: list[Problem] = []
    houses = {name: House(sphere=name) for name in app.sphere_names(here.home)}
    try:
        read = app.read_config(here.home)
    except ConfigError as error:
        problems += error.problems
    else:
        houses, warnings = dict(read.houses), list(read.warnings)
    for house in houses.values():
        try:
            app.load_rules(here.home, house)
        except ConfigError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    return problems, warnings


def _count(here: Place) -> str:
    houses = app.read_config(here.home).houses.values()
    clients = sum(len(house.clients) for house in houses)
    return f"{len(houses)} spheres, {clients} clients"


def schema() -> None:
    """Print JSON Schemas of netbot.yaml and <sphere>.yaml, for editors."""
    typer.echo(json.dumps(config.schema(), ensure_ascii=False, indent=2))


@config_app.command("show")
def config_show(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """Print the last good configuration of each sphere as JSON; it holds no secret."""
    here = place(home, sphere, as_json=as_json)
    value = {opened.name: asdict(opened.house) for opened in here.each()}
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@client_app.command("list")
def client_list(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """List the clients and the last contact with each."""
    here = place(home, sphere, as_json=as_json)
    rows, lines = [], []
    for opened in here.each():
        with opened.store.read() as tx:
            last = touches.last(tx)
        for client in opened.house.clients:
            at = last.get(client.id)
            rows.append(
                {
                    "sphere": opened.name,
                    "id": client.id,
                    "name": client.name,
                    "last_touch": wire.moment(at),
                }
            )
            since = f"{at:%Y-%m-%d}" if at else "–"
            lines.append(f"{opened.name:14} {client.id:20} {since:12} {client.name}")
    here.answer(rows, "\n".join(lines) or "No client yet: add one to config/professional.yaml.")


@client_app.command("show")
def client_show(
    id: Annotated[str, typer.Argument(help="The client's id.")],
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a client's timeline: the last contacts, newest first."""
    here = place(home, sphere, as_json=as_json)
    for opened in here.each():
        client = opened.house.client(id)
        if client is None:
            continue
        with opened.store.read() as tx:
            timeline = touches.of_client(tx, opened.name, id, limit=50)
        texts = texts_of(opened)
        lines = [f"{client.name} ({opened.name})", *(paint_touch(each, texts) for each in timeline)]
        here.answer(
            {
                "sphere": opened.name,
                "id": client.id,
                "name": client.name,
                "touches": [_touch(touch) for touch in timeline],
            },
            "\n".join(lines),
        )
        return
    raise UnknownId(id, f"there is no client {id}: `netbot client list` shows them")


def _touch(touch: Touch) -> dict[str, str | None]:
    return {
        "at": wire.moment(touch.at),
        "direction": touch.direction.value,
        "kind": touch.kind,
        "suggestion": touch.suggestion,
        "text": touch.text,
    }
