"""YAML 1.2 files of which every value knows its line and column, checked against a model.

What makes YAML surprising is refused: anchors, aliases, merge keys, tags, duplicate keys,
keys that are not text. ``no``, ``on`` and ``12:30`` are text; only ``true`` and ``false`` are
booleans. A file holds at most 1 MiB and nests at most 50 deep.
"""

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from netbot.model import ConfigError, Problem
from netbot.yamlfile.document import Document, did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["MAX_BYTES", "Document", "did_you_mean", "load", "loads", "validate"]

#: A configuration written by hand stays far below; beyond, parsing would take minutes.
MAX_BYTES = 1024 * 1024

M = TypeVar("M", bound="BaseModel")


def load(path: Path, *, name: str | None = None) -> Document:
    """Read one file; ``name`` is what problems call it (default: the path as given).

    Raises ``ConfigError`` with every problem that can be found.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise ConfigError(Problem(file=name, line=1, column=1, message=message)) from error
    if len(content) > MAX_BYTES:
        raise _too_large(name)
    return loads(_decode(content, name), name=name)


def loads(text: str, *, name: str) -> Document:
    """Read YAML that is already text.

    Raises ``ConfigError`` with every problem that can be found.
    """
    from netbot.yamlfile.reading import read

    text = text.removeprefix("\ufeff")
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise _too_large(name)
    return read(text, name)


def validate(document: Document, model: type[M]) -> tuple[M | None, list[Problem]]:
    """The document as ``model``, or None and what is wrong with it, each at its place.

    Strict: no value is turned into another type, and a key that the model lacks is a problem.
    An empty document counts as an empty mapping.
    """
    from netbot.yamlfile.checking import check

    return check(document, model)


def _too_large(name: str) -> ConfigError:
    message = f"larger than {MAX_BYTES // 1024} KiB: take out what is not needed"
    return ConfigError(Problem(file=name, line=1, column=1, message=message))


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        before = content[content.rfind(b"\n", 0, error.start) + 1 : error.start]
        message = "not UTF-8 from here on: save the file in the encoding UTF-8"
        problem = Problem(file=name, line=line, column=len(before.decode()) + 1, message=message)
        raise ConfigError(problem) from error
