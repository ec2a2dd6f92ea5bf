"""``netbot review``: the day's cards one after the other, one key each."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import typer

from netbot import clock
from netbot.app import Sphere
from netbot.cli import keyboard
from netbot.cli.byhand import QUIT, Hands, ask_until
from netbot.cli.notes import tell_contact
from netbot.cli.outgoing import tell_outbox
from netbot.cli.paint import (
    bold,
    fold,
    lane_of,
    paint_card,
    tell,
)
from netbot.cli.place import HomeOption, SphereOption, add, place, texts_of
from netbot.cli.sources import tell_problem
from netbot.keys import KEYS, LABELS, key_of
from netbot.model import (
    Action,
    Channel,
    NetbotError,
    SkipReason,
    Suggestion,
    SuggestionState,
    UsageError,
)
from netbot.text import REASONS, Texts

if TYPE_CHECKING:
    from netbot.engine import Intent

#: Nobody reads a card faster: a key that decides sooner was meant for the card before, or is held
#: down. In seconds.
GLANCE_S = 0.4


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, review)


def review(home: HomeOption = None, sphere: SphereOption = None) -> None:
    """Go through today's cards, one key each; ? shows the keys."""
    here = place(home, sphere)
    if not sys.stdin.isatty():
        raise UsageError("review needs a terminal; scripts use queue, approve, skip and snooze")
    for opened in here.each():
        read = keyboard.read_line if opened.house.keys is None else keyboard.read_key
        if not Session(sphere=opened, texts=texts_of(opened), read_key=read).run():
            return


