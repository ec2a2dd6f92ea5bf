"""What every network is held to. The test file of each has a ``Stage``; nothing is registered.

``test_contract.py`` walks ``netbot.networks`` and looks for the class ``Stage`` in
``tests/networks/test_<module>.py``.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self

from netbot.demo.faults import Faults
from netbot.model import (
    Account,
    Action,
    ActionState,
    Channel,
    Choice,
    Receipt,
    Source,
    Verb,
    hash_approval,
    hash_post,
)
from netbot.network import Access, Network
from tests.house import NOON, post

KEY = "0123456789abcdef0123456789abcdef"

#: What a post says unless a test says otherwise.
TEXT = "Der Herbstbericht ist da: was uns die Fachtexte dieses Jahres gelehrt haben."

#: What is written, by verb; ``{url}`` is the post's address.
WORDS: Mapping[Verb, str] = MappingProxyType(
    {
        Verb.LIKE: "",
        Verb.SHARE: "",
        Verb.COMMENT: "Danke für den Bericht, den habe ich sofort gelesen.",
        Verb.RECOMMEND: "Lesenswert für alle, die Fachtexte schreiben.\n\n{url}",
    }
)


class Stage(ABC):
    """A client on a stand-in server, watched; entered, it runs.

    ``network`` is one of the module's ``NETWORKS``.
    """

    #: What was published can be changed, and can be deleted.
    edits: ClassVar[bool] = True

    server: Any  # a ``Loopback`` of ``netbot.demo``

    def __init__(self, network: str) -> None:
        self.network = network
        self._opened: list[Network] = []

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for port in self._opened:
            port.close()
        self.server.stop()

    @abstractmethod
    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Network:
        """The network's own class, with so much time for a request."""

    @abstractmethod
    def publish(self, text: str) -> str:
        """Let the client write something now; returns its address, as a card has it."""

    @abstractmethod
    def edit(self, url: str, text: str) -> None:
        """Let the client change what that post says."""

    @abstractmethod
    def remove(self, url: str) -> None:
        """Let the client delete that post."""

    def source(self) -> Source | None:
        """Where the client is watched; None when another network does that."""
        return None

    def port(self, *, timeout_s: float = 10.0) -> Network:
        """The network, ready; closed with the stage."""
        return self._keep(self.open(None, timeout_s=timeout_s))

    def _keep(self, port: Network) -> Network:
        self._opened.append(port)
        return port


class ActingStage(Stage):
    """My account ``studio`` besides.

    The server has ``faults``, and those on ``write`` meet every call that could change something.
    """

    #: What is written; a network on which the default cannot stand says so here.
    words: ClassVar[Mapping[Verb, str]] = WORDS

    #: The 429 of this network says until when in the way that ``Fault.reset_s`` stands for.
    tells_reset: ClassVar[bool] = True

    @property
    @abstractmethod
    def account(self) -> Account:
        """Studio, as pinned."""

    @property
    @abstractmethod
    def secret(self) -> str:
        """Studio's secret."""

    @abstractmethod
    def stranger(self) -> str:
        """A secret that the server takes for somebody else's."""

    @abstractmethod
    def arrived(self) -> int:
        """How many calls arrived that could change something, whatever became of them."""

    @abstractmethod
    def written(self) -> int:
        """How many calls changed something."""

    def be_nice(self, url: str) -> None:
        """Let the client like what studio wrote at that address."""
        raise NotImplementedError(f"nobody can be nice on {self.network}")

    @property
    def faults(self) -> Faults:
        """What goes wrong at the server."""
        faults: Faults = self.server.faults
        return faults

    def access(self, *, secret: str | None = None, **facts: Any) -> Access:
        """The key of the account; ``facts`` change what is configured."""
        return Access(
            sphere="professional",
            account=replace(self.account, **facts),
            secret=self.secret if secret is None else secret,
            allow_hosts=("127.0.0.1", "localhost"),
            drawer=Drawer(),
        )

    def port(self, *, timeout_s: float = 10.0) -> Network:
        """The network with studio's key."""
        return self._keep(self.open(self.access(), timeout_s=timeout_s))

    def with_secret(self, secret: str) -> Network:
        """The network with another key, which claims to be studio's."""
        return self._keep(self.open(self.access(secret=secret)))

    def approved(self, verb: Verb, url: str, text: str | None = None, **facts: Any) -> Action:
        """An act that is about to leave, with the words for its verb unless told otherwise."""
        said = self.words[verb].format(url=url) if text is None else text
        choice = Choice(
            verb=verb,
            target_url=url,
            account=self.account.id,
            network=self.network,
            channel=Channel.API,
        )
        sha = hash_post(post("a"))
        values: dict[str, Any] = {
            "id": 1,
            "suggestion": "professional-1",
            "client": "acme",
            "choice": choice,
            "text": said,
            "approval_hash": hash_approval("professional", choice, self.account, said, sha),
            "post_sha": sha,
            "key": KEY,
            "state": ActionState.SENDING,
            "created_at": NOON,
            "not_before": NOON,
            "expires_at": NOON + timedelta(days=2),
            "changed_at": NOON,
        }
        return Action(**(values | facts))


class Drawer:
    """Keeps in memory what a network hands out."""

    def __init__(self) -> None:
        self.text = ""

    def read(self) -> str:
        return self.text

    def write(self, text: str) -> None:
        self.text = text


def perform(port: Network, action: Action) -> Receipt:
    """Look and act, as the engine does."""
    port.identify()
    return port.perform(action, port.look(action), monotonic() + 5)


def undo(port: Network, action: Action, receipt: Receipt) -> None:
    """Take back, as the engine does."""
    port.identify()
    port.undo(replace(action, state=ActionState.UNDOING), receipt, monotonic() + 5)
