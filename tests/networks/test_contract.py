"""The one contract of all networks: found by walking, tested with the real client libraries."""

import importlib
import logging
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from netbot import networks
from netbot.app.networks import all_kinds, guide_to, keyed_networks
from netbot.config.shapes import AccountPart
from netbot.demo.faults import Fault, Mishap
from netbot.model import (
    Barred,
    Channel,
    Gone,
    NetworkError,
    PolicyRefused,
    RateLimited,
    Refused,
    Transient,
    Unsure,
    Verb,
    hash_post,
)
from netbot.network import Guide, Network
from netbot.networks import policy
from tests.networks.contract import TEXT, Stage, perform, undo

#: No networks, although they lie among them.
NOT_NETWORKS = {"policy"}

KINDS = {(kind, name) for kind in all_kinds() for name in kind.NETWORKS}
ACTORS = sorted((name, kind) for kind, name in KINDS if kind.VERBS)
WATCHERS = sorted((name, kind) for kind, name in KINDS if kind.fetch is not Network.fetch)
ACTS = [(name, kind, verb) for name, kind in ACTORS for verb in sorted(kind.VERBS)]


def module_of(kind: type[Network]) -> str:
    """The file or package among the networks."""
    return kind.__module__.split(".")[2]


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage in the network's own test file."""
    name, kind = request.param
    tests = importlib.import_module(f"tests.networks.test_{module_of(kind)}")
    with tests.Stage(name) as made:
        yield made


def staged(cases: list[Any], *names: str) -> pytest.MarkDecorator:
    """Run with the stage of each case; ``names`` are its values after network and kind."""
    return pytest.mark.parametrize(
        ("stage", *names),
        [((case[0], case[1]), *case[2:]) for case in cases],
        indirect=["stage"],
        ids=["-".join([case[0], *map(str, case[2:])]) for case in cases],
    )


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


# What needs no server


def test_every_file_among_the_networks_has_its_tests():
    there = {part.name for part in pkgutil.iter_modules(networks.__path__)} - NOT_NETWORKS
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert there <= tested


def test_whoever_can_use_a_secret_says_how_one_comes_by_it():
    assert {name for name, _ in ACTORS} | {"mailbox"} <= keyed_networks().keys()
    told = {name: guide_to(name) for name in keyed_networks()}
    assert all(guide.steps and guide.example for guide in told.values())
    assert not [name for name, guide in told.items() if guide.secret == Guide().secret]
    for name, guide in told.items():
        steps = [step.format(server="https://anna.example") for step in guide.steps]
        assert steps != [*Guide().steps], name
        assert re.fullmatch(guide.handle or ".+", guide.example), name
        server = guide.server or "https://anna.example"
        assert AccountPart(id="a", network=name, handle=guide.example, server=server), name
        for step in steps:
            assert "{{" not in step, name


def test_every_name_stands_in_the_table_and_has_one_who_acts_at_most():
    assert {name for _, name in KINDS} <= policy.load().keys()
    assert len(ACTORS) == len({name for name, _ in ACTORS})
    assert len(WATCHERS) == len({name for name, _ in WATCHERS})


@pytest.mark.parametrize("name", policy.load())
def test_what_is_promised_by_api_can_be_done(name):
    entry = policy.load()[name]
    kind = dict(ACTORS).get(name, Network)
    promised = (*entry.verbs.items(), *entry.summoned.items())
    assert {verb for verb, channel in promised if channel is Channel.API} == kind.VERBS
    assert set(entry.undo) == kind.UNDOES
    assert kind.UNDOES <= kind.VERBS


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in KINDS}, key=str))
def test_a_network_fills_in_what_it_can_do_and_overrides_no_gate(kind):
    for gate in ("perform", "undo", "identify", "_admit", "known_as"):
        assert getattr(kind, gate) is getattr(Network, gate)
    for part in ("_perform", "look", "read_back"):
        assert (getattr(kind, part) is not getattr(Network, part)) == bool(kind.VERBS), part
    has_accounts = bool(kind.VERBS) or kind.WATCHES_BY_ACCOUNT
    assert (kind.whoami is not Network.whoami) == has_accounts
    assert (kind._undo is not Network._undo) == bool(kind.UNDOES)


