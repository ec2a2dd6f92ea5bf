"""What a network that the demo plays has to offer: a server, my account there, a client."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, ClassVar, Self

from netbot.demo.serving import Loopback


class Scene(ABC):
    """One network on this machine, while it is entered. ``scenes.SCENES`` lists them all."""

    NETWORK: ClassVar[str]
    SPHERE: ClassVar[str] = "professional"
    ACCOUNT: ClassVar[str]  # id of my account there

    #: What netbot writes as that account; it opens nothing but this scene.
    SECRET: ClassVar[str]

    server: Loopback

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.stop()

    @abstractmethod
    def __init__(self, port: int = 0) -> None: ...

    @property
    def host(self) -> str:
        """host:port, to be opened to netbot by name."""
        return f"127.0.0.1:{self.server.port}"

    @abstractmethod
    def account(self) -> Mapping[str, Any]:
        """My account, as it stands in the configuration."""

    @abstractmethod
    def client(self) -> Mapping[str, Any]:
        """Somebody who publishes there, as it stands in the configuration."""

    @abstractmethod
    def tell(self, now: datetime, passed: int) -> None:
        """Publish what stands there after pass 1 or 2; what was told is not told again."""

    @abstractmethod
    def be_nice(self) -> None:
        """Let the client do one more nice thing with a post of mine."""

    @abstractmethod
    def count(self) -> int:
        """How many acts of mine the network has counted."""
