import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from netbot import app
from netbot.cli.main import run
from netbot.demo.blogserver import BlogServer
from netbot.store import sources, suggestions

NOW = datetime.now(UTC)
RULES = """
never:
  - {name: gambling, when: {phrase: Glücksspiel}, because: "wirbt für „{match}“"}
nonsense:
  - {name: raffle, when: {phrase: Gewinnspiel}, because: "ein Gewinnspiel"}
"""
SPHERE = """\
# Beruflich
accounts:
  - {id: my-web, network: web, handle: Anna Muster}    # mein Name

clients:
#  - id: acme          # ein Beispiel
"""
POSTS = [
    ("Neue Räume", "Wir sind umgezogen und freuen uns auf euch.", 1),
    ("Gewinnspiel", "Macht mit bei unserem Gewinnspiel!", 2),
    ("Glücksspiel", "Wir werben für Glücksspiel.", 3),
    ("Zwanzig Jahre", "Wie alles mit einer Idee begann.", 400),
    ("Die Gründung", "Heute ist unser Büro eröffnet worden.", 7000),
    ("Vorgeschichte", "Sechs Menschen und ein Tisch.", 7100),
]


def feed(title="Büro Ährenkranz", *, language="de-DE", posts=POSTS, dated=True):
    items = "".join(
        f"<item><title>{name}</title><link>https://blog.example/{number}</link>"
        f"<guid>{number}</guid><description>{text}</description>"
        + (f"<pubDate>{format_datetime(NOW - timedelta(days=age))}</pubDate>" if dated else "")
        + "</item>"
        for number, (name, text, age) in enumerate(posts)
    )
    spoken = f"<language>{language}</language>" if language else ""
    return (
        f'<rss version="2.0"><channel><title>{title}</title><link>https://blog.example</link>'
        f"{spoken}{items}</channel></rss>"
    ).encode()


def page(*links):
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}" title="{title}">'
        for href, title in links
    )
    return f"<html><head><title>Blog</title>{head}</head><body>Hallo</body></html>".encode()


@pytest.fixture
def blog():
    with BlogServer() as server:
        server.put("/", page(("/feed", "Blog")), content_type="text/html")
        server.put("/feed", feed())
        yield server


