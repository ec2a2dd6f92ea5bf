"""``netbot demo``: five invented clients, their blogs on this machine, the real daemon and page."""

import signal
import socket
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netbot import app, clock, engine
from netbot.cli.paint import paint_queue
from netbot.cli.place import HomeOption, Place, place, texts_of

if TYPE_CHECKING:
    from netbot.demo.blogserver import BlogServer

demo_app = typer.Typer(rich_markup_mode=None)


def register(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(demo_app, name="demo", help="See netbot at work, without any account.")


@demo_app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    home: HomeOption = None,
    leave: Annotated[bool, typer.Option("--exit", help="Fill the home, then return.")] = False,
    language: Annotated[str, typer.Option("--language", help="de or en.")] = "de",
) -> None:
    """Fill a home from sample blogs, show its queue, and serve the page until Ctrl+C."""
    if context.invoked_subcommand:
        return
    with tempfile.TemporaryDirectory(prefix="netbot-demo-") as temporary:
        here = place(home or Path(temporary))
        _fill_and_serve(here, language, leave=leave)


@demo_app.command("serve")
def serve(home: HomeOption = None) -> None:
    """Serve the sample blogs of a demo home again, until Ctrl+C."""
    from urllib.parse import urlsplit

    from netbot.demo import home as demo_home
    from netbot.demo.blogserver import BlogServer

    address = demo_home.served_at(place(home).home)
    with BlogServer(urlsplit(address).port or 0) as server:
        _publish(server, passed=2)
        typer.echo(f"The blogs stand at {address}")
        _wait()


def _fill_and_serve(here: Place, language: str, *, leave: bool) -> None:
    from netbot.demo import home as demo_home
    from netbot.demo.blogserver import BlogServer

    with BlogServer() as server:
        demo_home.write_home(here.home, server.url(""), language=language)
        page = _choose_port(here.home)
        _publish(server, passed=1)
        _watch(here, seconds_ago=3600)
        _publish(server, passed=2)
        _watch(here, seconds_ago=0)
        for sphere in here.each():
            found = engine.queue(sphere.store, sphere.house, clock.now())
            typer.echo(paint_queue(found, sphere.house, texts_of(sphere)))
        typer.echo(f"The home: {here.home}")
        if leave:
            return
        typer.echo(f"The page: http://127.0.0.1:{page}/   (Ctrl+C ends the demo)")
        _run_daemon(here.home)


def _publish(server: "BlogServer", passed: int) -> None:
    from netbot.demo import story

    for path, (content_type, body) in story.documents(clock.now(), server.url(""), passed).items():
        server.put(path, body, content_type=content_type)


def _watch(here: Place, *, seconds_ago: int) -> None:
    now = clock.now() - timedelta(seconds=seconds_ago)
    for sphere in here.each(fresh=True):
        engine.watch(sphere.store, sphere.networks, sphere.desk, now)


def _choose_port(home: Path) -> int:
    """The page's port; a free one is written down when somebody listens on the usual one."""
    usual = app.read_config(home).web.port
    if _is_free(usual):
        return usual
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    file = home / "config" / "netbot.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"port: {usual}", f"port: {port}"), encoding="utf-8")
    return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _run_daemon(home: Path) -> None:
    from netbot.daemon.supervisor import supervise

    supervise(home, web=True)


def _wait() -> None:
    """Until SIGTERM or Ctrl+C."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()
