"""``netbot demo``: invented clients, their blogs and networks here, the real daemon and page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from netbot import app, clock
from netbot.app import Sphere
from netbot.cli.accounts import settle
from netbot.cli.paint import paint_queue
from netbot.cli.place import HomeOption, Place, place, texts_of
from netbot.cli.sending import send
from netbot.model import UsageError, Verb
from netbot.text import Texts, translator

if TYPE_CHECKING:
    from netbot.demo.blogserver import BlogServer
    from netbot.demo.scene import Scene

#: How often the sample blogs make sure that somebody still needs them, in seconds.
LOOK_UP_S = 2

demo_app = typer.Typer(rich_markup_mode=None)


def register(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(demo_app, name="demo", help="See netbot at work, without any account.")


@demo_app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    home: HomeOption = None,
    leave: Annotated[bool, typer.Option("--exit", help="Fill the home, then return.")] = False,
    language: Annotated[
        Literal["de", "en"], typer.Option("--language", help="Of the interface.")
    ] = "de",
) -> None:
    """Fill a home from sample blogs, show its queue, and serve the page until Ctrl+C."""
    if context.invoked_subcommand:
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="netbot-demo-") as temporary:
        here = place(home or Path(temporary))
        _fill_and_serve(here, language, leave=leave)


@demo_app.command("serve")
def serve(home: HomeOption = None) -> None:
    """Serve the blogs and networks of a demo home, until Ctrl+C."""
    from netbot.demo import home as demo_home
    from netbot.demo.blogserver import BlogServer
    from netbot.demo.scenes import kindness, played

    here = place(home)
    address = demo_home.served_at(here.home)
    with BlogServer(urlsplit(address).port or 0) as server, played(here.home) as scenes:
        _publish(server, scenes, passed=2)
        with kindness(scenes):
            typer.echo(address)
            _wait()


def _fill_and_serve(here: Place, language: str, *, leave: bool) -> None:
    from netbot.demo.scenes import SCENES, kindness

    _ = translator(language).get
    with fill(here, language, SCENES) as scenes:
        for scene in scenes:
            if leave:
                typer.echo(tell_act(here, scene, translator(language)))
        typer.echo(_("The home: {home}").format(home=here.home))
        if leave:
            return
        address = f"http://127.0.0.1:{app.read_config(here.home).web.port}/"
        typer.echo(_("The page: {address} (Ctrl+C ends the demo)").format(address=address))
        with kindness(scenes):
            _run_daemon(here.home)


@contextmanager
def fill(here: Place, language: str, kinds: "Sequence[type[Scene]]") -> "Iterator[Sequence[Scene]]":
    """Fill a home from blogs and scenes, and show its queue; they stand while this is entered."""
    from netbot.demo import home as demo_home
    from netbot.demo.blogserver import BlogServer
    from netbot.demo.scenes import played

    with BlogServer(_blogs_port(here.home)) as server, played(here.home, kinds) as scenes:
        demo_home.write_home(here.home, server.url(""), language=language, scenes=scenes)
        _choose_port(here.home)
        _publish(server, scenes, passed=1)
        _connect(here, scenes)
        _watch(here, seconds_ago=3600)
        _publish(server, scenes, passed=2)
        _watch(here, seconds_ago=0)
        _show(here)
        yield scenes


def _show(here: Place) -> None:
    from netbot import engine

    for sphere in here.each():
        found = engine.queue(sphere.store, sphere.house, clock.now())
        typer.echo(paint_queue(found, sphere.house, texts_of(sphere)))


def _connect(here: Place, scenes: "Sequence[Scene]") -> None:
    """Confirm my accounts in children; rules, which take as long, are expanded meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as aside:
        told = [aside.submit(_confirm, here, scene) for scene in scenes]
        house = app.read_config(here.home).houses[here.spheres[0]]
        app.data_folder(here.home, house.sphere)
        app.load_rules(here.home, house)
        for each in told:
            each.result()


