"""YAML means what it says: the core schema of YAML 1.2, places, refusals, and no traceback."""

import math
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, field_validator

from netbot import yamlfile
from netbot.model import ConfigError, Problem

MEANINGS = {
    # text, though it looks like more
    "no": "no",
    "NO": "NO",
    "yes": "yes",
    "on": "on",
    "off": "off",
    "y": "y",
    "12:30": "12:30",
    "12:30:45": "12:30:45",
    "2026-05-01": "2026-05-01",
    "1_000": "1_000",
    "0b11": "0b11",
    "1.2.3": "1.2.3",
    "tRUE": "tRUE",
    "nil": "nil",
    "=": "=",
    "a:b": "a:b",
    "a#b": "a#b",
    "'010'": "010",
    '"true"': "true",
    "''": "",
    '"<<"': "<<",
    r'"\ud83d\ude00"': "😀",
    "😀": "😀",
    # booleans and nothing
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "~": None,
    "null": None,
    "": None,
    # numbers
    "0": 0,
    "-7": -7,
    "+7": 7,
    "010": 10,
    "0o17": 15,
    "0x1F": 31,
    "1.10": 1.1,
    ".5": 0.5,
    "5.": 5.0,
    "1e3": 1000.0,
    "-.inf": -math.inf,
    "[]": [],
    "{}": {},
}


@pytest.mark.parametrize(("written", "meant"), MEANINGS.items())
def test_a_value_means_what_yaml_1_2_says(written, meant):
    value = yamlfile.loads(f"key: {written}", name="f").data["key"]
    assert value == meant
    assert type(value) is type(meant)


def test_nan_is_a_number():
    assert math.isnan(yamlfile.loads(".nan", name="f").data)


REFUSALS = {
    "anchor": ("a: &x 1", "1:4", "an anchor"),
    "alias": ("a: *x", "1:4", "an alias"),
    "alias as key": ("*x : 1", "1:1", "an alias"),
    "alias without name": ("a: *", "1:5", "an alias"),
    "anchor without name": ("a: & ", "1:5", "an anchor"),
    "merge key": ("<<: {a: 1}", "1:1", "a merge key"),
    "tag": ("a: !!str 1", "1:4", "a tag"),
    "tag of python": ("a: !!python/object:os.system x", "1:4", "a tag"),
    "tag of nobody": ("a: !x!y 1", "1:4", "a tag"),
    "tag on a list": ("a: !!set {b}", "1:4", "a tag"),
    "tag left open": ("a: !<x", "1:7", "is not YAML"),
    "directive": ("%YAML 1.1\n---\na: 1", "2:1", "begins with %"),
    "two documents": ("a: 1\n---\nb: 1", "2:1", "a second document"),
    "number as key": ("12: a", "1:1", 'write "12" in quotes'),
    "null as key": ("null: a", "1:1", 'write "null" in quotes'),
    "no key": (": a", "1:1", "a key is missing"),
    "list as key": ("? [a, b]\n: c", "1:3", "a key must be text"),
    "mapping as key": ("{{a: 1}: b}", "1:2", "a key must be text"),
    "key twice": ("a: 1\nb: 2\na: 3", "3:1", "(first in line 1)"),
    "key twice in brackets": ("{a: 1, a: 2}", "1:8", "(first in line 1)"),
    "tab": ("a:\n\tb: 1", "2:1", "a tab"),
    "at sign": ("a: @x", "1:4", "“@” cannot begin a text"),
    "backtick": ("a: `x`", "1:4", "“`” cannot begin a text"),
    "colon": ("a: b: c", "1:5", "a colon does not fit"),
    "list on the key's line": ("a: - b", "1:4", "a line of its own"),
    "key without colon": ("a: 1\nb\n", "2:1", "a value are missing after this key"),
    "quote open": ("a: 'x\nb: 1\n", "1:4", "this quote is never closed"),
    "quote within quotes": ("a: 'it's'", "1:8", "check indent, quotes and colons"),
    "escape": (r'a: "C:\qx"', "1:8", r"“\q” means nothing"),
    "escape of half a character": (r'a: "\ud800"', "1:4", "half a character"),
    "escape beyond the last character": (r'a: "\U99999999"', "1:5", "no character"),
    "bracket open": ("a: [1,\n", "1:4", "never closed"),
    "wrong bracket": ("a: {b: 1]", "1:9", "opened in line 1"),
    "bracket too many": ("a: ]", "1:4", "a value is missing"),
    "invisible character": ("a: 1\nb: x\x00y", "2:5", "U+0000"),
    "half a character": ("a: \ud800", "1:4", "U+D800"),
    "endless number": ("a: " + "9" * 5000, "1:4", "too long"),
    "endless hexadecimal": ("a: 0x" + "f" * 5000, "1:4", "too long"),
    "depth of lists": ("[" * 3000, "1:51", "deeper than 50"),
    "depth of mappings": ("{a: " * 3000, "1:201", "deeper than 50"),
    "depth of dashes": ("- " * 3000, "1:101", "deeper than 50"),
}


