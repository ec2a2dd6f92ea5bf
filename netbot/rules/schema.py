"""What a rule file may hold; from here come the errors and the JSON Schema for editors."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from netbot.model import Verb
from netbot.rules.comparing import Measure, compare
from netbot.rules.folding import fold, is_letter
from netbot.rules.patterns import compile_pattern

MAX_WORDS = 4  # of one entry under “words”: every word multiplies the forms

_KEBAB = re.compile(r"[^\W_A-Z]+(-[^\W_A-Z]+)*")
_TEXT = ("words", "phrase", "exact", "regex")
_TEXT_OPTIONS = ("within", "near", "compounds")


T = TypeVar("T")


def _check_name(name: str) -> str:
    if not _KEBAB.fullmatch(name) or name != name.lower():
        raise ValueError("must be written in small letters with hyphens, like own-success")
    return name


def _check_said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def check_word(word: str) -> str:
    """The entry, if it can stand under ``words``; else ``ValueError``."""
    if word.startswith("$"):
        return word  # a list, whose entries are looked at by themselves
    if not any(is_letter(character) for character in word):
        raise ValueError("needs at least one letter or digit")
    if len(fold(word).split()) > MAX_WORDS:
        raise ValueError(f"has more than {MAX_WORDS} words: take “phrase” for whole phrases")
    return word


def _check_phrase(phrase: str) -> str:
    if not fold(phrase).strip():
        raise ValueError("needs at least one character besides spaces and dashes")
    return phrase


def check_regex(source: str) -> str:
    """The expression, if RE2 takes it; else ``ValueError``."""
    compile_pattern(source)
    return source


def _check_filled(entries: tuple[T, ...]) -> tuple[T, ...]:
    if not entries:
        raise ValueError("needs at least one entry")
    return entries


def _check_count(written: str | float) -> str | float:
    compare(written, Measure.COUNT)
    return written


def _check_share(written: str | float) -> str | float:
    compare(written, Measure.SHARE)
    return written


def _check_age(written: str) -> str:
    compare(written, Measure.AGE)
    return written


def _check_proposed(value: Verb) -> Verb:
    if value is Verb.THANK:
        raise ValueError("a post is nothing to thank for: netbot proposes thanks for favours")
    return value


Name = Annotated[str, AfterValidator(_check_name)]
Said = Annotated[str, AfterValidator(_check_said)]
Word = Annotated[str, AfterValidator(check_word)]
Phrase = Annotated[str, AfterValidator(_check_phrase)]
Regex = Annotated[str, AfterValidator(check_regex)]
Count = Annotated[str | int | float, AfterValidator(_check_count)]
Share = Annotated[str | int | float, AfterValidator(_check_share)]
Age = Annotated[str, AfterValidator(_check_age)]
Place = Literal["title", "text", "author", "tags", "url"]
Kind = Literal["original", "share", "reply"]

Saids = Annotated[tuple[Said, ...], AfterValidator(_check_filled)] | Said
Words = Annotated[tuple[Word, ...], AfterValidator(_check_filled)] | Word
Phrases = Annotated[tuple[Phrase, ...], AfterValidator(_check_filled)] | Phrase
Regexes = Annotated[tuple[Regex, ...], AfterValidator(_check_filled)] | Regex
Places = Annotated[tuple[Place, ...], AfterValidator(_check_filled)] | Place
Kinds = Annotated[tuple[Kind, ...], AfterValidator(_check_filled)] | Kind
Proposed = Annotated[Verb, AfterValidator(_check_proposed)]
Verbs = Annotated[tuple[Proposed, ...], AfterValidator(_check_filled)] | Proposed


def listed(value: T | tuple[T, ...] | None) -> tuple[T, ...]:
    """What may be written as one thing or as a list of them, as a list."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scores(_Strict):
    """What learned judges say of a post, 0 to 1."""

    kindness: Share | None = None
    offence: Share | None = None
    spam: Share | None = None
    bait: Share | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "Scores":
        if not self.model_fields_set:
            raise ValueError("needs kindness, offence, spam or bait with a comparison")
        return self


class Topic(_Strict):
    """What texts about something sound like."""

    like: Annotated[tuple[Said, ...], AfterValidator(_check_filled)]
    unlike: tuple[Said, ...] = ()  # near it, and not meant


