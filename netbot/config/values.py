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

    @property
    def front(self) -> str:
        """The address of the front page, ending in a slash."""
        if self.base_url:
            return f"{self.base_url.rstrip('/')}/"
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A home's configuration, free of errors."""

    houses: Mapping[str, House]  # by sphere
    web: Web
    files: Mapping[str, str]  # name relative to the home -> SHA-256, hex
    warnings: tuple[Problem, ...]  # what may be meant otherwise
