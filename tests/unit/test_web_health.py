"""The sources in a browser: the dead ones first, each with what mends it."""

from pathlib import Path

import pytest

from netbot.model import Gone
from netbot.store import sources
from tests.bureau import NOW, Bureau
from tests.house import SECOND, days, hours


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "home")


def test_every_source_says_how_its_looks_went(bureau):
    bureau.tell("a")
    page = bureau.get("/sources")
    assert "3 of 3 sources seen within a day" in page.text
    assert page.text.count("last look that went well today 09:15") == 3
    assert "last new post 20 November 2026" in page.text
    assert "last new post none yet" in page.text
    assert page.body.count('role="img"') == 1
    assert "well: 3" in page.text


def test_the_dead_stand_first_with_what_mends_them(bureau):
    bureau.shelf.fail(SECOND, Gone("410"))
    bureau.tell("a")
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        sources.set_aside(tx, 3, NOW)
    page = bureau.get("/sources")
    assert "2 of 3 sources seen within a day" in page.text
    dead, asking, well = (
        page.text.index(said)
        for said in ("· nothing comes any more", "· asks you something", "· well")
    )
    assert dead < asking < well
    assert f"{SECOND} is gone for good, says its server." in page.text
    assert "Take it out of the configuration" in page.text
    assert "next look not again" in page.text
    assert page.form("/sources/3/settle")
    assert "nothing comes any more: 1" in page.text


def test_a_source_that_was_not_looked_at_since_yesterday_is_not_seen(bureau):
    bureau.tell("a")
    bureau.now += days(2)
    page = bureau.get("/sources")
    assert "0 of 3 sources seen within a day" in page.text
    assert page.text.count("next look now") == 3


def test_a_short_failure_says_what_failed(bureau):
    bureau.tell("a")
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        sources.fail(
            tx, 2, next_check=NOW + hours(2), error="no route", failures=1, failing_since=NOW
        )
    page = bureau.get("/sources")
    assert "failed the last time" in page.text
    assert "The last look failed: no route" in page.text
    assert "next look today 11:15" in page.text


def test_a_sphere_without_sources_says_so(bureau):
    (bureau.home / "config/private.yaml").write_text("clients: []\n")
    page = bureau.caller.get("/private/sources")
    assert page.status == 200
    assert "No source is watched here yet." in page.text
    assert "seen within a day" not in page.text
