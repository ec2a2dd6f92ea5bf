"""A network that netbot itself acts on, for tests: it counts what reaches it."""

from collections.abc import Mapping

from netbot.model import Account, Action, Identity, NetworkError, Receipt, Sight, Verb
from netbot.network import Access, Network


class Wire(Network):
    """Takes likes and shares; what was done stands in ``stands``, each try in ``calls``."""

    NETWORKS = ("mastodon",)
    VERBS = frozenset({Verb.LIKE, Verb.SHARE})
    UNDOES = VERBS

    def __init__(self, account: Account) -> None:
        super().__init__(Access(sphere="professional", account=account, secret="s"))
        self.account = account
        self.calls: list[str] = []
        self.stands: dict[str, Receipt] = {}
        self.error: NetworkError | None = None  # what the next calls end in
        self.identify()

    def whoami(self) -> Identity:
        return Identity(platform_id=self.account.platform_id or "", handle=self.account.handle)

    def look(self, action: Action) -> Sight:
        return Sight(target=action.choice.target_url)

    def read_back(self, action: Action) -> Receipt | None:
        return self.stands.get(action.choice.target_url)

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        self.calls.append(action.suggestion)
        if self.error:
            raise self.error
        url = f"https://mastodon.example/{action.suggestion}"
        self.stands[sight.target] = Receipt(ref=action.key, url=url)
        return self.stands[sight.target]

    def _undo(self, action: Action, receipt: Receipt) -> None:
        self.calls.append(f"back {action.suggestion}")
        if self.error:
            raise self.error
        del self.stands[action.choice.target_url]


def actors(wire: Wire) -> Mapping[str, Network]:
    return {wire.account.id: wire}
