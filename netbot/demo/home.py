"""The demo's home: the configuration and the values of an invented freelance editor."""

from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from netbot.model import UsageError

_SAMPLE = Path(__file__).with_name("sample")
_MARK = "# netbot demo: "


def write_home(home: Path, base_url: str, *, language: str = "de") -> None:
    """Write configuration and rules for blogs served at ``base_url``; ``language`` is de or en.

    Raises ``UsageError`` when ``home`` already is somebody's own.
    """
    if _is_taken(home):
        raise UsageError(f"{home} already holds a configuration of yours. Name an empty folder.")
    base_url = base_url.rstrip("/")
    values = {"base_url": base_url, "host": urlsplit(base_url).netloc, "language": language}
    for name in ("netbot.yaml", "professional.yaml", "private.yaml"):
        _write(home / "config" / name, Template(_sample(name)).substitute(values))
    _write(home / "rules" / "values.yaml", _sample(f"values.{language}.yaml"))


def served_at(home: Path) -> str:
    """The address at which the blogs of this home are served.

    Raises ``UsageError`` when ``home`` is none of the demo's.
    """
    address = _address(home)
    if not address:
        raise UsageError(f"{home} is no demo. Make one with: netbot demo --home {home} --exit")
    return address


def _is_taken(home: Path) -> bool:
    ours = bool(_address(home))
    return not ours and any((home / folder).exists() for folder in ("config", "rules"))


def _address(home: Path) -> str:
    """What follows the mark in the first line; "" where there is no such line."""
    try:
        text = (home / "config" / "netbot.yaml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    first = text.partition("\n")[0]
    return first.removeprefix(_MARK) if first.startswith(_MARK) else ""


def _sample(name: str) -> str:
    return (_SAMPLE / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
