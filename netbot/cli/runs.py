"""Commands that keep going, and those that ask how it goes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Sphere, reading, wire
from netbot.cli.hearing import deaf_to_json, hear_here, heard_to_json, tell_heard
from netbot.cli.keeping import tell_pause
from netbot.cli.outgoing import peace_to_json, tell_outbox, tell_peace
from netbot.cli.paint import align, bold, fold, local_time, sphere_name
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    Place,
    SphereOption,
    add,
    is_terminal,
    place,
    texts_of,
)
from netbot.cli.sending import brought, end, send
from netbot.cli.sources import problem_to_json, tell_problem
from netbot.model import House, UsageError
from netbot.text import Texts, translator

if TYPE_CHECKING:
    from netbot.engine import AccountProblem, Queue, Report
    from netbot.store.houses import Heartbeat
    from netbot.store.sources import Watched


def register(root: typer.Typer) -> None:
    """Add these commands."""
    for command in (run, web, watch, status, health):
        add(root, command)
    root.command(hidden=True)(worker)


def run(
    no_web: Annotated[bool, typer.Option("--no-web", help="Without the page.")] = False,
    home: HomeOption = None,
) -> None:
    """Keep going: watch, let time have its say, serve the page.

    Ends at Ctrl+C or SIGTERM.
    """
    from netbot.daemon.supervisor import supervise

    here = place(home)
    app.read_config(here.home)
    supervise(here.home, web=not no_web)


def worker(sphere: SphereOption = None, home: HomeOption = None) -> None:
    """Be one sphere's worker; `netbot run` starts it."""
    from netbot.daemon.worker import work

    if sphere is None:
        raise UsageError("a worker works for one sphere: --sphere professional")
    work(place(home).home, sphere)


