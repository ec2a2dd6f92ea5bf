"""What German verbs do that dictionaries of single words leave out: they come apart, and age.

``ausbeuten`` stands as ``beutet … aus``, and ``ausgezeichnet`` has become an adjective that says
nothing of a prize. Belongs to the program that makes forms.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Lemma = Callable[[str], str | None]  # of a German form; None for what is unknown

#: Prefixes that go to the end of the clause; none stands behind one that it begins with.
PARTICLES = (
    *("gegenüber", "empor", "entgegen", "zusammen", "herunter", "hinunter", "herüber", "hinüber"),
    *("herauf", "heraus", "herbei", "herein", "hervor", "hinauf", "hinaus", "hinein", "hinzu"),
    *("nieder", "voraus", "vorbei", "vorher", "weiter", "wieder", "zurück", "wider", "voran"),
    *("durch", "herab", "heran", "statt", "fern", "fest", "fort", "frei", "heim", "teil", "über"),
    *("unter", "nach", "weg", "auf", "aus", "bei", "dar", "ein", "her", "hin", "los", "mit", "vor"),
    *("ab", "an", "um", "zu"),
)
_ATTACHED = ("be", "emp", "ent", "er", "ge", "miss", "ver", "zer")
_PARTICIPLE = re.compile(r"(\w*ge\w+|(be|ver|er|ent|zer|miss)\w+|\w+ier)(t|en)")
_PRESENT = re.compile(r"\w+nd(e[mnrs]?)?")
_DECLINED = ("e", "em", "en", "er", "es")
_COMPARED = ("ere", "eren", "este", "esten", "ste", "sten")


@dataclass(frozen=True, slots=True)
class Parted:
    """A verb with a prefix: ``aus`` and ``beuten``."""

    prefix: str
    base: str
    separable: bool


def part(verb: str, lemma: Lemma) -> Parted | None:
    """Where a verb comes apart; None for one without a prefix."""
    for prefix in (*PARTICLES, *_ATTACHED):
        base = verb[len(prefix) :]
        if verb.startswith(prefix) and base.endswith("n") and lemma(base) == base:
            return Parted(prefix, base, _is_separable(verb, prefix, base, lemma))
    return None


def _is_separable(verb: str, prefix: str, base: str, lemma: Lemma) -> bool:
    """``auszubeuten`` tells; of übersetzen and umfahren, which can be both, it tells too much."""
    if prefix in _ATTACHED or lemma(f"{prefix}zu{base}") != verb:
        return False
    whole = prefix + stem(base) + "t"  # übersetzt, a participle
    return not any(lemma(whole + ending) for ending in ("er", "es", "em"))


def participles(
    verb: str, parted: Parted | None, base_forms: Iterable[str], lemma: Lemma
) -> set[str]:
    """Past participles of a verb with a prefix, made from those of the verb without it."""
    if parted is None:
        return set()
    own = {form for form in base_forms if is_past(form, parted.base)}
    own |= {f"ge{stem(parted.base)}{ending}" for ending in ("t", "et")}
    made = {parted.prefix + (form if parted.separable else form[2:]) for form in own}
    return {form for form in made if form != verb and lemma(form)}


def finite(base: str, base_forms: Iterable[str]) -> set[str]:
    """The forms that stand apart from the prefix."""
    past = tuple(form for form in base_forms if is_past(form, base))
    return {
        form
        for form in weak(base).union(base_forms)
        if form.isalpha() and form.islower() and not form.startswith(past) and not _is_present(form)
    }


def weak(verb: str) -> set[str]:
    """Regular forms: ``liebt``, ``liebte``, ``liebten``; ``beutet``."""
    link = "e" if stem(verb).endswith(("d", "t")) else ""
    return {f"{stem(verb)}{link}{ending}" for ending in ("t", "te", "ten")}


def stem(verb: str) -> str:
    """``lieb`` of ``lieben``."""
    return verb.removesuffix("n").removesuffix("e")


def _is_present(form: str) -> bool:
    return _PRESENT.fullmatch(form) is not None


def is_past(form: str, base: str) -> bool:
    """Whether it is a past participle of a verb without prefix: ``gebeutet``."""
    start = "geg" if base.startswith("ge") else "ge"
    return form != base and form.startswith(start) and form.endswith(("t", "en"))


def decline(adjective: str) -> set[str]:
    """``guten`` and so on, from ``gut``."""
    return {adjective + ending for ending in _DECLINED}


def declined(forms: Iterable[str], knows: Callable[[str], bool]) -> Iterator[tuple[str, set[str]]]:
    """Each past participle among the forms of a verb, with its endings."""
    for form in forms:
        endings = decline(form)
        if _PARTICIPLE.fullmatch(form) and any(map(knows, endings)):
            yield form, endings


def has_become_adjective(participle: str, lemma: Lemma) -> bool:
    """Whether it is compared: nothing is more ``verstorben``, but much is ``ausgezeichneter``."""
    return any(lemma(participle + ending) == participle for ending in _COMPARED)


def verb_of(participle: str, lemma: Lemma) -> str | None:
    """The verb behind a participle that dictionaries list by itself: versterben for verstorben."""
    if has_become_adjective(participle, lemma):
        return None
    for prefix in (*PARTICLES, *_ATTACHED):
        if participle.startswith(prefix):
            rest = participle[len(prefix) :]
            base = lemma("ge" + rest) or (lemma(rest) if rest.startswith("ge") else None)
            if base and base.endswith("n") and lemma(prefix + base) == prefix + base:
                return prefix + base
    return None
