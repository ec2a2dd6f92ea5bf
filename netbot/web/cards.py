"""A card as the page shows it, and what is wrong with an answer that the house refused."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from netbot import draft
from netbot.model import (
    Action,
    ActionState,
    Choice,
    Client,
    NetbotError,
    Ruling,
    Suggestion,
    SuggestionState,
    Touch,
    Verb,
    hash_post,
)
from netbot.store import suggestions
from netbot.web.visit import Visit

#: What becomes of words typed with an act; acts that are absent take none.
WORDS = {
    Verb.COMMENT: "needed",
    Verb.RECOMMEND: "needed",
    Verb.SHARE: "welcome",
    Verb.THANK: "welcome",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One act that the card offers."""

    key: str  # names it in the form
    choice: Choice
    label: str
    limit: int | None  # of its text, in the network's own count
    words: str  # needed, welcome or none
    draft: str  # what stands in the box as long as nobody has typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Everything that one card shows."""

    card: Suggestion
    action: Action | None
    client: Client | None
    timeline: Sequence[Touch]  # newest first
    options: Sequence[Option]
    chosen: Option
    text: str  # in the box
    length: int  # of the text, in the network's own count
    language: str  # of the draft
    problem: str  # why the last answer was refused; "" for none
    is_open: bool  # can still be decided
    can_undo: bool
    quiet_until: datetime | None  # as long as the client is left in peace
    taste: Sequence[str]  # what was decided about posts like this one

    @property
    def is_personal(self) -> bool:
        """Whether it proposes something personal in a moment for tact."""
        return self.card.choice.verb is Verb.GESTURE and not self.card.choice.is_look_in

    @property
    def is_thanks(self) -> bool:
        """Whether it thanks for what the client did."""
        return self.card.choice.verb is Verb.THANK

    @property
    def number(self) -> str:
        """The id without its sphere."""
        return self.card.id.rpartition("-")[2]

    @property
    def seen(self) -> str:
        """The hash of the post as shown."""
        return hash_post(self.card.post.post)

    @property
    def hesitates(self) -> bool:
        """Whether a rule wants it folded."""
        return self.card.verdict.ruling is Ruling.ASK

    @property
    def has_gap(self) -> bool:
        """Whether the user's own sentence is still missing."""
        return draft.has_gap(self.text)

    @property
    def takes_words(self) -> bool:
        """Whether any act of the card may carry words."""
        return any(option.words != "none" for option in self.options)


def key_of(choice: Choice) -> str:
    """The name of an act in a form; another act has another one."""
    told = "\n".join((choice.verb, choice.network, choice.account or "", choice.target_url))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def face(
    visit: Visit,
    card: Suggestion,
    action: Action | None = None,
    *,
    key: str = "",
    text: str | None = None,
    problem: str = "",
) -> Face:
    """A card for showing; ``key`` and ``text`` are what the user had chosen and typed."""
    options = _options(visit, card)
    chosen = next((option for option in options if option.key == key), options[0])
    shown = chosen.draft if text is None else text
    client = visit.sphere.house.client(card.client)
    hold = visit.holds.get(card.client)
    is_open = card.state in suggestions.OPEN and card.expires_at > visit.now
    return Face(
        card=card,
        action=action,
        client=client,
        timeline=visit.contacts(card.client),
        options=options,
        chosen=chosen,
        text=shown,
        length=count(visit, chosen.choice, shown),
        language=_language(visit, card, client),
        problem=problem,
        is_open=is_open,
        can_undo=_can_undo(visit, card, action),
        quiet_until=hold.until if hold else None,
        taste=[visit.words.liking(each) for each in visit.taste(card)],
    )


def _can_undo(visit: Visit, card: Suggestion, action: Action | None) -> bool:
    """Whether the last decision can be taken back from here."""
    if card.state is not SuggestionState.APPROVED or action is None:
        return card.state in {SuggestionState.SKIPPED, SuggestionState.SNOOZED}
    if action.state is ActionState.SENT:
        return visit.words.can_undo(action.choice) and not action.take_back
    return action.state not in {
        ActionState.SENDING,
        ActionState.UNSURE,
        ActionState.UNDOING,
        ActionState.UNDO_UNSURE,
    }


def count(visit: Visit, choice: Choice, text: str) -> int:
    """How long a text is where it would stand."""
    network = visit.sphere.hall.handoffs.get(choice.network)
    return network.count(text) if network else len(text)


def explain(visit: Visit, shown: Face, error: NetbotError) -> str:
    """Why the house refused an approval, in the words of the page where it has some."""
    _ = visit.texts.get
    if not shown.is_open:
        return closed(visit, shown)
    if shown.has_gap:
        return _("A gap is left: your own sentence belongs where {gap} stands.").format(
            gap=draft.GAP
        )
    if shown.chosen.words == "needed" and not shown.text.strip():
        return _("This needs a few words of yours.")
    limit = shown.chosen.limit
    if limit is not None and shown.length > limit:
        return _("The text is {n} characters long; {network} takes {limit}.").format(
            n=shown.length, network=visit.words.place(shown.chosen.choice), limit=limit
        )
    return visit.explain(error)


def closed(visit: Visit, shown: Face) -> str:
    """Why a card can no longer be decided."""
    _ = visit.texts.get
    if shown.card.state in suggestions.OPEN:
        return _("This card has expired; its moment has passed.")
    state = visit.words.state(shown.card, shown.action)
    said = _("This card is closed already: {state}.").format(state=state)
    fate = visit.words.fate(shown.action) if shown.action else ""
    return f"{said} {fate}".strip()


def _options(visit: Visit, card: Suggestion) -> list[Option]:
    """Every act of the card; where two read the same, their targets tell them apart."""
    choices = (card.choice, *card.alternatives)
    acts = Counter(visit.words.act(choice) for choice in choices)
    return [
        _option(visit, card, choice, alone=acts[visit.words.act(choice)] == 1) for choice in choices
    ]


def _option(visit: Visit, card: Suggestion, choice: Choice, *, alone: bool) -> Option:
    entry = visit.sphere.policy.get(choice.network)
    act = visit.words.act(choice)
    return Option(
        key=key_of(choice),
        choice=choice,
        label=act if alone else f"{act} · {choice.target_url.partition('://')[2]}",
        limit=entry.text_limit if entry else None,
        words=WORDS.get(choice.verb, "none"),
        draft=card.draft if choice.verb is card.choice.verb else "",
    )


def _language(visit: Visit, card: Suggestion, client: Client | None) -> str:
    house = visit.sphere.house
    return draft.language_of(
        card.post.post, client or Client(id=card.client, name=card.client), house.language
    )