@pytest.mark.parametrize(("text", "place", "words"), REFUSALS.values(), ids=REFUSALS)
def test_what_surprises_is_refused_at_its_place(text, place, words):
    with pytest.raises(ConfigError) as caught:
        yamlfile.loads(text, name="f")
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"f:{place}: ")
    assert words in problem.message


def test_fifty_levels_are_deep_enough():
    document = yamlfile.loads("[" * 50 + "]" * 50, name="f")
    assert document.place((0,) * 49) == (1, 50)


def test_a_bomb_of_aliases_does_not_go_off():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError) as caught:
        yamlfile.loads("\n".join(levels), name="bomb")
    assert len(caught.value.problems) == 9 + 8 * 9


def test_all_problems_of_a_file_are_told_in_order():
    text = "a: &x 1\na: 2\n<<: {b: !t 1}\n3: *x\nc: @\n"
    with pytest.raises(ConfigError) as caught:
        yamlfile.loads(text, name="f")
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert places == [(1, 4), (2, 1), (3, 1), (3, 9), (4, 1), (4, 4), (5, 4)]


def test_problems_end_somewhere():
    with pytest.raises(ConfigError) as caught:
        yamlfile.loads("a: 1\n" * 5000, name="f")
    assert len(caught.value.problems) == 100


def test_every_value_and_key_has_its_place():
    text = '# top\nclients:\n  - id: acme\n    tags: [a, "b"]\n  -\n    name:\nempty:\n'
    document = yamlfile.loads(text, name="f")
    assert document.place(()) == (2, 1)
    assert document.place(("clients",)) == (3, 3)
    assert document.place(("clients",), key=True) == (2, 1)
    assert document.place(("clients", 0)) == (3, 5)
    assert document.place(("clients", 0), key=True) == (3, 5)
    assert document.place(("clients", 0, "id")) == (3, 9)
    assert document.place(("clients", 0, "tags", 1)) == (4, 15)
    assert document.place(("clients", 1, "name")) == (6, 5)
    assert document.place(("empty",)) == (7, 1)


def test_what_is_missing_is_placed_at_its_nearest_ancestor():
    document = yamlfile.loads("a:\n  b: 1\n", name="f")
    assert document.place(("a", "x", "y"), key=True) == (2, 3)
    assert yamlfile.loads("", name="f").place(("a",)) == (1, 1)
    problem = document.problem(("a", "b"), "odd")
    assert problem == Problem(file="f", line=2, column=6, message="odd")


def test_a_scalar_is_kept_as_written():
    document = yamlfile.loads("a: 010\nb: '010'\nc: [x]\n", name="f")
    assert document.written(("a",)) == document.written(("b",)) == "010"
    assert document.written(("c",)) is None
    assert document.written(("d",)) is None