@pytest.fixture
def home(tmp_path: Path, blog: BlogServer) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "rules").mkdir()
    host = f"127.0.0.1:{blog.port}"
    files = {
        "config/netbot.yaml": f"watch: {{allow_hosts: ['{host}']}}\nrules: {{shipped: false}}\n",
        "config/professional.yaml": SPHERE,
        "rules/values.yaml": RULES,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def netbot(home, capsys):
    """Runs a command in the home: its exit code, and what it says."""

    def call(*words):
        code = run(["--home", str(home), *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


@pytest.fixture
def add(home, capsys):
    """Runs ``client add … --json``, which has to go well: its answer."""

    def call(*words):
        code = run(["--home", str(home), "client", "add", "--json", *words])
        said = capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)

    return call


def written(home, sphere="professional"):
    return (home / f"config/{sphere}.yaml").read_text(encoding="utf-8")


def cards(home):
    with app.open_sphere(home, "professional", NOW) as sphere, sphere.store.read() as tx:
        return suggestions.showing(tx, "professional", datetime.now(UTC))


def test_the_address_of_a_blog_becomes_a_client_that_is_watched(home, blog, netbot):
    code, said = netbot("client", "add", blog.url("/"))
    assert code == 0
    assert written(home) == SPHERE + (
        "  - id: buero-aehrenkranz\n"
        "    name: Büro Ährenkranz\n"
        "    language: de-DE\n"
        "    sources:\n"
        f"      - {blog.url('/feed')}\n"
    )
    lines = said.splitlines()
    assert lines[0] == f"Büro Ährenkranz · de-DE · {blog.url('/feed')}"
    assert re.fullmatch(r"  1  \d{4}-\d\d-\d\d  Neue Räume", lines[1])
    assert lines[2] == "     fine"
    assert lines[4] == "     left alone: ein Gewinnspiel (raffle, rules/values.yaml:5)"
    assert lines[6].startswith("     against my values: wirbt für „Glücksspiel“ (gambling, ")
    assert "Die Gründung" in lines[9]
    assert "Vorgeschichte" not in said
    assert "Client buero-aehrenkranz is written into" in said
    assert "1 suggestion waits" in said
    assert [card.post.post.title for card in cards(home)] == ["Neue Räume"]
    assert netbot("check")[0] == 0


def test_a_feed_that_was_typed_is_asked_but_once(blog, add):
    assert add(blog.url("/feed"))["suggested"] == 1
    assert [request.path for request in blog.requests] == ["/feed"]


def test_the_feed_is_seeded_at_once_and_not_asked_again(home, blog, add, netbot):
    assert add(blog.url("/"))["suggested"] == 1
    asked = [request.path for request in blog.requests]
    assert asked == ["/", "/feed"]
    code, said = netbot("watch", "--once", "--json")
    assert (code, json.loads(said)["spheres"][0]["looked"]) == (0, 0)
    assert len(blog.requests) == 2
    with app.open_sphere(home, "professional", NOW) as sphere, sphere.store.read() as tx:
        [watched] = sources.everything(tx)
    assert watched.seeded_at
    assert watched.title == "Büro Ährenkranz"


def test_json_tells_client_posts_and_verdicts(blog, add):
    answer = add(blog.url("/feed"))
    assert answer["client"] == {
        "id": "buero-aehrenkranz",
        "name": "Büro Ährenkranz",
        "language": "de-DE",
        "sources": [blog.url("/feed")],
    }
    assert [post["verdict"] for post in answer["posts"]] == [
        "pass",
        "skip",
        "refuse",
        *["pass"] * 2,
    ]
    assert answer["posts"][1]["why"] == [
        {
            "rule": "raffle",
            "file": "rules/values.yaml",
            "line": 5,
            "matched": "Gewinnspiel",
            "because": "ein Gewinnspiel",
        }
    ]
    assert (answer["queued"], answer["refused"]) == (None, None)


def test_what_is_told_outweighs_what_is_guessed(home, blog, add):
    options = ["--name", "Anna & Söhne", "--id", "anna", "--language", "en", "--tags", "key, new"]
    add(blog.url("/"), *options)
    assert written(home).endswith(
        "  - id: anna\n    name: Anna & Söhne\n    language: en\n    tags: [key, new]\n"
        f"    sources:\n      - {blog.url('/feed')}\n"
    )


@pytest.mark.parametrize(
    ("title", "id"),
    [
        ("Café Übergrößen & Co. – Das Blog", "cafe-uebergroessen-co-das-blog"),
        ("日本語", "127-0-0-1"),
        ("", "127-0-0-1"),
        ("wort " * 20, "wort-wort-wort-wort-wort-wort-wort-wort"),
        ("Zeile\u2028zwei\x07", "zeile-zwei"),
    ],
)
def test_an_id_is_made_of_the_name(blog, add, title, id):
    blog.put("/feed", feed(title))
    assert add(blog.url("/feed"))["client"]["id"] == id


def test_an_id_that_is_taken_gets_a_number(blog, add):
    for number in (1, 2, 3):
        blog.put(f"/feed{number}", feed())
    ids = [add(blog.url(f"/feed{number}"))["client"]["id"] for number in (1, 2, 3)]
    assert ids == ["buero-aehrenkranz", "buero-aehrenkranz-2", "buero-aehrenkranz-3"]


@pytest.mark.parametrize(
    ("declared", "posts", "language"),
    [
        ("de_AT", POSTS, "de-AT"),
        ("", POSTS, "de"),
        ("german!", [("News", "This is what we are up to with the team", 1)], "en"),
        ("", [("1 2 3", "4 5 6", 1)], None),
    ],
)
def test_the_language_is_as_declared_or_as_the_words_betray(blog, add, declared, posts, language):
    blog.put("/feed", feed(language=declared, posts=posts))
    assert add(blog.url("/feed"))["client"].get("language") == language


def test_where_dates_are_missing_the_order_of_the_feed_counts(blog, add):
    blog.put("/feed", feed(dated=False, posts=POSTS[3:]))
    titles = [post["title"] for post in add(blog.url("/feed"))["posts"]]
    assert titles == ["Zwanzig Jahre", "Die Gründung", "Vorgeschichte"]


def test_a_feed_without_posts_says_so(blog, netbot):
    blog.put("/feed", feed(posts=[], dated=False))
    code, said = netbot("client", "add", blog.url("/feed"))
    assert code == 0
    assert "No post yet." in said


def test_of_several_feeds_one_must_be_named(home, blog, netbot, add):
    blog.put("/", page(("/feed", "Blog"), ("/jobs", "Jobs")), content_type="text/html")
    blog.put("/jobs", feed("Jobs"))
    code, said = netbot("client", "add", blog.url("/"))
    assert code == 2
    assert f"  1  {blog.url('/feed')}  Blog\n  2  {blog.url('/jobs')}  Jobs" in said
    assert netbot("client", "add", blog.url("/"), "--feed", "3")[0] == 2
    assert written(home) == SPHERE
    assert add(blog.url("/"), "--feed", "2")["client"]["name"] == "Jobs"


def test_a_feed_of_comments_is_offered_only_where_there_is_no_other(blog, add):
    links = [("/feed", "Blog"), ("/comments/feed", "Kommentare")]
    blog.put("/", page(*links), content_type="text/html")
    blog.put("/comments/feed", feed("Kommentare"))
    assert add(blog.url("/"))["client"]["sources"] == [blog.url("/feed")]
    blog.put("/", page(links[1]), content_type="text/html")
    assert add(blog.url("/"))["client"]["sources"] == [blog.url("/comments/feed")]


def test_an_address_without_a_feed_says_what_to_do(home, blog, netbot):
    blog.put("/", page(), content_type="text/html")
    blog.remove("/feed")
    code, said = netbot("client", "add", blog.url("/"))
    assert code == 1
    assert "shows no feed. Watch the page itself with --page" in said
    assert written(home) == SPHERE


def test_an_address_that_does_not_answer_is_told(home, blog, netbot):
    code, said = netbot("client", "add", blog.url("/nowhere"))
    assert code == 1
    assert "is not found (404)" in said
    assert written(home) == SPHERE


def test_what_one_wishes_for_is_queued(home, blog, add, netbot):
    answer = add(blog.url("/"), "--queue", "4")
    assert answer["queued"]["title"] == "Zwanzig Jahre"
    assert {card.id for card in cards(home)} == {"professional-1", "professional-2"}
    blog.put("/other", feed("Other"))
    assert netbot("client", "add", blog.url("/other"), "--queue", "6")[0] == 2
    assert "other" not in written(home)


def test_a_wish_against_a_conviction_is_refused_and_the_client_stays(home, blog, netbot):
    code, said = netbot("client", "add", blog.url("/"), "--queue", "3")
    assert code == 5
    assert "is written into" in said
    assert "against your rule gambling" in said
    assert len(cards(home)) == 1


def test_a_queued_post_is_named(blog, netbot):
    _, said = netbot("client", "add", blog.url("/"), "--queue", "1")
    assert "professional-1 waits in the queue." in said


def test_a_source_that_is_there_already_is_refused(home, blog, add, netbot):
    add(blog.url("/"))
    before = written(home)
    code, said = netbot("client", "add", f"{blog.url('/feed')}/?utm_source=x", "--id", "other")
    assert code == 1
    code, said = netbot("client", "add", blog.url("/"), "--id", "other")
    assert code == 2
    assert "config/professional.yaml:11:9: “buero-aehrenkranz” has this source already" in said
    assert written(home) == before


def test_a_source_of_the_other_sphere_is_refused_as_check_would(home, blog, add, netbot):
    (home / "config/private.yaml").write_text("clients:\n", encoding="utf-8")
    add(blog.url("/"), "--sphere", "private")
    code, said = netbot("client", "add", blog.url("/"), "--sphere", "professional")
    assert code == 2
    assert "this source also stands in config/private.yaml:6" in said
    assert "also_in: [private]" in said
    assert written(home) == SPHERE


def test_nobody_guesses_whose_client_it_is(home, blog, netbot):
    (home / "config/private.yaml").write_text("clients:\n", encoding="utf-8")
    code, said = netbot("client", "add", blog.url("/"))
    assert code == 2
    assert "--sphere professional or --sphere private" in said
    assert blog.requests == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--id", "Große Firma"), "may hold small letters"),
        (("--language", "Deutsch"), "must be a language code"),
    ],
)
def test_what_check_would_refuse_is_not_written(home, blog, netbot, wrong, message):
    code, said = netbot("client", "add", blog.url("/"), *wrong)
    assert code == 2
    assert message in said
    assert written(home) == SPHERE


