"""Writes the table of networks into docs/networks.md: ``python -m tests.docs.policytable``."""

from collections.abc import Mapping

from netbot.model import Channel, Verb
from netbot.network import NetworkPolicy
from netbot.networks import policy
from tests.check.tree import ROOT

PAGE = ROOT / "docs" / "networks.md"
BEGIN, END = "<!-- policy: begin -->\n", "<!-- policy: end -->\n"
VERBS = (Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND)
SHOWN = {Channel.API: "netbot", Channel.HANDOFF: "you", Channel.OFF: "–"}


def table(policies: Mapping[str, NetworkPolicy]) -> str:
    """One row a network, as the page shows it."""
    head = (
        "| network | like | share | comment | recommend | pass on a link | longest text | why |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(map(_row, policies.values()))


def _row(entry: NetworkPolicy) -> str:
    cells = [
        f"`{entry.network}`",
        *(_who(entry, verb) for verb in VERBS),
        SHOWN[entry.link],
        f"{entry.text_limit:,}" if entry.text_limit else "–",
        f"{entry.why} ({entry.source}, {entry.checked_on})",
    ]
    return f"| {' | '.join(cells)} |\n"


def _who(entry: NetworkPolicy, verb: Verb) -> str:
    usual = SHOWN[entry.verbs.get(verb, Channel.OFF)]
    named = entry.summoned.get(verb)
    return f"{usual}; {SHOWN[named]} where it names you" if named else usual


def placed(page: str, rows: str) -> str:
    """The page with ``rows`` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{rows}{END}{after}"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(placed(text, table(policy.load())), encoding="utf-8")
