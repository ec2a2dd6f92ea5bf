"""The chain: every link has its say, and the strictest of them stands.

nonsense, moment, values and client speak through rules; dosage and policy through what is known
besides the post: how often I have been in touch lately, and what may be done at all.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from netbot.model import Context, LinkVerdict, Reason, Ruling, Score, Verdict

#: Where several links come to the strictest ruling, the first of them is named.
LINKS = ("nonsense", "moment", "values", "client", "dosage", "policy")

STRICTNESS = {ruling: ruling.strictness for ruling in Ruling}


def trace(reasons: Iterable[Reason], context: Context) -> tuple[LinkVerdict, ...]:
    """What each link says by itself, in the order of the chain."""
    rulings = dict.fromkeys(LINKS[:4], Ruling.PASS)
    for reason in reasons:
        rulings[reason.link] = max(rulings[reason.link], reason.ruling, key=STRICTNESS.__getitem__)
    spoken = (LinkVerdict(link=link, ruling=ruling) for link, ruling in rulings.items())
    return (*spoken, _dosage(context), _policy(context))


def decide(links: Iterable[LinkVerdict]) -> tuple[Ruling, str | None]:
    """The strictest ruling and the first link that gave it; no link where all let pass."""
    strictest = max(links, key=lambda each: STRICTNESS[each.ruling])
    return strictest.ruling, None if strictest.ruling is Ruling.PASS else strictest.link


def moderate(verdict: Verdict, context: Context) -> Verdict:
    """See ``netbot.rules.moderate``."""
    links = trace(verdict.reasons, context)
    ruling, link = decide(links)
    if ruling is verdict.ruling:
        return replace(verdict, link=link, trace=links)
    return replace(verdict, ruling=ruling, link=link, trace=links, suggest=(), score=Score())


def _dosage(context: Context) -> LinkVerdict:
    since = context.now - timedelta(days=context.dose.days)
    acts = sum(since < at <= context.now for at in context.recent)
    if acts < context.dose.acts:
        return LinkVerdict(link="dosage", ruling=Ruling.PASS)
    because = f"in touch {acts} times within {context.dose.days} days: enough for now"
    return LinkVerdict(link="dosage", ruling=Ruling.SKIP, because=because)


def _policy(context: Context) -> LinkVerdict:
    if context.allowed is None or context.allowed:
        return LinkVerdict(link="policy", ruling=Ruling.PASS)
    because = "no network and no account of mine allows an act here"
    return LinkVerdict(link="policy", ruling=Ruling.SKIP, because=because)
