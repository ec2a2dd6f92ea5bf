"""``netbot client add``: from the address of a blog to a client whose posts are watched."""

from typing import Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Found, Sphere
from netbot.cli import wire
from netbot.cli.homes import client_app
from netbot.cli.paint import because, bold, dim, fold
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    Place,
    SphereOption,
    add,
    place,
    texts_of,
)
from netbot.cli.sourcing import Wish, ask, ask_number, asks, find_source
from netbot.model import Client, PolicyRefused, Suggestion, UsageError
from netbot.text import VERDICTS, Texts


def register(_root: typer.Typer) -> None:
    """Add this command to those about clients."""
    add(client_app, client_add, "add")


def client_add(
    url: Annotated[
        str, typer.Argument(help="The address of a blog, a feed, a page or a profile; a handle.")
    ],
    feed: Annotated[
        int | None, typer.Option("--feed", help="Which feed, where there are several.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Without it, the feed's.")] = None,
    id: Annotated[str | None, typer.Option("--id", help="Without it, made of the name.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Of what they publish, such as de.")
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Watch this very page for new entries.")
    ] = False,
    mailbox: Annotated[
        str | None, typer.Option("--mailbox", help="Newsletters from this sender or list instead.")
    ] = None,
    look_in_days: Annotated[
        int | None,
        typer.Option("--look-in-days", min=1, max=365, help="You look there yourself so often."),
    ] = None,
    tags: Annotated[str, typer.Option("--tags", help="Separated by commas.")] = "",
    queue: Annotated[
        int | None, typer.Option("--queue", help="Queue this one of the posts shown, 1 to 5.")
    ] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find out where somebody publishes and add them to your clients."""
    here = place(home, sphere, as_json=as_json)
    app.read_config(here.home)
    with here.open(_choose_sphere(here), fresh=True) as opened:
        wish = Wish(feed=feed, page=page, mailbox=mailbox, look_in_days=look_in_days)
        found = find_source(here, opened, url, wish)
        told = Client(
            id=id or "",
            name=app.one_line(name or ""),
            language=language,
            tags=tuple(filter(None, map(str.strip, tags.split(",")))),
        )
        seen = app.look(opened, found)
        _add(here, opened, app.meet(opened, found, told, seen, clock.now()), queue)


def _add(here: Place, opened: Sphere, found: Found, queue: int | None) -> None:
    change = app.plan_join(opened, found.client)
    number = _choose_post(here, opened, found, queue)
    change.save()
    for hint in change.hints:
        typer.echo(str(hint), err=True)
    now = clock.now()
    opened.refresh(now)
    suggested = app.take_up(opened, found.source, found.batch, now)
    card, refusal = None, ""
    try:
        card = _queue(opened, found, number) if number else None
    except PolicyRefused as error:
        refusal = str(error)
    value = _value(opened, found) | {
        "suggested": suggested,
        "queued": wire.item(card, opened.house) if card else None,
        "refused": refusal or None,
    }
    here.answer(value, _tell(here, opened, found, suggested, card))
    if refusal:
        raise PolicyRefused(refusal)


def _choose_sphere(here: Place) -> str:
    """A client belongs to one sphere, and nobody guesses which."""
    names = here.spheres
    if len(names) == 1:
        return names[0]
    if asks(here):
        return names[ask("Which sphere?", names) - 1]
    raise UsageError(f"say whose client it is: --sphere {' or --sphere '.join(names)}")


def _choose_post(here: Place, opened: Sphere, found: Found, queue: int | None) -> int:
    """The number of the post that the human wishes to have in the queue, 0 for none."""
    if queue is not None and not 1 <= queue <= len(found.latest):
        raise UsageError(f"--queue takes 1 to {len(found.latest)}, the posts shown")
    texts = texts_of(opened)
    if not here.json:
        typer.echo(_paint(found, texts))
    if queue is not None or not found.latest or not asks(here):
        return queue or 0
    question = texts.get("Queue one of them? Its number, or 0 for none")
    return ask_number(question, range(len(found.latest) + 1), default=0)


def _queue(opened: Sphere, found: Found, number: int) -> Suggestion:
    from netbot import engine
    from netbot.store import posts, sources

    keys = found.latest[number - 1][0].keys
    with opened.store.read() as tx:
        watched = next(each for each in sources.everything(tx) if each.source == found.source)
        known = posts.known(tx, watched.id, keys)
    post_id = next(known[key].post_id for key in keys if key in known)
    return engine.propose(opened.store, opened.desk, post_id, clock.now())


def _paint(found: Found, texts: Texts) -> str:
    """The client to be and the latest posts."""
    _ = texts.get
    client = found.client
    facts = (client.name, client.language, found.source.address)
    lines = [*map(bold, fold(" · ".join(filter(None, facts))))]
    for number, (post, verdict) in enumerate(found.latest, 1):
        when = f"{post.published_at:%Y-%m-%d}" if post.published_at else "–"
        lines += fold(f"{number}  {when}  {post.title or wire.excerpt(post.text)[:80]}", "  ")
        why = [_(VERDICTS[verdict.ruling.value]), *map(because, verdict.reasons[:1])]
        lines += map(dim, fold(": ".join(why), "     "))
    return "\n".join(lines if found.latest else [*lines, "  " + _("No post yet.")])


def _tell(
    here: Place, opened: Sphere, found: Found, suggested: int, card: Suggestion | None
) -> str:
    texts = texts_of(opened)
    _ = texts.get
    written = _("Client {id} is written into {file}.")
    lines = [written.format(id=found.client.id, file=here.home / f"config/{opened.name}.yaml")]
    if card is not None:
        lines.append(_("{id} waits in the queue.").format(id=card.id))
    count = texts.plural("{n} suggestion waits", "{n} suggestions wait", suggested)
    lines.append(count.format(n=suggested))
    return "\n".join(lines)


def _value(opened: Sphere, found: Found) -> dict[str, Any]:
    return {
        "version": wire.VERSION,
        "sphere": opened.name,
        "client": app.client_entry(found.client),
        "posts": [
            {
                "title": post.title,
                "url": post.url,
                "published_at": wire.moment(post.published_at),
                "verdict": verdict.ruling.value,
                "why": [wire.reason(each) for each in verdict.reasons],
            }
            for post, verdict in found.latest
        ],
    }
