import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.model import ConfigError, NetbotError
from netbot.yamlfile import loads
from netbot.yamlfile.changing import change, entry_path, remove
from netbot.yamlfile.writing import Editing

RULES = """\
# Anna's rules
# yaml-language-server: none

# what I never do
never:
  # games of chance
  - name: gambling   # since 2019
    when:
      words: [casino, bet]   # and more?
    because: "no “{match}”"   # read aloud
    # maybe: conviction

  # parties
  - name: politics
    when: {words: [party, vote], in: title}
    because: not here
# and sometimes
hesitate:
  - {name: ai, when: {phrase: AI}, because: hm}
"""


def moved(old: str, new: str) -> list[str]:
    """The lines that went and came."""
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        (
            ("never", 0, "when", "words"),
            ["casino", "bet", "dice"],
            [
                "-       words: [casino, bet]   # and more?",
                "+       words: [casino, bet, dice]   # and more?",
            ],
        ),
        (
            ("never", 0, "because"),
            "we don't “{match}”",
            [
                '-     because: "no “{match}”"   # read aloud',
                '+     because: "we don\'t “{match}”"   # read aloud',
            ],
        ),
        (("never", 1, "suggest"), ["gesture"], ["+     suggest:", "+       - gesture"]),
        (("never", 1, "expires"), "2027-01-01", ["+     expires: '2027-01-01'"]),
        (
            ("never", 1, "when", "words"),
            ["vote"],
            [
                "-     when: {words: [party, vote], in: title}",
                "+     when: {words: [vote], in: title}",
            ],
        ),
        (
            ("never", 1, "when"),
            {"phrase": "my: party"},
            [
                "-     when: {words: [party, vote], in: title}",
                "+     when: {phrase: 'my: party'}",
            ],
        ),
        (("language",), "de", ["+ language: de"]),
        (("queue", "daily_limit"), 3, ["+ queue:", "+   daily_limit: 3"]),
        (("hesitate", 0, "when", "phrase"), ["AI"], None),
        (("never", 0, "when", "words"), {"any": 1}, None),
        (("never", 0), "text", None),
        (("hesitate", 0, "when"), {}, None),
        (("never", 0, "because"), "two\nlines", None),
        (("never", 0, "when"), None, None),
    ],
)
def test_only_the_lines_of_what_differs_change(path, value, lines):
    new = change(RULES, path, value, name="f")
    if lines is not None:
        assert sorted(moved(RULES, new)) == sorted(lines)
    found = loads(new, name="f").data
    for part in path:
        found = found[part]
    assert found == value
    assert new.startswith("# Anna's rules\n# yaml-language-server: none\n\n# what I never do\n")


def test_what_is_taken_out_takes_its_comments_along():
    assert remove(RULES, ("never", 0), name="f") == RULES.replace(
        RULES[RULES.index("  # games") : RULES.index("  # parties")], ""
    )
    assert remove(RULES, ("never", 1), name="f") == RULES.replace(
        RULES[RULES.index("  # parties") : RULES.index("# and some")], ""
    )


def test_a_key_is_taken_out_of_an_entry():
    gone = remove(RULES, ("never", 0, "because"), name="f")
    assert moved(RULES, gone) == ['-     because: "no “{match}”"   # read aloud']
    gone = remove(RULES, ("never", 1, "when", "in"), name="f")
    assert moved(RULES, gone) == [
        "-     when: {words: [party, vote], in: title}",
        "+     when: {words: [party, vote]}",
    ]
    gone = remove(RULES, ("never", 1, "name"), name="f")
    assert moved(RULES, gone)[-1] == "+   - when: {words: [party, vote], in: title}"


def test_the_last_entry_leaves_an_empty_list():
    assert remove(RULES, ("hesitate", 0), name="f").endswith("# and sometimes\nhesitate: []\n")


def test_the_words_on_top_of_a_file_stay_with_the_file():
    assert remove("# my home\nlanguage: de\nweb: x\n", ("language",), name="f") == (
        "# my home\nweb: x\n"
    )


