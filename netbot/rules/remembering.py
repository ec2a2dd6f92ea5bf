"""Answers that take long, kept in files: each beside what it answers, and a sum over itself.

A file that is stale, damaged or not there counts as nothing, and the answer is made anew.
"""

import hashlib
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


def recall(folder: Path | None, name: str, digest: str) -> Any:
    """What was remembered under that name for exactly this digest, or None."""
    if folder is None:
        return None
    with suppress(OSError, ValueError, RecursionError):
        head, _, body = (folder / name).read_bytes().partition(b"\n")
        if head.decode() == _head(digest, body):
            return json.loads(body)
    return None


def remember(folder: Path | None, name: str, digest: str, answer: Any) -> None:
    """Write the file in one step; where nothing can be written, nothing is remembered."""
    if folder is None:
        return
    body = json.dumps(answer, separators=(",", ":")).encode()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=folder, prefix=name, delete=False) as file:
            file.write(_head(digest, body).encode() + b"\n" + body)
        Path(file.name).replace(folder / name)


def _head(digest: str, body: bytes) -> str:
    return f"{digest} {hashlib.sha256(body).hexdigest()}"
