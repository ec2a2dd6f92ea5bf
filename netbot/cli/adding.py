"""``netbot client add``: from the address of a blog to a client whose posts are watched."""

import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from netbot import app, clock
from netbot.app import Sphere
from netbot.cli import wire
from netbot.cli.homes import client_app
from netbot.cli.paint import because, bold, dim, fold
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
from netbot.model import (
    Client,
    Context,
    PolicyRefused,
    Post,
    Refused,
    Source,
    Suggestion,
    UsageError,
    Verdict,
)
from netbot.network import Batch, SourceHint
from netbot.text import VERDICTS, Texts

#: How many of a new client's posts are shown.
SHOWN = 5

#: An id is typed by hand now and then.
LONGEST_ID = 40

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_COMMENTS = re.compile(r"comment|kommentar", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A client to be, and what stands in the feed."""

    client: Client
    batch: Batch
    latest: tuple[tuple[Post, Verdict], ...]  # newest first

    @property
    def source(self) -> Source:
        """The one place where the client publishes, as far as is known."""
        return self.client.sources[0]


def register(_root: typer.Typer) -> None:
    """Add this command to those about clients."""
    add(client_app, client_add, "add")


def client_add(
    url: Annotated[str, typer.Argument(help="The address of a blog, or of its feed.")],
    feed: Annotated[
        int | None, typer.Option("--feed", help="Which feed, where there are several.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Without it, the feed's.")] = None,
    id: Annotated[str | None, typer.Option("--id", help="Without it, made of the name.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Of what they publish, such as de.")
    ] = None,
    tags: Annotated[str, typer.Option("--tags", help="Separated by commas.")] = "",
    queue: Annotated[
        int | None, typer.Option("--queue", help="Queue this one of the posts shown, 1 to 5.")
    ] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the feed of a blog and add its owner to your clients."""
    here = place(home, sphere, as_json=as_json)
    app.read_config(here.home)
    with here.open(_choose_sphere(here), fresh=True) as opened:
        hint = _choose_feed(here, opened, url, feed)
        told = Client(
            id=id or "",
            name=_one_line(name or ""),
            language=language,
            tags=tuple(filter(None, map(str.strip, tags.split(",")))),
            sources=(Source(client="", network=hint.network, address=hint.address),),
        )
        _add(here, opened, _look(opened, hint, told), queue)


def _add(here: Place, opened: Sphere, found: Found, queue: int | None) -> None:
    from netbot import engine
    from netbot.config.changing import plan_client

    change = plan_client(
        here.home,
        opened.name,
        _entry(found.client),
        networks=opened.policy.keys(),
        environ=os.environ,
    )
    number = _choose_post(here, opened, found, queue)
    change.save()
    for hint in change.hints:
        typer.echo(str(hint), err=True)
    now = clock.now()
    opened.refresh(now)
    taken = engine.take_up(opened.store, opened.desk, found.source, found.batch, now)
    card, refusal = None, ""
    try:
        card = _queue(opened, found, number) if number else None
    except PolicyRefused as error:
        refusal = str(error)
    value = _value(opened, found) | {
        "suggested": taken.suggested,
        "queued": wire.item(card, opened.house) if card else None,
        "refused": refusal or None,
    }
    here.answer(value, _tell(here, opened, found, taken.suggested, card))
    if refusal:
        raise PolicyRefused(refusal)


def _choose_sphere(here: Place) -> str:
    """A client belongs to one sphere, and nobody guesses which."""
    names = here.spheres
    if len(names) == 1:
        return names[0]
    if _asks(here):
        return names[_ask("Which sphere?", names) - 1]
    raise UsageError(f"say whose client it is: --sphere {' or --sphere '.join(names)}")


def _choose_feed(here: Place, opened: Sphere, url: str, feed: int | None) -> SourceHint:
    hints = opened.networks["web"].resolve(url)
    posts_only = [hint for hint in hints if not _COMMENTS.search(f"{hint.address} {hint.title}")]
    hints = posts_only or hints
    if not hints:
        raise Refused(
            f"{url} shows no feed. Look for “RSS” or “Feed” on the site and give that address;"
            " a site without one cannot be watched yet"
        )
    if feed is None and len(hints) == 1:
        return hints[0]
    lines = [f"{hint.address}  {hint.title}".rstrip() for hint in hints]
    if feed is None and _asks(here):
        texts = texts_of(opened)
        feed = _ask(texts.get("Which feed?"), lines, default=1)
    if feed is None or not 1 <= feed <= len(hints):
        raise UsageError("\n".join(["say which feed with --feed N:", *_numbered(lines)]))
    return hints[feed - 1]


def _look(opened: Sphere, hint: SourceHint, told: Client) -> Found:
    """Fill in what was not told by what the feed says, and judge its posts."""
    from netbot.rules import judge

    batch = opened.networks[hint.network].fetch(told.sources[0], "")
    name = told.name or _one_line(batch.title or hint.title) or _host(hint.address)
    taken = {client.id for client in opened.house.clients}
    client_id = told.id or _free_id(name, hint.address, taken)
    client = replace(
        told,
        id=client_id,
        name=name,
        language=told.language or _language(batch),
        sources=(replace(told.sources[0], client=client_id),),
    )
    context = Context(now=clock.now(), client=client, source=client.sources[0])
    latest = [(post, judge(post, opened.rules, context)) for post in _latest(batch.posts)]
    return Found(client=client, batch=batch, latest=tuple(latest))


def _latest(shown: Sequence[Post]) -> list[Post]:
    """The newest posts; the order of the feed where some have no date."""
    dates = {id(post): post.published_at for post in shown}
    if all(dates.values()):
        shown = sorted(shown, key=lambda post: str(post.published_at), reverse=True)
    return list(shown[:SHOWN])


def _free_id(name: str, address: str, taken: set[str]) -> str:
    wanted = slug(name) or slug(_host(address)) or "client"
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (wanted, *numbers) if each not in taken)


