"""Rules without YAML: what holds here, and a form for what can be said in words."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from netbot.app.rulebook import (
    Deaf,
    Rulebook,
    Trial,
    count_hits,
    files_of,
    require_heard,
    try_out,
    words_of,
)
from netbot.model import ConfigError, NetbotError, PolicyRefused, UnknownId
from netbot.rules.compiling import Rule
from netbot.rules.learning import quote as quote_post
from netbot.rules.loading import Rules
from netbot.rules.replaying import Tally
from netbot.rules.simple import OFFERED, Simple, kept, read_simple, write_simple
from netbot.text import VERBS, mark
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.rulesaid import say
from netbot.web.rulesform import OFFERS, PROPOSED, Typed
from netbot.web.visit import Visit

#: So many posts a preview shows; the others are counted.
SHOWN = 30

#: The groups of the page, and what netbot does.
GROUPS = {
    "never": (mark("Never"), mark("No suggestion of any kind.")),
    "hesitate": (mark("Hesitate"), mark("The card is folded and says why.")),
    "champion": (mark("Glad"), mark("The card comes earlier.")),
    "nonsense": (mark("Nonsense"), mark("Skipped without a word.")),
    "moment": (mark("Tact"), mark("Nothing public; write personally.")),
}

SHIPPED = "shipped/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A rule as its line shows it."""

    rule: Rule
    said: str  # when it speaks
    spoke: int  # how often, on the last posts

    @property
    def key(self) -> str:
        """Its name, fit for an address."""
        return quote(self.rule.name, safe="")


def rules(visit: Visit, *, back: dict[str, str] | None = None, problem: str = "") -> Response:
    """All rules in their groups; ``back`` is what would bring a removed one back."""
    found, posts, broken = _lines(visit)
    own = [each for each in found if not each.rule.file.startswith(SHIPPED)]
    groups = [
        (section, *said, [each for each in own if each.rule.section == section])
        for section, said in GROUPS.items()
    ]
    return visit.render(
        "rules.html",
        groups=[group for group in groups if group[3] or group[0] in OFFERED],
        shipped=[each for each in found if each.rule.file.startswith(SHIPPED)],
        posts=posts,
        files=files_of(visit.sphere.home, visit.sphere.name),
        broken=broken,
        saved=visit.request.query_params.get("saved", "") in {e.rule.name for e in own},
        saved_name=visit.request.query_params.get("saved", ""),
        back=back,
        problem=problem,
    )


def new(visit: Visit) -> Response:
    """An empty form, or one that a card has filled in."""
    number = visit.request.query_params.get("card", "")
    typed = _from_card(visit, number) if number.isascii() and number.isdecimal() else Typed()
    return _form(visit, Rulebook.open(visit.sphere), typed)


def edit(visit: Visit) -> Response:
    """A rule of the home in the form, or why the text is the place for it. Raises ``UnknownId``."""
    book, old, raw = _own(visit)
    if old is None:
        return visit.render("rules_elsewhere.html", name=_name(visit), book=book)
    return _form(visit, book, Typed.show(old, visit.sphere.house), old=old, notes=kept(raw))


def propose(visit: Visit) -> Response:
    """A new rule: tried on the last posts, or saved."""
    return _take(visit, Rulebook.open(visit.sphere), None, {})


def change(visit: Visit) -> Response:
    """Another wording of a rule: tried on the last posts, or saved."""
    try:
        book, old, raw = _own(visit)
    except NetbotError as error:
        problems = {"": f"{error}. {_gone(visit)}"}
        book = Rulebook.open(visit.sphere)
        return _form(visit, book, Typed.read(visit.form), problems=problems, status=CONFLICT)
    if old is None:
        return visit.render("rules_elsewhere.html", status=CONFLICT, name=_name(visit), book=book)
    return _take(visit, book, old, raw)


def keep_new(visit: Visit) -> Response:
    """A form that is not of this process: nothing is saved, and no word is lost."""
    book = Rulebook.open(visit.sphere)
    return _form(visit, book, Typed.read(visit.form), problems={"": stale(visit)}, status=403)


def keep(visit: Visit) -> Response:
    """The same for a rule that is there."""
    book, old, raw = _own(visit)
    if old is None:
        return visit.render("rules_elsewhere.html", status=403, name=_name(visit), book=book)
    typed, problems = Typed.read(visit.form), {"": stale(visit)}
    return _form(visit, book, typed, old=old, notes=kept(raw), problems=problems, status=403)


