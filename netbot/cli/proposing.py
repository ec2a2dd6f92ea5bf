"""``netbot propose``: a post that you found yourself, by its address."""

from typing import Annotated

import typer

from netbot import app, clock
from netbot.app import Sphere, wire
from netbot.cli.place import HomeOption, JsonOption, Place, SphereOption, add, place, texts_of
from netbot.model import UsageError


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, propose)


def propose(
    url: Annotated[str, typer.Argument(help="The post's address; netbot does not open it.")],
    client: Annotated[
        str | None, typer.Option("--client", help="Whose it is, where the address does not tell.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Without it, the address.")] = "",
    text: Annotated[str, typer.Option("--text", help="What it says, for your rules.")] = "",
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue a post that you found yourself. That approves nothing."""
    here = place(home, sphere, as_json=as_json)
    name, owner = _choose(here, url, client)
    with here.open(name) as opened:
        card = app.propose(opened, url, clock.now(), client=owner, title=title, text=text)
        waits = texts_of(opened).get("{id} waits in the queue.").format(id=card.id)
        here.answer({"version": wire.VERSION, "item": wire.item(card, opened.house)}, waits)


def _choose(here: Place, url: str, client: str | None) -> tuple[str, str]:
    """The sphere and the client whose post it is. Raises ``UsageError`` when nobody can tell."""
    found = [
        (opened.name, each) for opened in here.each() for each in _candidates(opened, url, client)
    ]
    if len(found) == 1:
        return found[0]
    if client is not None and not found:
        raise UsageError(f"there is no client {client}: `netbot client list` shows them")
    if client is not None:
        raise UsageError(f"{client} is in several spheres: say --sphere")
    names = ", ".join(each for _, each in found)
    raise UsageError(
        "say whose post it is: --client ID" + (f" ({names} publish there)" if names else "")
    )


def _candidates(opened: Sphere, url: str, client: str | None) -> list[str]:
    if client is None:
        return [each.id for each in app.owners(opened, url)]
    return [client] if opened.house.client(client) is not None else []
