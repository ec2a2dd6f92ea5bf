"""How much room the disk has left."""

import shutil
from pathlib import Path


def free_mb(folder: Path) -> int:
    """Free space of the disk on which a folder lies, for this user, in MiB. Raises ``OSError``."""
    return shutil.disk_usage(folder).free // 2**20