def test_a_file_is_named_as_asked_and_hashed(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_bytes("\ufeffname: Übersetzer\r\n".encode())
    document = yamlfile.load(path, name="rules/rules.yaml")
    assert (document.name, document.data) == ("rules/rules.yaml", {"name": "Übersetzer"})
    assert document.sha256 == yamlfile.loads("\ufeffname: Übersetzer\r\n", name="f").sha256
    assert yamlfile.load(path).name == str(path)


UNREADABLE = {
    "latin-1": ("a: 1\nb: Köln, é".encode("latin-1"), "2:5", "not UTF-8"),
    "after an umlaut": ("b: ü".encode() + b"\xff", "1:5", "not UTF-8"),
    "UTF-16": ("a: 1".encode("utf-16"), "1:1", "not UTF-8"),
    "too large": (b"#" * (yamlfile.MAX_BYTES + 1), "1:1", "larger than 1024 KiB"),
}


@pytest.mark.parametrize(("content", "place", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_bytes_that_are_no_yaml_file_are_refused(content, place, words, tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        yamlfile.load(path, name="f")
    assert str(caught.value).startswith(f"f:{place}: ")


def test_a_file_of_the_largest_size_is_read(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"#" * yamlfile.MAX_BYTES)
    assert yamlfile.load(path).data is None


def test_too_much_text_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="larger"):
        yamlfile.loads("ü" * yamlfile.MAX_BYTES, name="f")
    with pytest.raises(ConfigError, match="cannot be read"):
        yamlfile.load(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        yamlfile.load(tmp_path)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("cadnce_days", ["cadence_days", "tags"], " Did you mean “cadence_days”?"),
        ("Sources", ["sources"], " Did you mean “sources”?"),
        ("SHIPPED", ["Shipped"], " Did you mean “Shipped”?"),
        ("xyz", ["sources"], ""),
        ("xyz", [], ""),
    ],
)
def test_did_you_mean(word, known, hint):
    assert yamlfile.did_you_mean(word, known) == hint


class Verb(StrEnum):
    LIKE = "like"
    SHARE = "share"


class Scope(BaseModel):
    title: bool = True


class Near(BaseModel):
    scope: Scope | None = None
    words: list[str]
    near: Annotated[int, Field(gt=0, lt=9)] = 8


class Phrase(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phrase: Annotated[str, Field(max_length=5)] | tuple[str, ...]


class Rule(BaseModel):
    name: Annotated[str, Field(min_length=1)] = "rule"
    when: Near | Phrase | None = None
    both: list[Near | str] | bool = True
    verbs: Annotated[tuple[Verb, ...], Field(max_length=2)] = ()
    seen: int | list[int] = 0
    mood: Literal["kind", "stern"] = "kind"
    score: float = 0.0
    labels: dict[Annotated[str, Field(pattern="^[a-z]+$")], int] = {}
    maps: list[dict[str, "Rule"]] = []
    pick: list[Verb] = Field(default=[], min_length=1)

    @field_validator("name")
    @classmethod
    def _lower(cls, value):
        if value != value.lower():
            raise ValueError("must be in small letters")
        return value


FINDINGS = {
    "{nam: x}": ["1:2: unknown key “nam”. Did you mean “name”?"],
    "when: {words: [a], naer: 1}": ["1:20: unknown key “naer”. Did you mean “near”?"],
    "when: {words: [], scope: {titel: true}}": ["1:27: unknown key “titel”. Did you mean “title”?"],
    "when: {phrase: Glück}": [],
    "when: {phrase: Glücksspiel}": ["1:16: “phrase” must have at most 5 characters"],
    "when: {phrase: [a, 1]}": [
        '1:20: entry 2 of “phrase” needs text, not a number: write "1" in quotes'
    ],
    "when: {phrase: 010}": [
        '1:16: “phrase” needs text or a list, not a number: write "010" in quotes'
    ],
    "when: [a]": ["1:7: “when” needs keys with values, not a list"],
    "when: {words: a}": ["1:15: “words” needs a list, not text: write it as [a]"],
    "when: {words: [a], near: 0}": ["1:26: “near” must be more than 0"],
    "when: {words: [a], near: 9}": ["1:26: “near” must be less than 9"],
    "both: [a, {words: []}]": [],
    "both: [a, {words: [], near: x}]": ["1:29: “near” needs a whole number, not text"],
    "seen: x": ["1:7: “seen” needs a whole number or a list, not text: write it as [x]"],
    "seen: 1.5": ["1:7: “seen” needs a whole number or a list, not a number"],
    "both: yes": ["1:7: “both” needs a list or true or false, not text: write it as [yes]"],
    "both:": ["1:1: “both” is empty: it needs a list or true or false"],
    "verbs: [like, lik]": [
        "1:15: entry 2 of “verbs” must be one of like, share, not “lik”. Did you mean “like”?"
    ],
    "verbs: [true]": ["1:9: entry 1 of “verbs” must be one of like, share, not true or false."],
    "verbs: [like, like, like]": ["1:8: “verbs” must have at most 2 entries"],
    "verbs: {like: 1}": ["1:8: “verbs” needs a list, not keys with values"],
    "mood: cruel": ["1:7: “mood” must be one of kind, stern, not “cruel”."],
    "mood: 3": ["1:7: “mood” must be one of kind, stern, not a number."],
    "mood:": ["1:1: “mood” must be one of kind, stern, not nothing."],
    "maps: [{a: {naem: x}}]": ["1:13: unknown key “naem”. Did you mean “name”?"],
    "labels: {a: {x: 1}}": ["1:13: “a” needs a whole number, not keys with values"],
    "score: high": ["1:8: “score” needs a number, not text"],
    "score: 3": [],
    "labels: {A: 1}": ["1:10: “A” is not accepted: String should match pattern '^[a-z]+$'"],
    "labels: {a: x}": ["1:13: “a” needs a whole number, not text"],
    "pick: []": ["1:7: “pick” must have at least 1 entry"],
    "name: Rule": ["1:7: “name” must be in small letters"],
    "- a": ["1:1: this file needs keys with values, not a list"],
    "": [],
}


@pytest.mark.parametrize(("text", "expected"), FINDINGS.items())
def test_a_mistake_is_told_once_for_people_at_its_place(text, expected):
    found, problems = yamlfile.validate(yamlfile.loads(text, name="f"), Rule)
    assert [str(problem).removeprefix("f:") for problem in problems] == expected
    assert (found is None) == bool(problems)


def test_a_refusal_of_pydantic_s_own_keeps_its_words():
    class Page(BaseModel):
        url: AnyUrl

    _, problems = yamlfile.validate(yamlfile.loads("url: nowhere", name="f"), Page)
    assert str(problems[0]).startswith("f:1:6: “url” is not accepted: Input should be a valid URL")


def test_a_value_without_mistake_comes_back_as_the_model():
    found, _ = yamlfile.validate(yamlfile.loads("verbs: [share]", name="f"), Rule)
    assert found is not None
    assert found.verbs == (Verb.SHARE,)


def test_entries_of_lists_in_lists_are_counted():
    class Grid(BaseModel):
        rows: list[list[int]]

    _, problems = yamlfile.validate(yamlfile.loads("rows: [[1, x], x]", name="f"), Grid)
    assert [problem.message for problem in problems] == [
        "entry 2 needs a whole number, not text",
        "entry 2 of “rows” needs a list, not text: write it as [x]",
    ]


WORDS = ["b: ", "- ", "  ", "&x ", "*x", "!t ", "---", "...", "<<: ", "\\u", "\\U9", "1", "010"]
MARKS = "a[]{},:?#'\"|>%@\t\n\r\x85\u2028\ufeff\x00\x7f~ä😀"
PIECES = st.sampled_from([*WORDS, *MARKS, "true", "%YAML 1.1\n", "%TAG "])


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
@example("%YAML 9.9\n---\n")
@example("%TAG ! !\n%TAG ! !\n---\n")
@example("a: |0\n")
@example("? a\n? b\n")
@example("a: !<%zz> b")
@example("--- |\n%\n")
def test_any_text_is_a_document_or_a_problem(text):
    try:
        document = yamlfile.loads(text, name="f")
    except ConfigError as error:
        lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028")
        for problem in error.problems:
            assert 1 <= problem.line <= lines + 2
            assert problem.column >= 1
            assert problem.message
    else:
        found, problems = yamlfile.validate(document, Rule)
        assert (found is None) == bool(problems)
