"""Rules that a form can show: words, whom they concern, and why. Pure: mappings in and out.

What a form does not show of a rule, such as ``expires``, stays as it is; a rule that asks for more
than words is none of these.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netbot.rules.folding import fold
from netbot.rules.proposing import WANTED
from netbot.rules.schema import MAX_WORDS

#: The sections that a form offers; rules of the others it leaves where they are.
OFFERED = ("never", "hesitate", "champion")

#: A condition that every post meets, for a rule that speaks of clients alone.
EVERY_POST = {"kind": ("original", "share", "reply")}

_QUOTES = '„“”"»«'
_ENTRY = re.compile(rf"[{_QUOTES}]([^{_QUOTES}\n]+)[{_QUOTES}]|([^,;\n{_QUOTES}]+)")
_BESIDE = ("in", "near")  # what may stand beside words and is kept
_ORDER = (
    "name",
    "for",
    "when",
    "unless",
    "because",
    "conviction",
    "suggest",
    "examples",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule looks for; one of them is enough."""

    words: tuple[str, ...] = ()  # in all their forms
    phrases: tuple[str, ...] = ()  # exactly so

    @classmethod
    def read(cls, typed: str) -> "Terms":
        """From a text with a comma or a line for each; what stands in quotes is a phrase.

        What is too long for a word is a phrase, too.
        """
        words: list[str] = []
        phrases: list[str] = []
        for quoted, bare in _ENTRY.findall(typed):
            entry = _whole(quoted or bare)
            is_phrase = quoted or len(fold(entry).split()) > MAX_WORDS
            if entry:
                (phrases if is_phrase else words).append(entry)
        return cls(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(phrases)))

    def __str__(self) -> str:
        """As ``read`` takes it."""
        return ", ".join((*self.words, *(f"“{each}”" for each in self.phrases)))

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """What a form shows of a rule."""

    section: str
    name: str = ""
    terms: Terms = Terms()  # none: every post of the clients
    compounds: bool = False  # the words are found inside longer ones, too
    unless: Terms = Terms()
    clients: tuple[str, ...] = ()  # none: all of them
    because: str = ""
    conviction: str = ""
    suggest: tuple[str, ...] = ()  # verbs
    speaks: tuple[str, ...] = ()  # examples on which it has to speak
    silent: tuple[str, ...] = ()  # and on which it must not


def read_simple(section: str, raw: Mapping[str, Any]) -> Simple | None:
    """A rule of a file as a form shows it; None when there is more to it than a form can show."""
    when, unless = _conditions(raw["when"]), _conditions(raw.get("unless", {}))
    if when is None or unless is None or unless[1] or is_every(raw.get("unless", {})):
        return None
    clients = _listed(raw.get("for", {}).get("clients"))
    if not when[0] and not clients:
        return None
    return Simple(
        section=section,
        name=raw["name"],
        terms=when[0],
        compounds=when[1],
        unless=unless[0],
        clients=clients,
        because=raw.get("because", ""),
        conviction=raw.get("conviction", ""),
        suggest=_listed(raw.get("suggest")),
        speaks=_quoted(raw, WANTED[section]),
        silent=_quoted(raw, "pass"),
    )


def write_simple(
    rule: Simple, raw: Mapping[str, Any] | None = None, *, was: str = ""
) -> dict[str, Any]:
    """The rule as a mapping for YAML.

    ``raw`` is the rule as it stands in the section ``was``: what the form does not show of it, or
    shows unchanged, stays as it is there.
    """
    old = read_simple(was, raw) if raw else None
    old = old or Simple(section=rule.section)
    made = dict(raw or {"name": rule.name})
    if not raw or (rule.terms, rule.compounds) != (old.terms, old.compounds):
        made["when"] = _when(rule.terms, made.get("when", {}), compounds=rule.compounds)
    if rule.unless != old.unless:
        made["unless"] = rule.unless and _when(rule.unless, made.get("unless", {}))
    if rule.clients != old.clients:
        scope = {key: each for key, each in made.get("for", {}).items() if key != "clients"}
        made["for"] = scope | ({"clients": rule.clients} if rule.clients else {})
    for key in ("because", "conviction", "suggest"):
        if getattr(rule, key) != getattr(old, key):
            made[key] = getattr(rule, key)
    made["examples"] = _with_examples(made.get("examples", {}), old, rule)
    ordered = [*(raw or ()), *(key for key in _ORDER if key not in (raw or ()))]
    return {key: made[key] for key in ordered if made.get(key)}


