"""German comes back letter by letter, however a document was written, declared and served."""

import codecs
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from netbot.feedparse.plain import to_line, to_text
from netbot.feedparse.read import read_document

CASES: dict[str, dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("encodings.yaml"))
PLACE = "https://host.example/feed"

# The longest of these that an encoding can write is what its document says.
TITLES = (
    "„Grüße“ aus Köln – Straßenfest: 5 € für Öl, Ärger & Übermut… 🎉",
    "„Grüße“ aus Köln – Straßenfest: 5 € für Öl, Ärger & Übermut…",
    "Grüße aus Köln, Straßenfest: 5 € für Öl, Ärger & Übermut",
    "Grüße aus Köln, Straßenfest: §§ für Öl, Ärger & Übermut",
)
TEXT = "Müllers Weißdornhecke blüht, während Jörg die Äpfel schält und über Öfen redet."

RSS = """<rss version="2.0"><channel><title>Kölner Blätter</title><link>https://a.example/</link>
<item><title>{title}</title><link>https://a.example/1</link><guid>https://a.example/1</guid>
<pubDate>Wed, 18 Nov 2026 07:30:00 +0000</pubDate><category>Straße</category>
<description>{text}</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Kölner Blätter</title><id>urn:a</id>
<updated>2026-11-18T07:30:00Z</updated><entry><title>{title}</title><id>urn:a:1</id>
<link href="https://a.example/1"/><updated>2026-11-18T07:30:00Z</updated>
<category term="Straße"/><summary>{text}</summary></entry></feed>"""


def title_for(encoding: str) -> str:
    for title in TITLES:
        try:
            title.encode(encoding)
        except UnicodeEncodeError:
            continue
        return title
    raise AssertionError(encoding)


def bytes_of(case: dict[str, Any], text: str) -> bytes:
    declared = case.get("declared")
    start = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    mark = "\ufeff" if case.get("bom") else ""
    return (mark + start + text).encode(case["written"])


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("template", [RSS, ATOM], ids=["rss", "atom"])
@pytest.mark.parametrize("name", CASES)
def test_german_comes_back(name: str, template: str) -> None:
    case = CASES[name]
    title = title_for(case["written"])
    source = template.format(title=title.replace("&", "&amp;"), text=TEXT)
    document = read_document(bytes_of(case, source), case["header"], PLACE)
    entry = document.entries[0]
    assert (document.title, entry.title, entry.text) == ("Kölner Blätter", title, TEXT)
    assert entry.tags == ("Straße",)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("escaped", [True, False])
def test_json_comes_back(encoding: str, escaped: bool) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Kölner Blätter",
        "items": [{"id": "1", "title": TITLES[0], "content_text": TEXT}],
    }
    body = json.dumps(feed, ensure_ascii=escaped).encode(encoding)
    document = read_document(body, "application/feed+json", PLACE)
    assert document.title == "Kölner Blätter"
    assert [(entry.title, entry.text) for entry in document.entries] == [(TITLES[0], TEXT)]


def test_json_in_latin_1_comes_back() -> None:
    body = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "title": "Öl"}]}'
    found = read_document(body.encode("latin-1"), "application/json", PLACE).entries
    assert [entry.title for entry in found] == ["Öl"]


@pytest.mark.parametrize("template", [RSS, ATOM], ids=["rss", "atom"])
@pytest.mark.parametrize("wrong", ["latin-1", "cp1252"])
def test_what_was_encoded_twice_comes_back(template: str, wrong: str) -> None:
    title = "Grüße „aus“ Köln – Öl" if wrong == "cp1252" else "Grüße aus Köln: Öl"
    once = template.format(title=title, text=TEXT)
    twice = once.encode().decode(wrong).encode()
    entry = read_document(twice, "text/xml", PLACE).entries[0]
    assert (entry.title, entry.text) == (title, TEXT)


@pytest.mark.parametrize("template", [RSS, ATOM], ids=["rss", "atom"])
@pytest.mark.parametrize("title", ["Macht das Lernen wieder Spaß®", "Maß¹ und Ä¤", "Öl§ Ü° ß©"])
@pytest.mark.parametrize("damage", ["", "<"])
def test_what_only_looks_encoded_twice_stays(template: str, title: str, damage: str) -> None:
    body = template.format(title=title, text=TEXT) + damage
    assert read_document(body.encode(), "text/xml", PLACE).entries[0].title == title


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("Ã¼ber", "über"),
        ("Grüße über „Ã¼“", "Grüße über „Ã¼“"),  # one right umlaut: it is meant
        ("ÃƒÂ¼ber", "über"),  # three times
        ("â‚¬ 5 und â€“ mehr", "€ 5 und – mehr"),
        ("ðŸŽ‰ Fest", "🎉 Fest"),
        ("SÃO PAULO", "SÃO PAULO"),
        ("»Gruß«", "»Gruß«"),
        ("\x84Anf\x93 \x80", "„Anf“ €"),
        ("Gru\u0308\u00dfe", "Grüße"),
        ("&#132;Anf&#147;", "„Anf“"),
        ("Zeile\u2028zwei", "Zeile zwei"),
    ],
)
def test_text_is_mended_where_that_is_certain(source: str, line: str) -> None:
    assert to_line(source) == line


@pytest.mark.parametrize("template", [RSS, ATOM], ids=["rss", "atom"])
def test_umlauts_in_pieces_are_put_together(template: str) -> None:
    pieces = unicodedata.normalize("NFD", TITLES[1]).replace("&", "&amp;")
    body = template.format(title=pieces, text=unicodedata.normalize("NFD", TEXT)).encode()
    entry = read_document(body, "", PLACE).entries[0]
    assert (entry.title, entry.text) == (TITLES[1], TEXT)
    assert to_text("u\u0308") == "ü"


@pytest.mark.parametrize("name", ["seen/magazine.xml", "seen/changes.xml", "unseen/minima.atom"])
def test_one_damaged_character_costs_itself(name: str) -> None:
    whole = (Path(__file__).parent / "parity" / name).read_bytes()
    expected = read_document(whole, "", PLACE).entries
    at = whole.index("ü".encode())
    damaged = whole[:at] + b"\xfc" + whole[at + 2 :]
    found = read_document(damaged, "text/xml", PLACE).entries
    assert [entry.url for entry in found] == [entry.url for entry in expected]
    assert codecs.BOM_UTF8.decode() not in found[0].title


@pytest.mark.parametrize("codec", ["base64", "rot13", "zlib", "idna", "hex", "unicode_escape"])
def test_what_is_no_encoding_of_text_is_not_believed(codec: str) -> None:
    body = f'<?xml version="1.0" encoding="{codec}"?>' + RSS.format(title="Öl", text=TEXT)
    found = read_document(body.encode("latin-1"), "text/xml", PLACE).entries
    assert [entry.title for entry in found] == ["Öl"]
