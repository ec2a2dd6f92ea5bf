"""A rule as one sentence, for people who never see the file."""

from collections.abc import Sequence

from netbot.model import House
from netbot.rules.compiling import Rule
from netbot.rules.schema import Conditions, listed
from netbot.rules.simple import is_every
from netbot.text import Texts

#: So many words of one list a sentence tells; the others are counted.
TOLD = 6

_MEASURES = (
    "author",
    "source",
    "network",
    "domain",
    "language",
    "kind",
    "age",
    "length",
    "links",
    "hashtags",
    "mentions",
    "emoji",
    "capitals",
    "media",
)


def say(rule: Rule, house: House, texts: Texts) -> str:
    """When the rule speaks, and for whom."""
    _ = texts.get
    written = rule.written
    sentence = _("if {what}").format(what=_conditions(written.when, texts))
    if _is_every(written.when):
        sentence = _("every post")
    if written.unless:
        unless = _conditions(written.unless, texts)
        sentence = _("{sentence}, unless {what}").format(sentence=sentence, what=unless)
    whom = _whom(rule, house)
    return (
        _("{sentence}, only for {whom}").format(sentence=sentence, whom=whom) if whom else sentence
    )


def _is_every(when: Conditions) -> bool:
    return when.given() == {"kind"} and is_every({"kind": listed(when.kind)})


def _whom(rule: Rule, house: House) -> str:
    scope = rule.written.scope
    if scope is None:
        return ""
    names = {client.id.casefold(): client.name for client in house.clients}
    clients = [names.get(each.casefold(), each) for each in listed(scope.clients)]
    others = [*listed(scope.tags), *listed(scope.networks), *listed(scope.accounts)]
    return ", ".join([*clients, *others])


def _conditions(given: Conditions, texts: Texts) -> str:
    """All of it, joined by “and”."""
    _ = texts.get
    parts = [*_texts(given, texts), *_facts(given, texts)]
    parts += [_conditions(each, texts) for each in given.all or ()]
    if given.any:
        parts.append(_(" or ").join(_conditions(each, texts) for each in given.any))
    parts += [_("not: {what}").format(what=_conditions(each, texts)) for each in given.none or ()]
    if given.unless:
        parts.append(_("not: {what}").format(what=_conditions(given.unless, texts)))
    return _(" and ").join(parts)


def _texts(given: Conditions, texts: Texts) -> list[str]:
    _ = texts.get
    found = [
        _quote((*listed(each),), texts) for each in (given.words, given.phrase, given.exact) if each
    ]
    found += [_("the pattern {what}").format(what=each) for each in listed(given.regex)]
    if found and given.within:
        places = ", ".join(listed(given.within))
        found[-1] = _("{what} in {places}").format(what=found[-1], places=places)
    if found and given.near:
        found[-1] = _("{what} within {n} words").format(what=found[-1], n=given.near)
    return found


def _facts(given: Conditions, texts: Texts) -> list[str]:
    _ = texts.get
    found = [_("it sounds like {what}").format(what=each) for each in listed(given.about)]
    for name in _MEASURES:
        value = getattr(given, name)
        found += [f"{name} {', '.join(map(str, listed(value)))}"] if value is not None else []
    if given.duplicate is not None:
        found.append(_("it was published before") if given.duplicate else _("it is new"))
    if given.score:
        found += [f"{name} {each}" for name, each in given.score if each is not None]
    return found


def _quote(words: Sequence[str], texts: Texts) -> str:
    """“a”, “b” or “c”."""
    shown = [texts.get("“{what}”").format(what=word) for word in words[:TOLD]]
    more = len(words) - TOLD
    if more > 0:
        shown.append(texts.plural("{n} more", "{n} more", more).format(n=more))
    *first, last = shown
    return texts.get(" or ").join([", ".join(first), last]) if first else last