def web(
    host: Annotated[str | None, typer.Option("--host", help="Without it, web.host.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Without it, web.port.")
    ] = None,
    set_up: Annotated[
        bool, typer.Option("--set-up", help="Print a link that sets the password.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Serve the queue's page."""
    from netbot import web as page

    here = place(home)
    read = app.read_config(here.home)
    settings = read.web
    _ = translator(next(iter(read.houses.values())).language).get
    name, number = host or settings.host, settings.port if port is None else port
    if set_up:
        link = page.set_up(here.home, name, number, settings.base_url)
        typer.echo(_("Set a password within a day, once, at {address}").format(address=link))
        return

    def ready(address: str, link: str) -> None:
        typer.echo(_("The page stands at {address}").format(address=address))
        if link:
            typer.echo(_("Set a password within a day, once, at {address}").format(address=link))

    page.serve(here.home, host=name, port=number, base_url=settings.base_url, ready=ready)


def watch(
    once: Annotated[bool, typer.Option("--once", help="Look at what is due, then return.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at the sources that are due, and queue what deserves it."""
    if not once:
        raise UsageError("say --once: `netbot run` is what keeps going")
    here = place(home, sphere, as_json=as_json)
    shown = ["shown"] if is_terminal() and not here.json else []
    outcomes = send(here, "watch", *shown, secrets=True)
    values = [{"sphere": each.sphere, **each.value} for each in brought(outcomes)]
    lines = [each.text for each in brought(outcomes)]
    here.answer({"version": wire.VERSION, "spheres": values}, "\n".join(lines))
    end(outcomes)


def watch_here(here: Place, shown: str = "") -> tuple[dict[str, Any], str, int]:
    """The errand: look at what is due in the one sphere of ``here``, then hear who was nice."""
    from netbot import engine

    [name] = here.spheres
    with (
        app.open_sphere(here.home, name, clock.now(), fresh=True, secrets=True) as opened,
        _progress(show=bool(shown)) as progress,
    ):
        report = engine.watch(
            opened.store,
            opened.networks,
            opened.desk,
            clock.now(),
            progress=progress,
            present=clock.now,
        )
        heard = hear_here(opened)
        value = _report(report) | {"heard": heard_to_json(heard)}
        lines = [_tell_report(opened, report), *tell_heard(heard, texts_of(opened))]
        return value, "\n".join(lines), 4 if report.errors or heard.errors else 0


@contextmanager
def _progress(*, show: bool) -> Iterator[Callable[[int, int], None] | None]:
    if not show:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _report(report: "Report") -> dict[str, Any]:
    return {
        "looked": report.looked,
        "new": report.new,
        "changed": report.changed,
        "suggested": report.suggested,
        "errors": report.errors,
    }


def _tell_report(sphere: Sphere, report: "Report") -> str:
    texts = texts_of(sphere)
    looked, new, born = report.looked, report.new, report.suggested
    counts = (
        texts.plural("{n} source looked at", "{n} sources looked at", looked).format(n=looked),
        texts.plural("{n} new post", "{n} new posts", new).format(n=new),
        texts.plural("{n} suggestion", "{n} suggestions", born).format(n=born),
    )
    lines = [f"{sphere_name(sphere.name, texts)}: {', '.join(counts)}"]
    for address, error in report.errors.items():
        lines += [f"  {address}", *fold(_without(address, error), "    ")]
    return "\n".join(lines)


def _without(address: str, error: str) -> str:
    """The error without the address that stands above it already."""
    return error.removeprefix(address).lstrip(" :")


def status(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """Show how it goes: cards, acts, sources, jobs."""
    from netbot import engine
    from netbot.store import acts, houses, sources, suggestions

    here = place(home, sphere, as_json=as_json)
    stopped = app.paused(here.home)
    values, pages = [], []
    for opened in here.each():
        with opened.store.read() as tx:
            cards, outbox = suggestions.count(tx), acts.count(tx)
            watched = [each for each in sources.everything(tx) if each.configured]
            beats = houses.pulse(tx)
        waiting = engine.queue(opened.store, opened.house, clock.now())
        problems = engine.problems(opened.store, opened.house, clock.now())
        frozen = engine.frozen_accounts(opened.store, opened.house)
        deaf = engine.deaf_accounts(opened.store, opened.house, clock.now())
        values.append(
            {
                "sphere": opened.name,
                "queue": {"today": len(waiting.cards), "more": waiting.more},
                "cards": {state.value: total for state, total in cards.items()},
                "outbox": {state.value: total for state, total in outbox.items()},
                "acts": reading.outbox(opened, clock.now()),
                "peace": peace_to_json(opened, clock.now()),
                "sources": [wire.source(each) for each in watched],
                "problems": [problem_to_json(problem) for problem in problems],
                "alarms": opened.alarms(),
                "accounts": [_frozen(problem) for problem in frozen],
                "unheard": [deaf_to_json(problem) for problem in deaf],
                "jobs": [_beat(beat) for beat in beats],
            }
        )
        begun = len(engine.handed_off(opened.store, opened.house, clock.now()))
        lines = [
            bold(_tell_waiting(opened, waiting, begun)),
            *tell_outbox(opened, texts_of(opened)),
            *tell_peace(opened, texts_of(opened), clock.now()),
            *(line for alarm in opened.alarms() for line in fold(f"! {alarm}", "  ")),
            *_tell_sources(watched, opened.house, texts_of(opened)),
            *(f"  ! {_tell_frozen(each, texts_of(opened))}" for each in (*frozen, *deaf)),
            *(f"  ! {tell_problem(problem, texts_of(opened))}" for problem in problems),
            *_tell_jobs(beats, opened.house, texts_of(opened)),
        ]
        pages.append("\n".join(lines))
    value = {"version": wire.VERSION, "spheres": values, "paused": wire.pause(stopped)}
    told = ["\n".join(tell_pause(stopped, texts_of(opened)))] if stopped else []
    here.answer(value, "\n\n".join([*told, *pages]))


def _frozen(problem: "AccountProblem") -> dict[str, Any]:
    since = wire.moment(problem.since)
    return {"id": problem.account, "frozen_at": since, "note": problem.note}


def _tell_frozen(problem: "AccountProblem", texts: Texts) -> str:
    what = texts.get(problem.what).format(**problem.facts)
    return f"{what}\n    {texts.get(problem.mend).format(**problem.facts)}"


def _beat(beat: "Heartbeat") -> dict[str, Any]:
    return {"job": beat.job, "at": wire.moment(beat.at), "ok": beat.ok, "note": beat.note or None}


def _tell_waiting(sphere: Sphere, waiting: "Queue", begun: int) -> str:
    texts = texts_of(sphere)
    _, today = texts.get, len(waiting.cards)
    parts = [texts.plural("{n} card waits", "{n} cards wait", today).format(n=today)]
    if waiting.more:
        parts.append(_("{n} more for another day").format(n=waiting.more))
    if begun:
        parts.append(
            texts.plural("{n} act in your hands", "{n} acts in your hands", begun).format(n=begun)
        )
    return f"{sphere_name(sphere.name, texts)} · {', '.join(parts)}"


def _tell_sources(watched: "Sequence[Watched]", house: House, texts: Texts) -> Iterator[str]:
    _ = texts.get
    if not watched:
        yield "  " + _("No source has been looked at yet: netbot watch --once")
        return
    rows = [(_("last seen"), _("client"), _("source"))]
    for each in watched:
        seen = local_time(each.succeeded_at, house) if each.succeeded_at else _("never")
        rows.append((seen, each.source.client, each.source.address))
    heading, *lines = align(rows)
    yield f"  {heading}"
    for each, line in zip(watched, lines, strict=True):
        yield f"  {line}"
        if each.last_error:
            yield from fold(_without(each.source.address, each.last_error), "    ! ")


def _tell_jobs(beats: "Sequence[Heartbeat]", house: House, texts: Texts) -> Iterator[str]:
    _ = texts.get
    if not beats:
        yield "  " + _("The daemon has never run here: netbot run")
    for beat in beats:
        outcome = beat.note or (_("well") if beat.ok else "?")
        yield from fold(f"{beat.job}: {local_time(beat.at, house)} · {outcome}", "  ")


def health(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """Exit 0 when the daemon is well, else 1.

    For containers and monitors: every worker's jobs must run on time and end well.
    """
    from netbot.daemon.worker import find_faults

    here = place(home, sphere, as_json=as_json)
    faults = [fault for opened in here.each() for fault in find_faults(opened, clock.now())]
    stopped = app.paused(here.home)
    value = {"healthy": not faults, "faults": faults, "paused": wire.pause(stopped)}
    lines = [*(faults or ["healthy"]), *tell_pause(stopped, translator("en"))]
    here.answer(value, "\n".join(lines))
    if faults:
        raise typer.Exit(1)
