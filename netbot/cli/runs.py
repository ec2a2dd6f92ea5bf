"""Commands that keep going, and those that ask how it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from netbot import app, clock, engine
from netbot.app import Sphere
from netbot.cli import wire
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    SphereOption,
    is_terminal,
    place,
    texts_of,
)
from netbot.engine import Report
from netbot.model import UsageError
from netbot.store import acts, houses, sources, suggestions
from netbot.store.houses import Heartbeat
from netbot.store.sources import Watched
from netbot.text import Texts


def register(root: typer.Typer) -> None:
    """Add these commands."""
    for command in (run, web, watch, status, health):
        root.command()(command)
    root.command(hidden=True)(worker)


def run(
    no_web: Annotated[bool, typer.Option("--no-web", help="Without the page.")] = False,
    home: HomeOption = None,
) -> None:
    """Keep going: watch, let time have its say, serve the page. Ends at SIGTERM."""
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
    host: Annotated[str | None, typer.Option("--host", help="Only your own machine.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Without it, web.port.")] = None,
    home: HomeOption = None,
) -> None:
    """Serve the queue's page on your own machine."""
    from netbot.web import serve

    here = place(home)
    settings = app.read_config(here.home).web
    serve(here.home, host=host or settings.host, port=port or settings.port)


def watch(
    once: Annotated[bool, typer.Option("--once", help="Look at what is due, then return.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at every source that is due, and queue what deserves a word."""
    if not once:
        raise UsageError("say --once: `netbot run` is what keeps going")
    here = place(home, sphere, as_json=as_json)
    values, lines, failed = [], [], False
    for opened in here.each(fresh=True):
        with _progress(show=is_terminal() and not here.json) as progress:
            report = engine.watch(
                opened.store, opened.networks, opened.desk, clock.now(), progress=progress
            )
        values.append({"sphere": opened.name, **_report(report)})
        lines.append(_tell_report(opened, report))
        failed = failed or bool(report.errors)
    here.answer({"version": wire.VERSION, "spheres": values}, "\n".join(lines))
    if failed:
        raise typer.Exit(4)


@contextmanager
def _progress(*, show: bool) -> Iterator[Any]:
    if not show:
        yield None
        return
    from rich.progress import Progress

    with Progress(transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _report(report: Report) -> dict[str, Any]:
    return {
        "looked": report.looked,
        "new": report.new,
        "changed": report.changed,
        "suggested": report.suggested,
        "errors": report.errors,
    }


def _tell_report(sphere: Sphere, report: Report) -> str:
    _ = texts_of(sphere).get
    line = _("{sphere}: {looked} sources looked at, {new} new posts, {suggested} suggestions")
    summary = line.format(
        sphere=sphere.name, looked=report.looked, new=report.new, suggested=report.suggested
    )
    return "\n".join(
        [summary, *(f"  {address}: {error}" for address, error in report.errors.items())]
    )


def status(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """Show how it goes: cards, acts, sources, jobs."""
    here = place(home, sphere, as_json=as_json)
    values, pages = [], []
    for opened in here.each():
        now = clock.now()
        with opened.store.read() as tx:
            cards, outbox = suggestions.count(tx), acts.count(tx)
            watched = [each for each in sources.everything(tx) if each.configured]
            beats = houses.pulse(tx)
        waiting = engine.queue(opened.store, opened.house, now)
        values.append(
            {
                "sphere": opened.name,
                "queue": {"today": len(waiting.cards), "more": waiting.more},
                "cards": {state.value: total for state, total in cards.items()},
                "outbox": {state.value: total for state, total in outbox.items()},
                "sources": [wire.source(each) for each in watched],
                "jobs": [_beat(beat) for beat in beats],
            }
        )
        pages.append(_tell_status(opened, len(waiting.cards), watched, beats, texts_of(opened)))
    here.answer({"version": wire.VERSION, "spheres": values}, "\n\n".join(pages))


def _beat(beat: Heartbeat) -> dict[str, Any]:
    return {"job": beat.job, "at": wire.moment(beat.at), "ok": beat.ok, "note": beat.note or None}


def _tell_status(
    sphere: Sphere, waiting: int, watched: list[Watched], beats: list[Heartbeat], texts: Texts
) -> str:
    _ = texts.get
    lines = [
        f"{sphere.name}: "
        + texts.plural("{n} card waits", "{n} cards wait", waiting).format(n=waiting)
    ]
    for each in watched:
        seen = f"{each.succeeded_at:%Y-%m-%d %H:%M}" if each.succeeded_at else _("never")
        trouble = f" · {each.last_error}" if each.last_error else ""
        lines.append(f"  {each.source.address} · {_('last seen')} {seen}{trouble}")
    for beat in beats:
        outcome = _("well") if beat.ok else beat.note
        lines.append(f"  {beat.job}: {beat.at:%Y-%m-%d %H:%M:%S} UTC · {outcome}")
    return "\n".join(lines)


def health(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Exit 0 when every worker's jobs beat and end well, else 1: for containers and monitors."""
    from netbot.daemon.worker import find_faults

    here = place(home, as_json=as_json)
    faults = [fault for opened in here.each() for fault in find_faults(opened, clock.now())]
    here.answer({"healthy": not faults, "faults": faults}, "\n".join(faults) or "healthy")
    if faults:
        raise typer.Exit(1)
