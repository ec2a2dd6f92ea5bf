"""Topics: what a rule may be about, known by examples of it. They may ask or endorse, no more."""

from collections.abc import Iterator
from typing import Any

from netbot.model import Problem
from netbot.rules.schema import RuleFile, Topic
from netbot.yamlfile import Document, did_you_mean

#: Sections whose rules a learned score has no say in.
_STRICT = ("never", "nonsense", "moment")
_LEARNED = ("about", "score")

Path = list[str | int]


class Topics:
    """Collects the topics of all files, and the rules that name them."""

    def __init__(self) -> None:
        self.known: dict[str, Topic] = {}
        self._names: set[str] = set()
        self._asked: list[tuple[Document, Path, str]] = []
        self._problems: list[Problem] = []

    def take(self, document: Document, file: RuleFile | None) -> None:
        """Note what a file has; None: it cannot be used, but its topics have names all the same."""
        data = document.data if isinstance(document.data, dict) else {}
        named = data.get("topics")
        self._names.update(named if isinstance(named, dict) else ())
        self.known |= (file.topics or {}) if file else {}
        for path, value in _learned(data, []):
            key, section = path[-1], path[0]
            if section in _STRICT:
                message = (
                    f"“{key}” may ask or endorse, and never refuse: take it to hesitate or champion"
                )
                self._problems.append(document.problem(path, message, key=True))
            elif key == "about":
                self._asked += _names(document, path, value)

    def problems(self) -> list[Problem]:
        """What is wrong once all files are known."""
        unknown = [
            document.problem(path, f"unknown topic “{name}”.{self._hint(name)}")
            for document, path, name in self._asked
            if name not in self._names
        ]
        return self._problems + unknown

    def _hint(self, name: str) -> str:
        return did_you_mean(name, self._names) or " Describe it under “topics” with “like”."


def _names(document: Document, path: Path, value: Any) -> Iterator[tuple[Document, Path, str]]:
    if isinstance(value, str):
        yield document, path, value
    several = enumerate(value if isinstance(value, list) else ())
    yield from (
        (document, [*path, index], name) for index, name in several if isinstance(name, str)
    )


def _learned(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every learned condition, with its path."""
    if isinstance(data, list):
        for index, each in enumerate(data):
            yield from _learned(each, [*path, index])
    for key, value in data.items() if isinstance(data, dict) else ():
        if len(path) > 2 and key in _LEARNED:
            yield [*path, key], value
        elif key != "topics":
            yield from _learned(value, [*path, key])
