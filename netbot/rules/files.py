"""Rule files as documents; the shipped ones are long, and so their reading is remembered."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from netbot import yamlfile
from netbot.rules.remembering import recall, remember
from netbot.yamlfile.document import Document, Spot

SHIPPED = ("nonsense.yaml", "moment.yaml")

_HERE = Path(__file__).parent
_EDITION = 1  # raised whenever a file is read differently

#: What this process has read, by its digest.
_READ: dict[str, Document] = {}


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
    return _read_shipped(path, name, cache)


def _read_shipped(path: Path, name: str, cache: Path | None) -> Document:
    """Once a process; what another process has read is taken over."""
    basis = f"{_EDITION} {version('ruamel.yaml')} {name}\0".encode() + path.read_bytes()
    digest = hashlib.sha256(basis).hexdigest()
    file = f"rule-file-{path.stem}.json"
    is_told = cache is not None and (cache / file).exists()
    if digest not in _READ:
        known = recall(cache, file, digest)
        is_told = known is not None
        _READ[digest] = _from_json(known) if known else yamlfile.load(path, name=name)
    if not is_told:
        remember(cache, file, digest, _to_json(_READ[digest]))
    return _READ[digest]


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