def _confirm(here: Place, scene: "Scene") -> None:
    """As `netbot account check --yes` does."""
    scene.be_nice()
    mine = replace(here, sphere=scene.SPHERE)
    [outcome] = send(mine, "account-check", scene.ACCOUNT, secrets=True)
    with here.open(scene.SPHERE) as opened:
        for found in outcome.value:
            settle(opened, found, mine, yes=True, repin=True)


def tell_act(here: Place, scene: "Scene", texts: Texts) -> str:
    """Like one post of the scene's client, once in a home's life, and ask the network of it."""
    now = clock.now()
    with here.open(scene.SPHERE) as opened:
        _like_one(opened, scene.NETWORK, now)
    send(replace(here, sphere=scene.SPHERE), "perform", secrets=True)
    count = scene.count()
    told = texts.plural(
        "{network}: {n} act of yours was sent and counted there",
        "{network}: {n} acts of yours were sent and counted there",
        count,
    )
    return told.format(network=scene.NETWORK, n=count)


def _like_one(opened: Sphere, network: str, now: datetime) -> None:
    """As somebody who said yes before the time for second thoughts was over."""
    from netbot import engine

    if any(act.choice.network == network for act in engine.sent(opened.store, now)):
        return
    before = now - timedelta(seconds=opened.house.undo_window_s + 1)
    cards = engine.queue(opened.store, opened.house, now, everything=True).cards
    offered = (
        (card.id, choice)
        for card in cards
        if card.created_at < before
        for choice in (card.choice, *card.alternatives)
        if (choice.network, choice.verb) == (network, Verb.LIKE)
    )
    for card_id, choice in islice(offered, 1):
        yes = engine.Approve(verb=choice.verb, target_url=choice.target_url, account=choice.account)
        engine.decide(opened.store, opened.hall, card_id, yes, before)


def _publish(server: "BlogServer", scenes: "Sequence[Scene]", passed: int) -> None:
    from netbot.demo import story

    now = clock.now()
    for path, (content_type, body) in story.documents(now, server.url(""), passed).items():
        server.put(path, body, content_type=content_type)
    for scene in scenes:
        scene.tell(now, passed)


def _watch(here: Place, *, seconds_ago: int) -> None:
    from netbot import engine

    now = clock.now() - timedelta(seconds=seconds_ago)
    for sphere in here.each(fresh=True):
        engine.watch(sphere.store, sphere.networks, sphere.desk, now)
        _share_words(here, sphere.name)


def _share_words(here: Place, done: str) -> None:
    """The demo's spheres have the same rules: to expand their words once is enough."""
    import shutil

    from netbot.rules.wordbook import FILE_NAME

    words = app.data_folder(here.home, done) / FILE_NAME
    for name in here.spheres:
        known = app.data_folder(here.home, name) / FILE_NAME
        if words.exists() and not known.exists():
            shutil.copyfile(words, known)


def _blogs_port(home: Path) -> int:
    """Where the blogs of this home stood before, so that they are found again; 0: anywhere."""
    from netbot.demo import home as demo_home
    from netbot.demo.serving import is_free

    try:
        port = urlsplit(demo_home.served_at(home)).port or 0
    except UsageError:
        return 0
    return port if is_free(port) else 0


def _choose_port(home: Path) -> None:
    """Write a free port for the page down when somebody listens on the usual one."""
    import socket

    from netbot.demo.serving import is_free

    usual = app.read_config(home).web.port
    if is_free(usual):
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    file = home / "config" / "netbot.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"port: {usual}", f"port: {port}"), encoding="utf-8")


def _run_daemon(home: Path) -> None:
    from netbot.daemon.supervisor import supervise

    supervise(home, web=True)


def _wait() -> None:
    """Until SIGTERM or Ctrl+C."""
    from netbot.daemon.stop import Stop

    stop = Stop()
    while not stop.wait(LOOK_UP_S):
        pass
