"""Acts that lie in the human's own hands, at a terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import typer

from netbot import clock
from netbot.app import Sphere
from netbot.cli.paint import fold, local_time, paint_slip, tell_act
from netbot.keys import LABELS, key_of
from netbot.model import House, NetbotError
from netbot.text import Texts

#: Keys that end it: q, Ctrl+D, and that there are no more.
QUIT = ("q", "\x04", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """The human at the keyboard, with a browser."""

    sphere: Sphere
    texts: Texts
    read_key: Callable[[], str]  # "" when there are no more
    ask: Callable[[str], str]  # raises ``typer.Abort`` when the human gives up
    open_page: Callable[[str], object]

    def take(self, id: str) -> str:
        """Open one act's page, then done, not done or later. Returns the key pressed.

        Raises ``NetbotError`` when there is nothing to do by hand, and ``typer.Abort``.
        """
        from netbot import engine

        store, house = self.sphere.store, self.sphere.house
        action, handoff = engine.hand_off(store, self.sphere.hall, id, clock.now())
        typer.echo(paint_slip(action, handoff, house, self.texts))
        self.open_page(handoff.url)
        self._say(self._choices())
        key = self.read_key()
        closing = {self._key("done"): engine.confirm, self._key("not_done"): engine.decline}
        if key in closing:
            self._say(tell_act(closing[key](store, id, clock.now()), self.texts))
        elif key == self._key("later"):
            self._put_off(id)
        return key

    def go_round(self) -> bool:
        """Every act by hand that is due, one after the other; False means quit."""
        from netbot import engine

        due = engine.handed_off(self.sphere.store, self.sphere.house, clock.now())
        for number, action in enumerate(due, 1):
            place = self.texts.get("{n} of {total}").format(n=number, total=len(due))
            typer.echo(f"\n{self.texts.get('By hand')} · {place}")
            try:
                if self.take(action.suggestion) in QUIT:
                    return False
            except NetbotError as error:
                typer.echo(error.told(self.texts.get), err=True)
            except typer.Abort:  # Ctrl+C at the question when again takes back the question only
                typer.echo()
        return True

    def _choices(self) -> str:
        _ = self.texts.get
        told = [f"{self._key(deed)} {_(LABELS[deed])}" for deed in ("done", "not_done", "later")]
        return " · ".join([*told, _("any other key: it stays in your hands")])

    def _key(self, deed: str) -> str:
        return key_of(self.sphere.house.keys, deed)

    def _put_off(self, id: str) -> None:
        from netbot.engine import Snooze, decide

        until = ask_until(self.ask, self.sphere.house, self.texts)
        decide(self.sphere.store, self.sphere.hall, id, Snooze(until=until), clock.now())
        time = local_time(until, self.sphere.house)
        self._say(f"{id}: " + self.texts.get("Again {time}.").format(time=time))

    def _say(self, text: str) -> None:
        for line in fold(text):
            typer.echo(line)


def ask_until(ask: Callable[[str], str], house: House, texts: Texts) -> datetime:
    """Until when something shall rest. Raises ``UsageError``."""
    until = ask(texts.get("Until (tomorrow, monday, 3d, 2026-12-24)"))
    return clock.parse_until(until, clock.now(), house.time_zone)