# Watching


@staged(WATCHERS)
def test_a_cursor_can_be_used_again(stage):
    port, source = stage.port(), stage.source()
    if source is None:
        return
    first_url = stage.publish(TEXT)
    first = port.fetch(source, "")
    assert first_url in {post.url for post in first.posts}
    quiet = port.fetch(source, first.cursor)
    assert not quiet.changed or {p.keys for p in quiet.posts} <= {p.keys for p in first.posts}

    second_url = stage.publish(f"{TEXT} Und noch etwas ganz anderes.")
    once, again = port.fetch(source, first.cursor), port.fetch(source, first.cursor)
    assert [post.keys for post in once.posts] == [post.keys for post in again.posts]
    fresh = {post.keys[0] for post in once.posts} - {post.keys[0] for post in first.posts}
    assert len(fresh) == 1
    assert [post.url for post in once.posts if post.keys[0] in fresh] == [second_url]


@staged(WATCHERS)
def test_an_edit_is_the_same_post_and_a_deletion_is_noticed(stage):
    port, source = stage.port(), stage.source()
    if source is None:
        return
    if not stage.edits:
        return
    url = stage.publish(TEXT)
    before = next(post for post in port.fetch(source, "").posts if post.url == url)
    stage.edit(url, "Der Herbstbericht ist zurückgezogen und wird noch einmal geprüft.")
    after = next(p for p in port.fetch(source, "").posts if p.keys[0] == before.keys[0])
    assert hash_post(after) != hash_post(before)
    port.reread(after)
    stage.remove(after.url)
    with pytest.raises(Gone):
        port.reread(after)
    assert before.keys[0] not in {post.keys[0] for post in port.fetch(source, "").posts}


# Acting


@staged(ACTS, "verb")
def test_an_act_is_one_call_that_can_be_read_back_and_taken_back(stage, verb):
    port = stage.port()
    action = stage.approved(verb, stage.publish(TEXT))
    assert port.read_back(action) is None
    assert port.look(action).done is None

    receipt = perform(port, action)

    assert (stage.arrived(), stage.written(), receipt.found) == (1, 1, False)
    seen = port.read_back(action)
    assert seen is not None
    assert (seen.ref, seen.found) == (receipt.ref, True)
    assert port.look(action).done == seen
    if verb in port.UNDOES:
        undo(port, action, receipt)
        assert port.read_back(action) is None
        assert stage.written() == 2
        with suppress(Gone):  # what is gone counts as taken back
            undo(port, action, receipt)
        assert port.read_back(action) is None


FAULTS = [
    (Fault(mishap=Mishap.LOST_REQUEST), Unsure, 0),
    (Fault(mishap=Mishap.LOST_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.CUT_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.STALL), Unsure, 0),
    (Fault(mishap=Mishap.STALL, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.DRIP), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=500), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=503, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=401), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=403), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=429), RateLimited, 0),
    (Fault(mishap=Mishap.STATUS, status=429, reset_s=300), RateLimited, 0),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: f"{case[0].mishap}-{case[0].status}")
@staged([act for act in ACTS if act[2] in {Verb.COMMENT, Verb.SHARE}], "verb")
def test_whatever_goes_wrong_one_call_is_made(stage, verb, case, caplog):
    caplog.set_level(logging.DEBUG)
    fault, error, written = case
    waits = fault.mishap in {Mishap.STALL, Mishap.DRIP}
    port = stage.port(timeout_s=0.5 if waits else 10.0)
    action = stage.approved(verb, stage.publish(TEXT))
    sight = port.look(action)
    port.identify()
    stage.faults.plan(fault)
    began = monotonic()

    with pytest.raises(NetworkError) as caught:
        port.perform(action, sight, monotonic() + 5)

    assert isinstance(caught.value, error)
    assert isinstance(caught.value, Unsure) == (error is Unsure)
    assert (stage.faults.left, stage.arrived(), stage.written()) == (0, 1, written)
    assert monotonic() - began < 30  # nobody slept until the limit ended
    if isinstance(caught.value, RateLimited) and fault.reset_s and stage.tells_reset:
        assert caught.value.retry_after_s in range(280, 310)
    assert stage.secret not in caplog.text + repr(caught.value) + repr(port) + repr(port.access)
    stage.faults.clear()
    assert (stage.port().read_back(action) is not None) == bool(written)


