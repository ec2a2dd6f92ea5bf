"""Whether a process may hold secrets where it stands.

Libraries that speak to networks read files and variables of their own accord. In a process whose
surroundings hold such a thing, one could act with somebody else's password without noticing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from netbot.config import names
from netbot.model import PolicyRefused

#: What praw reads (praw.readthedocs.io, configuration): a file in any of these places ...
_FILE = "praw.ini"
#: ... and variables, in any spelling.
_VARIABLES = "praw_"


def require_clean(sphere: str, environ: Mapping[str, str], folder: Path) -> None:
    """Raise ``PolicyRefused``, naming each thing that could be mistaken for a secret of ``sphere``.

    ``folder`` is the working directory.
    """
    strange = [*stray(environ, folder), *_foreign_variables(sphere, environ)]
    if strange:
        raise PolicyRefused(
            f"the secrets of {sphere} are not opened beside {', '.join(strange)}: netbot or a"
            " library could take another account's word from there. Take it away, or let netbot"
            " start the process itself"
        )


def stray(environ: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Files and variables that a library would take an account from, whichever sphere works."""
    places = [folder]
    places += [Path(environ[name]) for name in ("XDG_CONFIG_HOME", "APPDATA") if name in environ]
    if "HOME" in environ:
        places += [Path(environ["HOME"]), Path(environ["HOME"], ".config")]
    for path in dict.fromkeys(place / _FILE for place in places):
        if path.exists():
            yield str(path)
    yield from (name for name in sorted(environ) if name.casefold().startswith(_VARIABLES))


def _foreign_variables(sphere: str, environ: Mapping[str, str]) -> Iterator[str]:
    mine = names.prefix(sphere)
    for name in sorted(environ):
        if names.ANY_VARIABLE.fullmatch(name) and not name.startswith(mine):
            yield name
