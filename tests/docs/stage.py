"""Where the documentation is played through: an own home, a shell, and sample blogs.

The blogs answer on this machine. In what a page saves, their ``.example`` addresses lead there; in
what is printed, the way back is taken, so that a page reads as it would out in the world.
"""

import os
import re
import subprocess
import sys
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

from netbot import clock
from netbot.demo.blogserver import BlogServer
from netbot.locale.build import compile_messages
from tests.check.tree import ROOT
from tests.docs.pages import Block

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?")


class Told(NamedTuple):
    """One post of a sample blog."""

    hours_ago: float
    name: str  # the end of its address
    title: str
    text: str


class Blog(NamedTuple):
    """One sample blog."""

    title: str
    language: str
    posts: tuple[Told, ...]


BLOGS = {
    "acme.example": Blog(
        "ACME Translators",
        "en",
        (
            Told(
                2.8,
                "bridge-glossary",
                "Our bridge glossary has won an award",
                "Two years, 1,400 terms and one very patient engineer: on Friday the glossary"
                " received the terminology award. Thank you to everybody who kept asking what a"
                " bearing is.",
            ),
            Told(
                26,
                "twelve-languages",
                "Twelve languages in one small kitchen",
                "Every Thursday somebody cooks what their grandmother cooked. We wrote the recipes"
                " down, with all the words that no dictionary has.",
            ),
            Told(
                50,
                "e-reader",
                "Giveaway: three e-readers",
                "Enter now for a chance to win one of three e-readers. Tag a friend.",
            ),
        ),
    ),
    "uebersetzer.example": Blog(
        "ACME Übersetzer",
        "de",
        (
            Told(
                2.8,
                "bruecken-glossar",
                "Unser Brücken-Glossar hat eine Auszeichnung bekommen",
                "Zwei Jahre, 1400 Begriffe und ein sehr geduldiger Ingenieur: Am Freitag ist das"
                " Glossar geehrt worden. Danke an alle, die immer wieder gefragt haben, was ein"
                " Lager ist.",
            ),
            Told(
                26,
                "zwoelf-sprachen",
                "Zwölf Sprachen in einer kleinen Küche",
                "Jeden Donnerstag kocht jemand, was die Großmutter gekocht hat. Wir haben die"
                " Rezepte aufgeschrieben, mit allen Wörtern, die in keinem Wörterbuch stehen.",
            ),
            Told(
                50,
                "lesegeraet",
                "Gewinnspiel: drei Lesegeräte",
                "Jetzt mitmachen: Unter allen, die kommentieren, verlosen wir drei Lesegeräte.",
            ),
        ),
    ),
}


def feed(host: str, blog: Blog) -> bytes:
    """A blog as RSS, its newest post published a few hours ago."""
    items = "".join(
        f"<item><title>{post.title}</title><link>https://{host}/{post.name}</link>"
        f"<guid>https://{host}/{post.name}</guid><description>{post.text}</description>"
        f"<pubDate>{_ago(post.hours_ago)}</pubDate></item>"
        for post in blog.posts
    )
    head = f"<title>{blog.title}</title><link>https://{host}/</link><language>{blog.language}</language>"
    return f'<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _ago(hours: float) -> str:
    return format_datetime(clock.now() - timedelta(hours=hours))


def speak_german() -> None:
    """Compile the catalogue as an installation does, where that has not happened since its edit."""
    locale = ROOT / "netbot" / "locale"
    for source in locale.glob("*/LC_MESSAGES/netbot.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            compile_messages(locale)


class Stage:
    """One page's own surroundings; blocks are played one after the other."""

    def __init__(self, folder: Path, server: BlogServer, remembered: dict[str, bytes]) -> None:
        """``remembered`` holds word forms by place, so that only the first page waits for them."""
        self.folder = folder
        self._server = server
        self._remembered = remembered
        self._here = folder / "here"
        self._here.write_text(str(self.user), encoding="utf-8")
        self.user.mkdir()
        shims = folder / "bin"
        shims.mkdir()
        (shims / "netbot").write_text(f'#!/bin/sh\nexec {sys.executable} -P -m netbot "$@"\n')
        (shims / "netbot").chmod(0o755)

    @property
    def user(self) -> Path:
        """The user's home directory."""
        return self.folder / "user"

    @property
    def here(self) -> Path:
        """The working directory."""
        return Path(self._here.read_text(encoding="utf-8").strip())

    def run(self, script: str, *, strict: bool) -> tuple[int, str]:
        """Run it in the shell; exit code and everything printed. ``strict`` ends at a failure."""
        self._bring_words()
        remember = f"trap 'pwd > \"{self._here}\"' EXIT\n"
        done = subprocess.run(
            ["bash", "-euc" if strict else "-uc", remember + script],
            cwd=self.here,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        self._take_words()
        return done.returncode, self._outward(done.stdout)

    def open_blogs(self) -> None:
        """Serve the sample blogs, and let this home look at them without waiting."""
        for host, blog in BLOGS.items():
            self._server.put(f"/{host}/feed.xml", feed(host, blog))
        settings = self.here / "config" / "netbot.yaml"
        text = settings.read_text(encoding="utf-8")
        opened = "  min_interval_s: 1\n  allow_hosts: [127.0.0.1]\n"
        settings.write_text(re.sub(r"  min_interval_s: .*\n", opened, text), encoding="utf-8")

    def save(self, block: Block) -> None:
        """Put a block's file where it names itself."""
        path = self.here / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._inward(block.text), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.user),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.defpath]),
            "PYTHONPATH": str(ROOT),
        }

    def _inward(self, text: str) -> str:
        for host in BLOGS:
            text = text.replace(f"https://{host}/feed", self._server.url(f"/{host}/feed"))
        return text

    def _outward(self, text: str) -> str:
        return text.replace(self._server.url("/"), "https://")

    def _bring_words(self) -> None:
        """Word forms that another page has waited for; netbot looks whether they still fit."""
        if (self.here / "config").is_dir():
            for place, words in list(self._remembered.items()):
                path = self.here / place
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists():
                    path.write_bytes(words)

    def _take_words(self) -> None:
        for path in (self.here / "data").rglob("rule-words.json"):
            self._remembered.setdefault(str(path.relative_to(self.here)), path.read_bytes())


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it is said to print."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> ") and not found[-1][1]:
            found[-1] = (found[-1][0] + line[2:], "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def agrees(said: str, printed: str) -> bool:
    """Whether a page shows what was printed: ``…`` stands for anything, dates may differ."""
    pattern = "".join(map(_line_pattern, _lines(said)))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed))) is not None


def _lines(text: str) -> list[str]:
    return [_DATE.sub("DATE", line).rstrip() for line in text.strip("\n").splitlines()]


def _line_pattern(line: str) -> str:
    """A line that is nothing but ``…`` stands for any number of lines."""
    if line == "…":
        return r"(?:.*\n)*"
    return ".*".join(map(re.escape, line.split("…"))) + r"\n"
