r"""Users' regular expressions: RE2 only, so that none can hang, taught to read Unicode.

RE2's ``\w``, ``\d``, ``\s`` and ``\b`` know ASCII alone: ``\bübel\b`` would never match. The first
three are rewritten to Unicode classes. ``\b`` is accepted at the very start and end of a
pattern, where a group with a border on each side says the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

MAX_PATTERN_BYTES = 1024
MAX_PROGRAM_BYTES = 4 * 1024 * 1024  # RE2 refuses what would compile to more
MAX_INPUT = 256 * 1024  # characters; the model promises no more
MAX_MATCHES = 256  # in one field: each may read the whole text, so that all would be too many

_WORD = r"\p{L}\p{M}\p{N}_"
_JOINERS = r"\x{203F}\x{2040}\x{2054}\x{FE33}\x{FE34}\x{FE4D}-\x{FE4F}\x{FF3F}"  # \p{Pc} but _
_OTHER = rf"\p{{Z}}\p{{S}}\p{{C}}\p{{Pd}}\p{{Ps}}\p{{Pe}}\p{{Pi}}\p{{Pf}}\p{{Po}}{_JOINERS}"
_OUTSIDE = {
    r"\w": f"[{_WORD}]",
    r"\W": f"[^{_WORD}]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\s": r"[\s\p{Z}]",
    r"\S": r"[^\s\p{Z}]",
}
_INSIDE = {
    r"\w": _WORD,
    r"\W": _OTHER,
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\s": r"\s\p{Z}",
    r"\S": r"\p{L}\p{M}\p{N}\p{P}\p{S}",
}
_ESCAPE = r"\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\."
_TOKEN = re.compile(rf"{_ESCAPE}|\[\^?\]?|[\s\S]")
_TOKEN_INSIDE = re.compile(rf"{_ESCAPE}|\[:\^?\w+:\]|[\s\S]")
_FLAGS = re.compile(r"\(\?[imsU]+\)")

_BORDER = r"\b"
_MISPLACED = r"\b works only at the very start or end of a pattern: list the words with “words”"
_REFUSED = {
    r"\B": r"\B is not supported: describe the neighbouring characters",
    r"\Q": r"\Q…\E is not supported: put a backslash before each special character",
    r"\C": r"\C is not supported: use . for any character",
}


class Pattern:
    """One compiled expression; ``find`` tells where it matches."""

    __slots__ = ("_regex", "rewritten", "source")

    def __init__(self, source: str, rewritten: str, regex: Any) -> None:
        self.source = source
        self.rewritten = rewritten  # as RE2 reads it
        self._regex = regex

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of the first matches, borders not counted; ``text`` is NFC."""
        encoded = text[:MAX_INPUT].encode(errors="replace")
        at = begin = 0
        for _ in range(MAX_MATCHES):
            match = self._regex.search(encoded, at)
            if match is None:
                return
            start, end = match.span(1)
            begin += len(encoded[at:start].decode())
            length = len(encoded[start:end].decode())
            yield begin, begin + length
            at, begin = end, begin + length


@lru_cache(maxsize=1024)
def compile_pattern(source: str) -> Pattern:
    """Raises ``ValueError`` that says what to write instead."""
    import re2

    if len(source.encode()) > MAX_PATTERN_BYTES:
        raise ValueError(f"is longer than {MAX_PATTERN_BYTES} bytes: split it into a list")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_PROGRAM_BYTES
    rewritten = rewrite(source)
    try:
        regex = re2.compile(rewritten, options)
    except re2.error as error:
        raise ValueError(f"is no expression that RE2 understands: {_reason(error)}") from error
    if regex.search(b""):
        raise ValueError("matches even an empty text: say what has to stand there")
    return Pattern(source, rewritten, regex)


def rewrite(source: str) -> str:
    """The expression with Unicode classes and borders; group 1 is what the user wrote."""
    flags = _FLAGS.match(source)
    prefix = flags.group() if flags else ""
    tokens = list(_tokens(source[len(prefix) :]))
    opens = tokens[:1] == [(_BORDER, False)]
    closes = len(tokens) > 1 and tokens[-1] == (_BORDER, False)
    body = tokens[opens : len(tokens) - closes]
    if any(token == _BORDER for token, _ in body):
        raise ValueError(_MISPLACED)
    if (opens or closes) and _has_alternatives(body):
        raise ValueError(r"\b beside “|” would bind to one side only: write \b(?:one|other)\b")
    before = f"(?:^|[^{_WORD}])" if opens else ""
    after = f"(?:$|[^{_WORD}])" if closes else ""
    written = "".join((_INSIDE if inside else _OUTSIDE).get(token, token) for token, inside in body)
    return f"{prefix}{before}({written}){after}"


def _tokens(source: str) -> Iterator[tuple[str, bool]]:
    """Each token, and whether it stands inside a class such as ``[a-z]``."""
    at, inside = 0, False
    while match := (_TOKEN_INSIDE if inside else _TOKEN).match(source, at):
        token, at = match.group(), match.end()
        if token in _REFUSED:
            raise ValueError(_REFUSED[token])
        yield token, inside
        inside = token != "]" if inside else token.startswith("[")


def _has_alternatives(tokens: list[tuple[str, bool]]) -> bool:
    """Whether a ``|`` stands outside every group and class."""
    depth = 0
    for token, inside in tokens:
        if not inside:
            depth += {"(": 1, ")": -1}.get(token, 0)
            if token == "|" and depth == 0:
                return True
    return False


def _reason(error: Exception) -> str:
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
