from datetime import date

import pytest

from netbot.app import acting_networks
from netbot.model import PERSONAL, Channel, ConfigError, Verb
from netbot.network import Network
from netbot.networks import policy
from netbot.networks.handoff import FORMS, HOSTS, Handoffs

OUTWARD = [verb for verb in Verb if verb not in PERSONAL]


def test_the_table_and_the_handoffs_know_the_same_networks():
    assert tuple(policy.load()) == Handoffs.NETWORKS


def test_it_is_read_once():
    assert policy.load() is policy.load()


@pytest.mark.parametrize("name", Handoffs.NETWORKS)
def test_every_entry_is_complete(name):
    entry = policy.load()[name]
    assert entry.network == name
    assert list(entry.verbs) == OUTWARD
    assert entry.why.endswith(".")
    assert "!" not in entry.why
    assert "." in entry.source
    assert date(2026, 11, 21) <= date.fromisoformat(entry.checked_on) <= date(2026, 11, 22)


@pytest.mark.parametrize("name", Handoffs.NETWORKS)
def test_what_is_promised_by_api_is_what_its_file_can_do(name):
    entry, port = policy.load()[name], acting_networks().get(name, Network)
    promised = (*entry.verbs.items(), *entry.summoned.items())
    assert {verb for verb, channel in promised if channel is Channel.API} == port.VERBS
    assert set(entry.undo) == port.UNDOES
    assert entry.link is not Channel.API


@pytest.mark.parametrize("name", Handoffs.NETWORKS)
def test_what_passes_on_a_link_has_a_page_for_it(name):
    entry = policy.load()[name]
    assert (entry.link is Channel.HANDOFF) == (name in FORMS)
    assert name in FORMS or entry.verbs[Verb.RECOMMEND] is Channel.OFF
    assert name not in HOSTS or name in FORMS


def test_a_site_offers_a_comment_and_nothing_else():
    for name in ("web", "wordpress"):
        entry = policy.load()[name]
        allowed = [verb for verb, channel in entry.verbs.items() if channel is not Channel.OFF]
        assert (allowed, entry.link) == ([Verb.COMMENT], Channel.OFF)


@pytest.mark.parametrize(("name", "limit"), [("x", 280), ("bluesky", 300), ("mastodon", 500)])
def test_limits(name, limit):
    assert policy.load()[name].text_limit == limit


ENTRY = """
web:
  verbs: {comment: handoff}
  link: off
  text_limit: null
  why: Because.
  source: site.example
  checked_on: "2026-11-21"
"""


def test_an_absent_verb_stays_absent(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(ENTRY)
    assert policy.read(file)["web"].verbs == {Verb.COMMENT: Channel.HANDOFF}


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        ("comment: handoff", "comment: maybe", 3),
        ("comment: handoff", "applaud: handoff", 3),
        ("link: off", "link: 0", 4),
        ("text_limit: null", "text_limit: 0", 5),
        ("why: Because.", 'why: ""', 6),
        ("source:", "sources:", 7),
        ('"2026-11-21"', "21.11.2026", 8),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path, good, bad, line):
    file = tmp_path / "policy.yaml"
    file.write_text(ENTRY.replace(good, bad))
    with pytest.raises(ConfigError) as caught:
        policy.read(file)
    assert f"policy.yaml:{line}:" in str(caught.value)