@staged(ACTORS)
def test_the_secret_of_another_is_refused_before_any_call(stage):
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    sight = stage.port().look(action)
    stranger = stage.with_secret(stage.stranger())
    with pytest.raises(PolicyRefused, match="another's"):
        stranger.identify()
        stranger.perform(action, sight, monotonic() + 5)
    unknown = stage.with_secret("nobody-knows-this-one:at-all")
    with pytest.raises((Barred, PolicyRefused)):
        unknown.identify()
        unknown.perform(action, sight, monotonic() + 5)
    assert (stage.arrived(), stage.written()) == (0, 0)


@staged(ACTORS)
def test_it_knows_who_it_is_and_tells_nobody_how(stage, caplog):
    caplog.set_level(logging.DEBUG)
    port = stage.port()
    known = port.identify()
    assert known.platform_id == stage.account.platform_id
    assert known.handle.strip("@").casefold() == stage.account.handle.strip("@").casefold()
    for told in (repr(port), repr(port.access), caplog.text):
        assert stage.secret not in told
    assert port.access is not None
    drawer = port.access.drawer
    kept = drawer.read() if drawer else ""
    assert not kept or kept not in caplog.text


@staged(ACTORS)
def test_the_limit_of_a_text_is_the_networks_own(stage):
    limit = policy.load()[stage.network].text_limit
    if limit is None:
        return
    port = stage.port()
    assert port.count("a" * limit) == limit
    url = stage.publish(TEXT)
    receipt = perform(port, stage.approved(Verb.COMMENT, url, "a" * limit))
    assert receipt.ref
    too_long = stage.approved(Verb.COMMENT, url, "a" * (limit + 1), key="f" * 32)
    with pytest.raises(Refused):
        perform(port, too_long)
    assert stage.written() == 1


@staged(ACTORS)
def test_what_was_edited_or_deleted_meanwhile_is_seen_before_the_act(stage):
    port = stage.port()
    url = stage.publish(TEXT)
    action = stage.approved(Verb.COMMENT, url)
    before = port.look(action).post
    stage.edit(url, "Der Herbstbericht ist zurückgezogen und wird noch einmal geprüft.")
    after = port.look(action).post
    if before is not None:
        assert after is not None
        assert hash_post(after) != hash_post(before)
    stage.remove(url)
    with pytest.raises(Gone):
        port.look(action)
    assert stage.arrived() == 0


@staged(ACTORS)
def test_a_server_that_is_not_there_is_asked_later(stage):
    port = stage.port(timeout_s=2)
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    sight = port.look(action)
    port.identify()
    stage.server.stop()
    with pytest.raises(Transient):
        port.perform(action, sight, monotonic() + 5)
    stage.server.start()
    assert stage.written() == 0


@staged([(name, kind) for name, kind in ACTORS if kind.engagements is not Network.engagements])
def test_who_was_nice_to_me_is_told_once_and_in_order(stage):
    port = stage.port()
    receipt = perform(port, stage.approved(Verb.COMMENT, stage.publish(TEXT)))
    before = port.engagements(LONG_AGO)
    stage.be_nice(receipt.url)
    told = port.engagements(LONG_AGO)
    fresh = [each for each in told if each.id not in {known.id for known in before}]
    assert len(fresh) == 1
    assert fresh[0].object_url == receipt.url
    assert fresh[0].handle.strip("@")
    assert [each.at for each in told] == sorted(each.at for each in told)
    assert not port.engagements(fresh[0].at + timedelta(days=365))