def test_what_check_would_hint_at_is_said(home, blog, netbot):
    (home / "config/professional.yaml").write_text("clients:\n", encoding="utf-8")
    code, said = netbot("client", "add", blog.url("/"))
    assert code == 0
    assert "professional.yaml:2:9: nothing can be commented for “buero-aehrenkranz”: add an" in said


def test_a_home_with_errors_comes_first(home, blog, netbot):
    (home / "config/professional.yaml").write_text("clients: 7\n", encoding="utf-8")
    code, said = netbot("client", "add", blog.url("/"))
    assert code == 2
    assert "config/professional.yaml:1:10" in said
    assert blog.requests == []


class Terminal:
    """Somebody at a terminal who types answers and reads everything."""

    def __init__(self, home: Path, *words: str) -> None:
        mine, theirs = pty.openpty()
        self.screen = mine
        command = [sys.executable, "-m", "netbot", "--home", str(home), *words]
        environ = os.environ | {"TERM": "dumb", "LANG": "C.UTF-8", "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ,
            start_new_session=True,  # nobody asks at the terminal in which the tests run
        )
        os.close(theirs)
        self.seen = ""

    def answer(self, question: str, text: str) -> None:
        while question not in self.seen:
            self.seen += os.read(self.screen, 4096).decode(errors="replace")
        self.seen = ""
        os.write(self.screen, text.encode())

    def end(self) -> int:
        with os.fdopen(self.screen, "rb", buffering=0) as screen:
            while True:
                try:
                    self.seen += screen.read(4096).decode(errors="replace")
                except OSError:  # how Linux says that nobody writes here any more
                    return self.process.wait(timeout=30)


def test_at_a_terminal_netbot_asks(home, blog):
    (home / "config/private.yaml").write_text("clients:\n", encoding="utf-8")
    blog.put("/", page(("/feed", "Blog"), ("/jobs", "Jobs")), content_type="text/html")
    terminal = Terminal(home, "client", "add", blog.url("/"))
    terminal.answer("Which sphere?", "\n")
    terminal.answer("Which sphere?", "1\n")
    terminal.answer("Which feed?", "7\n")
    terminal.answer("Which feed?", "\n")
    terminal.answer("Queue one of them?", "5\n")
    assert terminal.end() == 0
    assert "professional-2 waits in the queue." in terminal.seen
    assert "buero-aehrenkranz" in written(home)
    assert [card.post.post.title for card in cards(home)] == ["Die Gründung", "Neue Räume"]


def test_a_change_of_mind_leaves_everything_as_it_was(home, blog):
    terminal = Terminal(home, "client", "add", blog.url("/"))
    terminal.answer("Queue one of them?", "\x04")
    assert terminal.end() == 130
    assert written(home) == SPHERE