def slug(name: str) -> str:
    """The name as an id: small letters, digits and single hyphens; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_GERMAN))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return found if len(found) <= LONGEST_ID else found[: LONGEST_ID + 1].rpartition("-")[0]


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _one_line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:200]


def _language(batch: Batch) -> str | None:
    """As the feed declares it, else as its small words betray it."""
    from netbot import draft

    declared = (batch.language or "").replace("_", "-")
    if _LANGUAGE.fullmatch(declared):
        return declared
    text = " ".join(f"{post.title} {post.text[:2000]}" for post in batch.posts[:SHOWN])
    sample = Post(network="web", url="", title="", text=text, keys=())
    nobody = Client(id="", name="")
    guesses = {draft.language_of(sample, nobody, default) for default in ("de", "en")}
    return guesses.pop() if len(guesses) == 1 else None


def _entry(client: Client) -> dict[str, Any]:
    """The client as it is written down."""
    entry = {
        "id": client.id,
        "name": client.name,
        "language": client.language,
        "tags": client.tags,
        "sources": [source.address for source in client.sources],
    }
    return {key: value for key, value in entry.items() if value}


def _choose_post(here: Place, opened: Sphere, found: Found, queue: int | None) -> int:
    """The number of the post that the human wishes to have in the queue, 0 for none."""
    if queue is not None and not 1 <= queue <= len(found.latest):
        raise UsageError(f"--queue takes 1 to {len(found.latest)}, the posts shown")
    texts = texts_of(opened)
    if not here.json:
        typer.echo(_paint(found, texts))
    if queue is not None or not found.latest or not _asks(here):
        return queue or 0
    question = texts.get("Queue one of them? Its number, or 0 for none")
    return _ask_number(question, range(len(found.latest) + 1), default=0)


def _queue(opened: Sphere, found: Found, number: int) -> Suggestion:
    from netbot import engine
    from netbot.store import posts, sources

    keys = found.latest[number - 1][0].keys
    with opened.store.read() as tx:
        watched = next(each for each in sources.everything(tx) if each.source == found.source)
        known = posts.known(tx, watched.id, keys)
    post_id = next(known[key].post_id for key in keys if key in known)
    return engine.propose(opened.store, opened.desk, post_id, clock.now())


def _asks(here: Place) -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and is_terminal() and not here.json


def _ask(question: str, lines: Sequence[str], *, default: int | None = None) -> int:
    """Offer numbered lines; the number that was chosen."""
    typer.echo("\n".join(_numbered(lines)))
    return _ask_number(question, range(1, len(lines) + 1), default=default)


def _ask_number(question: str, numbers: range, *, default: int | None) -> int:
    while True:
        number: int = typer.prompt(question, default=default, type=int)
        if number in numbers:
            return number


def _numbered(lines: Sequence[str]) -> list[str]:
    return [f"  {number}  {line}" for number, line in enumerate(lines, 1)]


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
        "client": _entry(found.client),
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