class Conditions(_Strict):
    """Conditions that must all hold; each alone names several things of which one is enough."""

    words: Words | None = None
    phrase: Phrases | None = None
    exact: Phrases | None = None
    regex: Regexes | None = None
    within: Places | None = Field(default=None, alias="in")
    near: int | None = Field(default=None, ge=1)
    compounds: bool | None = None

    author: Saids | None = None
    source: Saids | None = None
    network: Saids | None = None
    domain: Saids | None = None
    language: Saids | None = None
    kind: Kinds | None = None
    age: Age | None = None
    length: Count | None = None
    links: Count | None = None
    hashtags: Count | None = None
    mentions: Count | None = None
    emoji: Count | None = None
    capitals: Share | None = None
    media: Count | None = None
    duplicate: bool | None = None

    about: Saids | None = None
    score: "Scores | None" = None

    all: Annotated[tuple["Conditions", ...], AfterValidator(_check_filled)] | None = None
    any: Annotated[tuple["Conditions", ...], AfterValidator(_check_filled)] | None = None
    none: Annotated[tuple["Conditions", ...], AfterValidator(_check_filled)] | None = None
    unless: "Conditions | None" = None

    def given(self) -> set[str]:
        """The names of the conditions and options that are filled in."""
        return {name for name in type(self).model_fields if getattr(self, name) is not None}

    def texts(self) -> set[str]:
        """The names of the conditions on words of the post."""
        return self.given().intersection(_TEXT)

    def has_anchor(self) -> bool:
        """Whether words are asked for to which ``near`` can be measured."""
        inner = (*(self.all or ()), *(self.any or ()))
        return (bool(self.texts()) and self.near is None) or any(i.has_anchor() for i in inner)

    def has_near(self) -> bool:
        """Whether ``near`` stands here or further inside."""
        return any(each.near is not None for each in self.walk())

    def walk(self) -> Iterator["Conditions"]:
        """These conditions and all that are nested in them."""
        yield self
        inner = (*(self.all or ()), *(self.any or ()), *(self.none or ()))
        for each in (*inner, self.unless) if self.unless else inner:
            yield from each.walk()

    @model_validator(mode="after")
    def _asks_something(self) -> "Conditions":
        if not self.given().difference(_TEXT_OPTIONS):
            raise ValueError("needs at least one condition, such as words or phrase")
        if self.given().intersection(_TEXT_OPTIONS) and not self.texts():
            raise ValueError("has in, near or compounds, but no words, phrase, exact or regex")
        if self.compounds is not None and self.words is None:
            raise ValueError("has compounds, which needs words beside it")
        return self


class Scope(_Strict):
    """For whom a rule speaks; every key given must fit."""

    clients: Saids | None = None
    tags: Saids | None = None
    networks: Saids | None = None
    accounts: Saids | None = None


class ExamplePost(_Strict):
    """A post to try a rule on, where its text alone is not enough."""

    title: str = ""
    text: str = ""
    author: str = ""
    language: str | None = None
    url: str = ""
    network: str = "web"
    kind: Kind = "original"
    tags: tuple[str, ...] = ()
    links: int = 0
    media: int = 0


ExamplePosts = tuple[str | ExamplePost, ...]


class Examples(_Strict):
    """Posts, and what this rule alone makes of them; ``endorse``: a champion rule speaks."""

    refuse: ExamplePosts = ()
    skip: ExamplePosts = ()
    ask: ExamplePosts = ()
    passes: ExamplePosts = Field(default=(), alias="pass")
    endorse: ExamplePosts = ()


class Praise(_Strict):
    """A rule of ``champion``; it alone need not say why."""

    name: Name
    when: Conditions
    unless: Conditions | None = None
    scope: Scope | None = Field(default=None, alias="for")
    because: str = ""
    conviction: str = ""
    suggest: Verbs | None = None
    expires: date | None = None
    examples: Examples = Examples()

    def parts(self) -> tuple[Conditions, ...]:
        """What it asks: ``when`` and, if given, ``unless``."""
        return (self.when, self.unless) if self.unless else (self.when,)

    def has_near(self) -> bool:
        """Whether distances between words matter anywhere in it."""
        return any(part.has_near() for part in self.parts())

    @model_validator(mode="after")
    def _near_something(self) -> "Praise":
        if self.has_near() and not self.when.has_anchor():
            raise ValueError("has near, but its “when” names no words to be near to")
        return self


class Objection(Praise):
    """A rule of any other section."""

    because: Said


class Moment(Objection):
    """A rule of ``moment``; when in doubt it leaves the whole client in peace."""

    holds: Literal["client", "post"] = "client"


class RuleFile(_Strict):
    """One file of rules."""

    lists: dict[Name, Annotated[tuple[Phrase, ...], AfterValidator(_check_filled)]] | None = None
    topics: dict[Name, Topic] | None = None
    never: tuple[Objection, ...] | None = None
    hesitate: tuple[Objection, ...] | None = None
    champion: tuple[Praise, ...] | None = None
    nonsense: tuple[Objection, ...] | None = None
    moment: tuple[Moment, ...] | None = None
