"""Whether the page about security tells of every item, and names tests that exist."""

import re
from pathlib import Path

from tests.check import tree
from tests.docs import pages
from tests.docs.test_docs_complete import TEST, named_in

PAGE = Path("docs/security.md")

#: The items of ASVS 5.0.0: for each chapter its sections, for each section the levels of its items.
LEVELS = {
    1: "22 1111122223 112222222223 222 123",
    2: "122 112 12223 23",
    3: "3 113 12223 11222233 11122333 3 22333",
    4: "12233 23333 22 1222",
    5: "2 112333 113 222",
    6: "122 111111112222 11223333 112233 22222333 2223 33 2222",
    7: "222 1111 22 11222 223 22",
    8: "1233 1123 133 23",
    9: "111 1222",
    10: "22 223 22223 1111122222233333 22222 22 222",
    11: "2233 22233 11233 1222 23 23 33",
    12: "12233 11 22223",
    13: "2333 222223 2233 1222233",
    14: "22 12223333 122",
    15: "12233 12233 1222222 3333",
    16: "2 22222 2222 222 2223",
    17: "23 22223333 22",
}

ITEM = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{1,2})\b")
WORDS = ("By design: ", "Does not apply: ", "Open: ")


def wanted() -> dict[str, str]:
    """Every item of levels 1 and 2, with its level."""
    return {
        f"{chapter}.{section}.{number}": level
        for chapter, told in LEVELS.items()
        for section, levels in enumerate(told.split(), 1)
        for number, level in enumerate(levels, 1)
        if level in "12"
    }


def rows() -> list[tuple[list[str], str, str]]:
    """Each row of the chapters: its items, what is asked, how it stands."""
    text = pages.read(PAGE).partition("## Keys and algorithms")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if re.match(r"\| \d", line)
    ]
    assert {len(row) for row in cells} == {3}
    return [([".".join(each) for each in ITEM.findall(row[0])], row[1], row[2]) for row in cells]


def test_every_item_stands_once_in_its_chapter():
    told = [item for items, _, _ in rows() for item in items]
    assert len(wanted()) == 253
    assert sorted(told) == sorted(wanted())
    for chapter in pages.sections(PAGE):
        number = re.match(r"V(\d+) ", chapter.title)
        for line in chapter.text.splitlines() if number else ():
            items = ITEM.findall(line.split("|")[1]) if re.match(r"\| \d", line) else []
            assert {each[0] for each in items} <= {number[1] if number else ""}, line


def test_every_item_has_a_test_that_exists_or_a_reason():
    for items, asked, stands in rows():
        assert asked.endswith("."), items
        named = TEST.findall(stands)
        assert named or stands.startswith(WORDS), items
        assert len(stands) > 20, items
        for path, name in named:
            assert (tree.ROOT / path).exists(), path
            assert name in named_in(path), f"{path}::{name}"


def test_what_is_open_is_listed_and_little():
    found = [item for items, _, stands in rows() for item in items if stands.startswith("Open: ")]
    (last,) = (one for one in pages.sections(PAGE) if one.title == "What is open")
    assert [".".join(each) for each in ITEM.findall(last.text)] == found
    apply = {
        item
        for items, _, stands in rows()
        for item in items
        if not stands.startswith("Does not apply: ")
    }
    by_level = {level: {i for i in apply if wanted()[i] == level} for level in "12"}
    assert len({*found} & by_level["2"]) <= 0.05 * len(by_level["2"])
    assert {*found} & by_level["1"] == {"14.2.1", "15.1.1", "15.2.1"}
