"""``netbot client status``: how things stand with a client, and how they shall."""

from typing import Annotated

import typer

from netbot import app, clock
from netbot.cli import wire
from netbot.cli.homes import client_app, sphere_of_client
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place, texts_of
from netbot.model import Client, ClientStatus
from netbot.text import STATUSES


def register(_root: typer.Typer) -> None:
    """Add this command to those about clients."""
    add(client_app, client_status, "status")


def client_status(
    id: Annotated[str, typer.Argument(help="The client's id.")],
    status: Annotated[
        ClientStatus | None, typer.Argument(help="From now on; without it, as it is.")
    ] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how things stand with a client, or change it.

    Resting and ended clients keep their timeline; nothing is deleted.
    """
    here = place(home, sphere, as_json=as_json)
    with here.open(sphere_of_client(id, here), fresh=status is not None) as opened:
        if status is not None:
            seen = app.file_mark(here.home, opened.name)
            value = None if status is ClientStatus.ACTIVE else status.value
            change = app.plan_client(opened, id, {"status": value}, seen)
            app.put_in_force(opened, change, clock.now())
        client = opened.house.client(id) or Client(id=id, name=id)
        told = {"version": wire.VERSION, "client": id, "status": client.status.value}
        said = texts_of(opened).get(STATUSES[client.status.value])
        here.answer(told, f"{client.name}: {said}")
