"""The words for states and choices; each enum says what its words mean."""

from collections.abc import Mapping
from enum import StrEnum


class Verb(StrEnum):
    """What one can do about a post."""

    LIKE = "like"  # say that one liked it
    SHARE = "share"  # pass it on: a boost at home, a link elsewhere
    COMMENT = "comment"  # answer in own words
    RECOMMEND = "recommend"  # an own post with the link
    GESTURE = "gesture"  # personal: a letter, a call; never sent by netbot
    THANK = "thank"  # personal: a word for what they did; never sent by netbot


#: From one person to another: never public, never sent by netbot, not counted by any cap.
PERSONAL = (Verb.GESTURE, Verb.THANK)


class EngagementKind(StrEnum):
    """What somebody did with a post of mine, or about me."""

    LIKE = "like"  # liked it
    SHARE = "share"  # passed it on
    REPLY = "reply"  # answered it
    MENTION = "mention"  # named me, or quoted me
    FOLLOW = "follow"  # wants to read more of me


#: What deserves a thank-you; a like or a new follower is only remembered.
FAVOURS = (EngagementKind.SHARE, EngagementKind.REPLY, EngagementKind.MENTION)


class Channel(StrEnum):
    """Who performs an act."""

    API = "api"  # netbot, through the network's interface
    HANDOFF = "handoff"  # the human, in the own browser, with the text ready
    OFF = "off"  # nobody: the network forbids or lacks it


class About(StrEnum):
    """Whose posts the acts of an account are about."""

    OWN = "own"  # those that stand on its network
    SITE = "site"  # those of the one site that is its server
    WEB = "web"  # those of any site


#: Networks that are as many places as there are sites.
SITES = ("web", "wordpress")


class Ruling(StrEnum):
    """What the rules say of a post, from strictest to mildest."""

    REFUSE = "refuse"  # against a conviction: no suggestion of any kind
    SKIP = "skip"  # nonsense, or no moment for public verbs
    ASK = "ask"  # shown folded, with the reason
    PASS = "pass"  # may be suggested

    @property
    def strictness(self) -> int:
        """0 for ``pass`` up to 3 for ``refuse``."""
        return 3 - list(Ruling).index(self)


class SuggestionState(StrEnum):
    """Where a suggestion stands."""

    WAITING = "waiting"  # for the human
    APPROVED = "approved"  # the human said yes; an action exists
    SKIPPED = "skipped"  # the human said no
    SNOOZED = "snoozed"  # the human said later
    EXPIRED = "expired"  # its time passed; silence never means yes
    SUPERSEDED = "superseded"  # the post vanished, or a better card tells the story


class ActionState(StrEnum):
    """Where an approved act stands. HANDOFF uses the first five."""

    PENDING = "pending"  # decided, not yet handed over
    HANDED_OFF = "handed_off"  # the human has link and text
    CONFIRMED = "confirmed"  # the human said "done"
    DECLINED = "declined"  # the human said "not done"
    WITHDRAWN = "withdrawn"  # taken back, or expired, before it left
    SENDING = "sending"  # API: written down, the call is about to be made
    SENT = "sent"  # API: the network has it
    FAILED = "failed"  # API: the network surely does not have it
    UNSURE = "unsure"  # API: nobody knows; read back, else ask the human
    UNDOING = "undoing"  # API: being taken back
    UNDONE = "undone"  # API: taken back
    UNDO_UNSURE = "undo_unsure"  # API: nobody knows whether it was taken back


#: What may follow each state of an act; whoever moves one, moves it along one of these.
ACTION_PATHS: Mapping[ActionState | None, tuple[ActionState, ...]] = {
    None: (ActionState.PENDING,),
    ActionState.PENDING: (ActionState.SENDING, ActionState.HANDED_OFF, ActionState.WITHDRAWN),
    ActionState.HANDED_OFF: (ActionState.CONFIRMED, ActionState.DECLINED),
    ActionState.CONFIRMED: (ActionState.HANDED_OFF,),
    ActionState.SENDING: (ActionState.SENT, ActionState.FAILED, ActionState.UNSURE),
    ActionState.UNSURE: (ActionState.SENT, ActionState.FAILED),
    ActionState.SENT: (ActionState.UNDOING, ActionState.UNSURE),  # not to be seen there after all
    ActionState.UNDOING: (ActionState.UNDONE, ActionState.SENT, ActionState.UNDO_UNSURE),
    ActionState.UNDO_UNSURE: (ActionState.UNDONE, ActionState.SENT),
    ActionState.DECLINED: (),
    ActionState.WITHDRAWN: (),
    ActionState.FAILED: (),
    ActionState.UNDONE: (),
}

#: An act in one of these states no longer occupies its target.
CLOSED_ACTIONS = (
    ActionState.FAILED,
    ActionState.DECLINED,
    ActionState.WITHDRAWN,
    ActionState.UNDONE,
)


class Outcome(StrEnum):
    """What a human decided about a suggestion."""

    APPROVED = "approved"  # this verb, target, account and text
    SKIPPED = "skipped"  # not this one
    SNOOZED = "snoozed"  # ask again later
    UNDONE = "undone"  # the decision before this one is taken back


class Amends(StrEnum):
    """What a human did about an act that was a mistake."""

    DELETED = "deleted"  # took it away there, by hand
    APOLOGISED = "apologised"  # wrote to the client, one to one
    NOTED = "noted"  # wrote down what went wrong


class Face(StrEnum):
    """Where a human decides."""

    PAGE = "page"  # in a browser
    TERMINAL = "terminal"  # by a command, or in ``netbot review``


class ClientStatus(StrEnum):
    """How things stand with a client, as the human says."""

    ACTIVE = "active"  # watched, and cards are made
    RESTING = "resting"  # watched; nothing is suggested and nothing public happens
    ENDED = "ended"  # no longer watched
    IN_MEMORIAM = "in_memoriam"  # no longer watched, and nothing ever comes up again


class SkipReason(StrEnum):
    """Why the human skipped; rules learn from it."""

    NONSENSE = "nonsense"
    VALUES = "values"
    MOMENT = "moment"
    TOO_OFTEN = "too-often"
    WRONG_ACCOUNT = "wrong-account"
    OTHER = "other"


class Direction(StrEnum):
    """Who reached out in a touch."""

    OUT = "out"  # I to the client
    IN = "in"  # the client to me
