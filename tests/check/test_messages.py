import ast
import io
import re

import pytest
from babel.messages.catalog import Catalog

from tests.check import messages, tree

FIELD = re.compile(r"\{\w*[^{}]*\}|%\(\w+\)s")
DATE = re.compile(r":%[^{}]*")


def fields(text: str) -> set[str]:
    """What a text fills in; how a date is written is each language's own."""
    return {DATE.sub(":a date", field) for field in FIELD.findall(text)}


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def test_every_text_has_its_german_and_nothing_is_left_over():
    catalogue, content = messages.updated()
    assert messages.untranslated(catalogue) == []
    assert content == messages.GERMAN.read_bytes(), "run `make messages`"
    assert not messages.german().obsolete


def test_german_fills_in_the_same_facts():
    wrong = [
        message.id
        for message in messages.german()
        if message.id
        and all(forms(message.string))
        and set().union(*map(fields, forms(message.string)))
        != set().union(*map(fields, forms(message.id)))
    ]
    assert wrong == []


def test_texts_are_written_out_where_they_are_said():
    hidden = [
        f"{path}:{node.lineno}"
        for path in tree.files(".py", under="netbot")
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, ast.Call) and messages.says(node)
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.args)
    ]
    assert hidden == [], 'fill facts in afterwards: `_("{n} cards").format(n=n)`'


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('_("Later")', [("Later",)]),
        ('self.texts.get("Ea" "rly")', [("Early",)]),
        ('translator("de").plural("{n} card", "{n} cards", n)', [("{n} card", "{n} cards")]),
        ('WORDS = {"a": mark("Now")}', [("Now",)]),
        ('_(WORDS["a"]) + facts.get("Later") + texts.get(word)', []),
    ],
)
def test_texts_are_found_by_the_calls_that_say_them(source, texts):
    found = messages.in_python(io.BytesIO(source.encode()))
    assert [strings for _, _, strings, _ in found] == texts


def test_a_catalogue_keeps_its_head_and_loses_dates_and_line_numbers():
    catalogue = Catalog(locale="de")
    catalogue.add("Later", "Später", locations=[("netbot/x.py", 7)])
    text = messages.written(catalogue).decode()
    assert text.count('msgid ""') == 1
    assert "Date" not in text
    assert "x.py" not in text
    assert text.endswith('msgid "Later"\nmsgstr "Später"\n')


def test_a_text_without_german_is_named():
    catalogue = Catalog(locale="de")
    catalogue.add("Later", "")
    catalogue.add(("{n} card", "{n} cards"), ("{n} Karte", ""))
    catalogue.add("Never", "Nie", flags=["fuzzy"])
    catalogue.add("Now", "Jetzt")
    assert len(messages.untranslated(catalogue)) == 3
