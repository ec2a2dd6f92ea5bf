"""``netbot review``: the day's cards one after the other, one key each."""

import os
import shlex
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import typer

from netbot import clock, engine
from netbot.app import Sphere
from netbot.cli.paint import bold, paint_card, paint_slip, tell, tell_act
from netbot.cli.place import HomeOption, SphereOption, place, texts_of
from netbot.engine import Approve, Intent, Skip, Snooze, Undo
from netbot.model import ActionState, NetbotError, SkipReason, Suggestion, UsageError
from netbot.store import acts, touches
from netbot.text import REASONS, Texts, mark

HELP = mark(
    "a approve · e edit · s skip · h later · w why · o open the original · z undo · "
    "j next · k back · q quit"
)


def register(root: typer.Typer) -> None:
    """Add this command."""
    root.command()(review)


def review(home: HomeOption = None, sphere: SphereOption = None) -> None:
    """Go through today's cards, one key each; ? shows the keys."""
    if not sys.stdin.isatty():
        raise UsageError("review needs a terminal; scripts use queue, approve, skip and snooze")
    for opened in place(home, sphere).each():
        Session(sphere=opened, texts=texts_of(opened)).run()


@dataclass(slots=True, kw_only=True)
class Session:
    """One sphere's cards, one after the other. Nothing is decided but by a key."""

    sphere: Sphere
    texts: Texts
    read_key: Callable[[], str] = typer.getchar
    ask: Callable[[str], str] = typer.prompt
    open_page: Callable[[str], object] = webbrowser.open
    at: int = 0  # which card, from 0
    decided: list[str] = field(default_factory=list)  # ids, oldest first
    edited: dict[str, str] = field(default_factory=dict)  # id -> the human's text

    def run(self) -> None:
        """Until every card is decided, or the human quits."""
        _ = self.texts.get
        typer.echo(_(HELP))
        while True:
            cards = engine.queue(self.sphere.store, self.sphere.house, clock.now()).cards
            if not cards:
                typer.echo(
                    f"{self.sphere.name}: " + _("All caught up. An empty day is a good day.")
                )
                return
            self.at %= len(cards)
            card = cards[self.at]
            self._show(card, len(cards))
            if not self._obey(card):
                return

    def _show(self, card: Suggestion, total: int) -> None:
        with self.sphere.store.read() as tx:
            timeline = touches.of_client(tx, self.sphere.name, card.client, limit=5)
        typer.echo(f"\n{bold(card.id)} · {self.at + 1}/{total}")
        typer.echo(paint_card(card, self.sphere.house, None, timeline, self.texts))
        if card.id in self.edited:
            typer.echo(f"  → {self.edited[card.id]}")

    def _obey(self, card: Suggestion) -> bool:
        """Carry out keys until one moves on; False means quit."""
        while True:
            key = self.read_key()
            if key in {"q", "\x04"}:
                return False
            answer = self.keys.get(key)
            if answer is None:
                typer.echo(self.texts.get(HELP))
                continue
            try:
                if answer(self, card):
                    return True
            except NetbotError as error:
                typer.echo(str(error), err=True)

    def _decide(self, card: Suggestion, intent: Intent) -> bool:
        after = engine.decide(self.sphere.store, self.sphere.hall, card.id, intent, clock.now())
        with self.sphere.store.read() as tx:
            action = acts.latest(tx, self.sphere.name, card.id)
        typer.echo(tell(after, action, self.texts))
        self.decided.append(card.id)
        return True

    def _approve(self, card: Suggestion) -> bool:
        self._decide(card, Approve(text=self.edited.get(card.id)))
        action, handoff = engine.hand_off(self.sphere.store, self.sphere.hall, card.id, clock.now())
        typer.echo(paint_slip(action, handoff, self.sphere.house, self.texts))
        self.open_page(handoff.url)
        return self._close(card)

    def _close(self, card: Suggestion) -> bool:
        """The act lies in the human's hands: d done, n not done, anything else later."""
        typer.echo(self.texts.get("d done · n not done · any other key: later"))
        key = self.read_key()
        if key == "d":
            typer.echo(
                tell_act(engine.confirm(self.sphere.store, card.id, clock.now()), self.texts)
            )
        elif key == "n":
            typer.echo(
                tell_act(engine.decline(self.sphere.store, card.id, clock.now()), self.texts)
            )
        return True

    def _edit(self, card: Suggestion) -> bool:
        text = self.edited.get(card.id, card.draft)
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        changed = _edit_in(editor, text) if editor else self.ask(self.texts.get("Your text"))
        self.edited[card.id] = changed.strip()
        return True

    def _skip(self, card: Suggestion) -> bool:
        reasons = list(SkipReason)
        for number, reason in enumerate(reasons, 1):
            typer.echo(f"  {number} {self.texts.get(REASONS[reason.value])}")
        key = self.read_key()
        if not (key.isdigit() and 1 <= int(key) <= len(reasons)):
            return False
        return self._decide(card, Skip(reason=reasons[int(key) - 1]))

    def _snooze(self, card: Suggestion) -> bool:
        until = self.ask(self.texts.get("Until (tomorrow, monday, 3d, 2026-12-24)"))
        at = clock.parse_until(until, clock.now(), self.sphere.house.time_zone)
        return self._decide(card, Snooze(until=at))

    def _undo(self, _card: Suggestion) -> bool:
        if not self.decided:
            raise UsageError("nothing was decided in this session yet")
        last = self.decided[-1]
        after = engine.decide(self.sphere.store, self.sphere.hall, last, Undo(), clock.now())
        with self.sphere.store.read() as tx:
            action = acts.latest(tx, self.sphere.name, last)
        typer.echo(tell(after, action, self.texts))
        if action is None or action.state is not ActionState.HANDED_OFF:
            self.decided.pop()
        return True

    def _why(self, card: Suggestion) -> bool:
        for reason in card.verdict.reasons:
            typer.echo(f"  {reason.file}:{reason.line} {reason.rule}: „{reason.matched}“")
        return False

    def _open(self, card: Suggestion) -> bool:
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
            "w": Session._why,
            "o": Session._open,
            "z": Session._undo,
            "j": Session._next,
            "k": Session._back,
        }


def _edit_in(editor: str, text: str) -> str:
    """What the human made of ``text`` in the own editor."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "netbot.txt"
        file.write_text(text, encoding="utf-8")
        subprocess.run([*shlex.split(editor), str(file)], check=True)
        return file.read_text(encoding="utf-8")
