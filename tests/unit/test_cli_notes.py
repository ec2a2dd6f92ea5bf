"""``netbot note``: what netbot had no part in."""

import pytest


def test_a_contact_is_noted_and_taken_back(netbot):
    told = netbot(
        "note", "private-1", "--had-contact", "--at", "3d", "--text", "By phone", "--json"
    )
    client = told.json["client"]
    assert (told.json["sphere"], told.json["text"], told.json["counts"]) == (
        *("private", "By phone", True),
    )
    assert "a personal word: By phone" in netbot("client", "show", client).out
    said = netbot("note", client, "--undo")
    assert said.out.startswith("No longer noted: ")
    assert "By phone" not in netbot("client", "show", client).out
    assert netbot("note", client, "--undo").code == 2


def test_today_is_meant_when_nothing_is_said(netbot):
    said = netbot("note", "private-2", "--had-contact")
    assert (said.code, said.out.startswith("Noted: you were in touch with ")) == (0, True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["private-1"], "say --had-contact"),
        (["private-1", "--had-contact", "--undo"], "say --had-contact"),
        (["private-1", "--had-contact", "--at", "tomorrow"], "is no date"),
        (["private-99", "--had-contact"], "no card private-99"),
    ],
)
def test_what_cannot_be_noted(netbot, words, complaint):
    said = netbot("note", *words)
    assert said.code != 0
    assert complaint in said.err
