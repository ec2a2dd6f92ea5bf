"""Build hook: what the wheel holds besides the source.

Translations are compiled in place, also for an editable install. The rules that are shipped stand
in ``rules/``, where people look for them, and are copied into the package; an editable install
reads them where they are.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED_RULES = ("nonsense.yaml", "moment.yaml", "values.example.yaml")


def compile_messages(locale: Path) -> None:
    """Write each ``netbot.mo`` beside its ``netbot.po``."""
    for source in sorted(locale.glob("*/LC_MESSAGES/netbot.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as binary:
            write_mo(binary, read_po(text, locale=source.parent.parent.name))


class PackageHook(BuildHookInterface[Any]):
    """Runs before each build of a wheel; found by hatchling because it is the only one here."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the translations; for a real wheel also add the shipped rules."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        compile_messages(root / "netbot" / "locale")
        if version == "standard":
            build_data["force_include"] |= {
                str(root / "rules" / name): f"netbot/rules/shipped/{name}" for name in SHIPPED_RULES
            }
