"""What a home holds: its spheres, its configuration and rules, and whether it is paused."""

import hashlib
import os
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from netbot import config
from netbot import pause as flag
from netbot.app.networks import load_policy
from netbot.model import House, UnknownId, UsageError
from netbot.pause import Pause
from netbot.text import mark

if TYPE_CHECKING:
    from netbot.rules.loading import Rules

_SPHERE_NAME = re.compile(r"(?!netbot$)[a-z][a-z0-9]*(-[a-z0-9]+)*")


def sphere_names(home: Path) -> tuple[str, ...]:
    """The spheres of a home: each has a file of its own beside ``netbot.yaml``.

    A file whose name no sphere can have is left out; ``read_config`` says what is wrong with it.
    Raises ``UsageError`` when there is none.
    """
    names = sorted(path.stem for path in (home / "config").glob("*.yaml"))
    spheres = tuple(name for name in names if _SPHERE_NAME.fullmatch(name))
    if not spheres:
        raise UsageError(
            mark(
                "there is no netbot home in {home}: `netbot init` makes one, --home or "
                "NETBOT_HOME names another folder"
            ),
            home=home,
        )
    return spheres


def require_sphere(home: Path, name: str) -> None:
    """Raise ``UsageError`` when the home has no sphere of that name."""
    if name not in sphere_names(home):
        raise UsageError(
            mark("there is no sphere {name} here; there are {names}"),
            name=name,
            names=", ".join(sphere_names(home)),
        )


def sphere_of(home: Path, id: str, asked: str | None = None) -> str:
    """The sphere that ``<sphere>-<n>`` names. Raises ``UnknownId``, or ``UsageError`` when
    ``asked`` is another one.
    """
    name = id.rpartition("-")[0]
    if name not in sphere_names(home):
        raise UnknownId(id, mark("{card} is no card here: ids look like professional-17"), card=id)
    if asked not in {None, name}:
        raise UsageError(
            mark("{card} belongs to the sphere {name}, not {asked}"),
            card=id,
            name=name,
            asked=asked,
        )
    return name


def read_config(home: Path) -> config.Config:
    """Read and check all configuration files. Raises ``UsageError`` or ``ConfigError``."""
    if not (home / "config").is_dir():
        sphere_names(home)
    return config.load(home, networks=load_policy().keys(), environ=os.environ)


def example_values() -> str:
    """The rules of an invented person, for a new home to begin with."""
    from netbot.rules.files import shipped_folder

    return (shipped_folder() / "values.example.yaml").read_text(encoding="utf-8")


def load_rules(home: Path, house: House) -> "Rules":
    """The rules of a sphere, compiled. Raises ``ConfigError``."""
    from netbot import rules

    return rules.load(
        home=home,
        sphere=house.sphere,
        shipped=house.shipped_rules,
        cache=home / "data" / house.sphere,
    )


def has_rules(home: Path, sphere: str) -> bool:
    """Whether the home states rules of its own for that sphere."""
    folders = (home / "rules", home / "rules" / sphere)
    files = (path.name for folder in folders for path in folder.glob("*.yaml"))
    return not all(name.endswith(".example.yaml") for name in files)


def data_folder(home: Path, sphere: str = "") -> Path:
    """Where a sphere's own files lie, or those of all; made when missing, for nobody else."""
    folder = home / "data" / sphere
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def pause(home: Path, why: str, now: datetime) -> Pause:
    """Let nothing leave a home from now on, in no sphere; a pause that has begun stays as it is.

    Raises ``OSError`` when the flag cannot be put up.
    """
    return flag.begin(home, Pause(since=now, why=why))


def resume(home: Path, *, old_is_off: bool = False) -> Pause | None:
    """Let a home go on; returns the pause that has ended. Raises as ``netbot.pause.end`` does."""
    return flag.end(home, old_is_off=old_is_off)


def paused(home: Path) -> Pause | None:
    """Why nothing leaves the home, or None when it is not paused; a flag nobody can read counts."""
    return flag.find(home)


def fingerprint(home: Path, sphere: str) -> str:
    """Changes when a configuration or rule file of that sphere does."""
    digest = hashlib.sha256()
    for folder in ("config", "rules", f"rules/{sphere}"):
        for path in sorted((home / folder).glob("*.y*ml")):
            digest.update(f"{folder}/{path.name} {_stamp(path)}\n".encode())
    return digest.hexdigest()


def _stamp(path: Path) -> str:
    """When the file was written, and its size; "" when it has just vanished or leads nowhere."""
    try:
        seen = path.stat()
    except OSError:
        return ""
    return f"{seen.st_mtime_ns} {seen.st_size}"
