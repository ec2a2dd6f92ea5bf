"""A small learner without dependencies: hashed features, one weight each, learned one by one.

It is what judges tone (trained once, by ``make models``) and what learns from decisions. It only
ever ranks or asks.
"""

import math
import re
from array import array
from collections.abc import Collection, Iterator
from itertools import pairwise
from zlib import crc32

BITS = 18
LONGEST = 2000  # characters of a text that are read

RATE = 0.2  # of the first step
_LINK = re.compile(r"https?://\S+")
_HANDLE = re.compile(r"@\w+")
_TOKEN = re.compile(r"[^\W\d_]+|[^\w\s]|\d+")
_SHORTEST, _LONGEST_GRAM = 3, 5


def tokens(text: str) -> list[str]:
    """The words and signs of a text in small letters; links and handles are only known as such."""
    bare = _HANDLE.sub("@", _LINK.sub("http", text[:LONGEST].casefold()))
    return _TOKEN.findall(bare)


def features(text: str) -> set[str]:
    """Words, pairs of words, and the pieces of words from three to five letters."""
    found = tokens(text)
    names = {f"2{one} {other}" for one, other in pairwise(found)}
    for word in set(found):
        names.update(_pieces(word))
    return names


def _pieces(word: str) -> Iterator[str]:
    yield f"1{word}"
    edged = f"<{word}>"
    for length in range(_SHORTEST, _LONGEST_GRAM + 1):
        for start in range(len(edged) - length + 1):
            yield edged[start : start + length]


class Learner:
    """Logistic regression over hashed features, with a step of its own for each (AdaGrad)."""

    def __init__(self, bits: int = BITS, rate: float = RATE) -> None:
        self._rate = rate
        self._mask = (1 << bits) - 1
        self.weights = array("f", bytes(4 << bits))
        self._squares = array("f", bytes(4 << bits))

    def places(self, names: Collection[str]) -> list[int]:
        """Where the weights of these features stand."""
        return sorted({crc32(name.encode()) & self._mask for name in names})

    def margin(self, places: Collection[int]) -> float:
        """Above 0 speaks for, below 0 against; the features share one unit of length."""
        return sum(map(self.weights.__getitem__, places)) / math.sqrt(len(places) or 1)

    def learn(self, places: Collection[int], wanted: bool, weight: float = 1.0) -> None:
        """One step towards the answer that was wanted."""
        value = 1 / math.sqrt(len(places) or 1)
        gradient = (sigmoid(self.margin(places)) - wanted) * value * weight
        square, weights, squares = gradient * gradient, self.weights, self._squares
        for place in places:
            squares[place] += square
            weights[place] -= self._rate * gradient / (math.sqrt(squares[place]) + 1e-6)


def sigmoid(margin: float) -> float:
    """From a margin to a share between 0 and 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, margin))))
