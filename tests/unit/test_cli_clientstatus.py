"""``netbot client status``: a client put to rest and taken up again."""

import pytest

from tests.unit.conftest import Commands

FILE = "config/professional.yaml"


@pytest.fixture
def at_desk(anew: Commands) -> Commands:
    assert anew("init").code == 0
    file = anew.home / FILE
    text = file.read_text(encoding="utf-8").partition("clients:")[0]
    file.write_text(f"{text}clients:\n  - id: acme    # die Treueste\n    name: ACME\n", "utf-8")
    return anew


def test_a_client_rests_and_comes_back(at_desk: Commands):
    before = (at_desk.home / FILE).read_text(encoding="utf-8")
    assert at_desk("client", "status", "acme").out == (
        "ACME: Watched; what deserves a word is suggested.\n"
    )
    rested = at_desk("client", "status", "acme", "resting", "--json").json
    assert rested == {"version": 1, "client": "acme", "status": "resting"}
    assert (at_desk.home / FILE).read_text(encoding="utf-8") == f"{before}    status: resting\n"
    assert at_desk("client", "list", "--json").json[0]["status"] == "resting"
    assert at_desk("client", "status", "acme", "active").code == 0
    assert (at_desk.home / FILE).read_text(encoding="utf-8") == before


def test_whoever_is_not_there_has_no_status(at_desk: Commands):
    assert at_desk("client", "status", "nobody").code == 2
    assert at_desk("client", "status", "acme", "gone").code == 2
    assert at_desk("client", "status", "acme").code == 0
    (at_desk.home / FILE).write_text("clients:\n", encoding="utf-8")
    told = at_desk("client", "status", "acme", "ended")
    assert told.code == 2
    assert "has no entry with id acme" in told.err


def test_nobody_is_called_like_the_form(at_desk: Commands):
    (at_desk.home / FILE).write_text("clients:\n  - {id: new, name: New}\n", encoding="utf-8")
    told = at_desk("check")
    assert told.code == 2
    assert "is the address of the form for somebody new" in told.err
