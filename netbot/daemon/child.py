"""What every child process of netbot is given: its command, its environment, a place to be."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from netbot.config import names
from netbot.daemon.stop import SUPERVISOR

#: What a child may know of our environment; everything else could be somebody's secret.
PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "COLUMNS",
    "TERM",
    "NO_COLOR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)

#: Where programs look for the habits and passwords of whoever started them (XDG base directories).
AT_HOME = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")


def environment(sphere: str | None, environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of a child that is at home in ``folder``.

    Nothing personal is in it but the secrets of its own sphere, if it has any.
    """
    passed = {name: environ[name] for name in PASSED_ON if name in environ}
    if sphere is not None:
        mine = names.prefix(sphere)
        passed |= {name: value for name, value in environ.items() if name.startswith(mine)}
    package = Path(__file__).parents[2]  # a child runs the very netbot that we are
    return (
        passed
        | dict.fromkeys(AT_HOME, str(folder))
        | {"PYTHONPATH": str(package), SUPERVISOR: str(os.getpid())}
    )


def make_empty(folder: Path) -> None:
    """Make the folder in which a child works and is at home; nobody puts anything there."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o500, exist_ok=True)


def netbot(*arguments: str) -> tuple[str, ...]:
    """The command of a child; with ``-P`` a module in the working directory is never ours."""
    return (sys.executable, "-P", "-m", "netbot", *arguments)
