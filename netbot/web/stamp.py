"""What the style and the script of this version are, in a word: browsers may keep those."""

import hashlib
from functools import cache
from importlib.resources import files

#: What browsers hear of a file whose address says which version it is: keep it for a year.
LASTING = "private, max-age=31536000, immutable"


@cache
def stamp() -> str:
    """A word that another style or script would change."""
    digest = hashlib.sha256()
    for file in sorted((files("netbot.web") / "static").iterdir(), key=lambda each: each.name):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def is_stamped(path: str, query: bytes) -> bool:
    """Whether the address names a file of just this version."""
    return path.startswith("/static/") and query == stamp().encode()
