"""Text as rules compare it, and the way back to the letters that were written.

Folded text is NFC, lower case, ``ß`` as ``ss`` and umlauts as ``ae oe ue``, every run of spaces
and dashes as one space. Rule words are folded by the same function, so that both always agree.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
_QUADS = "".join(map(chr, range(0x2000, 0x200B)))
_DASHES = "-‐‑‒–—―−"
_UNSEEN = "\xad\u200b\u200c\u200d\u2060\ufeff"  # hyphenation hints, zero-width characters
_TABLE = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "’": "'", "‘": "'", "ʼ": "'"}
    | dict.fromkeys(_SPACES + _QUADS + _DASHES, " ")
    | dict.fromkeys(_UNSEEN, "")
)
_FREQUENT = [(chr(code), plain) for code, plain in _TABLE.items() if chr(code) in "äöü-\n\xa0–’"]
_SELDOM = re.compile(f"[{re.escape(''.join(map(chr, _TABLE)))}]")
_RUNS = re.compile(" {2,}")
_BLANK = f"{_SPACES} {_QUADS}{_UNSEEN}{_DASHES[1:]}" + "\\-"
# Where converting may change the length: runs of blanks, and characters beyond ASCII, together
# with the letter before them when marks still stand apart from their letters.
_ODD = re.compile(f"[{_BLANK}]{{2,}}|[^\\x00-\\x7f]")
_ODD_APART = re.compile(f"[{_BLANK}]{{2,}}|[!-,.-~]?[^\\x00-\\x7f{_BLANK}]+|[^\\x00-\\x7f]")


def fold(text: str) -> str:
    """The text as rules compare it."""
    folded = compose(text).casefold()
    if folded.isascii():
        return _RUNS.sub(" ", folded.translate(_TABLE))
    for written, plain in _FREQUENT:  # many times faster than a table beyond ASCII
        folded = folded.replace(written, plain)
    if _SELDOM.search(folded):
        folded = folded.translate(_TABLE)
    return _RUNS.sub(" ", folded)


def compose(text: str) -> str:
    """The text in NFC: an umlaut is one character."""
    return unicodedata.normalize("NFC", text)


def is_letter(character: str) -> bool:
    """Whether a word may hold it: letters, digits and the marks upon them."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word runs on across either end of ``text[start:end]``."""
    opens = start > 0 and is_letter(text[start]) and is_letter(text[start - 1])
    closes = end < len(text) and is_letter(text[end - 1]) and is_letter(text[end])
    return not opens and not closes


@lru_cache(maxsize=4096)
def _converted_length(convert: Callable[[str], str], piece: str) -> int:
    return len(convert(piece))


class Traced:
    """A converted text that still knows where in the original each of its characters stood."""

    __slots__ = ("_convert", "_small", "_stretches", "original", "text")

    def __init__(self, original: str, convert: Callable[[str], str] = fold) -> None:
        self.original = original
        self.text = convert(original)
        self._convert = convert
        self._stretches: tuple[list[int], list[tuple[int, int]]] | None = None
        self._small: bool | None = None

    @property
    def is_small(self) -> bool:
        """Whether the original has no capitals at all."""
        if self._small is None:
            self._small = self.original == self.original.lower()
        return self._small

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original the characters ``start:end`` of the converted text stood."""
        if self.text == self.original:
            return start, end
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, index: int) -> tuple[int, int]:
        if self._stretches is None:
            self._stretches = self._trace()
        begins, origins = self._stretches
        number = bisect_right(begins, index) - 1
        start, length = origins[number]
        if length:
            return start, start + length
        start += index - begins[number]
        return start, start + 1

    def _trace(self) -> tuple[list[int], list[tuple[int, int]]]:
        """Begin of each stretch in the text; its origin, with a length if it is one piece."""
        begins, origins = [0], [(0, 0)]
        shift = 0
        composed = unicodedata.is_normalized("NFC", self.original)
        for match in (_ODD if composed else _ODD_APART).finditer(self.original):
            length = match.end() - match.start()
            converted = _converted_length(self._convert, match.group())
            if length != converted:
                begins += [match.start() + shift, match.start() + shift + converted]
                origins += [(match.start(), length), (match.end(), 0)]
                shift += converted - length
        return begins, origins
