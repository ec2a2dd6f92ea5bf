"""How the page puts things: acts, places and times, in the language and time zone of the house."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import idna
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal

from netbot.engine import dollars, gate
from netbot.model import (
    PERSONAL,
    SITES,
    Action,
    ActionState,
    Channel,
    Choice,
    Direction,
    Favour,
    House,
    Suggestion,
    SuggestionState,
    Touch,
    Verb,
)
from netbot.network import NetworkPolicy
from netbot.rules.ranking import Because
from netbot.store.journal import Record
from netbot.text import (
    FAVOURS,
    KINDS,
    LIKING,
    LOOK_IN,
    OUTCOMES,
    PARTS,
    REASONS,
    SPHERES,
    STATES,
    THANKS,
    VERBS,
    Texts,
)

#: How much of a post a card quotes, in characters.
EXCERPT = 260

#: Names that are written differently from the words used for them in files.
NAMES = {
    "devto": "dev.to",
    "github": "GitHub",
    "hackernews": "Hacker News",
    "linkedin": "LinkedIn",
    "mail": "E-Mail",
    "whatsapp": "WhatsApp",
    "xing": "XING",
    "youtube": "YouTube",
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one visitor reads."""

    texts: Texts
    house: House
    now: datetime
    policy: Mapping[str, NetworkPolicy] = field(default_factory=dict)

    @property
    def locale(self) -> str:
        """For dates and numbers; English ones as most of Europe writes them."""
        return "de" if self.texts.language.startswith("de") else "en_GB"

    def sphere(self, name: str) -> str:
        """A sphere's name for people."""
        return self.texts.get(SPHERES.get(name, name))

    def client(self, id: str) -> str:
        """A client's name, or the id of one no longer configured."""
        client = self.house.client(id)
        return client.name if client else id

    def handle(self, account: str | None) -> str:
        """How an account is called where it acts; "" for none."""
        found = self.house.account(account)
        return found.handle if found else account or ""

    def place(self, choice: Choice) -> str:
        """Where an act happens: a network's name, or the site's."""
        if choice.network in SITES:
            return host_of(choice.target_url) or choice.network
        return self.network(choice.network)

    def network(self, name: str) -> str:
        """A network as it writes itself."""
        return NAMES.get(name, name.capitalize())

    def kind(self, kind: str) -> str:
        """What a contact was: a verb, or a word of the user's own."""
        return self.texts.get(KINDS.get(kind, kind))

    def medium(self, name: str) -> str:
        """Where a source or an account is at home: a network, or any site."""
        if name in SITES:
            return self.texts.get("website")
        return NAMES.get(name, name.capitalize())

    def contact(self, touch: Touch) -> str:
        """What a contact was, and who reached out."""
        _ = self.texts.get
        if touch.direction is Direction.OUT:
            return f"{_('from you:')} {self.kind(touch.kind)}"
        if touch.kind in FAVOURS:
            return _(FAVOURS[touch.kind]).format(client=self.client(touch.client))
        return f"{_('from them:')} {self.kind(touch.kind)}"

    def favour(self, done: Favour, client: str) -> str:
        """What a client did, in words."""
        return self.texts.get(FAVOURS[done.kind.value]).format(client=self.client(client))

    def heading(self, card: Suggestion) -> str:
        """What a card is about: the post's title, or what there is to thank for."""
        if card.choice.verb is not Verb.THANK:
            return card.post.post.title
        if card.favours:
            return self.favour(card.favours[-1], card.client)
        return self.texts.get(THANKS).format(client=self.client(card.client))

    def unnamed(self, card: Suggestion) -> str:
        """What to call a card about a post that has no title."""
        post = card.post.post
        place = host_of(post.url) if post.network in SITES else NAMES.get(post.network, "")
        return self.texts.get("A post on {place}").format(place=place or post.network.capitalize())

    def verb(self, choice: Choice) -> str:
        """What one does."""
        return self.texts.get(LOOK_IN if choice.is_look_in else VERBS[choice.verb.value])

    def acting(self, choice: Choice) -> str:
        """As whom, and where."""
        _ = self.texts.get
        if choice.account is None:
            return _("you yourself, in person")
        return _("as {handle} on {network}").format(
            handle=self.handle(choice.account), network=self.place(choice)
        )

    def act(self, choice: Choice) -> str:
        """What, as whom, and where."""
        _ = self.texts.get
        verb = self.verb(choice)
        if choice.account is None:
            return verb
        return _("{verb} as {handle} on {network}").format(
            verb=verb, handle=self.handle(choice.account), network=self.place(choice)
        )

    def manner(self, choice: Choice) -> str:
        """Who does it, who sees it, and whether it can be taken back."""
        return f"{self._doer(choice)} · {self._weight(choice)}"

    def state(self, card: Suggestion, action: Action | None) -> str:
        """Where a card stands, or its act if it has one."""
        of_act = action if card.state is SuggestionState.APPROVED else None
        return self.texts.get(STATES.get((of_act or card).state.value, (of_act or card).state))

    def can_undo(self, choice: Choice) -> bool:
        """Whether netbot can take such an act back."""
        entry = self.policy.get(choice.network)
        return entry is not None and choice.verb in entry.undo

    def outcome(self, action: Action) -> str:
        """What has become of an act, and when; and when it was approved."""
        _ = self.texts.get
        yes = _("your yes: {time}").format(time=self.when(action.created_at))
        if action.state is ActionState.PENDING:
            return yes
        state = _(STATES[action.state.value])
        return f"{state} {self.when(action.changed_at)} · {yes}"

    def fate(self, action: Action, *, is_held: bool = False) -> str:
        """What an act in netbot's hands waits for, or what went wrong with it; "" for nothing."""
        _ = self.texts.get
        if is_held:
            return _(gate.IN_PEACE)
        if action.state is ActionState.SENT and action.take_back:
            return _("It is being taken back.")
        if action.state is ActionState.HANDED_OFF and action.not_before > self.now:
            return _("Again {time}.").format(time=self.when(action.not_before))
        if action.state is not ActionState.PENDING or action.choice.channel is not Channel.API:
            return _(action.note)
        return self._patience(action)

    def _patience(self, action: Action) -> str:
        """What an approved act waits for."""
        _ = self.texts.get
        time = self.when(action.not_before)
        if action.note and action.not_before < action.expires_at:
            return f"{_(action.note)} {_('Next try: {time}.').format(time=time)}"
        if action.note:
            return _(action.note)
        if action.not_before > self.now:
            return _("Leaves {time}.").format(time=time)
        return _("Leaves in a moment, as long as netbot runs.")

    def part(self, name: str) -> str:
        """What a part of the score stands for."""
        return self.texts.get(PARTS.get(name, name))

    def number(self, value: float) -> str:
        """A number as one writes it here, with its sign."""
        return format_decimal(value, format="+0.##;−0.##", locale=self.locale)

    def liking(self, because: Because) -> str:
        """What was decided about posts like one."""
        what = self.client(because.what) if because.kind == "client" else because.what
        said = self.texts.get(LIKING[because.kind])
        return said.format(approved=because.approved, decided=because.decided, what=what)

    def share(self, value: float) -> str:
        """A share between 0 and 1 as one writes it here."""
        return format_decimal(value, format="0.##", locale=self.locale)

    def day(self, at: datetime) -> str:
        """A date with its year."""
        return format_date(self._local(at).date(), "long", locale=self.locale)

    def clock(self, at: datetime) -> str:
        """The time of day."""
        return f"{self._local(at):%H:%M}"

    def iso(self, at: datetime) -> str:
        """A date as fields for dates take it."""
        return f"{self._local(at):%Y-%m-%d}"

    def weekday(self, at: datetime) -> str:
        """A weekday with its date."""
        pattern = "EEEE, d. MMMM" if self.locale == "de" else "EEEE, d MMMM"
        return format_date(self._local(at).date(), pattern, locale=self.locale)

    def month(self, first: date) -> str:
        """A month with its year."""
        return format_date(first, "LLLL yyyy", locale=self.locale)

    def initial(self, first: date) -> str:
        """A month as one letter, below a plot."""
        return format_date(first, "LLLLL", locale=self.locale)

    def short_day(self, day: date) -> str:
        """A date without its year, in few letters."""
        return format_skeleton("MMMd", day, locale=self.locale)

    def span(self, hours: float) -> str:
        """How long something took, in the largest fitting unit."""
        return format_timedelta(timedelta(hours=hours), threshold=1.5, locale=self.locale)

    def decision(self, record: Record) -> str:
        """What was decided, with the reason or the day that was named."""
        _ = self.texts.get
        said = _(OUTCOMES[record.outcome.value])
        if record.reason:
            said = f"{said}: {_(REASONS[record.reason.value])}"
        if record.until:
            said = f"{said} · {_('until {day}').format(day=self.day(record.until))}"
        return said

    def when(self, at: datetime) -> str:
        """A time as one says it: today and yesterday by name, the rest by date."""
        _ = self.texts.get
        local = self._local(at)
        days = (self._local(self.now).date() - local.date()).days
        time = f"{local:%H:%M}"
        if days == 0:
            return _("today {time}").format(time=time)
        if days == 1:
            return _("yesterday {time}").format(time=time)
        if days == -1:
            return _("tomorrow {time}").format(time=time)
        return f"{format_skeleton('MMMMd', local, locale=self.locale)}, {time}"

    def ago(self, at: datetime) -> str:
        """How long ago something was, in the largest fitting unit."""
        passed = at - self.now
        return format_timedelta(passed, add_direction=True, locale=self.locale)

    def _doer(self, choice: Choice) -> str:
        _ = self.texts.get
        if choice.is_look_in:
            return _("You open the page in your browser; netbot never does")
        if choice.verb is Verb.GESTURE:
            return _("A letter, a call or a visit; netbot sends nothing")
        if choice.verb is Verb.THANK:
            return _("You write to them yourself; netbot sends nothing")
        if choice.channel is Channel.HANDOFF:
            return _("You do it yourself, in your browser")
        return _("netbot sends it {n} seconds after your yes").format(n=self.house.undo_window_s)

    def _weight(self, choice: Choice) -> str:
        _ = self.texts.get
        if choice.is_look_in:
            return _("nobody sees it")
        if choice.verb in PERSONAL:
            return _("stays between you and them")
        by_program = choice.channel is Channel.API
        if choice.is_final or (by_program and not self.can_undo(choice)):
            return self._priced(choice, _("public, cannot be taken back"))
        if by_program:
            return self._priced(choice, _("public, netbot can take it back"))
        return self._priced(choice, _("public, you can take it back there"))

    def _priced(self, choice: Choice, weight: str) -> str:
        """With what the network asks for an act that netbot itself sends."""
        entry = self.policy.get(choice.network)
        cost = entry.cost_micros.get(choice.verb, 0) if entry else 0
        if not cost or choice.channel is not Channel.API:
            return weight
        return self.texts.get("{weight}, costs {price}").format(weight=weight, price=dollars(cost))

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.house.time_zone))


def excerpt(text: str) -> str:
    """The beginning of a post in one piece, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[:EXCERPT].rsplit(" ", 1)[0] + " …"


def host_of(url: str) -> str:
    """The site of a plain web address, in punycode; "" for anything that is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    plain = parts.scheme in {"http", "https"} and "@" not in parts.netloc
    return f"{host}{port}" if plain and host else ""


def language_tag(declared: str | None) -> str | None:
    """A declared language that may stand in a ``lang`` attribute, else None."""
    return declared if declared and _LANGUAGE.fullmatch(declared) else None
