"""How much room the disk has left."""

import shutil
from pathlib import Path


def free_mb(folder: Path) -> int:
    """Free space of the disk on which a folder lies, for this user, in MiB. Raises ``OSError``."""
    return shutil.disk_usage(folder).free // 2**20


def find_shortage(folder: Path, least_mb: int, stopped: str) -> str:
    """Too little room, what it has ``stopped``, and what to do; "" when there is enough."""
    free = free_mb(folder)
    if free >= least_mb:
        return ""
    return f"only {free} MiB of the disk are free, {stopped} below {least_mb}: make room"
