"""``netbot mcp``: a language model reads one sphere and proposes; it decides nothing."""

import sys

import typer

from netbot import app, clock, log
from netbot.cli.place import HomeOption, SphereOption, add, place
from netbot.model import UsageError


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, mcp)


def mcp(sphere: SphereOption = None, home: HomeOption = None) -> None:
    """Let a language model read one sphere, and propose.

    It can decide nothing. The Model Context Protocol is spoken on standard input and output.
    """
    from netbot.mcp import serve

    if sphere is None:
        raise UsageError("a language model sees one sphere: say --sphere professional")
    here = place(home, sphere)
    app.require_sphere(here.home, sphere)
    log.configure("warning", sphere=sphere)
    serve(here.home, sphere, clock.now, sys.stdin.buffer, sys.stdout.buffer)
