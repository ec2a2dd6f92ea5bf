"""Rule files as documents; the shipped ones are long, and so their reading is remembered."""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from netbot import yamlfile
from netbot.rules.remembering import recall, remember
from netbot.yamlfile.document import Document, Spot

SHIPPED = ("nonsense.yaml", "moment.yaml")

_HERE = Path(__file__).parent
_EDITION = 1  # raised whenever a file is read differently


def shipped_folder(package: Path = _HERE) -> Path:
    """Where the shipped rules lie: in the package, or beside it in a checkout."""
    packaged = package / "shipped"
    return packaged if packaged.is_dir() else package.parents[1] / "rules"


def read_file(path: Path, name: str, cache: Path | None) -> Document:
    """The file as a document; ``cache`` is a folder where shipped ones are remembered.

    Raises ``ConfigError`` with every problem that can be found.
    """
    if path.parent != shipped_folder() or path.name not in SHIPPED:
        return yamlfile.load(path, name=name)
    seen = path.stat()
    return _read_shipped(path, name, cache, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=4)
def _read_shipped(
    path: Path, name: str, cache: Path | None, _changed_ns: int, _size: int
) -> Document:
    """Once a process; what another process has read is taken over."""
    basis = f"{_EDITION} {version('ruamel.yaml')} {name}\0".encode() + path.read_bytes()
    digest = hashlib.sha256(basis).hexdigest()
    file = f"rule-file-{path.stem}.json"
    known = recall(cache, file, digest)
    if known is not None:
        return _from_json(known)
    document = yamlfile.load(path, name=name)
    remember(cache, file, digest, _to_json(document))
    return document


def _to_json(document: Document) -> dict[str, Any]:
    spots = [[path, *spot.value, spot.key, spot.written] for path, spot in document.spots.items()]
    return {
        "name": document.name,
        "data": document.data,
        "sha256": document.sha256,
        "spots": spots,
    }


def _from_json(known: dict[str, Any]) -> Document:
    spots = {
        tuple(path): Spot((line, column), (key[0], key[1]) if key else None, written)
        for path, line, column, key, written in known["spots"]
    }
    return Document(name=known["name"], data=known["data"], sha256=known["sha256"], spots=spots)
