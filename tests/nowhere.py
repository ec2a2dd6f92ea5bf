"""Disks that are full: a real one where tests may mount it, and limits that anybody may set."""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

#: SQLite writes whole pages of this size, in bytes.
PAGE = 4096


@contextlib.contextmanager
def no_file_grows(limit: int = 0) -> Iterator[None]:
    """No file may become larger than this, in bytes: a write beyond fails as on a broken disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a disk of that size at a folder; False where this machine lets nobody mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "netbot-test", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave not one page of the disk on which a folder lies; returns what fills it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * PAGE)
    assert os.statvfs(folder).f_bavail == 0
    return ballast
