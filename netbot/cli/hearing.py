"""Hearing who was nice to me, as a command does it that looks once."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from netbot import clock
from netbot.app import Sphere, wire
from netbot.cli.paint import fold
from netbot.model import PolicyRefused, StoreError
from netbot.text import Texts

if TYPE_CHECKING:
    from netbot.engine import AccountProblem, Heard


def hear_here(opened: Sphere) -> "Heard":
    """Ask for every account whose time has come, unless a daemon is there that does.

    A secret that is kept wrongly is acting's to complain about.
    """
    from netbot import engine

    with ExitStack() as held:
        try:
            held.enter_context(opened.store.alone("executor", wait=False))
            actors = opened.actors
        except (StoreError, PolicyRefused):
            return engine.Heard()
        return engine.hear(opened.store, opened.desk, actors, clock.now())


def heard_to_json(heard: "Heard") -> dict[str, Any]:
    """What asking brought."""
    return {
        "asked": heard.asked,
        "kept": heard.kept,
        "suggested": heard.cards,
        "errors": heard.errors,
    }


def tell_heard(heard: "Heard", texts: Texts) -> Iterator[str]:
    """The same for people; nothing where nobody was asked."""
    if heard.asked:
        counts = (
            texts.plural("{n} account asked", "{n} accounts asked", heard.asked),
            texts.plural("{n} kindness of clients", "{n} kindnesses of clients", heard.kept),
            texts.plural("{n} thank-you", "{n} thank-yous", heard.cards),
        )
        numbers = (heard.asked, heard.kept, heard.cards)
        told = (count.format(n=n) for count, n in zip(counts, numbers, strict=True))
        yield f"  {', '.join(told)}"
    for account, error in heard.errors.items():
        yield from (f"  {account}", *fold(error, "    "))


def deaf_to_json(problem: "AccountProblem") -> dict[str, Any]:
    """An account that cannot be asked."""
    return {"id": problem.account, "since": wire.moment(problem.since), "note": problem.note}
