"""The forms of all rule words: asked of a short-lived child, remembered in a file."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from netbot.model import NetbotError
from netbot.rules.folding import fold
from netbot.rules.remembering import recall, remember

CHILD_TIMEOUT_S = 120  # a slow machine needs 10
FILE_NAME = "rule-words.json"
_EDITION = 3  # raised whenever the child answers differently, or the file looks differently

#: Whether a word may stand inside longer ones: it is asked for as one or as the other.
_OPEN, _CLOSED = "+", "-"

#: What the child said so far. Rules change by a word or two, and homes of one process share most.
_ASKED: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """A form with which compounds begin or end, and the longer words that only look so."""

    form: str
    false_starts: tuple[str, ...] = ()
    false_ends: tuple[str, ...] = ()


class Kind(NamedTuple):
    """Where a form counts."""

    language: str = ""  # the only language that may read it, or ""
    sense: str = ""  # noun: written with a capital; nominal: and with no noun behind; or ""


@dataclass(frozen=True, slots=True)
class Forms:
    """How one word occurs, everything folded."""

    kinds: Mapping[str, Kind]
    parts: tuple[Part, ...] = ()
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by particle


Wordbook = Mapping[str, Forms]


def look_up(words: Collection[str], compounds: Collection[str], cache: Path | None) -> Wordbook:
    """The forms of all these words; ``compounds`` are those that may stand inside longer ones.

    Raises ``NetbotError`` when the child fails.
    """
    if not words:
        return {}
    wanted = {f"{word} {_OPEN if word in compounds else _CLOSED}": word for word in words}
    known: dict[str, Any] = recall(cache, FILE_NAME, _digest()) or {}
    if not wanted.keys() <= known.keys():
        known = _ask(wanted, known | _ASKED)
        remember(cache, FILE_NAME, _digest(), known)
    return {word: _forms(known[key]) for key, word in wanted.items()}


def _ask(wanted: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to what is wanted, by a child as far as they are not known."""
    unknown = {key: word for key, word in wanted.items() if key not in known}
    if unknown:
        compounds = [word for key, word in unknown.items() if key.endswith(_OPEN)]
        request = {"words": sorted(unknown.values()), "compounds": sorted(compounds)}
        answer = _ask_child(request)
        _ASKED.update({key: answer[word] for key, word in unknown.items()})
    return {key: known.get(key) or _ASKED[key] for key in wanted}


def _digest() -> str:
    return hashlib.sha256(f"{_EDITION} {version('simplemma')}".encode()).hexdigest()


def _forms(entry: Mapping[str, Any]) -> Forms:
    kinds: dict[str, Kind] = {}
    for written, *limits in entry["forms"]:
        form, kind = fold(written), Kind(*limits)
        kinds[form] = _either(kinds.get(form, kind), kind)
    parts = (
        Part(fold(form), tuple(map(fold, starts)), tuple(map(fold, ends)))
        for form, (starts, ends) in entry["parts"].items()
    )
    splits = {fold(name): tuple(map(fold, forms)) for name, forms in entry["splits"].items()}
    return Forms(kinds, tuple(parts), splits)


def _either(one: Kind, other: Kind) -> Kind:
    """What holds for letters that stand for two forms: the limits that both have."""
    return Kind(*(limit if limit == same else "" for limit, same in zip(one, other, strict=True)))


def _ask_child(request: Mapping[str, list[str]], python: str = sys.executable) -> dict[str, Any]:
    # the dictionaries need no secrets, so the child is given none
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NETBOT_")}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        child = subprocess.run(
            [python, "-m", "netbot.rules.expand"],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=True,
            env=environment,
            timeout=CHILD_TIMEOUT_S,
        )
        answer: dict[str, Any] = json.loads(child.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        said = getattr(error, "stderr", None) or b""
        last = said.decode(errors="replace").strip().rpartition("\n")[2] or str(error)
        message = f"the word forms of the rules could not be made ({last}): install netbot anew"
        raise NetbotError(message) from error
    return answer
