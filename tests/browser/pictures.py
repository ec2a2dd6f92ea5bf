"""Makes the pictures of the queue, of a client's page and of a slip for an act by hand.

``python -m tests.browser.pictures`` (make pictures); another folder and language can be named.

Desktop and phone, light and dark, from the demo's story at a fixed moment.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser

from netbot import app, engine
from netbot.engine import Approve
from tests import told
from tests.browser.chromium import chromium, served
from tests.check.tree import ROOT

FOLDER = ROOT / "docs" / "pictures"
SIZES = {"desktop": (1040, 860, 1), "phone": (390, 780, 2)}  # width, height, pixels a point
WORDS = {
    "en": "A swing on the beam you left bare: that is how a house says thank you.",
    "de": "Eine Schaukel am Balken, den ihr frei gelassen habt: So bedankt sich ein Haus.",
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def write_home(home: Path, language: str) -> None:
    """The demo, two months after a word to one of its clients, with one act in hand."""
    told.write_home(home, language)
    settings = home / "config" / "netbot.yaml"
    settings.write_text(settings.read_text().replace("daily_limit: 12", "daily_limit: 5"))
    then = told.NOW - timedelta(days=61)
    bench = told.post(
        blog="penhallow-reed",
        slug="lock-keepers-bench",
        title="A bench for the lock keeper",
        text="The lock keeper asked for a bench. It is finished, and he is asleep on it.",
        language="en",
        at=then - timedelta(hours=5),
    )
    told.show(home, {"penhallow-reed": [bench]}, then)
    _approve(home, "penhallow-reed", then, "Asleep already: a good bench needs no better proof.")
    told.show(home, told.story_posts(told.NOW, 1), told.NOW - timedelta(hours=3))
    told.show(home, told.story_posts(told.NOW, 2), told.NOW - timedelta(hours=1))
    _approve(home, "erlengrund", told.NOW)


def _approve(home: Path, client: str, now: datetime, text: str | None = None) -> None:
    """Say yes to the client's best card; one that has words is done at once."""
    with app.open_sphere(home, "professional", now) as sphere:
        cards = engine.queue(sphere.store, sphere.house, now, everything=True).cards
        card = next(card for card in cards if card.client == client)
        engine.decide(sphere.store, sphere.hall, card.id, Approve(text=text), now)
        if text is not None:
            engine.confirm(sphere.store, card.id, now)


def take(browser: Browser, address: str, folder: Path, name: str = "queue") -> list[Path]:
    """The four pictures of one page."""
    taken = []
    for size, (width, height, pixels) in SIZES.items():
        for scheme in SCHEMES:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                device_scale_factor=pixels,
            )
            page.goto(address)
            path = folder / f"{name}-{size}-{scheme}.png"
            page.screenshot(path=path)
            page.close()
            taken.append(path)
    return taken


def take_in_hand(home: Path, language: str) -> str:
    """Approve a comment and begin with it; where its slip stands."""
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW, everything=True).cards
        card = next(card for card in cards if card.client == "penhallow-reed")
        yes = Approve(text=WORDS[language])
        engine.decide(sphere.store, sphere.hall, card.id, yes, told.NOW)
        engine.hand_off(sphere.store, sphere.hall, card.id, told.NOW)
    return f"/professional/outbox/{card.id.rpartition('-')[2]}"


def main(folder: Path = FOLDER, language: str = "en") -> None:
    """Write the pictures, over those of before."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="netbot-pictures-") as temporary:
        home = Path(temporary)
        write_home(home, language)
        with served(home, lambda: told.NOW) as page, chromium() as browser:
            taken = take(browser, f"{page}/professional", folder)
            client = f"{page}/professional/clients/penhallow-reed"
            taken += take(browser, client, folder, "client")
            taken += take(browser, page + take_in_hand(home, language), folder, "slip")
    sys.stdout.writelines(f"{path}\n" for path in taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER, *sys.argv[2:])
