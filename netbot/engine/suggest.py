"""From judged posts to cards: one story, one card, and none for what does not deserve a word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from netbot import draft
from netbot.engine import peace
from netbot.engine.choices import offer
from netbot.engine.score import LIFETIME, is_fresh, score
from netbot.model import (
    Choice,
    Client,
    Context,
    House,
    Post,
    Ruling,
    StoredPost,
    Suggestion,
    SuggestionState,
    Verb,
    Verdict,
)
from netbot.network import NetworkPolicy
from netbot.rules import moderate
from netbot.store import Tx, posts, suggestions, touches
from netbot.store.suggestions import Draft

if TYPE_CHECKING:
    from netbot.rules.loading import Rules

#: How many of the posts that already stood in a new source are suggested at most.
SEED_LIMIT = 3

#: How far back contacts count for the score.
MEMORY = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What judging and suggesting needs besides the store and the time."""

    house: House
    policy: Mapping[str, NetworkPolicy]
    rules: "Rules"


@dataclass(slots=True, kw_only=True)
class Suggester:
    """Makes the cards of one client within one transaction."""

    tx: Tx
    sphere: str
    desk: Desk
    client: Client
    now: datetime
    touched: Sequence[datetime] = field(init=False)
    dosed: Sequence[datetime] = field(init=False)  # the same without thank-yous
    is_quiet: bool = field(init=False)  # nothing public shall happen for the client

    def __post_init__(self) -> None:
        since = self.now - MEMORY
        self.touched = touches.times(self.tx, since=since).get(self.client.id, [])
        self.dosed = touches.times(self.tx, since=since, thanks=False).get(self.client.id, [])
        self.is_quiet = self.client.id in peace.quiet(self.tx, self.desk.house, self.now)

    def suggest(self, judged: Mapping[int, Verdict], *, seed: bool) -> int:
        """Put new posts (by id) in the queue, each story once. Returns how many cards were made.

        A moment for tact among them holds back all others.
        """
        born = posts.by_ids(self.tx, judged.keys())
        personal = sum(self._heed(post, judged[number]) for number, post in born.items())
        told = suggestions.told(self.tx, {post.story for post in born.values()})
        drafts: dict[int, Draft] = {}
        for number, post in born.items():
            if post.story in told:
                self._add_places(post.story)
            elif post.story not in drafts:
                made = self._draft(post, judged[number])
                drafts.update({post.story: made} if made else {})
        chosen = _best(drafts.values()) if seed else list(drafts.values())
        return personal + self._put(chosen)

    def reconsider(self, story: int, post: int, verdict: Verdict) -> None:
        """A post reads differently now: a card that still waits says so, gives way, or goes."""
        self._heed(posts.by_ids(self.tx, [post])[post], verdict)
        kept = peace.discreet(verdict) if peace.is_moment(verdict) else verdict
        personal = Verb.GESTURE in kept.suggest
        for card in self._open(story):
            if _deserves(verdict) and personal == (card.choice.verb is Verb.GESTURE):
                suggestions.reconsider(self.tx, self.sphere, card.id, kept, card.alternatives)
            else:
                self._move(card, SuggestionState.SUPERSEDED)
                if personal:  # of a rule that likes something; a moment for tact has its card
                    self.suggest_anew(post, verdict)

    def suggest_anew(self, post: int, verdict: Verdict) -> None:
        """Put another card about a story in the queue that has none open."""
        self._put([self._draft(posts.by_ids(self.tx, [post])[post], verdict)])

    def _put(self, drafts: Iterable[Draft | None]) -> int:
        made = [each for each in drafts if each is not None]
        for each in made:
            suggestions.insert_suggestion(self.tx, each, self.now)
        return len(made)

    def _heed(self, post: StoredPost, verdict: Verdict) -> int:
        """A moment for tact leaves the client, or just the post, in peace; returns the cards made.

        The first one makes a card. While the client is left in peace another only lengthens that.
        A story that had such a card before is no news, however often it is edited.
        """
        if post.aside or not (peace.is_moment(verdict) and self._is_recent(post.post)):
            return 0
        cards = suggestions.of_story(self.tx, self.sphere, post.story)
        if any(card.choice.verb is Verb.GESTURE for card in cards):
            return 0
        is_new = self._hold() if peace.holds_client(verdict) else not self.is_quiet
        for card in self._open(post.story):
            self._move(card, SuggestionState.SUPERSEDED)
        return self._put([self.draft(post, verdict)]) if is_new and _deserves(verdict) else 0

    def _hold(self) -> bool:
        """Leave the client in peace; False when a card of this time says so already."""
        self.is_quiet = self.is_quiet or self.desk.house.peace_days > 0
        return peace.heed(self.tx, self.desk.house, self.client.id, self.now)

    def _is_recent(self, post: Post) -> bool:
        """Whether a moment for tact still lasts."""
        lasting = timedelta(days=self.desk.house.peace_days)
        published = post.published_at or self.now
        return is_fresh(post, self.now) or self.now - published < lasting

    def _draft(self, post: StoredPost, verdict: Verdict) -> Draft | None:
        """A card in public, if the dose allows; of a moment for tact ``_heed`` makes one."""
        if self.is_quiet or peace.is_moment(verdict):
            return None
        context = Context(now=self.now, client=self.client, recent=tuple(self.dosed))
        dosed = moderate(verdict, context)
        if not (_deserves(dosed) and is_fresh(post.post, self.now)):
            return None
        return self.draft(post, dosed)

    def draft(self, post: StoredPost, verdict: Verdict) -> Draft | None:
        """A card about a post, whatever its age and verdict; None where no act is possible."""
        if peace.is_moment(verdict):
            verdict = peace.discreet(verdict)
        offered = self._offer(post.story, verdict)
        if not offered:
            return None
        choice = offered[0]
        language = draft.language_of(post.post, self.client, self.desk.house.language)
        return Draft(
            post=post,
            choice=choice,
            alternatives=offered[1:],
            verdict=verdict,
            score=score(post.post, verdict, self.client, self.now, self.touched),
            text=draft.frame(choice.verb, post.post, self.client, language=language),
            expires_at=self.now + LIFETIME[choice.verb],
        )

    def _offer(self, story: int, verdict: Verdict) -> tuple[Choice, ...]:
        tellers = posts.tellers(self.tx, story)
        return offer(tellers, self.client, self.desk.house, self.desk.policy, verdict.suggest)

    def _add_places(self, story: int) -> None:
        """The story stands in one more place: the waiting card offers it too."""
        for card in self._open(story):
            if card.choice.verb is not Verb.GESTURE:
                others = [
                    choice for choice in self._offer(story, card.verdict) if choice != card.choice
                ]
                suggestions.reconsider(self.tx, self.sphere, card.id, card.verdict, tuple(others))

    def _open(self, story: int) -> list[Suggestion]:
        cards = suggestions.of_story(self.tx, self.sphere, story)
        return [card for card in cards if card.state in suggestions.OPEN]

    def _move(self, card: Suggestion, state: SuggestionState) -> None:
        suggestions.move(self.tx, self.sphere, card.id, state)


def _deserves(verdict: Verdict) -> bool:
    """A moment allows the personal gesture and nothing else; a refusal allows nothing."""
    if verdict.ruling is Ruling.SKIP:
        return peace.is_moment(verdict)
    return verdict.ruling is not Ruling.REFUSE


def _best(drafts: Iterable[Draft]) -> list[Draft]:
    """The best few."""
    return sorted(drafts, key=lambda made: -made.score.total)[:SEED_LIMIT]
