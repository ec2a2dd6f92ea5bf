"""A site with a page of news, and ten such pages made as the usual programs make theirs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from netbot.demo.blogserver import BlogServer
from netbot.model import Source
from netbot.network import Batch
from netbot.networks.page import Pages

PAGES = Path(__file__).parent / "unit" / "inlets"
#: What a reader sees as the newest entries of each page.
SHOWN = {
    "anchors": ["Das Kürbisfest war schön", "Späte Lämmer", "Apfelsaft ist abgefüllt"],
    "article": [
        "Lesung im Hof",
        "Ein Preis für den kleinen Laden",
        "Schulbuchaktion beendet",
    ],
    "builder": ["Waffelsonntag im Dezember", "Neue Bohne aus Äthiopien", "Der Garten macht Pause"],
    "divi": [
        "The boathouse is finished",
        "Shortlisted for the timber award",
        "We have a second table",
    ],
    "flat": ["Wir ziehen um", "Kurs für starke Rücken", "Neu im Team: Jonas"],
    "joomla": ["Die Orgel klingt wieder", "Spendenstand im Herbst", "Ein neuer Vorstand"],
    "table": [
        "Der Steg am unteren See ist wieder frei.",
        "Das große Abfischen hat 64 Kilo Weißfisch gebracht.",
        "Jugendtag mit elf Kindern: gefangen wurde wenig, gelacht dafür den ganzen Nachmittag.",
    ],
    "terms": [
        "Adventssingen in der Markthalle",
        "Probenwochenende im Kloster",
        "Bericht vom Herbstkonzert",
    ],
    "typo3": [
        "Neue Leitwarte geht in Betrieb",
        "Sechs Ladesäulen am Markt",
        "Trinkwasserbericht liegt vor",
    ],
    "wordpress-pages": ["Die neue Hobelbank ist da", "Lehrling gefunden", "Betriebsferien"],
}

NAMES = sorted(SHOWN)


class Site:
    """A site with one page, watched by the clock of a test."""

    def __init__(self, server: BlogServer) -> None:
        self.server = server
        self.now = datetime(2026, 11, 23, 11, tzinfo=UTC)
        self.port = Pages(allow_hosts=["127.0.0.1"], now=lambda: self.now)
        self.cursor = ""

    @property
    def source(self) -> Source:
        return Source(client="acme", network="page", address=self.server.url("/aktuelles"))

    def show(self, page: bytes) -> None:
        self.server.put("/aktuelles", page, content_type="text/html")

    def look(self, after: timedelta = timedelta(hours=2)) -> Batch:
        self.now += after
        batch = self.port.fetch(self.source, self.cursor)
        self.cursor = batch.cursor
        return batch

    def asked(self) -> list[str]:
        return [asked.path for asked in self.server.requests]


def sample(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


def changed(name: str, before: str, after: str) -> bytes:
    """The sample after somebody edited it."""
    encoding = "latin-1" if name == "table" else "utf-8"
    text = sample(name).decode(encoding)
    assert before in text
    return text.replace(before, after).encode(encoding)
