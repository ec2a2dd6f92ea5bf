"""Errands: what a child does for one sphere, and nothing else. ``sending`` starts it."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from netbot import log
from netbot.cli import accounts, acts, mail, runs
from netbot.cli.place import HomeOption, SphereOption, place
from netbot.model import NetbotError, UsageError

#: Each returns what scripts read, what people read, and an exit code.
ERRANDS: Mapping[str, Callable[..., tuple[Any, str, int]]] = {
    "watch": runs.watch_here,
    "perform": acts.perform_here,
    "account-check": accounts.check_here,
    "digest": mail.digest_here,
}


def register(root: typer.Typer) -> None:
    """Add this command."""
    root.command(hidden=True)(errand)


def errand(
    name: Annotated[str, typer.Argument(help="What to do.")],
    words: Annotated[list[str] | None, typer.Argument(help="And how.")] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
) -> None:
    """Do one errand for one sphere; `netbot perform` and others send somebody."""
    if name not in ERRANDS or sphere is None:
        raise UsageError("an errand is one of netbot's own, for one sphere")
    log.configure("warning", sphere=sphere)
    log.redact_crashes()
    value: Any = None
    try:
        value, text, code = ERRANDS[name](place(home, sphere), *(words or ()))
    except NetbotError as error:
        text, code = str(error), error.exit_code
    typer.echo(log.redact(json.dumps({"value": value, "text": text})))
    raise typer.Exit(code)
