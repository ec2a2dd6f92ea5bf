"""What the tests of Bluesky share: an account on a stand-in, and acts as approved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from netbot.demo.bluesky import BlueskyServer
from netbot.model import (
    Account,
    Action,
    ActionState,
    Channel,
    Choice,
    Receipt,
    Verb,
    hash_approval,
    hash_post,
)
from netbot.network import Access
from netbot.networks.bluesky import Bluesky
from tests.house import post

PASSWORD = "abcd-efgh-ijkl-mnop"
KEY = "0123456789abcdef0123456789abcdef"
TEXT = (
    "Hallo, der Herbstbericht ist da: https://acme.example/berichte/2026/herbst-und-winter\n\nA & B"
)


class Drawer:
    """Keeps a session in memory."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.kept: list[str] = []  # everything that was ever put in

    def read(self) -> str:
        return self.text

    def write(self, text: str) -> None:
        self.text = text
        self.kept.append(text)


class Studio:
    """My account, as a sphere's process holds it."""

    def __init__(
        self,
        account: Account,
        *,
        secret: str = PASSWORD,
        timeout_s: float = 10.0,
        drawer: Drawer | None = None,
        mark: str = "mark-1",
        allow_hosts: tuple[str, ...] = ("127.0.0.1", "localhost"),
    ) -> None:
        self.account = account
        self.drawer = drawer or Drawer()
        access = Access(
            sphere="professional",
            account=account,
            secret=secret,
            mark=mark,
            allow_hosts=allow_hosts,
            drawer=self.drawer,
        )
        self.port = Bluesky(access, timeout_s=timeout_s)

    def approved(self, verb: Verb, url: str, text: str = "", **facts: Any) -> Action:
        """An act that is about to leave."""
        choice = Choice(
            verb=verb, target_url=url, account="studio", network="bluesky", channel=Channel.API
        )
        sha = hash_post(post("a"))
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "id": 1,
            "suggestion": "professional-1",
            "client": "acme",
            "choice": choice,
            "text": text,
            "approval_hash": hash_approval("professional", choice, self.account, text, sha),
            "post_sha": sha,
            "key": KEY,
            "state": ActionState.SENDING,
            "created_at": now,
            "not_before": now,
            "expires_at": now + timedelta(days=2),
            "changed_at": now,
        }
        return Action(**(values | facts))

    def perform(self, action: Action) -> Receipt:
        """Look and act, as the engine does."""
        self.port.identify()
        return self.port.perform(action, self.port.look(action), monotonic() + 5)

    def undo(self, action: Action, receipt: Receipt) -> None:
        """Take back, as the engine does."""
        self.port.identify()
        undoing = replace(action, state=ActionState.UNDOING)
        self.port.undo(undoing, receipt, monotonic() + 5)


def studio_on(server: BlueskyServer, *, account: Any = None, **facts: Any) -> Studio:
    """The account @studio.test on a stand-in; ``account`` changes what is configured."""
    own = server.add_account("studio", token=PASSWORD)
    values = {
        "id": "studio",
        "network": "bluesky",
        "handle": "@studio.test",
        "platform_id": own,
        "server": server.url(),
    }
    return Studio(Account(**(values | (account or {}))), **facts)