@pytest.mark.parametrize(
    ("old", "path", "value", "new"),
    [
        ("", ("a",), "x", "a: x\n"),
        ("# mine", ("a", "b"), 1, "# mine\n\na:\n  b: 1\n"),
        ("---\n...\n", ("a",), 1, "---\n\na: 1\n...\n"),
        ("\ufeffa: 1\r\nb: 2\r\n", ("a",), 3, "\ufeffa: 3\r\nb: 2\r\n"),
        ("a: 1\r\n", ("b",), ["x"], "a: 1\r\nb:\r\n  - x\r\n"),
        ("a:   # none\nb: 1\n", ("a",), "x", "a: x   # none\nb: 1\n"),
        ("a:   # none\nb: 1\n", ("a",), {"c": 1}, "a:   # none\n  c: 1\nb: 1\n"),
        ("a: []  # none\n", ("a",), ["x"], "a:  # none\n  - x\n"),
        ("a:  # why\n  # this\n  - x\n", ("a",), "y", "a: y  # why\n"),
        ("a:  # why\n  # this\n  - x\n", ("a",), {"b": 1}, "a:  # why\n  # this\n  b: 1\n"),
        ("a:\n- x\n- y\n", ("a",), ["x", "z", "y"], "a:\n- x\n- z\n- y\n"),
        ("a:\n  - x\n\n  - y\n", ("a",), ["w", "x", "y"], "a:\n  - w\n\n  - x\n\n  - y\n"),
        ("a:\n  - x\n\n  - y\n", ("a",), ["x", "y", "z"], "a:\n  - x\n\n  - y\n\n  - z\n"),
        ("a:\n-   x\n", ("a",), ["x", "y"], "a:\n-   x\n-   y\n"),
        ("a:\n  - - x\n    - y\n", ("a", 0), ["y"], "a:\n  - - y\n"),
        ("a: [x, y]\n", ("a",), ["y"], "a: [y]\n"),
        ("a: [x, y]\n", ("a",), ["x"], "a: [x]\n"),
        ("a: [x, y]\n", ("a",), ["w", "x", "y"], "a: [w, x, y]\n"),
        ("a: {}\n", ("a", "b"), 1, "a:\n  b: 1\n"),
        ("{}", ("a",), 1, "{a: 1}"),
        ("{a: {}}", ("a", "b"), [1], "{a: {b: [1]}}"),
        ("{a: , b: 1}", ("a",), 1, "{a: 1 , b: 1}"),
        ("a: true\n", ("a",), 1, "a: 1\n"),
        ("a: |\n  long\n  text\n# b\nb: 1\n", ("a",), "short", "a: short\n# b\nb: 1\n"),
        ("a: 'it'\n", ("a",), "no: it", "a: 'no: it'\n"),
        ("a:\n  - x\n  # y\n\nb: 1\n", ("a",), ["x", "z"], "a:\n  - x\n  # y\n  - z\n\nb: 1\n"),
    ],
)
def test_each_style_is_kept(old, path, value, new):
    assert change(old, path, value, name="f") == new


@pytest.mark.parametrize(
    ("old", "path", "new"),
    [
        ("a: 1\n", ("a",), ""),
        ("a: 1\n\nb: 2\n\nc: 3\n", ("b",), "a: 1\n\nc: 3\n"),
        ("a: 1\n\nb: 2\n", ("b",), "a: 1\n"),
        ("a:\n  - x\n\n  - y\n", ("a", 0), "a:\n  - y\n"),
        ("a:\n  b: 1\n", ("a", "b"), "a: {}\n"),
        (
            "a:\n  - b: 1  # c\n    # d\n    e: 2\n",
            ("a", 0, "b"),
            "a:\n  -  # c\n    # d\n    e: 2\n",
        ),
        ("a:\n  - b: 1\n    e: 2\n", ("a", 0, "b"), "a:\n  - e: 2\n"),
        ("a: [\n  x,  # why\n  y,  # or\n]\n", ("a", 1), "a: [\n  x,  # why\n]\n"),
        ("a: [\n  x, y,\n  z]\n", ("a", 2), "a: [\n  x, y]\n"),
        ("a: [x]\n", ("a", 0), "a: []\n"),
        ("{a: 1}", ("a",), "{}"),
        ("{a: 1, b: 2}", ("a",), "{b: 2}"),
        ("a:\n  -\n  - x\n", ("a", 0), "a:\n  - x\n"),
        ("a: x\n# on b\nb: y", ("b",), "a: x\n"),
    ],
)
def test_each_style_is_left_whole(old, path, new):
    assert remove(old, path, name="f") == new


