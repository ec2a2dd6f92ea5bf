"""The log in a browser: what was decided, page by page, to sift and to take away."""

import csv
import io
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from netbot.engine import Skip, Snooze, Undo
from netbot.model import Face, SkipReason
from netbot.store import Tx
from netbot.text import translator
from netbot.web.journal import SHOWN
from tests.bureau import HOSTILE, NOW, WORDS, Bureau
from tests.house import days


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "home")


def fill(tx: Tx, card: str, many: int) -> None:
    """Decisions in plenty, as a year brings them."""
    tx.exec_driver_sql(
        "INSERT INTO decisions (suggestion_id, outcome, decided_at) "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "SELECT ?, 'undone', '2026-11-20T08:00:00.000000+00:00' FROM n",
        (many, int(card.rpartition("-")[2])),
    )


def test_an_empty_log_says_so(bureau):
    page = bureau.get("/log")
    assert page.status == 200
    assert "Nothing was decided yet." in page.text
    assert '<svg viewBox="0 0 360' not in page.body


def test_who_approved_what_from_where_and_what_became_of_it(bureau):
    first, second, third = bureau.tell("a", "b", "c")
    bureau.done(first)
    bureau.decide(second, Skip(reason=SkipReason.NONSENSE), Face.TERMINAL)
    bureau.decide(third, Snooze(until=NOW + days(3)), None)
    page = bureau.get("/log")
    assert "20 November 2026, 09:15 · approved on the page" in page.text
    assert "ACME <b>GmbH</b> · comment as Anna Muster on acme.example" in page.text
    assert WORDS in page.text
    assert "done today 09:15" in page.text
    assert "skipped: nonsense in the terminal" in page.text
    assert "put off · until 23 November 2026" in page.text
    assert [*map(page.text.index, ("put off ·", "skipped: nonsense", "approved on"))] == sorted(
        map(page.text.index, ("put off ·", "skipped: nonsense", "approved on"))
    )


def test_what_was_done_leads_to_help_and_what_was_withdrawn_does_not(bureau):
    first, second = bureau.tell("a", "b")
    bureau.done(first)
    bureau.approve(second)
    assert bureau.get("/log").text.count("Oops, a mistake?") == 2
    bureau.decide(second, Undo())
    page = bureau.get("/log")
    assert "decision taken back on the page" in page.text
    links = [link["href"] for link in page.page.links if link["href"].endswith("/oops")]
    assert links == ["/professional/outbox/1/oops"]
    bureau.now += days(31)
    assert "/oops" not in bureau.get("/log").body


def test_forgotten_words_are_said_to_be_forgotten(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM texts")
    page = bureau.get("/log")
    assert "forgotten" in page.text
    assert WORDS not in page.text
    assert "professional-1" in page.text


def test_older_ones_are_a_page_away_and_no_page_is_lost(bureau):
    (card,) = bureau.tell("a")
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        fill(tx, card, 2 * SHOWN + 1)
    seen: list[str] = []
    page = bureau.get("/log?client=acme&kind=undone")
    for many in (SHOWN, SHOWN, 1):
        items = [facts["id"] for tag, facts in page.page.tags if tag == "li" and "id" in facts]
        assert len(items) == many
        seen += items
        older = [link["href"] for link in page.page.links if "before=" in link["href"]]
        assert ("The newest" in page.text) == (len(seen) > SHOWN)
        if older:
            assert "client=acme&kind=undone&before=" in older[0]
            page = bureau.caller.get(older[0])
    assert len({*seen}) == 2 * SHOWN + 1
    assert bureau.get("/log?before=1").text.count("Nothing more of this kind.") == 1


def test_it_is_sifted_by_client_and_kind(bureau):
    first, second = bureau.tell("a", "b")
    bureau.approve(first)
    bureau.decide(second, Skip(reason=SkipReason.OTHER))
    only = bureau.get("/log?kind=skipped").text
    assert "skipped: other" in only
    assert WORDS not in only
    assert "Nothing more of this kind." in bureau.get("/log?client=other").text
    page = bureau.get("/log?client=acme&kind=approved")
    assert WORDS in page.text
    [sieve] = [form for form in page.page.questions if form.action.endswith("/log")]
    assert sieve.fields == {"client": "acme", "kind": "approved"}


@pytest.mark.parametrize(
    "asked", ["?before=x", "?before=-1", "?before=", "?kind=never", "?before=" + 40 * "9"]
)
def test_what_an_address_cannot_mean_is_not_heard(bureau, asked):
    (card,) = bureau.tell("a")
    bureau.approve(card)
    page = bureau.get(f"/log{asked}")
    assert page.status == 200
    assert WORDS in page.text


def test_plots_are_drawn_when_there_is_something_to_see(bureau):
    cards = bureau.tell("a", "b", "c")
    bureau.now += days(0.25)
    for card in cards:
        bureau.done(card)
    page = bureau.get("/log")
    assert page.body.count('role="img"') == 2
    for name in ("waits", "contacts"):
        for part in ("title", "desc"):
            assert page.body.count(f'id="plot-{name}-{part}"') == 1
    assert "From you: 3, above the line. From them: 0, below it." in page.text
    assert "A quarter within" in page.text
    assert "6 hours" in page.text
    assert "style=" not in page.body
    assert 'role="img"' not in bureau.get("/log?client=acme").body


def test_few_answers_are_told_in_a_word(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    page = bureau.get("/log")
    assert "Too few answers in the last twelve weeks for a picture." in page.text
    assert "Too few contacts in the last twelve months for a picture." in page.text


def test_the_whole_log_is_taken_away_as_a_table(bureau):
    first, second = bureau.tell("a", "b", title="=HYPERLINK(1)")
    bureau.done(first, "Größe")
    bureau.decide(second, Skip(reason=SkipReason.OTHER))
    answer = bureau.get("/log.csv?kind=approved")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    disposition = 'attachment; filename="netbot-professional-2026-11-20.csv"'
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body[0] == "\ufeff"
    (row,) = csv.DictReader(io.StringIO(answer.body[1:], newline=""))
    assert (row["text"], row["title"], row["face"]) == ("Größe", "'=HYPERLINK(1)", "page")


def test_and_as_json_however_long_it_is(bureau):
    (card,) = bureau.tell("a")
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        fill(tx, card, 1_200)
    answer = bureau.get("/log.json")
    assert answer.headers["content-type"] == "application/json"
    assert len(json.loads(answer.body)["items"]) == 1_200
    page = bureau.get("/log?client=acme&kind=undone")
    links = {urlsplit(link["href"]).path: link["href"] for link in page.page.links}
    assert links["/professional/log.json"].endswith("?client=acme&kind=undone")


def test_strangers_words_stay_words(bureau):
    first, second = bureau.tell("a", "b", title=HOSTILE, text=HOSTILE)
    bureau.done(first, HOSTILE)
    bureau.approve(second, HOSTILE)
    for path in ("/log", "/log?client=%22%3E%3Cscript%3E", "/outbox", "/outbox/1/oops"):
        body = bureau.get(path).body
        assert "<script>" not in body
        assert "onerror=alert(2)>" not in body
        assert "<b>GmbH" not in body


def test_in_german_as_well(tmp_path):
    bureau = Bureau(tmp_path / "home", "de")
    cards = bureau.tell("a", "b", "c")
    for card in cards:
        bureau.done(card)
    page = bureau.get("/log")
    assert "Protokoll" in page.text
    assert "freigegeben auf der Seite" in page.text
    assert translator("de").get("Oops, a mistake?") in page.text
    assert "20. November 2026, 09:15" in page.text
