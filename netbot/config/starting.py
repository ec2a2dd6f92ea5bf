"""The files of a new home."""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).parent / "templates"

_NOBODY = {"de": "Dein Name", "en": "Your Name"}


def starter_files(language: str, name: str, time_zone: str) -> Mapping[str, str]:
    """Name relative to the home -> content; German for ``de…``, English for all others."""
    language = "de" if language.startswith("de") else "en"
    name = "".join(filter(str.isprintable, name)).strip() or _NOBODY[language]
    words = {
        # JSON text is YAML text, whatever quotes and colons a name has
        "name": json.dumps(name, ensure_ascii=False),
        "time_zone": time_zone,
    }
    return {
        f"config/{path.name}": Template(path.read_text(encoding="utf-8")).substitute(words)
        for path in sorted((TEMPLATES / language).glob("*.yaml"))
    }
