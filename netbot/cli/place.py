"""Where a command works: the options ``--home``, ``--sphere`` and ``--json``.

They may stand before the command's name or behind it.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Sphere
from netbot.cli.light import LightCommand
from netbot.model import Face, UsageError
from netbot.text import SPHERES, Texts, translator

#: Where whoever calls a command decides.
FACE = Face.TERMINAL

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="NETBOT_HOME",
        help="The folder with config/, rules/, secrets/ and data/.",
    ),
]
SphereOption = Annotated[
    str | None, typer.Option("--sphere", help="Only this sphere, such as professional.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
IdArgument = Annotated[str, typer.Argument(help="A card, such as professional-17.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command works, and how it answers."""

    home: Path
    sphere: str | None
    json: bool

    @property
    def spheres(self) -> tuple[str, ...]:
        """The spheres asked for: one, or all, those that every home has first."""
        if self.sphere:
            return (self.sphere,)
        names = app.sphere_names(self.home)
        usual = tuple(name for name in SPHERES if name in names)
        return usual + tuple(name for name in names if name not in usual)

    @contextmanager
    def open(self, name: str, *, fresh: bool = False) -> Iterator[Sphere]:
        """Open a sphere; ``fresh`` reads its files, else its last good configuration is used.

        Never with its secrets: ``sending`` has children for that.
        """
        with app.open_sphere(self.home, name, clock.now(), fresh=fresh, face=FACE) as sphere:
            yield sphere

    @contextmanager
    def open_of(self, id: str) -> Iterator[Sphere]:
        """Open the sphere that a card's id names."""
        with self.open(self.sphere_of(id)) as sphere:
            yield sphere

    def sphere_of(self, id: str) -> str:
        """The sphere that a card's id names. Raises ``UsageError`` when another was asked for."""
        return app.sphere_of(self.home, id, self.sphere)

    def each(self, *, fresh: bool = False) -> Iterator[Sphere]:
        """Open the spheres asked for, one after the other."""
        for name in self.spheres:
            with self.open(name, fresh=fresh) as sphere:
                yield sphere

    def answer(self, value: Any, text: str) -> None:
        """Print ``value`` as JSON when asked for, else ``text``."""
        typer.echo(to_json(value) if self.json else text)


def to_json(value: Any) -> str:
    """``value`` as JSON that standard output can show: no character of it may be replaced."""
    plain = not (sys.stdout.encoding or "").casefold().startswith("utf")
    return json.dumps(value, ensure_ascii=plain, indent=2)


def place(home: Path | None, sphere: str | None = None, *, as_json: bool = False) -> Place:
    """Where a command with these options works; the working directory without any.

    Raises ``UsageError`` when ``home`` is a file.
    """
    folder = (home or Path.cwd()).absolute()
    if folder.is_file():
        raise UsageError(f"{folder} is a file: --home names the folder that holds config/")
    return Place(home=folder, sphere=sphere, json=as_json)


def add(group: typer.Typer, command: Callable[..., None], name: str | None = None) -> None:
    """Add a command under its own name or another."""
    group.command(name, cls=LightCommand)(command)


def move_behind(arguments: Sequence[str]) -> list[str]:
    """The arguments with ``--home``, ``--sphere`` and ``--json`` moved behind the command.

    Without any command there is nothing they could mean, and they are dropped.
    """
    rest, leading = list(arguments), []
    while rest and rest[0].startswith("--") and rest[0].partition("=")[0] in _SHARED:
        option = rest.pop(0)
        leading.append(option)
        if _SHARED[option.partition("=")[0]] and "=" not in option and rest:
            leading.append(rest.pop(0))
    if not rest or rest[0].startswith("-"):
        return rest
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *leading, *rest[end:]]


#: The options that may stand before the command, and whether each takes a value.
_SHARED = {"--home": True, "--sphere": True, "--json": False}


def texts_of(sphere: Sphere) -> Texts:
    """What netbot says, in the language of the house."""
    return translator(sphere.house.language)


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()
