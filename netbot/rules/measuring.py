"""What was learned says of one post: worked out when a rule asks for it, and not before.

This and no more a learned score can do: make a rule of ``hesitate`` or ``champion`` speak, and
move a card within the queue. ``topics`` refuses files in which it is to do anything else.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from netbot.model import Post
from netbot.rules import meaning, scores
from netbot.rules.schema import Topic

_ABOUT = "about "
_SEEN = "seen"


class Measures(Mapping[str, float]):
    """Scores by name, and by ``about`` and a topic where the extra ``semantic`` is there."""

    def __init__(self, post: Post, language: str, topics: Mapping[str, Topic]) -> None:
        self._post = post
        self._language = language
        self._topics = topics if meaning.is_installed() else {}

    def __getitem__(self, name: str) -> float:
        return self._near(name).score if name.startswith(_ABOUT) else self._tone[name]

    def __iter__(self) -> Iterator[str]:
        yield from scores.NAMES
        yield from (f"{_ABOUT}{topic}" for topic in self._topics)

    def __len__(self) -> int:
        return len(scores.NAMES) + len(self._topics)

    def nearest(self, name: str) -> str:
        """The example of a topic that is nearest; "" for any other score."""
        return self._near(name).nearest if name.startswith(_ABOUT) else ""

    @cached_property
    def _tone(self) -> Mapping[str, float]:
        return scores.score(self._post.title, self._post.text, self._language)

    def _near(self, name: str) -> meaning.Nearness:
        topic = self._topics[name.removeprefix(_ABOUT)]
        text = f"{self._post.title}\n{self._post.text}".strip()
        return meaning.compare(text, topic.like, topic.unlike)


def untold(needs: Iterable[str], *, has_history: bool = True) -> frozenset[str]:
    """Which of the things that a rule needs nobody can tell here.

    Without a history nobody knows what was published before.
    """
    without_topics = not meaning.is_installed()
    return frozenset(
        need
        for need in needs
        if (need.startswith(_ABOUT) and without_topics) or (need == _SEEN and not has_history)
    )
