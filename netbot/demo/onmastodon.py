"""The demo on Mastodon: a travelling cinema tells of its summer, and likes what I write."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, ClassVar

from netbot import clock
from netbot.demo.mastodon import MastodonServer
from netbot.demo.scene import Scene

ME, THEY = "feldkamp", "lichtspielwagen"

WAGON = (
    "Der Wagen steht wieder auf der Wiese hinter der Mühle. Freitag ab acht, Decken liegen bereit,"
    " der Projektor brummt schon."
)
PRIZE = (
    "Wir haben eine Auszeichnung bekommen: den kleinen Preis der Landkinos. Der Pokal dient seit"
    " heute als Türstopper im Vorführwagen. #Kino"
)
JUBILEE = (
    "Unser Wagen feiert Jubiläum: zehn Sommer, vierzig Dörfer, und nur zweimal ist die Leinwand in"
    " den Bach gefallen. Danke fürs Wiederkommen."
)

#: What the cinema writes: in which pass, how many hours ago.
STORY = (
    (1, 130, WAGON),
    (1, 27, PRIZE),
    (2, 0.7, JUBILEE),
)

#: What I wrote there myself.
MINE = (
    "Drei Jahre Untertitel für ein Wanderkino, und noch immer lerne ich an jedem Film, wie kurz ein"
    " guter Satz sein darf."
)


class OnMastodon(Scene):
    """A server with me and the cinema on it."""

    NETWORK: ClassVar[str] = "mastodon"
    ACCOUNT: ClassVar[str] = "studio"
    SECRET: ClassVar[str] = "demo-token-of-feldkamp"

    def __init__(self, port: int = 0) -> None:
        self.server: MastodonServer = MastodonServer(port)
        self._mine = ""
        self._passed = 0
        self._deeds = cycle(("favourite", "reblog", "unfavourite", "unreblog"))

    def account(self) -> Mapping[str, Any]:
        """Me, with the server's own address: nobody speaks TLS here."""
        return {
            "id": self.ACCOUNT,
            "network": self.NETWORK,
            "handle": f"@{ME}@{self.host}",
            "server": self.server.url(),
        }

    def client(self) -> Mapping[str, Any]:
        """The cinema, which has no blog."""
        source = {"network": self.NETWORK, "address": self.server.url(f"/@{THEY}")}
        return {
            "id": THEY,
            "name": "Wanderkino Lichtspielwagen",
            "language": "de",
            "since": 2023,
            "cadence_days": 45,
            "sources": [source],
        }

    def tell(self, now: datetime, passed: int) -> None:
        """The same statuses under the same numbers, whenever and in however many passes."""
        since_s = (clock.now() - now).total_seconds()
        if not self._mine:
            self.server.add_account(ME, token=self.SECRET, shown="Nora Feldkamp")
            self.server.add_account(THEY, shown="Lichtspielwagen")
            ago_s = since_s + timedelta(days=2).total_seconds()
            self._mine = self.server.publish(ME, MINE, ago_s=ago_s)
        for at, hours_ago, text in STORY:
            if self._passed < at <= passed:
                ago_s = since_s + timedelta(hours=hours_ago).total_seconds()
                self.server.publish(THEY, text, ago_s=ago_s, language="de")
        self._passed = max(self._passed, passed)

    def be_nice(self) -> None:
        """Like it, boost it; later both anew, as if others had come across it."""
        self.server.by_hand(THEY, next(self._deeds), self._mine)

    def count(self) -> int:
        """Writes that were accepted."""
        return len(self.server.written())
