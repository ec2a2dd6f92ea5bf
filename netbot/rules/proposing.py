"""A rule made from a text that somebody has seen once too often, or would like to see again."""

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from netbot.model import UsageError
from netbot.rules.compiling import SECTIONS
from netbot.rules.folding import fold
from netbot.text import mark

MOST_WORDS = 3  # that are chosen where none is marked

#: Section -> what an example of it is called.
WANTED = {
    "never": "refuse",
    "hesitate": "ask",
    "champion": "endorse",
    "nonsense": "skip",
    "moment": "skip",
}

_MARKED = re.compile(r"\*([^*\n]+)\*")
_WORD = re.compile(r"[^\W\d_]{4,}(?:-[^\W\d_]+)*")
_UNFIT = re.compile(r"[^a-z0-9]+")


def propose_rule(
    text: str, *, section: str, name: str | None, because: str | None, taken: Collection[str]
) -> dict[str, Any]:
    """A rule that speaks on ``text``, as a mapping for YAML.

    Words between *stars* are what it looks for; without any, the longest words that begin with a
    capital are. A ``name`` that is not given is made of the first word, and of a number where it
    is ``taken``. Raises ``UsageError``.
    """
    if section not in SECTIONS:
        raise UsageError(
            mark("there is no section {section}: take one of {sections}"),
            section=section,
            sections=", ".join(SECTIONS),
        )
    words = _words(text)
    if not words:
        raise UsageError(
            mark("nothing in this text to look for: put *stars* around the words you mean")
        )
    told = {"because": because or "„{match}“"} if because or section != "champion" else {}
    return {
        "name": name or name_rule(words[0], taken),
        "when": {"words": words},
        **told,
        "examples": {WANTED[section]: [" ".join(_MARKED.sub(r"\1", text).split())]},
    }


def _words(text: str) -> list[str]:
    """What is marked; else the longest words with a capital, else the longest."""
    marked = [" ".join(each.split()) for each in _MARKED.findall(text)]
    if marked:
        return list(dict.fromkeys(marked))
    words = Counter(_WORD.findall(text))
    nouns = [word for word in words if word[0].isupper()] or list(words)
    return sorted(nouns, key=lambda word: -len(word))[:MOST_WORDS]


def name_rule(word: str, taken: Collection[str]) -> str:
    """A name made of a word: small letters and hyphens, and no other rule's."""
    plain = _UNFIT.sub("-", fold(word)).strip("-") or "rule"
    number = 1
    name = plain
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    return name
