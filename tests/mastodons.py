"""What the tests of Mastodon share: an account on a stand-in server, and acts as approved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any

from netbot.demo.mastodon import MastodonServer
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
from netbot.network import Access, Network
from netbot.networks.mastodon import Mastodon
from tests.house import NOON, post

TOKEN = "studio-token-7f3a"
KEY = "0123456789abcdef0123456789abcdef"
TEXT = (
    "Hallo, der Herbstbericht ist da: https://acme.example/berichte/2026/herbst-und-winter\n\nA & B"
)


class Studio:
    """My account on one server, as a sphere's process holds it."""

    port: Network

    def __init__(
        self,
        account: Account,
        *,
        kind: Callable[..., Network] = Mastodon,
        secret: str = TOKEN,
        timeout_s: float = 10.0,
        **facts: Any,
    ) -> None:
        self.account = account
        access = Access(
            sphere="professional",
            account=account,
            secret=secret,
            allow_hosts=("127.0.0.1", "localhost"),
            **facts,
        )
        self.port = kind(access, timeout_s=timeout_s)

    def approved(self, verb: Verb, url: str, text: str = "", **facts: Any) -> Action:
        """An act that is about to leave."""
        choice = Choice(
            verb=verb,
            target_url=url,
            account="studio",
            network=self.account.network,
            channel=Channel.API,
        )
        sha = hash_post(post("a"))
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
            "created_at": NOON,
            "not_before": NOON,
            "expires_at": NOON + timedelta(days=2),
            "changed_at": NOON,
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


def studio_on(server: MastodonServer, *, account: Any = None, **facts: Any) -> Studio:
    """The account @studio on a stand-in, with a token; ``account`` changes what is configured."""
    own = server.add_account("studio", token=TOKEN)
    values = {
        "id": "studio",
        "network": "mastodon",
        "handle": f"@studio@{server.host}",
        "platform_id": f"{own}@{server.host}",
        "server": server.url(),
    }
    return Studio(Account(**(values | (account or {}))), **facts)
