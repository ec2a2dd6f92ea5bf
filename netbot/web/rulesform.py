"""What a form says of a rule: as it was typed, and as a rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netbot.model import House, Verb
from netbot.rules.proposing import name_rule
from netbot.rules.simple import OFFERED, Simple, Terms
from netbot.text import Texts

#: Acts that a rule can propose, in their order.
PROPOSED = (Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND, Verb.GESTURE)

#: So many words of a post are offered to choose from.
OFFERS = 6

TYPED = ("section", "words", "unless", "clients", "because", "conviction", "speaks", "silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The fields as they stand in the page."""

    section: str = "never"
    words: str = ""
    unless: str = ""
    clients: str = ""
    because: str = ""
    conviction: str = ""
    speaks: str = ""
    silent: str = ""
    compounds: bool = False
    suggest: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()  # words of a post that can be chosen
    section_kept: str = ""  # one that no form offers, and that the rule is in

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Typed":
        """What was sent; a word that was chosen is as good as typed."""
        fields = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in TYPED}
        offers = [form[f"offer-{n}"] for n in range(OFFERS) if form.get(f"offer-{n}")]
        chosen = [form[f"word-{n}"] for n in range(OFFERS) if form.get(f"word-{n}")]
        words = "\n".join(filter(None, [fields.pop("words"), *chosen]))
        return cls(
            **fields,
            words=str(Terms.read(words)),
            compounds=form.get("compounds") == "on",
            suggest=tuple(verb.value for verb in PROPOSED if form.get(f"suggest-{verb.value}")),
            offers=tuple(each for each in offers if each not in chosen),
        )

    @classmethod
    def show(cls, rule: Simple, house: House) -> "Typed":
        """A rule of a file."""
        names = {client.id.casefold(): client.name for client in house.clients}
        shown = [names.get(each.casefold(), each) for each in rule.clients]
        plain = [
            name if Terms.read(name).words == (name,) else each
            for name, each in zip(shown, rule.clients, strict=True)
        ]
        return cls(
            section=rule.section,
            words=str(rule.terms),
            unless=str(rule.unless),
            clients=", ".join(plain),
            because=rule.because,
            conviction=rule.conviction,
            speaks="\n".join(rule.speaks),
            silent="\n".join(rule.silent),
            compounds=rule.compounds,
            suggest=rule.suggest,
            section_kept="" if rule.section in OFFERED else rule.section,
        )

    def sections(self) -> tuple[str, ...]:
        """Those that can be chosen."""
        return (*OFFERED, self.section_kept) if self.section_kept else OFFERED

    def problems(self, house: House, texts: Texts) -> dict[str, str]:
        """What is missing or wrong, by field."""
        _ = texts.get
        found = {}
        unknown = [name for name, known in self._clients(house) if known is None]
        if unknown:
            found["clients"] = _("There is no client {name} here.").format(name=unknown[0])
        if not Terms.read(self.words) and not self.clients:
            found["words"] = _("Name at least one word, or a client.")
        if not self.because and self.section != "champion":
            found["because"] = _("Say why: that is what the card tells you.")
        return found

    def rule(self, house: House, old: Simple | None, taken: Sequence[str]) -> Simple:
        """As a rule; a new one gets a name that is not ``taken``."""
        terms = Terms.read(self.words)
        clients = tuple(known or name for name, known in self._clients(house))
        first = (*terms.words, *terms.phrases, *clients)[0]
        rule = old or Simple(section=self.section, name=name_rule(first, taken))
        if old and [each.casefold() for each in old.clients] == [e.casefold() for e in clients]:
            clients = old.clients
        return replace(
            rule,
            section=self._section(old),
            terms=terms,
            unless=Terms.read(self.unless),
            clients=clients,
            because=self.because,
            conviction=self.conviction,
            suggest=_in_order(self.suggest, old),
            compounds=self.compounds and bool(terms.words),
            speaks=_lines(self.speaks),
            silent=_lines(self.silent),
        )

    def _section(self, old: Simple | None) -> str:
        known = (*OFFERED, old.section) if old else OFFERED
        return self.section if self.section in known else "never"

    def _clients(self, house: House) -> Iterator[tuple[str, str | None]]:
        """Each as it was typed, and its id."""
        ids = {client.name.casefold(): client.id for client in house.clients}
        ids |= {client.id.casefold(): client.id for client in house.clients}
        typed = Terms.read(self.clients)
        for name in (*typed.words, *typed.phrases):
            yield name, ids.get(name.casefold())


def _in_order(suggest: tuple[str, ...], old: Simple | None) -> tuple[str, ...]:
    """The order in a file says what is best; boxes have none."""
    return old.suggest if old and set(old.suggest) == set(suggest) else suggest


def _lines(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line for line in lines if line)