def kept(raw: Mapping[str, Any]) -> list[str]:
    """What a rule says besides that a form does not show, as it is written."""
    told = {key: raw[key] for key in ("expires", "holds") if key in raw}
    told |= {key: each for key, each in raw.get("for", {}).items() if key != "clients"}
    for part in ("when", "unless"):
        for inner in _parts(raw.get(part, {})):
            told |= {key: inner[key] for key in _BESIDE if key in inner}
    return [f"{key}: {', '.join(map(str, _listed(each)))}" for key, each in told.items()]


def is_every(raw: Mapping[str, Any]) -> bool:
    """Whether these conditions leave out no post."""
    return raw.keys() == {"kind"} and {*_listed(raw["kind"])} == {*EVERY_POST["kind"]}


def _conditions(raw: Mapping[str, Any]) -> tuple[Terms, bool] | None:
    """The words, and whether they count in compounds; None when more is asked."""
    if is_every(raw):
        return Terms(), False
    parts = _parts(raw)
    if any(part.keys() - {"words", "phrase", "compounds", *_BESIDE} for part in parts):
        return None
    alike = [{key: part[key] for key in _BESIDE if key in part} for part in parts]
    if any("words" in part and "phrase" in part for part in parts) or alike[1:] not in (
        [],
        alike[:1],
    ):
        return None
    words = [each for part in parts for each in _listed(part.get("words"))]
    phrases = [each for part in parts for each in _listed(part.get("phrase"))]
    terms = Terms(tuple(words), tuple(phrases))
    if Terms.read(str(terms)) != terms:  # something in it cannot be typed
        return None
    return terms, any(part.get("compounds", False) for part in parts)


def _parts(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Words and phrases, of which one is enough, stand in two parts."""
    if raw.keys() == {"any"} and len(raw["any"]) == 2:
        return list(raw["any"])
    return [raw]


def _when(terms: Terms, old: Mapping[str, Any], *, compounds: bool = False) -> dict[str, Any]:
    """The conditions; what stood beside the words stays beside them."""
    beside = {key: each for part in _parts(old) for key, each in part.items() if key in _BESIDE}
    parts: list[dict[str, Any]] = []
    if terms.words:
        close = {"compounds": True} if compounds else {}
        parts.append({"words": terms.words, **close, **beside})
    if terms.phrases:
        parts.append({"phrase": terms.phrases, **beside})
    if not parts:
        return dict(EVERY_POST)
    return parts[0] if len(parts) == 1 else {"any": parts}


def _with_examples(raw: Mapping[str, Any], old: Simple, new: Simple) -> dict[str, Any]:
    """The examples; those that are whole posts stay, and move with the rule."""
    known = dict(raw)
    before, after = WANTED[old.section], WANTED[new.section]
    if before in known and after != before:
        known[after] = [*known.get(after, ()), *known.pop(before)]
    for key, texts, shown in ((after, new.speaks, old.speaks), ("pass", new.silent, old.silent)):
        if texts != shown:
            posts = [each for each in known.get(key, ()) if not isinstance(each, str)]
            known[key] = [*posts, *texts]
    return {key: each for key, each in known.items() if each}


def _quoted(raw: Mapping[str, Any], wanted: str) -> tuple[str, ...]:
    """The examples that are mere texts, each in one line."""
    found = raw.get("examples", {}).get(wanted, ())
    return tuple(_whole(each) for each in found if isinstance(each, str))


def _listed(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _whole(text: str) -> str:
    return " ".join(text.split())
