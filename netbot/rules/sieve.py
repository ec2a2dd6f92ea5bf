"""Which expressions can match a text at all: one look, however many expressions there are.

Every expression needs certain letters; RE2 looks for those of all at once. What is left is asked
one by one, so that the sieve changes nothing but the time it takes.
"""

from collections.abc import Sequence
from typing import Any

_MARK = "\x02netbot\x03"  # no post holds it; where it is not found, the look failed


class Sieve:
    """Lets through the numbers of the expressions that may match."""

    def __init__(self, sources: Sequence[str]) -> None:
        """Take rewritten expressions, in the order of their numbers."""
        import re2

        self._all = frozenset(range(len(sources)))
        self._filter: Any = re2.Filter()
        options = re2.Options()
        options.log_errors = False
        for source in (*sources, _MARK):
            self._filter.Add(source, options)
        self._filter.Compile()

    def pass_through(self, text: str) -> frozenset[int]:
        """Numbers of all expressions that match, and perhaps of some that do not."""
        if not self._all:
            return self._all
        marked = f"{text}{_MARK}".encode(errors="replace")
        found = frozenset(self._filter.Match(marked, potential=True) or ())
        return found & self._all if len(self._all) in found else self._all
