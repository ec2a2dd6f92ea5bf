"""A network that tells what others did, and a day on which netbot listens to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from netbot.engine import Heard, hear
from netbot.model import Engagement, EngagementKind, NetworkError
from netbot.network import Access
from netbot.store import engagements, touches
from tests.actor import STUDIO, ActingDay, Stage
from tests.house import NOON


class Ears(Stage):
    """Tells what a test says, or fails as it says; remembers since when it was asked."""

    def __init__(self, access: Access, **facts: Any) -> None:
        super().__init__(access, **facts)
        self.told: list[Engagement] = []
        self.deaf: NetworkError | None = None
        self.asked: list[datetime] = []

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        self.asked.append(since)
        if self.deaf:
            raise self.deaf
        return [each for each in self.told if each.at >= since]


def done(
    ref: str, kind: EngagementKind = EngagementKind.SHARE, *, at: datetime = NOON, **facts: Any
) -> Engagement:
    """Something that the client did, unless ``handle`` and ``who_url`` say that it was another."""
    values: dict[str, Any] = {
        "id": ref,
        "kind": kind,
        "at": at,
        "handle": "@acme@a.example",
        "who_url": "https://a.example/@acme",
        "name": "ACME",
        "object_url": "https://a.example/@studio/1",
    }
    if kind in {EngagementKind.REPLY, EngagementKind.MENTION}:
        values |= {"url": f"https://a.example/@acme/{ref}", "text": "Das hilft uns sehr."}
    return Engagement(**(values | facts))


class ListeningDay(ActingDay):
    """A day whose account was first asked an hour before ``NOON``."""

    def __init__(self, rules: Any, **facts: Any) -> None:
        super().__init__(rules, **facts)
        self.ears = Ears(Access(sphere="professional", account=STUDIO, secret="s3cret", mark="m"))

    def hear(self, now: datetime = NOON, *told: Engagement, **facts: Any) -> Heard:
        """Ask, after the network has got that to tell as well."""
        self.ears.told += told
        return hear(self.store, self.desk, {"studio": self.ears}, now, **facts)

    def begun(self) -> "ListeningDay":
        """The same day, asked once when there was nothing yet."""
        assert self.hear(NOON - timedelta(hours=1)) == Heard(asked=1)
        return self

    def contacts(self, client: str = "acme") -> list[tuple[str, str, str]]:
        """Direction, kind and words of each contact, newest first."""
        with self.store.read() as tx:
            found = touches.of_client(tx, "professional", client, limit=50)
        return [(each.direction.value, each.kind, each.text) for each in found]

    def everything(self) -> str:
        """All that the database holds, as text."""
        with self.store.read() as tx:
            raw: Any = tx.connection.driver_connection
            return "\n".join(raw.iterdump())

    def refs(self, *names: str) -> set[str]:
        """Which of those were kept."""
        with self.store.read() as tx:
            return engagements.known(tx, "studio", names)
