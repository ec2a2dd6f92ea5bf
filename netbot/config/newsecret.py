"""A new secret on its way into its place; nothing here reads one.

The process that tries a secret out lays it beside its place, and so what the network hands out on
the strength of it. Here both are moved, or thrown away, as the human decides.
"""

from collections.abc import Mapping
from pathlib import Path

from netbot.config import names
from netbot.model import UsageError
from netbot.wholefile import sync_folder


def find(home: Path, sphere: str, account: str, environ: Mapping[str, str]) -> str:
    """Where a secret of that account stands already, "" when nowhere; it is not read."""
    variable = names.variable(sphere, account)
    for name in (variable, f"{variable}_FILE"):
        if environ.get(name, "").strip():
            return name
    file = names.file(sphere, account)
    laid_down = names.CONTAINER / names.container_file(sphere, account)
    places = ((file, home / file), (str(laid_down), laid_down))
    return next((name for name, path in places if path.exists()), "")


def accept(home: Path, sphere: str, account: str) -> str:
    """Move what was tried out into its place, over what was there; returns the secret's place.

    A session that the old secret brought along goes with it. Raises ``UsageError`` when the
    secret cannot be moved; then the old one stands.
    """
    secret, session = _files(sphere, account)
    try:
        (home / names.on_trial(secret)).replace(home / secret)
        (home / session).unlink(missing_ok=True)
        if (home / names.on_trial(session)).exists():
            (home / names.on_trial(session)).replace(home / session)
        sync_folder((home / secret).parent)
    except OSError as error:
        raise UsageError(f"{secret} cannot be written: {error.strerror}") from error
    return secret


def take_back(home: Path, sphere: str, account: str) -> None:
    """Throw away what has just been accepted."""
    for file in _files(sphere, account):
        (home / file).unlink(missing_ok=True)


def reject(home: Path, sphere: str, account: str) -> None:
    """Throw away what was tried out."""
    for file in _files(sphere, account):
        (home / names.on_trial(file)).unlink(missing_ok=True)


def _files(sphere: str, account: str) -> tuple[str, str]:
    return names.file(sphere, account), names.session_file(sphere, account)