def test_an_entry_is_found_by_its_key():
    document = loads(RULES, name="f")
    assert entry_path(document, "never", "politics", key="name") == ("never", 1)
    for section, other in (("never", "ai"), ("champion", "ai")):
        with pytest.raises(ConfigError, match=f"“{section}” has no entry with name ai"):
            entry_path(document, section, other, key="name")
    with pytest.raises(ConfigError, match="has no entry"):
        entry_path(loads("- x\n", name="f"), "never", "ai")


@pytest.mark.parametrize("path", [("never", 7, "name"), ("never", "a"), ("never", 0, "name", "x")])
def test_what_is_not_there_is_not_changed(path):
    with pytest.raises(ConfigError, match=r"f:\d+:\d+: there is no “never\."):
        change(RULES, path, "x", name="f")
    with pytest.raises(ConfigError, match=r"there is no “never\."):
        remove(RULES, path, name="f")


def test_what_is_written_too_strangely_is_left_to_the_human():
    strange = "? a\n: [x]\n"
    with pytest.raises(ConfigError, match=r"f:1:3: “a” cannot be changed safely") as caught:
        change(strange, ("a",), ["y"], name="f")
    assert "  a:\n    - y\n" in str(caught.value)
    with pytest.raises(ConfigError, match="“a” cannot be taken out safely"):
        remove(strange, ("a", 0), name="f")
    with pytest.raises(ConfigError, match="write this yourself:\n  - y\n"):
        change(strange, ("a", 0), "y", name="f")


def test_a_broken_file_is_named():
    with pytest.raises(ConfigError, match="f:1:4: this bracket is never closed"):
        change("a: [\n", ("a",), [], name="f")


