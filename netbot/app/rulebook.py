"""The rule files of a home, as people and commands change them: tried first, then saved."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbot.app.sphere import Sphere
from netbot.model import Suggestion, UnknownId, UsageError
from netbot.text import mark
from netbot.yamlfile import Document

if TYPE_CHECKING:
    from netbot.rules.loading import Rules
    from netbot.rules.replaying import Change, Judged, Tally
    from netbot.yamlfile.writing import Editing

#: On so many posts, the last ones, a rule is tried.
TRIED = 200


def file_of(sphere: str) -> str:
    """Where the rules of a sphere stand that netbot writes, as problems call it."""
    return f"rules/{sphere}/mine.yaml"


def files_of(home: Path, sphere: str) -> list[str]:
    """The home's own rule files that hold in a sphere, and ``file_of`` even if it is not there."""
    from netbot.rules.files import SHIPPED, shipped_folder

    shipped = {(shipped_folder() / name).resolve() for name in SHIPPED}
    found = [
        f"{folder}/{path.name}"
        for folder in ("rules", f"rules/{sphere}")
        for path in sorted((home / folder).glob("*.yaml"))
        if not path.name.endswith(".example.yaml") and path.resolve() not in shipped
    ]
    return found if file_of(sphere) in found else [*found, file_of(sphere)]


def load_with(home: Path, sphere: str, shipped: bool, file: str, text: str) -> "Rules":
    """The rules of a sphere as if that file said this. Raises ``ConfigError``."""
    from netbot import rules

    with tempfile.TemporaryDirectory(prefix="netbot-") as folder:
        shadow = Path(folder)
        for name in {*files_of(home, sphere), file}:
            (shadow / name).parent.mkdir(parents=True, exist_ok=True)
            if (home / name).exists():
                shutil.copyfile(home / name, shadow / name)
        (shadow / file).write_bytes(text.encode(errors="surrogateescape"))
        return rules.load(home=shadow, sphere=sphere, shipped=shipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One rule file of a sphere as it was when it was read, and what can become of it."""

    sphere: Sphere
    editing: "Editing"

    @classmethod
    def open(cls, sphere: Sphere, file: str = "") -> "Rulebook":
        """Read a file, ``mine.yaml`` of the sphere unless another is named; it may be missing.

        Raises ``UnknownId`` when no such file belongs to the sphere.
        """
        from netbot.yamlfile.writing import Editing

        name = file or file_of(sphere.name)
        if name not in files_of(sphere.home, sphere.name):
            raise UnknownId(
                name, mark("{name} is no file of rules for {sphere}"), name=name, sphere=sphere.name
            )
        path = sphere.home / name
        if path.exists():
            return cls(sphere=sphere, editing=Editing.begin(path, name=name))
        return cls(sphere=sphere, editing=Editing(path=path, name=name, content=b""))

    @property
    def name(self) -> str:
        """What problems call the file."""
        return self.editing.name

    @property
    def text(self) -> str:
        """What it says."""
        return self.editing.text

    @property
    def mark(self) -> str:
        """Another one whenever the file is another."""
        return self.editing.sha256

    def find(self, rule: str) -> tuple[str, Mapping[str, Any]]:
        """The section of a rule, and how it is written. Raises ``UnknownId``, ``ConfigError``."""
        section, index = self._place(rule)
        return section, self._read().data[section][index]

    def insert(self, section: str, rule: Mapping[str, Any]) -> str:
        """The text with one rule more. Raises ``ConfigError``."""
        return self.editing.insert(section, rule)

    def change(self, name: str, section: str, rule: Mapping[str, Any]) -> str:
        """The text with that rule instead, in this section. Raises as ``find`` does."""
        from netbot.yamlfile.writing import insert

        was, index = self._place(name)
        if was == section:
            return self.editing.change((was, index), rule)
        return insert(self.editing.remove((was, index)), section, rule, name=self.name)

    def remove(self, name: str) -> str:
        """The text without that rule. Raises as ``find`` does."""
        return self.editing.remove(self._place(name))

    def load(self, text: str) -> "Rules":
        """The rules of the sphere as if the file said this. Raises ``ConfigError``."""
        sphere = self.sphere
        return load_with(sphere.home, sphere.name, sphere.house.shipped_rules, self.name, text)

    def save(self, text: str) -> None:
        """Write the file. Raises ``NetbotError`` when it was changed since it was read."""
        if not self.editing.path.exists() and not self.editing.content:
            self.editing.path.parent.mkdir(parents=True, exist_ok=True)
            self.editing.path.touch()
        self.editing.save(text)
        self.sphere.forget_rules()

    def _read(self) -> Document:
        from netbot.yamlfile import loads

        return loads(self.text, name=self.name)

    def _place(self, rule: str) -> tuple[str, int]:
        from netbot.rules.compiling import SECTIONS

        data = self._read().data
        for section in SECTIONS if isinstance(data, dict) else ():
            rules = data.get(section)
            for index, each in enumerate(rules if isinstance(rules, list) else ()):
                if isinstance(each, dict) and each.get("name") == rule:
                    return section, index
        raise UnknownId(rule, mark("there is no rule {rule} in {name}"), rule=rule, name=self.name)


class Deaf(UsageError):
    """A rule does not judge its own examples as it says."""


def require_heard(loaded: "Rules", rule: str) -> None:
    """Raise ``Deaf`` for a rule that does not judge its own examples as it says."""
    from netbot import rules

    deaf = next((each for each in rules.examples(loaded) if each.rule == rule), None)
    if deaf is not None:
        raise Deaf(f"the rule would not find its own text ({deaf.got}): mark other words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a change of the rules would do to the last posts."""

    posts: int
    changes: Sequence["Change"]  # what matters most first


def try_out(sphere: Sphere, after: "Rules") -> Trial:
    """Judge the last posts once more. Raises ``ConfigError`` when today's rules are broken."""
    from netbot.rules.replaying import by_ruling, replay

    posts = last_posts(sphere)
    return Trial(posts=len(posts), changes=by_ruling(replay(posts, sphere.rules, after)))


def last_posts(sphere: Sphere) -> "Sequence[Judged]":
    """The posts on which a rule is tried."""
    from netbot.engine.lessons import newest

    return newest(sphere.store, sphere.desk, limit=TRIED)


def count_hits(sphere: Sphere) -> "tuple[list[Tally], int]":
    """How often every rule spoke on the last posts, and how many there are."""
    from netbot.rules.replaying import tally

    posts = last_posts(sphere)
    return tally(posts, sphere.rules), len(posts)


def words_of(sphere: Sphere, card: Suggestion) -> list[str]:
    """The words that say what a card's post is about, those that were skipped before first."""
    from netbot import engine
    from netbot.rules.learning import telling_words

    post = card.post.post
    with sphere.store.read() as tx:
        known = engine.taste(tx).explain(engine.see(post, card.client), most=TRIED)
    disliked = {each.what for each in known if each.kind == "word" and not each.approved}
    others = [each for each, _ in last_posts(sphere)]
    return telling_words(post, others, first=disliked)
