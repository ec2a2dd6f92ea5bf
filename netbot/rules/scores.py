"""What a post sounds like: offence, bait, spam and kindness, each between 0 and 1.

Such a score may ask or rank; no post is refused or skipped for it. Offence and bait were learned
from public texts (``models/README.md``), spam and kindness come from short lists of words. Where
the extra ``semantic`` is there, what a text means has a say in its offence too.
"""

import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from netbot.rules import meaning
from netbot.rules.learner import Learner, features, sigmoid, tokens

MODELS = Path(__file__).parent / "models"
NAMES = ("offence", "bait", "spam", "kindness")
HEADS = ("offence", "bait")  # those with a file of weights
LEVELS = 127  # a weight is stored as a whole number from -LEVELS to LEVELS

_TONGUES = ("insult", "hate", "group", "not")
_STRENGTH = 4  # features with which one of those lists speaks
_CERTAIN = 0.75  # an ordinary title is taken for bait more often than not below that
_FULL = 3.0  # so many telling words make a text of ten words certain


def score(title: str, text: str, language: str) -> Mapping[str, float]:
    """All scores of a post, by name; ``language`` is de, en or "" for unknown."""
    whole = f"{title}\n{text}" if title else text
    found = tokens(whole)
    bait = head("bait").judge(title or text, found) if language != "de" else 0.0
    return {
        "offence": _offence(whole, found),
        "bait": max(bait, _share(found, "bait")),
        "spam": _share(found, "spam"),
        "kindness": _share(found, "kind"),
    }


def tone(found: Mapping[str, float]) -> float:
    """What scores do to the place of a post among others, -1 to 1.

    Kindness counts for it; the worst of the others counts against it where it is beyond doubt.
    """
    worst = max(found[name] for name in NAMES if name != "kindness")
    return round(found["kindness"] - max(0.0, 1 - (1 - worst) / (1 - _CERTAIN)), 2)


class Head:
    """A learned judge with its weights as whole numbers."""

    def __init__(self, weights: "array[int]", scale: float, learner: Learner) -> None:
        self._weights = weights
        self._scale = scale
        self._places = learner.places

    def judge(self, text: str, found: Collection[str]) -> float:
        """How sure it is, 0 to 1; ``found`` are the tokens of the text."""
        return sigmoid(self.margin(text, found))

    def margin(self, text: str, found: Collection[str]) -> float:
        """Above 0 speaks for it, below 0 against it."""
        places = self._places(clues(text, found))
        total = sum(map(self._weights.__getitem__, places)) * self._scale
        return total / math.sqrt(len(places) or 1)


@dataclass(frozen=True, slots=True)
class Sense:
    """What the meaning of a text adds to the margin of a head."""

    share: float  # of the head's own margin
    bias: float
    weights: Sequence[float]  # one for each number of a sentence vector

    def margin(self, margin: float, vector: Sequence[float]) -> float:
        """The margin of words and meaning together."""
        meant = sum(w * float(v) for w, v in zip(self.weights, vector, strict=True))
        return self.share * margin + meant + self.bias

    def pack(self) -> bytes:
        """As a file holds it."""
        return f"{self.share!r} {self.bias!r}\n".encode() + pack(self.weights)


@cache
def sense() -> Sense:
    """That of offence, read from its file when first asked."""
    return unpack_sense((MODELS / "offence.sense").read_bytes())


def unpack_sense(data: bytes) -> Sense:
    """What ``Sense.pack`` wrote down."""
    first, _, rest = data.partition(b"\n")
    share, bias = map(float, first.split())
    scale, _, levels = rest.partition(b"\n")
    weights = array("b")
    weights.frombytes(levels)
    return Sense(share, bias, [float(scale) * weight for weight in weights])


def clues(text: str, found: Collection[str]) -> set[str]:
    """What a head looks at: the features of the text, and which lists of words speak in it."""
    seen = frozenset(found)
    speaking = [name for name in _TONGUES if not seen.isdisjoint(word_lists()[name])]
    pairs = [f"{one}+{other}" for one in speaking for other in speaking if one < other]
    lists = {f"%{name}{i}" for name in (*speaking, *pairs) for i in range(_STRENGTH)}
    return features(text) | lists


@cache
def head(name: str) -> Head:
    """One of ``HEADS``, read from its file when first asked."""
    return unpack((MODELS / f"{name}.weights").read_bytes())


def pack(weights: Iterable[float]) -> bytes:
    """Weights as a file holds them: the scale in a line of text, then one byte each."""
    kept = list(weights)
    scale = max(map(abs, kept)) / LEVELS or 1.0
    levels = array("b", (round(weight / scale) for weight in kept))
    return f"{scale!r}\n".encode() + levels.tobytes()


def unpack(data: bytes) -> Head:
    """The head that ``pack`` wrote down."""
    scale, _, levels = data.partition(b"\n")
    weights = array("b")
    weights.frombytes(levels)
    return Head(weights, float(scale), Learner(bits=(len(weights) - 1).bit_length()))


@cache
def word_lists() -> Mapping[str, frozenset[str]]:
    """The lists of ``models/words.txt`` by name."""
    lists: dict[str, frozenset[str]] = {}
    name = ""
    for line in (MODELS / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            lists[name] = lists.get(name, frozenset()).union(line.split())
    return lists


def _offence(text: str, found: Collection[str]) -> float:
    margin = head("offence").margin(text, found)
    if meaning.is_installed():
        margin = sense().margin(margin, meaning.encode(text))
    return sigmoid(margin)


def _share(found: Collection[str], name: str) -> float:
    """How much a list of words has to say; longer texts need more of them."""
    telling = len(word_lists()[name].intersection(found))
    return min(1.0, telling / (_FULL * max(1.0, len(found) / 25)))