def test_a_file_is_changed_and_saved_only_as_it_was_read(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text(RULES, encoding="utf-8")
    editing = Editing.begin(file, name="f")
    editing.save(editing.remove(("never", 0)))
    with pytest.raises(NetbotError, match="changed by somebody else"):
        editing.save(editing.change(("never", 0, "because"), "x"))
    again = Editing.begin(file, name="f")
    assert again.sha256 != editing.sha256
    again.save(again.change(("never", 0, "because"), "x"))
    assert loads(again.text, name="f").data["never"][0]["because"] == "not here"
    assert loads(file.read_text(encoding="utf-8"), name="f").data["never"][0]["because"] == "x"


# Files as people write them: every part of each in any order and style.
COMMENTS = st.sampled_from(["", "# a line\n", "\n", "\n# – two –\n#   lines\n\n", "    # deep\n"])
TEXT = st.text(min_size=1, max_size=12).filter(str.isprintable)
ITEM = st.sampled_from(
    [
        "- id: a{n}\n  name: 'A: {n}'  # why\n",
        "- {id: a{n}, name: A}\n",
        "-   id: a{n}\n    sources:\n    - x\n    - y\n",
        "- id: a{n}\n  name: >-\n    long\n    text\n",
        "- id: a{n}\n#   cadence_days: 60\n  name: A\n",
        "- id: a{n}\n  tags: [x,\n    y]   # tags\n  quiet: {from: 1, to: 2}\n",
        "- id: a{n}\n  since:\n",
        "-\n  # below\n  id: a{n}\n",
    ]
)
ENTRY = st.fixed_dictionaries(
    {"id": TEXT},
    optional={
        "name": TEXT,
        "sources": st.lists(st.sampled_from(["x", "y", "z", "- w"]), max_size=3),
        "tags": st.lists(st.sampled_from(["x", "y", "#z"]), max_size=3).map(tuple),
        "quiet": st.dictionaries(st.sampled_from(["from", "to", "of"]), st.integers()),
        "since": st.none() | st.booleans() | st.integers(),
    },
)


@st.composite
def files(draw):
    """Its lines, and of each the client it belongs to: ``clients`` is a list of one to four."""
    margin = draw(st.sampled_from(["", "  ", "    "]))
    head = draw(st.sampled_from(["clients:\n", "clients: # mine\n", '"clients":\n']))
    clients: list[tuple[str, int | None]] = [(head, None)]
    for number, item in enumerate(draw(st.lists(ITEM, min_size=1, max_size=4))):
        lines = item.replace("{n}", str(number)).splitlines(keepends=True)
        clients += [(margin + line, number) for line in lines]
        clients += [(line, None) for line in draw(COMMENTS).splitlines(keepends=True)]
    sections: list[list[tuple[str, int | None]]] = [
        [("accounts:\n", None), ("  - {id: me}  # me\n", None)]
    ]
    sections += [[("digest: {at: '08:00'}\n", None)], clients]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    body = []
    for section in draw(st.permutations(sections)):
        body += [(line, None) for line in draw(COMMENTS).splitlines(keepends=True)] + section
    body = [(line.replace("\n", end), number) for line, number in body]
    if draw(st.booleans()):
        body[-1] = (body[-1][0].rstrip(), body[-1][1])
    return body


def text_of(file: list[tuple[str, int | None]]) -> str:
    return "".join(line for line, _ in file)


def around(file: list[tuple[str, int | None]], index: int) -> tuple[list[str], list[str]]:
    """The lines above and below a client, but for comments and blank lines right at it."""
    own = [place for place, (_, number) in enumerate(file) if number == index]
    lines = text_of(file).splitlines()
    above, below = lines[: own[0]], lines[own[-1] + 1 :]
    while above and is_comment(above[-1]):
        above.pop()
    while below and is_comment(below[0]):
        below.pop(0)
    return above, below


def is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def plain(entry: dict[str, object]) -> dict[str, object]:
    return {key: list(each) if isinstance(each, tuple) else each for key, each in entry.items()}


@given(files(), st.data())
def test_whatever_the_file_a_changed_entry_touches_no_other_line(file, data):
    text, entry = text_of(file), data.draw(ENTRY)
    before = loads(text, name="f").data
    index = data.draw(st.integers(0, len(before["clients"]) - 1))
    new = change(text, ("clients", index), entry, name="f")
    before["clients"][index] = plain(entry)
    assert loads(new, name="f").data == before
    check_around(file, index, new)


@given(files(), st.data())
def test_whatever_the_file_a_removed_entry_touches_no_other_line(file, data):
    text = text_of(file)
    before = loads(text, name="f").data
    index = data.draw(st.integers(0, len(before["clients"]) - 1))
    new = remove(text, ("clients", index), name="f")
    del before["clients"][index]
    assert loads(new, name="f").data == before
    check_around(file, index, new, head=not before["clients"])


def check_around(file, index: int, new: str, *, head: bool = False) -> None:
    """The lines around are there still; ``head``: but the one where ``[]`` has come."""
    above, below = around(file, index)
    lines = new.splitlines()
    above = above[:-1] if head else above
    assert lines[: len(above)] == above
    assert lines[len(lines) - len(below) :] == below


@given(files(), TEXT)
def test_whatever_the_file_a_key_is_set_and_taken_out_again(file, value):
    text = text_of(file)
    new = change(text, ("digest", "to"), value, name="f")
    assert loads(new, name="f").data["digest"] == {"at": "08:00", "to": value}
    assert remove(new, ("digest", "to"), name="f") == text
