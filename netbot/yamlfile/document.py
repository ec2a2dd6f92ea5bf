"""A file that was read: its plain data, and where each value stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from netbot.model import Problem

Place = tuple[int, int]  # line and column, from 1
Path = tuple[str | int, ...]  # keys and indices from the root


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one value stands."""

    value: Place
    key: Place | None  # None for entries of a list and for the root
    written: str | None  # the characters of a scalar; None for lists and mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: ``data`` holds dict, list, str, int, float, bool and None only."""

    name: str  # what problems call the file
    data: Any
    spots: Mapping[Path, Spot]
    sha256: str  # hex, of the text as UTF-8

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Line and column, from 1, of the value at ``path`` (or of its ``key``).

        What is missing is placed at its nearest ancestor that exists.
        """
        spot = self.spots.get(tuple(path))
        if spot is None:
            return self.place(path[:-1]) if path else (1, 1)
        return spot.key if key and spot.key else spot.value

    def written(self, path: Sequence[str | int]) -> str | None:
        """A scalar as it stands in the file (``010``); None for anything else."""
        spot = self.spots.get(tuple(path))
        return spot.written if spot else None

    def problem(self, path: Sequence[str | int], message: str, *, key: bool = False) -> Problem:
        """A problem at the value at ``path`` (or at its ``key``)."""
        line, column = self.place(path, key=key)
        return Problem(file=self.name, line=line, column=column, message=message)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a question to append, else ""."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean “{folded[near[0]]}”?" if near else ""
