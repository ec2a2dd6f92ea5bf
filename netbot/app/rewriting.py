"""Changes to a home's files that a face asks for: checked as a whole, written, lived by at once."""

import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbot.app.homes import load_rules, sphere_names
from netbot.app.joining import client_entry, source_entry
from netbot.app.sphere import Sphere, open_sphere
from netbot.model import Client, Source

if TYPE_CHECKING:
    from netbot.config.changing import Change


def file_mark(home: Path, name: str) -> str:
    """What a form about ``config/<name>.yaml`` carries, to see whether it was changed meanwhile.

    "" when there is no such file.
    """
    try:
        return sha256((home / "config" / f"{name}.yaml").read_bytes()).hexdigest()
    except OSError:
        return ""


def plan_join(sphere: Sphere, client: Client) -> "Change":
    """The sphere's file with one more client. Raises as ``plan_client`` does."""
    from netbot.config.changing import plan_client

    return plan_client(sphere.home, sphere.name, client_entry(client), **_facts(sphere))


def plan_client(sphere: Sphere, id: str, changes: Mapping[str, Any], seen: str) -> "Change":
    """The sphere's file with other facts of a client. Raises as ``plan_client_change`` does."""
    from netbot.config.changing import plan_client_change

    return plan_client_change(sphere.home, sphere.name, id, changes, seen=seen, **_facts(sphere))


def plan_source(sphere: Sphere, id: str, source: Source) -> "Change":
    """The sphere's file with one more source of a client. Raises as ``plan_client`` does."""
    from netbot.config import changing

    entry = source_entry(source)
    return changing.plan_source(sphere.home, sphere.name, id, entry, **_facts(sphere))


def plan_removal(sphere: Sphere, id: str, index: int, seen: str) -> "Change":
    """The sphere's file without one source of a client. Raises as ``plan_client_change`` does."""
    from netbot.config import changing

    return changing.plan_removal(sphere.home, sphere.name, id, index, seen=seen, **_facts(sphere))


def plan_settings(
    sphere: Sphere, name: str, changes: Mapping[tuple[str, ...], Any], seen: str
) -> "Change":
    """``config/<name>.yaml`` with other settings. Raises as ``changing.plan_settings`` does."""
    from netbot.config import changing

    return changing.plan_settings(sphere.home, name, changes, seen=seen, **_facts(sphere))


def put_in_force(sphere: Sphere, change: "Change", now: datetime) -> None:
    """Write a change, and let every sphere that it is about live by it at once.

    Raises ``ConfigError`` for rules with errors, before anything is written, and as
    ``Change.save`` does.
    """
    load_rules(sphere.home, sphere.house)
    change.save()
    sphere.refresh(now)
    if change.editing.path.stem != sphere.name:
        for name in sphere_names(sphere.home):
            open_sphere(sphere.home, name, now, fresh=True).close()


def _facts(sphere: Sphere) -> dict[str, Any]:
    return {"networks": sphere.policy.keys(), "environ": os.environ}
