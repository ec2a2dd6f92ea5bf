"""Never again: a rule made of one card, and the cards that it makes pointless."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from netbot.app.rulebook import Rulebook, Trial, require_heard, try_out, words_of
from netbot.app.sphere import Sphere
from netbot.model import PERSONAL, Context, PolicyRefused, SkipReason, Suggestion, UsageError
from netbot.text import mark, translator

if TYPE_CHECKING:
    from netbot.rules.loading import Rules

#: What the cards of such a rule say.
TOPIC = mark("you said “never again” to “{match}”")
CLIENT = mark("you said “never again” for {client}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """What was done."""

    rule: dict[str, Any]  # as it was written
    file: str
    trial: Trial
    skipped: Sequence[str]  # ids of the cards, the one that was meant first


def never(
    sphere: Sphere, id: str, now: datetime, *, client: bool = False, words: Sequence[str] = ()
) -> Never:
    """Refuse the topic of a card from now on, or its whole ``client``; skips what waits of it.

    The topic is what ``words`` name, else the word that says most. Raises ``UnknownId``,
    ``PolicyRefused`` when the card no longer waits, ``UsageError`` when it is personal or nothing
    can be looked for, ``ConfigError`` when the rule cannot be written, ``NetbotError`` when the
    file was changed meanwhile.
    """
    from netbot.store import suggestions

    with sphere.store.read() as tx:
        card = suggestions.get(tx, sphere.name, id)
    if card.state not in suggestions.OPEN or card.expires_at <= now:
        raise PolicyRefused(
            mark("{card} no longer waits: `netbot rules new` makes a rule without it"), card=id
        )
    if card.choice.verb in PERSONAL:
        raise UsageError(
            mark("{card} is personal: there is no post that a rule could refuse"), card=id
        )
    book = Rulebook.open(sphere)
    rule = _against_client(sphere, card) if client else _against_topic(sphere, card, words)
    text = book.insert("never", rule)
    after = book.load(text)
    require_heard(after, rule["name"])
    trial = try_out(sphere, after)
    book.save(text)
    skipped = _skip(sphere, card, after, rule["name"], now)
    return Never(rule=rule, file=book.name, trial=trial, skipped=skipped)


def _against_topic(sphere: Sphere, card: Suggestion, words: Sequence[str]) -> dict[str, Any]:
    from netbot.rules.learning import quote
    from netbot.rules.proposing import name_rule
    from netbot.rules.simple import Simple, Terms, write_simple

    found = [*words] or words_of(sphere, card)[:1]
    if not found:
        raise UsageError(
            mark("{card}: nothing in its words to look for; name some with --words"), card=card.id
        )
    terms = Terms.read("\n".join(found))
    if not terms:
        raise UsageError(
            mark("nothing to look for in “{words}”: name at least one word"), words=", ".join(found)
        )
    first = (*terms.words, *terms.phrases)[0]
    return write_simple(
        Simple(
            section="never",
            name=name_rule(first, _taken(sphere)),
            terms=terms,
            because=translator(sphere.house.language).get(TOPIC),
            speaks=(quote(card.post.post, first),) if not words else (),
        )
    )


def _against_client(sphere: Sphere, card: Suggestion) -> dict[str, Any]:
    from netbot.rules.learning import quote
    from netbot.rules.proposing import name_rule
    from netbot.rules.simple import Simple, write_simple

    known = sphere.house.client(card.client)
    said = translator(sphere.house.language).get(CLIENT)
    example = quote(card.post.post)
    return write_simple(
        Simple(
            section="never",
            name=name_rule(card.client, _taken(sphere)),
            clients=(card.client,),
            because=said.format(client=known.name if known else card.client),
            speaks=(example,) if example else (),
        )
    )


def _taken(sphere: Sphere) -> list[str]:
    return [rule.name for rule in sphere.rules.rules]


def _skip(sphere: Sphere, card: Suggestion, after: "Rules", rule: str, now: datetime) -> list[str]:
    """The card, and whatever else waits that the rule refuses; each can be undone by itself."""
    from netbot import engine, rules
    from netbot.store import suggestions

    with sphere.store.read() as tx:
        waiting = suggestions.open_cards(tx, sphere.name)
    skipped = [card.id]
    for each in waiting:
        about = Context(now=now, client=sphere.house.client(each.client))
        spoke = {one.rule for one in rules.judge(each.post.post, after, about).reasons}
        is_open = each.choice.verb not in PERSONAL and each.expires_at > now
        if is_open and rule in spoke and each.id != card.id:
            skipped.append(each.id)
    skip = engine.Skip(reason=SkipReason.VALUES)
    for each_id in skipped:
        engine.decide(sphere.store, sphere.hall, each_id, skip, now)
    return skipped
