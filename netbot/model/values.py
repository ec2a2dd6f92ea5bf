"""The things of the domain: frozen, documented, free of any I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from netbot.model.states import (
    SITES,
    ActionState,
    Channel,
    ClientStatus,
    Direction,
    EngagementKind,
    Ruling,
    SuggestionState,
    Verb,
)

#: What a reminder to look at a profile is called, as a kind of post and in its address.
LOOK_IN = "look-in"

#: What a contact is called, as a kind of touch, that netbot had no part in.
CONTACT = "contact"


def require_utc(**times: datetime | None) -> None:
    """Raise ``ValueError`` for a time that is naive or not in UTC."""
    for name, time in times.items():
        if time is not None and time.tzinfo is not UTC:
            raise ValueError(f"{name} must be an aware UTC time, not {time!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of my accounts, or the name under which I write (network ``web``)."""

    id: str  # chosen in the configuration
    network: str  # a key of policy.yaml
    handle: str  # as shown on every card
    platform_id: str | None = None  # pinned by whoami; None until an API account is checked
    server: str = ""  # address of its API, where that is not https:// and the host of the handle
    budget_micros: int = 10_000_000  # what its acts may cost within 30 days, in 1e-6 USD
    opener: str = ""  # where the human is logged in with it, such as a browser's profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place where a client publishes. Identity: client, network and address together."""

    client: str  # client id
    network: str  # ``web`` for a site or feed
    address: str  # as written in the configuration
    look_in_days: int | None = field(default=None, compare=False)  # the human looks, so often


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody whom we work for."""

    id: str
    name: str
    language: str | None = None  # BCP 47, of what they publish; None = the post's own
    tags: tuple[str, ...] = ()
    cadence_days: int | None = None  # how often a touch is welcome
    accounts: tuple[str, ...] = ()  # ids of accounts that may act for this client
    verbs: tuple[Verb, ...] = ()  # preferred verbs, best first
    sources: tuple[Source, ...] = ()
    handles: tuple[Source, ...] = ()  # where else they are at home: recognised, not watched
    since: str | None = None  # year or date the work together began, as written
    status: ClientStatus = ClientStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Where the morning mail of a sphere goes, and how, and who else is told that cards wait."""

    to: str = ""  # mail address; "" for no mail
    sender: str = ""  # mail address; the same unless configured
    server: str = ""  # host or host:port that takes mail; "" when none is configured
    user: str = ""  # who logs in there; "" for nobody
    notify: tuple[str, ...] = ()  # ids of secrets, each the address of one notification
    front: str = "http://127.0.0.1:8470/"  # the page's address, for links
    opens_elsewhere: bool = False  # whether the user said how other machines reach that page


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything one sphere's processes know of its configuration."""

    sphere: str
    language: str = "en"  # of the interface: de or en
    time_zone: str = "UTC"  # IANA name; decides what "today" is
    daily_limit: int = 5  # cards a local date
    undo_window_s: int = 60  # an API act waits this long before it leaves
    opens_at: str = "08:00"  # local HH:MM at which the day's queue is opened
    quiet_hours: tuple[str, str] | None = None  # local HH:MM, from and to: no API act leaves
    peace_days: int = 14  # after a moment for tact nothing public happens for that client so long
    min_interval_s: int = 3600  # between two looks at one source
    allow_hosts: tuple[str, ...] = ()  # host or host:port that may be private; floor 0
    watch_free_mb: int = 200  # MiB free on the disk, below which no source is looked at
    act_free_mb: int = 50  # MiB free on the disk, below which no act leaves
    shipped_rules: bool = True  # nonsense and moment rules that come with netbot
    digest: Digest | None = None  # None: no morning mail
    keys: Mapping[str, str] | None = field(default_factory=dict)  # own keys by deed; None: off
    accounts: tuple[Account, ...] = ()
    clients: tuple[Client, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source that is to be watched."""
        watched = (ClientStatus.ACTIVE, ClientStatus.RESTING)
        clients = (client for client in self.clients if client.status in watched)
        return tuple(source for client in clients for source in client.sources)

    def client(self, id: str) -> Client | None:
        """The client of that id, or None when the configuration no longer has it."""
        return next((client for client in self.clients if client.id == id), None)

    def account(self, id: str | None) -> Account | None:
        """The account of that id, or None."""
        return next((account for account in self.accounts if account.id == id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Something that was published in one place, as plain text."""

    network: str
    url: str  # http(s) address, absolute; "" when the source gives none
    title: str  # plain text, "" for untitled posts
    text: str  # plain text, at most 256 KiB
    keys: tuple[str, ...]  # identities, strongest first: ``id:…``, ``url:…``, ``hash:…``
    author: str = ""
    language: str | None = None  # BCP 47 as declared, else None
    published_at: datetime | None = None
    kind: str = "original"  # original, share, reply or look-in
    in_reply_to: str | None = None
    tags: tuple[str, ...] = ()
    links: int = 0  # how many links the body holds
    media: int = 0  # how many images, sounds and films it holds

    def __post_init__(self) -> None:
        require_utc(published_at=self.published_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A post as remembered."""

    id: int  # 0: no post, but the occasion of a card that needs none
    client: str
    source: Source
    story: int  # id of the first post that told it; equal to ``id`` for that one
    first_seen_at: datetime
    post: Post
    gone: bool = False  # no longer where it stood
    aside: bool = False  # waits for the human to say whether it is new


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What was learned says of a post, where a rule asks for it."""

    name: str  # offence, bait, spam, kindness, or ``about`` and a topic
    score: float  # 0 to 1
    threshold: str  # which the rule wants it to pass, such as ``> 0.8``
    nearest: str = ""  # of a topic: its example that is nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that spoke."""

    rule: str
    file: str
    line: int  # from 1
    matched: str  # stands in the post; "" for conditions on the post's facts
    because: str  # for people, ``{match}`` filled in
    ruling: Ruling
    link: str  # nonsense, moment, values or client
    conviction: str = ""  # read aloud on the card
    holds: str = ""  # of a moment: client or post, whatever it makes rest
    measured: tuple[Measure, ...] = ()  # what was learned and made it speak


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How much a post deserves a word, and why: ``total`` is the sum of ``parts``."""

    total: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkVerdict:
    """What one link of the chain says by itself."""

    link: str  # nonsense, moment, values, client, dosage or policy
    ruling: Ruling
    because: str = ""  # where no rule says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of a post."""

    ruling: Ruling
    link: str | None  # the first link that gave this ruling; None on pass
    reasons: tuple[Reason, ...] = ()  # every rule that spoke, strictest first
    suggest: tuple[str, ...] = ()  # verbs that rules propose, best first
    score: Score = field(default_factory=Score)
    trace: tuple[LinkVerdict, ...] = ()  # all links; empty where only the outcome was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How much of me is welcome: from so many acts on within so many days, enough."""

    acts: int = 3
    days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What ``judge`` may know besides the post."""

    now: datetime
    client: Client | None = None
    account: Account | None = None
    source: Source | None = None  # where the post was found; None when nobody knows
    recent: tuple[datetime, ...] = ()  # when I was in touch with the client
    dose: Dose = field(default_factory=Dose)
    allowed: frozenset[Verb] | None = None  # what networks and accounts allow; None: not asked
    seen: frozenset[str] | None = None  # keys of posts published before; None: not asked
    scores: Mapping[str, float] | None = None  # what was learned; None: worked out when asked for

    def __post_init__(self) -> None:
        require_utc(now=self.now, **{f"recent[{i}]": at for i, at in enumerate(self.recent)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One act that a card offers."""

    verb: Verb
    target_url: str
    account: str | None  # account id; None only for what is personal
    network: str  # where the act happens
    channel: Channel

    @property
    def is_final(self) -> bool:
        """Whether nobody can take it back, not even in the browser: a comment on a site."""
        return self.verb is Verb.COMMENT and self.network in SITES

    @property
    def is_look_in(self) -> bool:
        """Whether the human only looks what is new there."""
        return self.verb is Verb.GESTURE and f"#{LOOK_IN}-" in self.target_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Favour:
    """One thing that a client did for me, as the card that thanks for it lists it."""

    kind: EngagementKind
    at: datetime
    url: str  # where their words or they themselves can be seen
    object_url: str = ""  # my post that it is about; "" for none
    text: str = ""  # their words, plain

    def __post_init__(self) -> None:
        require_utc(at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One card: one story or what a client did, a preferred act and its alternatives."""

    id: str  # <sphere>-<n>
    client: str
    post: StoredPost  # the place that tells the story best, or the occasion
    choice: Choice
    alternatives: tuple[Choice, ...]
    verdict: Verdict
    score: Score
    draft: str  # may hold gaps ``[…]``
    state: SuggestionState
    created_at: datetime
    expires_at: datetime
    snoozed_until: datetime | None = None
    favours: tuple[Favour, ...] = ()  # what a thank-you is for, oldest first

    def __post_init__(self) -> None:
        require_utc(
            created_at=self.created_at,
            expires_at=self.expires_at,
            snoozed_until=self.snoozed_until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An approved act in the outbox."""

    id: int
    suggestion: str  # <sphere>-<n>
    client: str
    choice: Choice
    text: str  # exactly what the human approved
    approval_hash: str  # SHA-256, hex
    post_sha: str  # of the post as the human saw it
    key: str  # 32 hex digits; the same act approved again after a failure keeps it
    state: ActionState
    created_at: datetime
    not_before: datetime  # the human may still change their mind until then
    expires_at: datetime  # approvals do not last for ever
    changed_at: datetime
    take_back: bool = False  # the human wants what was sent undone
    note: str = ""  # why it failed, waits or nobody knows; for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a network takes the holder of a secret for."""

    platform_id: str  # the network's own, never changing name of the account
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an act left on the network."""

    ref: str  # the network's own name of what was made, or of what was liked or shared
    url: str = ""  # where it can be seen
    found: bool = False  # it stood there already, or was found by reading back
    note: str = ""  # what the human should know of it besides; may be translated


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What an act is about, as the network shows it now."""

    target: str  # the network's own name of the post; opaque to everybody else
    post: Post | None = None  # None where the network shows no text to compare
    done: Receipt | None = None  # the same act by this account stands there already


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """What the human needs to act in the own browser."""

    url: str  # opened as it is
    text: str  # to paste; "" when nothing is to be written
    prefilled: bool  # True when the address already carries the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Something that somebody did with a post of mine, or about me."""

    id: str  # the network's own name of it; never the same for two
    kind: EngagementKind
    at: datetime
    handle: str  # who did it, as configurations write it
    who_url: str = ""  # their page on the network
    name: str = ""  # as they call themselves
    object_url: str = ""  # my post that it is about; "" for a follow
    url: str = ""  # theirs, where words of theirs can be seen
    text: str = ""  # their words, plain

    def __post_init__(self) -> None:
        require_utc(at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One contact between me and a client."""

    client: str
    at: datetime
    direction: Direction
    kind: str  # a verb, or what it was
    suggestion: str | None = None
    text: str = ""
