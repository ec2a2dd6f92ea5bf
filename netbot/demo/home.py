"""The demo's home: the configuration and the values of an invented freelance editor."""

import re
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from netbot.model import UsageError
from netbot.wholefile import write_whole
from netbot.yamlfile import writing

if TYPE_CHECKING:
    from netbot.demo.scene import Scene

_SAMPLE = Path(__file__).with_name("sample")
_MARK = "# netbot demo: "


def write_home(
    home: Path, base_url: str, *, language: str = "de", scenes: Sequence["Scene"] = ()
) -> None:
    """Write configuration and rules for blogs served at ``base_url``; ``language`` is de or en.

    Each scene adds my account there, with its secret, and a client. Raises ``UsageError`` when
    ``home`` already is somebody's own.
    """
    if _is_taken(home):
        raise UsageError(f"{home} already holds a configuration of yours. Name an empty folder.")
    base_url = base_url.rstrip("/")
    values = {
        "places": "".join(f"\n# {scene.NETWORK}: {scene.server.url()}" for scene in scenes),
        "base_url": base_url,
        "hosts": ", ".join(
            f'"{host}"' for host in (urlsplit(base_url).netloc, *(each.host for each in scenes))
        ),
        "language": language,
    }
    for name in ("netbot", "professional", "private"):
        text = Template(_sample(f"{name}.yaml")).substitute(values)
        mine = [scene for scene in scenes if name == scene.SPHERE]
        _write(home / "config" / f"{name}.yaml", _with(mine, text))
    _write(home / "rules" / "values.yaml", _sample(f"values.{language}.yaml"))
    for scene in scenes:
        _write_secret(home, scene)


def served_at(home: Path) -> str:
    """The address at which the blogs of this home are served.

    Raises ``UsageError`` when ``home`` is none of the demo's.
    """
    address = _address(home)
    if not address:
        raise UsageError(f"{home} is no demo. Make one with: netbot demo --home {home} --exit")
    return address


def port_of(home: Path, network: str) -> int:
    """Where the scene of that network stood in this home; 0 when there was none."""
    lines = _head(home) if _address(home) else []
    marks = (line.removeprefix(f"# {network}: ") for line in lines if f"# {network}: " in line)
    return urlsplit(next(marks, "")).port or 0


def _with(scenes: Sequence["Scene"], text: str) -> str:
    """The file with what the scenes add; an account that stood there by hand gives way."""
    for scene in scenes:
        text = re.sub(rf"(?m)^  - \{{id: {scene.ACCOUNT},.*\n", "", text)
        text = writing.insert(text, "accounts", scene.account(), name="accounts")
        text = writing.insert(text, "clients", scene.client(), name="clients")
    return text


def _write_secret(home: Path, scene: "Scene") -> None:
    folder = home / "secrets" / scene.SPHERE
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / f"{scene.ACCOUNT}.token", scene.SECRET.encode())


def _is_taken(home: Path) -> bool:
    ours = bool(_address(home))
    return not ours and any((home / folder).exists() for folder in ("config", "rules"))


def _address(home: Path) -> str:
    """What follows the mark in the first line; "" where there is no such line."""
    first = next(iter(_head(home)), "")
    return first.removeprefix(_MARK) if first.startswith(_MARK) else ""


def _head(home: Path) -> list[str]:
    """The comments that the file with the settings begins with."""
    try:
        text = (home / "config" / "netbot.yaml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines()[:20] if line.startswith("# ")]


def _sample(name: str) -> str:
    return (_SAMPLE / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