@dataclass(slots=True, kw_only=True)
class Session:
    """One sphere's cards, one after the other. Nothing is decided but by a key."""

    sphere: Sphere
    texts: Texts
    read_key: Callable[[], str] = keyboard.read_key  # "" when there are no more
    ask: Callable[[str], str] = keyboard.ask  # raises ``typer.Abort`` when the human gives up
    open_page: Callable[[str], object] = keyboard.open_page
    elapsed_s: Callable[[], float] = monotonic
    at: int = 0  # which card, from 0
    decided: list[str | int] = field(default_factory=list)  # cards, and contacts by number
    edited: dict[str, str] = field(default_factory=dict)  # id -> the human's text
    returned: str = ""  # id of the card to show next: brought back, just made, or found
    lane: str = ""  # of the card shown last

    def run(self) -> bool:
        """Until every card is decided, or the human quits; False means quit."""
        from netbot import engine

        self._say(self._help())
        while True:
            cards = engine.queue(self.sphere.store, self.sphere.house, clock.now()).cards
            if not cards:
                return self._end()
            ids = [card.id for card in cards]
            self.at = ids.index(self.returned) if self.returned in ids else self.at % len(cards)
            self.returned = ""
            self._show(cards[self.at], len(cards))
            if not self._obey(cards[self.at]):
                return False

    def _end(self) -> bool:
        """What is left to be done by hand, then what waits and what is wrong."""
        from netbot import engine

        _ = self.texts.get
        self._say(f"{self.sphere.name}: " + _("All caught up. An empty day is a good day."))
        if not self._hands.go_round():
            return False
        for line in tell_outbox(self.sphere, self.texts):
            typer.echo(line)
        for problem in engine.problems(self.sphere.store, self.sphere.house, clock.now()):
            typer.echo(tell_problem(problem, self.texts))
        if self.decided:
            self._say(_("Not meant so? {command}").format(command=self._undoing()))
        return True

    def _undoing(self) -> str:
        last = self.decided[-1]
        if isinstance(last, str):
            return f"netbot undo {last}"
        from netbot import engine

        touch, _counts = engine.contact(self.sphere.store, last)
        return f"netbot note {touch.client} --undo"

    def _say(self, text: str) -> None:
        for line in fold(text):
            typer.echo(line)

    def _help(self) -> str:
        _ = self.texts.get
        told = [f"{key_of(self.sphere.house.keys, deed)} {_(LABELS[deed])}" for deed in self.deeds]
        return " · ".join([*told, _("q quit")])

    @property
    def _hands(self) -> Hands:
        return Hands(
            sphere=self.sphere,
            texts=self.texts,
            read_key=self.read_key,
            ask=self.ask,
            open_page=self.open_page,
        )

    def _show(self, card: Suggestion, total: int) -> None:
        from netbot.store import touches

        with self.sphere.store.read() as tx:
            timeline = touches.of_client(tx, self.sphere.name, card.client, limit=5)
        lane = self.texts.get(lane_of(card))
        if lane != self.lane:
            typer.echo(f"\n{bold(lane)}")
            self.lane = lane
        typer.echo(f"\n{bold(card.id)} · {self.at + 1}/{total}")
        house, policy = self.sphere.house, self.sphere.policy
        typer.echo(paint_card(card, house, None, timeline, self.texts, policy=policy))
        if card.id in self.edited:
            self._say(f"→ {self.edited[card.id]}")

    def _obey(self, card: Suggestion) -> bool:
        """Carry out keys until one moves on; False means quit."""
        shown_at = self.elapsed_s()
        meant = {key_of(self.sphere.house.keys, deed): deed for deed in KEYS}
        while True:
            key = self.read_key()
            if key in QUIT:
                return False
            deed = meant.get(key, "help")
            answer = self.deeds.get(deed)
            if answer is None:
                self._say(self._help())
            elif deed in DECIDING and self.elapsed_s() - shown_at < GLANCE_S:
                continue
            elif self._try(answer, card):
                return True

    def _try(self, answer: Callable[["Session", Suggestion], bool], card: Suggestion) -> bool:
        """Whether the key moved on; what stands in its way is told."""
        try:
            return answer(self, card)
        except NetbotError as error:
            typer.echo(error.told(self.texts.get), err=True)
        except typer.Abort:  # Ctrl+C at a question takes back the question only
            typer.echo()
        return False

    def _act_of(self, id: str) -> Action | None:
        from netbot.store import acts

        with self.sphere.store.read() as tx:
            return acts.latest(tx, self.sphere.name, id)

    def _approve(self, card: Suggestion) -> bool:
        from netbot.engine import Approve, decide

        text = self.edited.get(card.id)
        after = decide(
            self.sphere.store, self.sphere.hall, card.id, Approve(text=text), clock.now()
        )
        self.decided.append(card.id)
        action = self._act_of(card.id)
        if action is None or action.choice.channel is not Channel.HANDOFF:
            self._say(tell(after, action, self.sphere.house, self.texts))
            return True
        try:
            self._hands.take(card.id)
        except NetbotError as error:  # the approval stands, and `netbot show` says so too
            typer.echo(error.told(self.texts.get), err=True)
        except typer.Abort:  # so it does when the human leaves the question when again
            typer.echo()
        return True

    def _edit(self, card: Suggestion) -> bool:
        _ = self.texts.get
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        text = self.edited.get(card.id, card.draft)
        changed = keyboard.edit(editor, text) if editor else self.ask(_("Your text"))
        self.edited[card.id] = changed.strip()
        return True

    def _skip(self, card: Suggestion) -> bool:
        from netbot.engine import Skip

        reasons = list(SkipReason)
        for number, reason in enumerate(reasons, 1):
            typer.echo(f"  {number} {self.texts.get(REASONS[reason.value])}")
        key = self.read_key()
        if key not in map(str, range(1, len(reasons) + 1)):
            self._say(self._help())
            return False
        return self._decide(card, Skip(reason=reasons[int(key) - 1]))

    def _snooze(self, card: Suggestion) -> bool:
        from netbot.engine import Snooze

        return self._decide(card, Snooze(until=ask_until(self.ask, self.sphere.house, self.texts)))

    def _never(self, card: Suggestion) -> bool:
        from netbot import app
        from netbot.cli.never import tell as tell_never

        _ = self.texts.get
        client = self.sphere.house.client(card.client)
        self._say(_("Never again: 1 this topic · 2 {client}").format(client=client and client.name))
        key = self.read_key()
        if key not in {"1", "2"}:
            self._say(self._help())
            return False
        done = app.never(self.sphere, card.id, clock.now(), client=key == "2")
        for line in tell_never(done, self.texts):
            typer.echo(line)
        self.decided += reversed(done.skipped)
        return True

    def _decide(self, card: Suggestion, intent: "Intent") -> bool:
        from netbot.engine import decide

        after = decide(self.sphere.store, self.sphere.hall, card.id, intent, clock.now())
        self._say(tell(after, None, self.sphere.house, self.texts))
        self.decided.append(card.id)
        return True

    def _undo(self, _card: Suggestion) -> bool:
        from netbot.engine import Undo, decide

        if not self.decided:
            raise UsageError("nothing was decided in this session yet")
        last = self.decided[-1]
        if isinstance(last, int):
            return self._undo_contact(last)
        after = decide(self.sphere.store, self.sphere.hall, last, Undo(), clock.now())
        action = self._act_of(last)
        self._say(tell(after, action, self.sphere.house, self.texts))
        if after.state is SuggestionState.WAITING:  # else only "done" was taken back
            self.decided.pop()
            self.returned = last
        return True

    def _contact(self, card: Suggestion) -> bool:
        from netbot import engine

        _ = self.texts.get
        now, house = clock.now(), self.sphere.house
        day = self.ask(_("When (today, yesterday, 3d, 2026-11-20)")) or "today"
        at = clock.parse_day(day, now, house.time_zone)
        text = self.ask(_("A note, or just Enter"))
        number = engine.note_contact(self.sphere.store, house, card.client, at, now, text=text)
        self.decided.append(number)
        self._tell_contact(number)
        return False

    def _undo_contact(self, number: int) -> bool:
        from netbot import engine

        engine.undo_contact(self.sphere.store, number, clock.now())
        self.decided.pop()
        self._tell_contact(number)
        return False

    def _tell_contact(self, number: int) -> None:
        from netbot import engine

        self._say(tell_contact(*engine.contact(self.sphere.store, number), self.sphere, self.texts))

    def _search(self, _card: Suggestion) -> bool:
        """To the next of today's cards that has all the words; clients that have them are told."""
        from netbot import engine

        store, house, now = self.sphere.store, self.sphere.house, clock.now()
        found = engine.find(store, house, self.ask(self.texts.get("Search")), now)
        for client in found.clients:
            typer.echo(f"  {client.id}  {client.name}")
        wanted = {card.id for card in found.cards}
        ids = [card.id for card in engine.queue(store, house, now).cards]
        ahead = ids[self.at + 1 :] + ids[: self.at + 1]
        self.returned = next((each for each in ahead if each in wanted), "")
        if not found.clients and not self.returned:
            _ = self.texts.get
            self._say(_("Nothing found: no waiting card and no client has all these words."))
        return bool(self.returned)

    def _thank(self, card: Suggestion) -> bool:
        from netbot import engine

        store, desk = self.sphere.store, self.sphere.desk
        made = engine.thank(store, desk, card.client, clock.now(), about=card)
        self.returned = made.id
        return True

    def _why(self, card: Suggestion) -> bool:
        from netbot import engine

        _ = self.texts.get
        reasons = engine.trace(self.sphere.store, self.sphere.desk, card, clock.now()).reasons
        for reason in reasons:
            matched = f" „{reason.matched}“" if reason.matched else ""
            self._say(f"{reason.file}:{reason.line} {reason.rule}{matched}: {reason.because}")
        if not reasons:
            self._say(_("No rule spoke: nothing is said against it, and nothing for it."))
        return False

    def _open(self, card: Suggestion) -> bool:
        if not card.post.post.url:
            raise UsageError(f"{card.id}: the post has no address")
        typer.echo(card.post.post.url)
        self.open_page(card.post.post.url)
        return False

    def _next(self, _card: Suggestion) -> bool:
        self.at += 1
        return True

    def _back(self, _card: Suggestion) -> bool:
        self.at -= 1
        return True

    @property
    def deeds(self) -> dict[str, Callable[["Session", Suggestion], bool]]:
        """What can be done with a card; a key for none of it shows the list."""
        return {
            "approve": Session._approve,
            "edit": Session._edit,
            "skip": Session._skip,
            "later": Session._snooze,
            "never": Session._never,
            "thank": Session._thank,
            "contact": Session._contact,
            "why": Session._why,
            "open": Session._open,
            "undo": Session._undo,
            "search": Session._search,
            "next": Session._next,
            "back": Session._back,
        }


#: Deeds that decide.
DECIDING = ("approve", "skip", "later", "never", "undo")
