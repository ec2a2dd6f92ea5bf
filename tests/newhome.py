"""A home with one client's blog beside it, and somebody who looks at its page."""

from datetime import UTC, datetime
from pathlib import Path

from netbot import app
from netbot.demo.blogserver import BlogServer
from netbot.web import create
from tests.caller import PORT, Answer, Caller

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)

SPHERE = """\
# Beruflich
accounts:
  - {id: my-web, network: web, handle: Anna Muster}    # mein Name

clients:
  # die Treueste
  - id: acme
    name: ACME Übersetzer GmbH    # seit jeher
    cadence_days: 60              # alle zwei Monate
    sources:
      - https://acme.example/feed.xml    # der Blog
      - {network: page, address: "https://acme.example/news"}
"""
SETTINGS = """\
# Für alle Bereiche
language: en        # der Oberfläche
time_zone: Europe/Berlin
queue:
  daily_limit: 5    # wenige gute
"""
RULES = """\
nonsense:
  - {name: raffle, when: {phrase: raffle}, because: "a raffle"}
"""
FEED = """\
<rss version="2.0"><channel><title>Studio Ährenkranz</title><link>https://blog.example</link>
<language>de</language>
<item><title>Neue Räume</title><link>https://blog.example/1</link><guid>1</guid>
<description>Wir sind umgezogen und freuen uns auf euch.</description>
<pubDate>Sat, 21 Nov 2026 08:00:00 GMT</pubDate></item>
<item><title>Our great raffle</title><link>https://blog.example/2</link><guid>2</guid>
<description>Take part in our raffle and win.</description>
<pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>
</channel></rss>
"""


def page(*links: str) -> bytes:
    """A site that names these feeds."""
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{link}" title="Feed {link}">'
        for link in links
    )
    return f"<html><head><title>Blog</title>{head}</head><body>Hallo</body></html>".encode()


class NewHome:
    """A home whose networks may ask one blog on this machine."""

    def __init__(self, home: Path, blog: BlogServer) -> None:
        self.home, self.blog = home, blog
        for folder in ("config", "rules"):
            (home / folder).mkdir()
        host = f"127.0.0.1:{blog.port}"
        watch = f"watch: {{allow_hosts: ['{host}']}}\nrules: {{shipped: false}}\n"
        self.write("config/netbot.yaml", SETTINGS + watch)
        self.write("config/professional.yaml", SPHERE)
        self.write("rules/values.yaml", RULES)
        blog.put("/", page("/feed"), content_type="text/html")
        blog.put("/feed", FEED.encode())
        self.caller = Caller(create(home, port=PORT, clock=lambda: NOW))

    def write(self, name: str, text: str) -> None:
        (self.home / name).write_text(text, encoding="utf-8")

    def read(self, name: str = "config/professional.yaml") -> str:
        return (self.home / name).read_text(encoding="utf-8")

    def get(self, path: str) -> Answer:
        return self.caller.get(f"/professional{path}")

    def find(self, address: str, **more: str) -> Answer:
        """Ask for an address of somebody new."""
        form = self.get("/clients/new").form("/clients/new/find")
        return self.caller.send(form, address=address, **more)

    def open(self) -> app.Sphere:
        return app.open_sphere(self.home, "professional", NOW)
