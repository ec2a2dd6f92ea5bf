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
from netbot.cli.outgoing import tell_outbox
from netbot.cli.paint import bold, fold, paint_card, paint_slip, tell, tell_act
from netbot.cli.place import HomeOption, SphereOption, add, place, texts_of
from netbot.model import (
    Action,
    Channel,
    NetbotError,
    SkipReason,
    Suggestion,
    SuggestionState,
    UsageError,
)
from netbot.text import REASONS, Texts, mark

if TYPE_CHECKING:
    from netbot.engine import Intent

HELP = mark(
    "a approve · e edit · s skip · h later · n never again · t thank personally · "
    "w why · o open the original · z undo · "
    "j next · k back · q quit"
)

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
        if not Session(sphere=opened, texts=texts_of(opened)).run():
            return


def _read_key() -> str:
    """One key; "" when there will be no more."""
    try:
        return typer.getchar()
    except EOFError:
        return ""


def _open_page(url: str) -> None:
    import webbrowser

    webbrowser.open(url)


@dataclass(slots=True, kw_only=True)
class Session:
    """One sphere's cards, one after the other. Nothing is decided but by a key."""

    sphere: Sphere
    texts: Texts
    read_key: Callable[[], str] = _read_key  # "" when there are no more
    ask: Callable[[str], str] = typer.prompt  # raises ``typer.Abort`` when the human gives up
    open_page: Callable[[str], object] = _open_page
    elapsed_s: Callable[[], float] = monotonic
    at: int = 0  # which card, from 0
    decided: list[str] = field(default_factory=list)  # ids, oldest first
    edited: dict[str, str] = field(default_factory=dict)  # id -> the human's text
    returned: str = ""  # id of the card to show next: brought back by an undo, or just made

    def run(self) -> bool:
        """Until every card is decided, or the human quits; False means quit."""
        from netbot import engine

        _ = self.texts.get
        self._say(_(HELP))
        while True:
            cards = engine.queue(self.sphere.store, self.sphere.house, clock.now()).cards
            if not cards:
                self._say(f"{self.sphere.name}: " + _("All caught up. An empty day is a good day."))
                for line in tell_outbox(self.sphere, self.texts):
                    typer.echo(line)
                if self.decided:
                    self._say(_("Not meant so? {command}").format(command=self._undoing()))
                return True
            ids = [card.id for card in cards]
            self.at = ids.index(self.returned) if self.returned in ids else self.at % len(cards)
            self.returned = ""
            self._show(cards[self.at], len(cards))
            if not self._obey(cards[self.at]):
                return False

    def _undoing(self) -> str:
        return f"netbot undo {self.decided[-1]}"

    def _say(self, text: str) -> None:
        for line in fold(text):
            typer.echo(line)

    def _show(self, card: Suggestion, total: int) -> None:
        from netbot.store import touches

        with self.sphere.store.read() as tx:
            timeline = touches.of_client(tx, self.sphere.name, card.client, limit=5)
        typer.echo(f"\n{bold(card.id)} · {self.at + 1}/{total}")
        house, policy = self.sphere.house, self.sphere.policy
        typer.echo(paint_card(card, house, None, timeline, self.texts, policy=policy))
        if card.id in self.edited:
            self._say(f"→ {self.edited[card.id]}")

    def _obey(self, card: Suggestion) -> bool:
        """Carry out keys until one moves on; False means quit."""
        shown_at = self.elapsed_s()
        while True:
            key = self.read_key()
            if key in {"q", "\x04", ""}:
                return False
            answer = self.keys.get(key)
            if answer is None:
                self._say(self.texts.get(HELP))
            elif key in DECIDING and self.elapsed_s() - shown_at < GLANCE_S:
                continue
            elif self._try(answer, card):
                return True

    def _try(self, answer: Callable[["Session", Suggestion], bool], card: Suggestion) -> bool:
        """Whether the key moved on; what stands in its way is told."""
        try:
            return answer(self, card)
        except NetbotError as error:
            typer.echo(str(error), err=True)
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
            self._hand_off(card)
        except NetbotError as error:  # the approval stands, and `netbot show` says so too
            typer.echo(str(error), err=True)
        return True

    def _hand_off(self, card: Suggestion) -> None:
        """The act lies in the human's hands: d done, n not done, anything else later."""
        from netbot import engine

        store, house = self.sphere.store, self.sphere.house
        action, handoff = engine.hand_off(store, self.sphere.hall, card.id, clock.now())
        typer.echo(paint_slip(action, handoff, house, self.texts))
        self.open_page(handoff.url)
        _ = self.texts.get
        self._say(_("d done · n not done · any other key: later"))
        closing = {"d": engine.confirm, "n": engine.decline}.get(self.read_key())
        if closing is not None:
            self._say(tell_act(closing(store, card.id, clock.now()), self.texts))

    def _edit(self, card: Suggestion) -> bool:
        _ = self.texts.get
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        text = self.edited.get(card.id, card.draft)
        changed = _edit_in(editor, text) if editor else self.ask(_("Your text"))
        self.edited[card.id] = changed.strip()
        return True

    def _skip(self, card: Suggestion) -> bool:
        from netbot.engine import Skip

        reasons = list(SkipReason)
        for number, reason in enumerate(reasons, 1):
            typer.echo(f"  {number} {self.texts.get(REASONS[reason.value])}")
        key = self.read_key()
        if key not in map(str, range(1, len(reasons) + 1)):
            self._say(self.texts.get(HELP))
            return False
        return self._decide(card, Skip(reason=reasons[int(key) - 1]))

    def _snooze(self, card: Suggestion) -> bool:
        from netbot.engine import Snooze

        _ = self.texts.get
        until = self.ask(_("Until (tomorrow, monday, 3d, 2026-12-24)"))
        at = clock.parse_until(until, clock.now(), self.sphere.house.time_zone)
        return self._decide(card, Snooze(until=at))

    def _never(self, card: Suggestion) -> bool:
        from netbot import app
        from netbot.cli.never import tell as tell_never

        _ = self.texts.get
        client = self.sphere.house.client(card.client)
        self._say(_("Never again: 1 this topic · 2 {client}").format(client=client and client.name))
        key = self.read_key()
        if key not in {"1", "2"}:
            self._say(_(HELP))
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
        after = decide(self.sphere.store, self.sphere.hall, last, Undo(), clock.now())
        action = self._act_of(last)
        self._say(tell(after, action, self.sphere.house, self.texts))
        if after.state is SuggestionState.WAITING:  # else only "done" was taken back
            self.decided.pop()
            self.returned = last
        return True

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
        self.open_page(card.post.post.url)
        return False

    def _next(self, _card: Suggestion) -> bool:
        self.at += 1
        return True

    def _back(self, _card: Suggestion) -> bool:
        self.at -= 1
        return True

    @property
    def keys(self) -> dict[str, Callable[["Session", Suggestion], bool]]:
        """What each key does; a key that is not here shows the list."""
        return {
            "a": Session._approve,
            "e": Session._edit,
            "s": Session._skip,
            "h": Session._snooze,
            "n": Session._never,
            "t": Session._thank,
            "w": Session._why,
            "o": Session._open,
            "z": Session._undo,
            "j": Session._next,
            "k": Session._back,
        }


#: Keys that decide.
DECIDING = ("a", "s", "h", "n", "z")


def _edit_in(editor: str, text: str) -> str:
    """What the human made of ``text`` in the own editor. Raises ``UsageError``."""
    import shlex
    import subprocess
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "netbot.txt"
        file.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(file)], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise UsageError(f"the editor “{editor}” did not work ({error}): set EDITOR") from error
        return file.read_text(encoding="utf-8", errors="replace")
