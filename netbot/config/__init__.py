"""The files in ``config/``: read, checked as a whole, and turned into one house a sphere.

Nothing heavy is imported before ``load`` or ``schema`` is called; ``stored`` needs neither.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from netbot.config.values import Config, Web

__all__ = ["Config", "Web", "load", "schema", "starter"]


def load(home: Path, *, networks: Collection[str], environ: Mapping[str, str]) -> Config:
    """Read and check every file of ``home/config``; ``networks`` are the names known.

    ``environ`` changes no setting; a secret in it that belongs to no account is a warning.
    Raises ``ConfigError`` with all problems of all files.
    """
    from netbot.config.loading import load_home

    return load_home(home, networks, environ)


def schema() -> dict[str, dict[str, Any]]:
    """JSON Schemas for editors: ``netbot`` for netbot.yaml, ``sphere`` for the others."""
    from netbot.config.shapes import NetbotFile, SphereFile

    return {"netbot": NetbotFile.model_json_schema(), "sphere": SphereFile.model_json_schema()}


def starter(
    language: str, name: str = "", *, time_zone: str = "Europe/Berlin"
) -> Mapping[str, str]:
    """The files of a new home (name relative to it -> content), commented in ``language``.

    ``name`` is the one under which blogs are commented on.
    """
    from netbot.config.starting import starter_files

    return starter_files(language, name, time_zone)
