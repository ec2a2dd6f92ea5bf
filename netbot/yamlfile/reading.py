"""From YAML text to plain data with places, by the events of ruamel's parser.

Working on events instead of a finished tree keeps an alias from ever being expanded and a
deep nesting from ever being descended, and lets one run report every duplicate key.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from netbot.model import ConfigError, Problem
from netbot.yamlfile.document import Document, Path, Place, Spot

MAX_DEPTH = 50
MAX_PROBLEMS = 100  # whoever made that many reads no further
MAX_DIGITS = 40  # more than any number that is meant as one

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
)

_TAG = "a tag (!…) is not accepted: take it out, or put the text in quotes"
_ALIAS = "an alias (*…) is not accepted: write the value out, or put the text in quotes"
_ANCHOR = "an anchor (&…) is not accepted: take it out, or put the text in quotes"

#: What the parser says, and what helps; ``{0}`` is the first group.
_SAYINGS = (
    (r"found character '\\t'", "a tab stands here: indent with spaces"),
    (r"found character '(.)'", "“{0}” cannot begin a text: put the text in quotes"),
    (
        "mapping values are not allowed",
        "a colon does not fit here: check the indent, and put text with “: ” in quotes",
    ),
    ("sequence entries are not allowed", "a list must begin on a line of its own"),
    ("could not find expected ':'", "“: ” and a value are missing after this key"),
    ("unexpected end of stream", "this quote is never closed"),
    (
        r"unknown escape character '(.+)'",
        "“\\{0}” means nothing between double quotes: use single quotes, or write \\\\",
    ),
    ("expected <block end>", "does not fit the lines above: check indent, quotes and colons"),
    ("expected ',' or", "a comma or a closing bracket is missing before this"),
    ("expected the node content", "a value is missing before this"),
    ("undefined tag handle|URI", _TAG),
)


class _Stop(Exception):
    """Reading on would tell nothing more."""


@dataclass(slots=True)
class _List:
    """A list that is being read."""

    path: Path
    place: Place
    flow: bool  # written with brackets
    data: list[Any] = field(default_factory=list)

    def take(self, value: object) -> tuple[int, Place | None]:
        """Append; the index."""
        self.data.append(value)
        return len(self.data) - 1, None


@dataclass(slots=True)
class _Mapping:
    """A mapping that is being read."""

    path: Path
    place: Place
    flow: bool
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)  # of accepted keys
    key: str | None = None  # read; its value comes next
    key_place: Place = (1, 1)
    keep: bool = False  # False: the key was refused, so its value goes nowhere

    def take(self, value: object) -> tuple[str, Place | None]:
        """Store under the key read before; that key and its place."""
        key, self.key = self.key or "", None
        if self.keep:
            self.data[key] = value
        return key, self.key_place


@dataclass(slots=True)
class _Builder:
    """Turns events into data, places and problems."""

    name: str
    data: Any = None
    spots: dict[Path, Spot] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    frames: list[_List | _Mapping] = field(default_factory=list)
    documents: int = 0

    def say(self, place: Place, message: str) -> None:
        line, column = place
        self.problems.append(Problem(file=self.name, line=line, column=column, message=message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def feed(self, event: Event) -> None:
        place = _place(event.start_mark)
        if isinstance(event, AliasEvent):
            self.say(place, _ALIAS)
            if not self._takes_key(place):
                self._put("", place)
        elif isinstance(event, ScalarEvent):
            self._refuse_extras(event, place)
            self._scalar(event, place)
        elif isinstance(event, CollectionStartEvent):
            self._refuse_extras(event, place)
            self._open(event, place)
        elif isinstance(event, CollectionEndEvent):
            self.frames.pop()
        elif isinstance(event, DocumentStartEvent):
            self._begin(event, place)

    def _begin(self, event: DocumentStartEvent, place: Place) -> None:
        self.documents += 1
        if self.documents > 1:
            self.say(place, "a second document begins here: one file holds one document")
            raise _Stop
        if event.version or event.tags:
            self.say(place, "a line that begins with % is not accepted above this: take it out")

    def _refuse_extras(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self.say(place, _ANCHOR)
        if event.tag is not None:
            self.say(place, _TAG)

    def _scalar(self, event: ScalarEvent, place: Place) -> None:
        frame = self.frames[-1] if self.frames else None
        plain = bool(event.implicit[0])
        if isinstance(frame, _Mapping) and frame.key is None:
            self._key(frame, event.value, place, plain=plain)
            return
        if plain and event.value == "" and isinstance(frame, _Mapping):
            place = frame.key_place  # an empty value stands where the next token is
        value = self._resolve(event.value, place) if plain else self._whole(event.value, place)
        self._put(value, place, event.value)

    def _key(self, frame: _Mapping, text: str, place: Place, *, plain: bool) -> None:
        key = self._whole(text, place)
        frame.key, frame.key_place, frame.keep = key, place, False
        if plain and text == "<<":
            self.say(place, "a merge key (<<) is not accepted: write the values out")
        elif plain and not isinstance(_resolve(text), str):
            self.say(place, f'a key must be text: write "{text}" in quotes' if text else _NO_KEY)
        elif key in frame.places:
            first = frame.places[key][0]
            self.say(place, f"“{key}” stands here a second time (first in line {first})")
        else:
            frame.places[key] = place
            frame.keep = True

    def _open(self, event: Any, place: Place) -> None:
        if len(self.frames) >= MAX_DEPTH:
            self.say(place, f"nested deeper than {MAX_DEPTH} levels")
            raise _Stop
        kind = _Mapping if isinstance(event, MappingStartEvent) else _List
        # a lone “a: b” between brackets is a flow mapping of no width, without its own bracket
        flow = bool(event.flow_style) and place != _place(event.end_mark)
        frame = kind(path=(), place=place, flow=flow)
        if self._takes_key(place):
            self.say(place, "a key must be text, not a list or mapping")
            frame.path = (*self.frames[-1].path, "")
        else:
            frame.path = self._put(frame.data, place)
        self.frames.append(frame)

    def _takes_key(self, place: Place) -> bool:
        """Whether a key is due here; then its place is taken by one that counts for nothing."""
        frame = self.frames[-1] if self.frames else None
        if not isinstance(frame, _Mapping) or frame.key is not None:
            return False
        frame.key, frame.key_place, frame.keep = "", place, False
        return True

    def _put(self, value: object, place: Place, written: str | None = None) -> Path:
        """Hand a value to what is open; its path."""
        path: Path = ()
        key_place = None
        if self.frames:
            frame = self.frames[-1]
            part, key_place = frame.take(value)
            path = (*frame.path, part)
        else:
            self.data = value
        self.spots.setdefault(path, Spot(place, key_place, written))
        return path

    def _resolve(self, text: str, place: Place) -> object:
        value = _resolve(text)
        if isinstance(value, str):
            return self._whole(text, place)
        if len(text) > MAX_DIGITS:
            self.say(place, "this number is too long; if it is meant as text, put it in quotes")
            return 0
        return value

    def _whole(self, text: str, place: Place) -> str:
        """The text with escaped halves joined: JSON writers write ``😀`` as two of them."""
        try:
            text.encode()
        except UnicodeEncodeError:
            halves = text.encode("utf-16-le", "surrogatepass")
            try:
                return halves.decode("utf-16-le")
            except UnicodeDecodeError:
                self.say(place, "an escape (\\u…) in this text is half a character")
                return ""
        return text


_NO_KEY = "a key is missing before “:”"


def read(text: str, name: str) -> Document:
    """The document in ``text``; raises ``ConfigError`` with every problem found."""
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.feed(event)
    except _Stop:
        pass
    except MarkedYAMLError as error:
        builder.problems.append(_syntax_problem(error, builder))
    except ReaderError as error:
        builder.problems.append(_character_problem(error, text, name))
    except (OverflowError, ValueError):
        builder.problems.append(_escape_problem(text, name))
    if builder.problems:
        raise ConfigError(*sorted(builder.problems, key=lambda p: (p.line, p.column)))
    digest = sha256(text.encode()).hexdigest()
    return Document(name=name, data=builder.data, spots=builder.spots, sha256=digest)


def _resolve(text: str) -> object:
    """What an unquoted scalar means by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0 if text[:2] in {"0o", "0x"} else 10) if len(text) <= MAX_DIGITS else 0
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _SPECIAL.fullmatch(text) else text


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _place_of(text: str, index: int) -> Place:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _syntax_problem(error: MarkedYAMLError, builder: _Builder) -> Problem:
    """The parser's complaint, at the place that needs the change, in words that help."""
    said = str(error.problem or error.context)
    place = _place(error.problem_mark or error.context_mark)
    message = f"is not YAML: {said}"
    flow = next((frame for frame in reversed(builder.frames) if frame.flow), None)
    if flow and "stream end" in said:
        place, message = flow.place, "this bracket is never closed"
    elif re.search("alias|anchor", str(error.context)):
        message = _ALIAS if "alias" in str(error.context) else _ANCHOR
    else:
        message = _saying(said, message)
        if error.context_mark and re.search("end of stream|could not find", said):
            place = _place(error.context_mark)
        if flow and "expected" in said:
            message += f" (the bracket opened in line {flow.place[0]} is still open)"
    return Problem(file=builder.name, line=place[0], column=place[1], message=message)


def _saying(said: str, default: str) -> str:
    matches: Iterable[tuple[re.Match[str] | None, str]] = (
        (re.search(pattern, said), message) for pattern, message in _SAYINGS
    )
    return next((message.format(*match.groups()) for match, message in matches if match), default)


def _character_problem(error: ReaderError, text: str, name: str) -> Problem:
    line, column = _place_of(text, error.position)
    message = f"the invisible character U+{error.character:04X} stands here: delete it"
    return Problem(file=name, line=line, column=column, message=message)


def _escape_problem(text: str, name: str) -> Problem:
    """An escape beyond the last character: ``chr`` complained, and ruamel set no mark."""
    beyond = re.search(r"\\U(?!000|0010)", text)
    line, column = _place_of(text, beyond.start() if beyond else 0)
    return Problem(file=name, line=line, column=column, message="no character has this number")