def ask(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Whether a rule shall go. Raises ``UnknownId``."""
    book, _old, _raw = _own(visit)
    found, _posts, _broken = _lines(visit)
    line = next((each for each in found if each.rule.name == _name(visit)), None)
    return visit.render(
        "rules_remove.html",
        status=status,
        name=_name(visit),
        key=quote(_name(visit), safe=""),
        line=line,
        book=book,
        problem=problem,
    )


def remove(visit: Visit) -> Response:
    """Take a rule out; the page that follows can put it back."""
    book, _old, _raw = _own(visit)
    if visit.form.get("seen") != book.mark:
        return ask(visit, problem=_conflict(visit), status=CONFLICT)
    try:
        book.save(book.remove(_name(visit)))
    except NetbotError as error:
        return ask(visit, problem=visit.explain(error), status=CONFLICT)
    now = Rulebook.open(visit.sphere, book.name)
    back = {"file": book.name, "text": book.text, "seen": now.mark, "name": _name(visit)}
    return rules(visit, back=back)


def keep_ask(visit: Visit) -> Response:
    """The same for the question whether a rule shall go."""
    return ask(visit, problem=stale(visit), status=403)


def _take(visit: Visit, book: Rulebook, old: Simple | None, raw: Any) -> Response:
    """Look at what was typed; then show what it would do, or save it."""
    typed = Typed.read(visit.form)
    shown: dict[str, Any] = {"old": old, "notes": kept(raw) if old else []}
    problems = typed.problems(visit.sphere.house, visit.texts)
    if problems:
        return _form(visit, book, typed, problems=problems, status=UNFIT, **shown)
    try:
        rule, whole, after = _make(visit, book, typed, old, raw)
        if visit.form.get("do") != "save":
            return _form(visit, book, typed, trial=try_out(visit.sphere, after), **shown)
        if visit.form.get("seen") != book.mark:
            raise PolicyRefused(_conflict(visit))
        book.save(whole)
    except NetbotError as error:
        problems, status = _complain(visit, error)
        return _form(visit, book, typed, problems=problems, status=status, **shown)
    name = quote(rule.name, safe="")
    return visit.go(f"/rules?saved={name}#rule-{name}")


def _make(
    visit: Visit, book: Rulebook, typed: Typed, old: Simple | None, raw: Any
) -> tuple[Simple, str, Rules]:
    """The rule, the file with it, and all rules then. Raises ``ConfigError``, ``Deaf``."""
    taken = [rule.name for rule in visit.sphere.rules.rules]
    rule = typed.rule(visit.sphere.house, old, taken)
    made = write_simple(rule, raw or None, was=old.section if old else "")
    whole = _write(book, rule, made, is_new=old is None)
    after = book.load(whole)
    require_heard(after, rule.name)
    return rule, whole, after


def _complain(visit: Visit, error: NetbotError) -> tuple[dict[str, str], int]:
    """What is wrong, beside its field, and how the server puts it."""
    if isinstance(error, Deaf):
        said = visit.texts.get("The rule does not judge its own examples so: look at its words.")
        return {"speaks": said}, UNFIT
    return {"": visit.explain(error)}, UNFIT if isinstance(error, ConfigError) else CONFLICT


def _write(book: Rulebook, rule: Simple, made: dict[str, Any], *, is_new: bool) -> str:
    if is_new:
        return book.insert(rule.section, made)
    return book.change(rule.name, rule.section, made)


def _form(
    visit: Visit,
    book: Rulebook,
    typed: Typed,
    *,
    old: Simple | None = None,
    notes: list[str] | None = None,
    trial: Trial | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    if old and old.section not in OFFERED:
        typed = replace(typed, section_kept=old.section)
    return visit.render(
        "rules_form.html",
        status=status,
        typed=typed,
        name=old.name if old else "",
        key=quote(old.name, safe="") if old else "",
        book=book,
        groups=GROUPS,
        proposed=PROPOSED,
        verbs=VERBS,
        clients=visit.sphere.house.clients,
        notes=notes or [],
        trial=trial,
        shown=SHOWN,
        problems=problems or {},
    )


def _own(visit: Visit) -> tuple[Rulebook, Simple | None, Any]:
    """The rule that the address names, and its file; None where a form cannot show it."""
    name = _name(visit)
    for file in reversed(files_of(visit.sphere.home, visit.sphere.name)):
        book = Rulebook.open(visit.sphere, file)
        try:
            section, raw = book.find(name)
        except (UnknownId, ConfigError):
            continue
        return book, read_simple(section, raw), raw
    raise UnknownId(name, f"there is no rule {name} of your own")


def _name(visit: Visit) -> str:
    name: str = visit.request.path_params["name"]
    return name


def _lines(visit: Visit) -> tuple[list[Line], int, str]:
    """The rules in the order of their files, the number of posts, and what is broken."""
    try:
        found, posts = count_hits(visit.sphere)
    except ConfigError as error:
        return [], 0, visit.explain(error)
    found.sort(key=lambda each: (each.rule.file, each.rule.line))
    return [_line(visit, each) for each in found], posts, ""


def _line(visit: Visit, found: Tally) -> Line:
    said = say(found.rule, visit.sphere.house, visit.texts)
    return Line(rule=found.rule, said=said[:1].upper() + said[1:], spoke=found.spoke)


def _from_card(visit: Visit, number: str) -> Typed:
    """Against what a card is about: the post is the example, its words can be chosen."""
    card, _action = visit.card(f"{visit.sphere.name}-{int(number[:18])}")
    post = card.post.post
    words = words_of(visit.sphere, card)[:OFFERS]
    example = quote_post(post, words[0] if words else "")
    because = visit.texts.get("this is against my values (“{match}”)")
    return Typed(because=because, speaks=example, offers=tuple(words))


def _conflict(visit: Visit) -> str:
    _ = visit.texts.get
    return _(
        "Somebody has changed the file since you opened this page. Nothing was written, and what"
        " you typed stands here. Look again, then save."
    )


def _gone(visit: Visit) -> str:
    return visit.texts.get("What you typed stands here and can be saved as a new rule.")
