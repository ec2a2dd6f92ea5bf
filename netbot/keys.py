"""Which key does what, the same on the page and in the terminal."""

from collections.abc import Mapping
from types import MappingProxyType

from netbot.text import mark

#: What each deed's key is unless the house has another one for it.
KEYS: Mapping[str, str] = MappingProxyType(
    {
        "next": "j",
        "back": "k",
        "approve": "a",
        "edit": "e",
        "skip": "s",
        "later": "h",
        "never": "n",
        "thank": "t",
        "contact": "i",
        "open": "o",
        "why": "w",
        "undo": "z",
        "search": "/",
        "help": "?",
        "done": "d",
        "not_done": "x",
    }
)

#: What each key does, for people.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "next": mark("next card"),
        "back": mark("card before"),
        "approve": mark("approve"),
        "edit": mark("edit the words"),
        "skip": mark("skip"),
        "later": mark("later"),
        "never": mark("never again"),
        "thank": mark("thank personally"),
        "contact": mark("had contact"),
        "open": mark("open the original"),
        "why": mark("why"),
        "undo": mark("undo"),
        "search": mark("search"),
        "help": mark("these keys"),
        "done": mark("done, by hand"),
        "not_done": mark("not done, by hand"),
    }
)


def keys_of(own: Mapping[str, str] | None) -> dict[str, str]:
    """The key of each deed, with those of the house's ``own``; none when that is None."""
    return {} if own is None else {**KEYS, **own}


def key_of(own: Mapping[str, str] | None, deed: str) -> str:
    """The house's key of a deed; the usual one where single keys are switched off."""
    return (own or {}).get(deed, KEYS[deed])


def twice(own: Mapping[str, str]) -> str:
    """A key that two deeds would have, "" for none."""
    keys = list(keys_of(own).values())
    return next((key for key in keys if keys.count(key) > 1), "")
