"""Where a command works: the options ``--home``, ``--sphere`` and ``--json``.

They may stand before the command's name or behind it.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Sphere
from netbot.text import Texts, translator

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
        """The spheres asked for: one, or all."""
        return (self.sphere,) if self.sphere else app.sphere_names(self.home)

    @contextmanager
    def open(self, name: str, *, fresh: bool = False) -> Iterator[Sphere]:
        """Open a sphere; ``fresh`` reads its files, else its last good configuration is used."""
        with app.open_sphere(self.home, name, clock.now(), fresh=fresh) as sphere:
            yield sphere

    @contextmanager
    def open_of(self, id: str) -> Iterator[Sphere]:
        """Open the sphere that a card's id names."""
        with self.open(app.sphere_of(self.home, id, self.sphere)) as sphere:
            yield sphere

    def each(self, *, fresh: bool = False) -> Iterator[Sphere]:
        """Open the spheres asked for, one after the other."""
        for name in self.spheres:
            with self.open(name, fresh=fresh) as sphere:
                yield sphere

    def answer(self, value: Any, text: str) -> None:
        """Print ``value`` as JSON when asked for, else ``text``."""
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2) if self.json else text)


def place(home: Path | None, sphere: str | None = None, *, as_json: bool = False) -> Place:
    """Where a command with these options works; the working directory without any."""
    return Place(home=(home or Path.cwd()).absolute(), sphere=sphere, json=as_json)


def move_behind(arguments: Sequence[str]) -> list[str]:
    """The arguments with ``--home``, ``--sphere`` and ``--json`` moved behind the command."""
    rest, leading = list(arguments), []
    while rest and rest[0].startswith("--") and rest[0].partition("=")[0] in _SHARED:
        option = rest.pop(0)
        leading.append(option)
        if _SHARED[option.partition("=")[0]] and "=" not in option and rest:
            leading.append(rest.pop(0))
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
