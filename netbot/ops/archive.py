"""A backup as a file: a ZIP archive whose manifest vouches for every byte in it.

Whatever comes out of an archive is held against its manifest, and every name against the few places
that a home has: nobody's archive can put a file anywhere else.
"""

import hashlib
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from netbot.model import NetbotError, UsageError

#: Raised when an older netbot could no longer read what a newer writes.
FORMAT = 1

MANIFEST = "manifest.json"
SEALED = "secrets.sealed"

#: A manifest larger than this, in bytes, is none.
LARGEST_MANIFEST = 16 * 2**20

_CHUNK = 2**20
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_STEP = r"(?!\.{1,2}(?:/|$))[^/\\\x00-\x1f\x7f]+"
_NAME = re.compile(
    rf"(?:config|rules)(?:/{_STEP})+"
    r"|data/(?:claims\.key|web\.db|claims/[\w=-]+|[a-z][a-z0-9-]*/netbot\.db)"
    rf"|{re.escape(SEALED)}",
    re.ASCII,
)
_SECRET = re.compile(rf"{_STEP}(?:/{_STEP})*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file as it went in."""

    sha256: str  # hex
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds, and where it comes from."""

    format: int
    netbot: str  # the version that made it
    made_at: str  # ISO 8601, UTC
    home: str  # id of the home
    revisions: Mapping[str, str]  # sphere -> revision of its database
    files: Mapping[str, Entry]  # name -> what it held

    @property
    def spheres(self) -> list[str]:
        """The spheres whose databases lie in it."""
        return [name.split("/")[1] for name in self.files if name.endswith("/netbot.db")]

    @property
    def has_secrets(self) -> bool:
        """Whether secrets lie in it, under a passphrase."""
        return SEALED in self.files


def is_ours(name: str) -> bool:
    """Whether a home has a place of that name."""
    return _NAME.fullmatch(name) is not None


def is_secret_name(name: str) -> bool:
    """Whether the folder of secrets can have a file of that name."""
    return _SECRET.fullmatch(name) is not None


class Packing:
    """An archive that is being written; ``finish`` puts the manifest in."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped
        self.files: dict[str, Entry] = {}

    def add(self, name: str, file: Path) -> None:
        """Put a file in. Raises ``OSError`` when it cannot be read."""
        with file.open("rb") as source:
            self._add(name, source)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Put bytes in, as a file of that name."""
        self._add(name, io.BytesIO(content))

    def finish(self, **facts: Any) -> Manifest:
        """Vouch for all that was put in; ``facts`` are the manifest's other fields."""
        manifest = Manifest(format=FORMAT, files=self.files, **facts)
        written = json.dumps(asdict(manifest), indent=1, sort_keys=True)
        self._zip.writestr(zipfile.ZipInfo(MANIFEST), written)
        return manifest

    def _add(self, name: str, source: IO[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.files[name] = Entry(sha256=digest.hexdigest(), size=size)


@contextmanager
def packing(file: IO[bytes]) -> Iterator[Packing]:
    """Write a backup into an open file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        yield Packing(zipped)


class Archive:
    """A backup that is being read."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped
        self.manifest = _read_manifest(zipped)

    def unpack(self, folder: Path) -> None:
        """Write every file but the sealed one below ``folder``, each checked to the last byte.

        Raises ``NetbotError`` when something is not as it went in.
        """
        for name in self.manifest.files:
            if name != SEALED:
                path = folder / name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with path.open("xb") as target:
                    for chunk in self._chunks(name):
                        target.write(chunk)
                    target.flush()
                    os.fsync(target.fileno())

    def sealed(self) -> bytes:
        """The secrets under their passphrase. Raises ``NetbotError`` when they were changed."""
        return b"".join(self._chunks(SEALED))

    def _chunks(self, name: str) -> Iterator[bytes]:
        """Never more than the manifest announces, however much is packed in there."""
        entry, digest, size = self.manifest.files[name], hashlib.sha256(), 0
        with self._zip.open(name) as source:
            while chunk := source.read(min(_CHUNK, entry.size - size + 1)):
                size += len(chunk)
                digest.update(chunk)
                if size > entry.size:
                    break
                yield chunk
        if size != entry.size or digest.hexdigest() != entry.sha256:
            raise NetbotError(f"{name} is not what the manifest says")


@contextmanager
def reading(file: Path) -> Iterator[Archive]:
    """Open a backup. Raises ``NetbotError`` when it is none, or damaged, or a newer netbot's."""
    try:
        with zipfile.ZipFile(file) as zipped:
            yield Archive(zipped)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _unusable(file, str(error) or type(error).__name__) from error
    except UsageError:
        raise
    except NetbotError as error:
        raise _unusable(file, str(error)) from error


def _unusable(file: Path, why: str) -> NetbotError:
    return NetbotError(f"{file} cannot be restored, nothing was put in place: {why}")


def _read_manifest(zipped: zipfile.ZipFile) -> Manifest:
    names = zipped.namelist()
    if MANIFEST not in names or zipped.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise NetbotError("it has no manifest: it is no backup of netbot")
    if any(each.flag_bits & 1 or each.compress_type not in _PACKED for each in zipped.filelist):
        raise NetbotError("it is packed in a way that netbot does not pack")
    told = _parse(zipped.read(MANIFEST))
    if sorted(names) != sorted([*told.files, MANIFEST]):
        raise NetbotError("it holds other files than its manifest says")
    strange = next((name for name in told.files if not is_ours(name)), None)
    if strange is not None:
        raise NetbotError(f"no home has a file {strange!r}")
    return told


def _parse(text: bytes) -> Manifest:
    try:
        told = json.loads(text)
        if told["format"] > FORMAT:
            raise NetbotError(f"netbot {told['netbot']} made it: install that version")
        return Manifest(
            format=told["format"],
            files={name: _entry(each) for name, each in told["files"].items()},
            revisions=dict(told["revisions"]),
            **{name: str(told[name]) for name in ("netbot", "made_at", "home")},
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NetbotError("its manifest cannot be read") from error


def _entry(told: Mapping[str, Any]) -> Entry:
    return Entry(sha256=str(told["sha256"]), size=max(0, int(told["size"])))
