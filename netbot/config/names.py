"""What the secrets of an account are called, wherever they may stand.

A sphere's name has no two hyphens in a row and neither has an account's id, so each of these names
can be read in one way only: no two accounts of a home, in whatever spheres, share one.
"""

import re
from pathlib import Path

from netbot.model import Digest

#: Where container engines lay secrets down, readable by whoever is in the container.
CONTAINER = Path("/run/secrets")

#: Any sphere's secret in an environment; the group is the sphere as it is written there.
ANY_VARIABLE = re.compile(r"NETBOT_([A-Z0-9]+(?:_[A-Z0-9]+)*)__\w*")

#: What the password of the mail server is called among a sphere's secrets; no account may be.
MAIL = "smtp"

_SPHERE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ACCOUNT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_sphere(name: str) -> bool:
    """Whether a sphere can be called so."""
    return _SPHERE.fullmatch(name) is not None


def is_account(id: str) -> bool:
    """Whether an account can be called so."""
    return _ACCOUNT.fullmatch(id) is not None


def prefix(sphere: str) -> str:
    """How the names of all variables of one sphere begin, and of no other."""
    return f"NETBOT_{_upper(sphere)}__"


def variable(sphere: str, account: str) -> str:
    """The environment variable that holds an account's secret."""
    return f"{prefix(sphere)}{_upper(account)}__TOKEN"


def file(sphere: str, account: str) -> str:
    """The file that holds it, relative to the home."""
    return f"secrets/{sphere}/{account}.token"


def of_digest(digest: Digest | None) -> tuple[str, ...]:
    """What the morning mail and its notifications ask for among a sphere's secrets."""
    if digest is None:
        return ()
    return (*((MAIL,) if digest.user else ()), *digest.notify)


def session_file(sphere: str, account: str) -> str:
    """The file that holds what a network handed out on the strength of it, relative to the home."""
    return f"secrets/{sphere}/{account}.session"


def on_trial(file: str) -> str:
    """Where one of those two files lies until the human has said whose it is."""
    return f"{file}.new"


def container_file(sphere: str, account: str) -> str:
    """The same where a container engine lays secrets down; its hyphens stay what they are."""
    return f"netbot_{sphere}_{account}_token"


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")
