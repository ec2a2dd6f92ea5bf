"""Sending a child on an errand: for each sphere a process that knows of no other.

The child gets a cleared environment, an empty home and, where the errand needs them, the secrets
of its own sphere; what it found out comes back as JSON. The process that sends opens no secret.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import typer

from netbot import app
from netbot.cli.place import Place
from netbot.daemon.child import environment, make_empty, netbot

#: Exit codes, the one that counts most when several errands ended differently first.
WORST_FIRST = (1, 2, 5, 4, 3, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a child came back with."""

    sphere: str
    code: int  # as an exit code
    value: Any  # what scripts read; None when it failed
    text: str  # what people read: the answer, or why it failed


def send(here: Place, errand: str, *words: str, secrets: bool, told: Any = None) -> list[Outcome]:
    """Send one child after the other for the spheres of ``here``; why one failed is told at once.

    ``secrets`` passes on the variables that hold the sphere's own; ``told`` is read by the child
    with ``listen``, and by nobody else. Ends with the worst code when no child has brought
    anything.
    """
    whispered = b"" if told is None else json.dumps(told).encode()
    outcomes = [
        _send_one(here, sphere, errand, words, whispered, secrets=secrets)
        for sphere in here.spheres
    ]
    if all(outcome.value is None for outcome in outcomes):
        end(outcomes)
    return outcomes


def listen() -> Any:
    """What the child was told that no command line may show."""
    return json.load(sys.stdin)


def brought(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that came back with something."""
    return [outcome for outcome in outcomes if outcome.value is not None]


def end(outcomes: Iterable[Outcome]) -> None:
    """Exit as the worst of them did."""
    code = min((outcome.code for outcome in outcomes), key=WORST_FIRST.index, default=0)
    if code:
        raise typer.Exit(code)


def _send_one(
    here: Place,
    sphere: str,
    errand: str,
    words: tuple[str, ...],
    whispered: bytes,
    *,
    secrets: bool,
) -> Outcome:
    app.require_sphere(here.home, sphere)
    folder = app.data_folder(here.home, sphere) / "empty"
    make_empty(folder)
    environ = {**os.environ, "COLUMNS": str(shutil.get_terminal_size().columns)}
    command = netbot("errand", errand, *words, "--home", str(here.home), "--sphere", sphere)
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(sphere if secrets else None, environ, folder),
        input=whispered,
        stdout=subprocess.PIPE,
        check=False,
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = {"value": None, "text": _tell_silence(sphere, done.returncode)}
    if told["value"] is None:
        typer.echo(f"netbot: {told['text']}", err=True)
    code = done.returncode if done.returncode in WORST_FIRST else 1
    return Outcome(sphere=sphere, code=code, value=told["value"], text=told["text"])


def _tell_silence(sphere: str, code: int) -> str:
    """The child died, and has perhaps told why on standard error itself."""
    return f"the process that worked for {sphere} ended with {code} and brought nothing back"
