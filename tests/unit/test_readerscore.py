"""The page that tells how politely a reader reads, and that it can find fault."""

from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

import pytest

from netbot.demo.blogserver import SCORE_PATH, BlogServer
from netbot.demo.readerscore import ReaderScore, score

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLITE = {"User-Agent": "reader/1.0 (+https://reader.example/)", "Accept-Encoding": "gzip"}


class Visit:
    """A blog whose clock is moved by hand, and somebody who reads it."""

    def __init__(self) -> None:
        self.now = START
        self.blog = BlogServer(now=lambda: self.now)

    def ask(self, path: str, *, after_h: float = 1, **headers: str) -> dict[str, str]:
        self.now += timedelta(hours=after_h)
        connection = HTTPConnection("127.0.0.1", self.blog.port, timeout=10)
        sent = POLITE | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=sent)
        response = connection.getresponse()
        response.read()
        connection.close()
        return dict(response.headers)

    def score(self) -> ReaderScore:
        [found] = score(self.blog.requests).values()
        return found


def test_a_polite_reader_is_without_fault():
    visit = Visit()
    with visit.blog as blog:
        blog.put("/feed", b"<rss/>", headers={"ETag": 'W/"a,b"'})
        first = visit.ask("/feed")
        for _ in range(3):
            visit.ask(
                "/feed", If_None_Match=first["ETag"], If_Modified_Since=first["Last-Modified"]
            )
        assert visit.score() == ReaderScore(requests=4)
        assert visit.score().faults == 0


def test_a_feed_without_validators_may_be_read_once_a_day():
    visit = Visit()
    with visit.blog as blog:
        blog.put("/feed", b"<rss/>", validators=False)
        visit.ask("/feed")
        visit.ask("/feed", after_h=24)
        assert visit.score().faults == 0
        visit.ask("/feed", after_h=23)
        assert visit.score() == ReaderScore(requests=3, too_soon=1)


@pytest.mark.parametrize(
    ("after_h", "path", "headers", "fault"),
    [
        (25, "/feed", {}, "unconditional"),
        (0.4, "/feed", {"If_None_Match": '"1"'}, "too_soon"),
        (1, "/feed", {"If_None_Match": '"2"'}, "wrong_validators"),
        (1, "/feed", {"If_None_Match": 'W/"1"'}, "wrong_validators"),
        (
            1,
            "/feed",
            {"If_Modified_Since": "Mon, 23 Nov 2026 12:00:00 GMT"},
            "wrong_validators",
        ),
        (1, "/feed", {"If_None_Match": '"1"', "Cookie": "id=1"}, "cookies"),
        (1, "/feed", {"If_None_Match": '"1"', "Referer": "https://x.example"}, "referrers"),
        (1, "/feed?from=me", {"If_None_Match": '"1"'}, "queries"),
        (1, "/feed", {"If_None_Match": '"1"', "Accept_Encoding": "identity"}, "no_gzip"),
    ],
)
def test_a_rude_reader_is_found_out(after_h, path, headers, fault):
    visit = Visit()
    with visit.blog as blog:
        blog.put("/feed", b"<rss/>", headers={"ETag": '"1"', "Last-Modified": "yesterday"})
        visit.ask("/feed")
        visit.ask(path, after_h=after_h, **headers)
        assert visit.score() == ReaderScore(requests=2, **{fault: 1})


def test_a_reader_without_name_or_address_is_shy_and_the_page_says_so():
    visit = Visit()
    with visit.blog as blog:
        blog.put("/feed", b"<rss/>")
        visit.ask("/feed", User_Agent="Mozilla/5.0 (X11; Linux x86_64)")
        assert visit.score() == ReaderScore(requests=1, shy_agent=1)
        visit.ask(SCORE_PATH)
        connection = HTTPConnection("127.0.0.1", blog.port, timeout=10)
        connection.request("GET", SCORE_PATH)
        page = connection.getresponse().read().decode()
        connection.close()
    assert "<th>wrong validators</th>" in page
    assert "<td>Mozilla/5.0 (X11; Linux x86_64)</td><td>1</td>" in page
    assert page.count("<tr>") == 2


def test_a_304_may_bring_a_new_validator():
    visit = Visit()
    with visit.blog as blog:
        blog.put("/feed", status=304, validators=False, headers={"ETag": '"2"'})
        visit.ask("/feed", If_None_Match='"1"')
        visit.ask("/feed", If_None_Match='"2"')
        blog.put("/feed", status=304, validators=False)
        visit.ask("/feed", If_None_Match='"2"')
        visit.ask("/feed", If_None_Match='"2"')
        assert visit.score() == ReaderScore(requests=4, wrong_validators=1)
