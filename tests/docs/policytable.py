"""Writes the tables of networks into the pages: ``python -m tests.docs.policytable``."""

from collections.abc import Callable, Mapping
from pathlib import Path

from netbot.model import About, Channel, Verb
from netbot.network import NetworkPolicy
from netbot.networks import policy
from tests.check.tree import ROOT

BEGIN, END = "<!-- policy: begin -->\n", "<!-- policy: end -->\n"
VERBS = (Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND)
SHOWN = {Channel.API: "netbot", Channel.HANDOFF: "you", Channel.OFF: "–"}
GERMAN = {Channel.API: "netbot", Channel.HANDOFF: "du", Channel.OFF: "–"}
ABOUT = {About.OWN: "", About.SITE: "; posts of one site", About.WEB: "; posts of any site"}
VERBEN = {
    Verb.LIKE: "Liken",
    Verb.SHARE: "Teilen",
    Verb.COMMENT: "Kommentieren",
    Verb.RECOMMEND: "Empfehlen",
}


def table(policies: Mapping[str, NetworkPolicy]) -> str:
    """One row a network, as the page on networks shows it."""
    head = (
        "| network | like | share | comment | recommend | pass on a link | netbot takes back"
        " | costs | longest text | why | source | checked on |\n"
        f"{'|---' * 12}|\n"
    )
    return head + "".join(map(_row, policies.values()))


def _row(entry: NetworkPolicy) -> str:
    cells = [
        f"`{entry.network}`{ABOUT[entry.about]}",
        *(_who(entry, verb) for verb in VERBS),
        SHOWN[entry.link],
        ", ".join(verb.value for verb in entry.undo) or "–",
        ", ".join(f"{verb} ${cost / 1e6:g}" for verb, cost in entry.cost_micros.items()) or "–",
        f"{entry.text_limit:,}" if entry.text_limit else "–",
        entry.why,
        entry.source,
        entry.checked_on,
    ]
    return f"| {' | '.join(cells)} |\n"


def _who(entry: NetworkPolicy, verb: Verb) -> str:
    usual = SHOWN[entry.verbs.get(verb, Channel.OFF)]
    named = entry.summoned.get(verb)
    return f"{usual}; {SHOWN[named]} where it names you" if named else usual


def german_table(policies: Mapping[str, NetworkPolicy]) -> str:
    """The same in German, without the reasons, which are data in English."""
    verbs = " | ".join(verb.lower() for verb in VERBEN.values())
    head = (
        f"| Netzwerk | {verbs} | Link weitergeben | netbot nimmt zurück | geprüft am |\n"
        f"{'|---' * 8}|\n"
    )
    return head + "".join(map(_german_row, policies.values()))


def _german_row(entry: NetworkPolicy) -> str:
    cells = [
        f"`{entry.network}`",
        *(GERMAN[entry.verbs.get(verb, Channel.OFF)] for verb in VERBS),
        GERMAN[entry.link],
        ", ".join(VERBEN[verb].lower() for verb in entry.undo) or "–",
        entry.checked_on,
    ]
    return f"| {' | '.join(cells)} |\n"


#: Which page holds which table.
PAGES: Mapping[Path, Callable[[Mapping[str, NetworkPolicy]], str]] = {
    ROOT / "docs" / "networks.md": table,
    ROOT / "docs" / "de" / "anleitung.md": german_table,
}


def placed(page: str, rows: str) -> str:
    """The page with ``rows`` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{rows}{END}{after}"


if __name__ == "__main__":
    for file, write in PAGES.items():
        text = file.read_text(encoding="utf-8")
        file.write_text(placed(text, write(policy.load())), encoding="utf-8")
