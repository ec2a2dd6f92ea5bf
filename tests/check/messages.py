"""Finds every text that people read and keeps the German catalogue in step.

Run as a program (``make messages``) it adds new texts to the catalogue, without a translation, and
drops those that are said no more. How texts are marked: ``netbot.text``.
"""

import ast
import io
import re
from collections.abc import Iterator
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tests.check import tree

GERMAN = tree.ROOT / "netbot/locale/de/LC_MESSAGES/netbot.po"
KEYWORDS: dict[str, Any] = {"_": None, "ngettext": (1, 2)}
TEXTS = re.compile(r"(.*[._])?texts|translator\(.*\)")  # what a catalogue is called in the source

Found = tuple[int, str, tuple[Any, ...], list[str]]  # line, keyword, texts, comments


def says(call: ast.Call) -> bool:
    """Whether a call names a text that people read."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in {"get", "plural"}:
        return bool(TEXTS.fullmatch(ast.unparse(function.value)))
    return isinstance(function, ast.Name) and function.id in {"_", "mark"}


def in_python(file: Any, *_: object, **_settings: object) -> Iterator[Found]:
    """The texts of a Python file, in the way babel asks for them."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and says(node):
            texts = tuple(a.value for a in node.args if isinstance(a, ast.Constant))
            if texts:
                yield node.lineno, "ngettext" if len(texts) > 1 else "_", texts, []


WHERE: list[tuple[str, Any]] = [
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**.py", in_python),
]
OPTIONS = {f"**/templates/**.{kind}": {"silent": "false"} for kind in ("html", "txt")}


def extracted() -> Catalog:
    """Every text that source and templates mark, in English."""
    catalogue = Catalog()
    for file, _line, message, comments, context in extract_from_dir(
        tree.ROOT / "netbot", WHERE, OPTIONS, keywords=KEYWORDS
    ):
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalogue


def german() -> Catalog:
    """The German catalogue as it stands."""
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


def updated() -> tuple[Catalog, bytes]:
    """The German catalogue with the texts of today, and how it is written."""
    catalogue = german()
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    return catalogue, written(catalogue)


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a file that changes only where texts do: no dates, no line numbers."""
    head, body = GERMAN.read_text(encoding="utf-8").partition("\n\n")[0], io.BytesIO()
    write_po(
        body,
        catalogue,
        width=100,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    return head.strip().encode() + b"\n\n" + body.getvalue().strip() + b"\n"


def untranslated(catalogue: Catalog) -> list[str]:
    """English texts whose German is missing or doubtful."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]


def _forms(text: Any) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def main() -> None:
    """Write the catalogue anew and say what is left to translate."""
    catalogue, content = updated()
    GERMAN.write_bytes(content)
    missing = untranslated(catalogue)
    print(f"{len(catalogue)} texts, {len(missing)} without German")
    for message in missing:
        print("-", message)


if __name__ == "__main__":
    main()
