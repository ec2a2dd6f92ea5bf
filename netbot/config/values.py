"""What a home's configuration says, once it is free of errors."""

from collections.abc import Mapping
from dataclasses import dataclass

from netbot.model import House, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the page is served."""

    host: str = "127.0.0.1"
    port: int = 8470
    base_url: str | None = None  # the page's address as seen from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """When and to whom a sphere's morning mail goes."""

    at: str  # HH:MM in the home's time zone
    to: str  # mail address


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A home's configuration, free of errors."""

    houses: Mapping[str, House]  # by sphere
    web: Web
    digests: Mapping[str, Digest]  # by sphere; one that wants no mail is absent
    files: Mapping[str, str]  # name relative to the home -> SHA-256, hex
    warnings: tuple[Problem, ...]  # what may be meant otherwise
