"""Hours and days on which a feed wants no visit, whichever parser reads the rest."""

import pytest

from netbot.feedparse.quiet import read_quiet
from netbot.feedparse.read import read_document

HOURS = b"<skipHours><hour>0</hour><hour> 7 </hour><hour>24</hour><hour>99</hour></skipHours>"
DAYS = b"<skipDays><day>Saturday</day><day>sunday</day><day>Someday</day></skipDays>"
ITEM = b"<item><title>Neues</title><link>https://acme.example/1</link></item>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ((), ())),
        (HOURS, ((0, 7), ())),
        (DAYS, ((), (5, 6))),
        (HOURS + ITEM + DAYS, ((0, 7), (5, 6))),
        (b"<item>" + HOURS + b"</item>" + DAYS, ((), (5, 6))),
        (b"<skipHours>", ((), ())),
        (b"<skipHours></skipHours><skipDays/>", ((), ())),
    ],
)
def test_quiet_is_read_from_the_feed_and_not_from_its_posts(data, expected):
    assert read_quiet(data) == expected


@pytest.mark.parametrize("broken", [b"", b"<title>&nbsp;</title>"])
def test_quiet_is_read_on_both_paths(broken):
    body = b'<rss version="2.0"><channel>' + HOURS + broken + ITEM + DAYS + b"</channel></rss>"
    document = read_document(body, "text/xml", "https://acme.example/feed")
    assert (document.quiet_hours, document.quiet_days) == ((0, 7), (5, 6))
    assert document.fast is not bool(broken)


def test_endless_marks_end_soon():
    assert read_quiet(b"<skipHours>" * 100_000 + b"<item>" * 100_000) == ((), ())
