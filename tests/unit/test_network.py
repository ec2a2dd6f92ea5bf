"""What every network does alike; above all the gate through which everything leaves."""

from dataclasses import replace
from time import monotonic

import pytest

from netbot.model import (
    ActionState,
    Barred,
    Channel,
    Identity,
    PolicyRefused,
    Receipt,
    Sight,
    Source,
    Transient,
    Unsure,
    Verb,
    hash_approval,
)
from netbot.network import Access, Network
from tests.actor import STUDIO, Stage
from tests.house import BLOG, SECOND, Shelf, post
from tests.unit.test_engine_gate import LIKE

SIGHT, RECEIPT = Sight(target="1"), Receipt(ref="r1")


def bound(action, account=STUDIO):
    """The act with the hash that its approval would have."""
    digest = hash_approval("professional", action.choice, account, action.text, action.post_sha)
    return replace(action, approval_hash=digest)


LEAVING = bound(replace(LIKE, state=ActionState.SENDING))
SENT = replace(LEAVING, state=ActionState.UNDOING)


def stage(account=STUDIO, sphere="professional", platform_id="7"):
    made = Stage(Access(sphere=sphere, account=account, secret="s3cret"), platform_id=platform_id)
    made.identify()
    return made


def soon():
    return monotonic() + 5


def test_what_is_as_approved_passes():
    network = stage()
    assert network.perform(LEAVING, SIGHT, soon()).ref == "r1"
    network.undo(SENT, RECEIPT, soon())
    assert network.calls == ["like professional-1", "undo professional-1"]


def test_nothing_happens_after_the_deadline():
    network = stage()
    with pytest.raises(Unsure, match="nothing was called"):
        network.perform(LEAVING, SIGHT, monotonic() - 1)
    with pytest.raises(Unsure, match="nothing was called"):
        network.undo(SENT, RECEIPT, monotonic() - 1)
    assert network.calls == []


class Elsewhere(Stage):
    NETWORKS = ("bluesky",)


def unidentified():
    return Stage(Access(sphere="professional", account=STUDIO, secret="s3cret"))


def chosen(**facts):
    return bound(replace(LEAVING, choice=replace(LEAVING.choice, **facts)))


@pytest.mark.parametrize(
    ("network", "action", "why"),
    [
        (stage(sphere="private"), LEAVING, "does not belong to private"),
        (stage(account=replace(STUDIO, id="other")), LEAVING, "not for the account other"),
        (stage(account=replace(STUDIO, network="x")), LEAVING, "not for x"),
        (Elsewhere(Access(sphere="professional", account=STUDIO, secret="")), LEAVING, "not for"),
        (stage(), chosen(channel=Channel.HANDOFF), "no like leaves here by itself"),
        (stage(), chosen(verb=Verb.GESTURE), "no gesture leaves here by itself"),
        (stage(), replace(LEAVING, state=ActionState.PENDING), "this act is pending"),
        (stage(), replace(LEAVING, state=ActionState.SENT), "this act is sent"),
        (stage(account=replace(STUDIO, platform_id=None)), LEAVING, "who studio is"),
        (unidentified(), LEAVING, "who studio is"),
        (stage(platform_id="8"), LEAVING, "the secret of studio is another's"),
        (stage(), replace(LEAVING, text="another"), "not what was approved"),
        (stage(), replace(LEAVING, post_sha="another"), "not what was approved"),
        (stage(), replace(LEAVING, approval_hash="another"), "not what was approved"),
        (
            stage(account=replace(STUDIO, platform_id="9"), platform_id="9"),
            LEAVING,
            "not what was approved",
        ),
    ],
)
def test_what_is_not_as_approved_does_not_pass(network, action, why):
    with pytest.raises(PolicyRefused, match=why):
        network.perform(action, SIGHT, soon())
    if action.state is ActionState.SENDING:
        with pytest.raises(PolicyRefused):
            network.undo(replace(action, state=ActionState.UNDOING), RECEIPT, soon())
    assert network.calls == []


def test_what_cannot_be_taken_back_is_not():
    with pytest.raises(PolicyRefused, match="no recommend leaves here by itself"):
        stage().undo(
            replace(chosen(verb=Verb.RECOMMEND), state=ActionState.UNDOING), RECEIPT, soon()
        )


class Forgetful(Stage):
    def whoami(self):
        raise Barred("logged out")


def test_who_is_not_known_any_more_does_not_act():
    network = Forgetful(Access(sphere="professional", account=STUDIO, secret=""))
    network._known_as = Identity(platform_id="7", handle="@studio@a.example")
    with pytest.raises(Barred):
        network.identify()
    with pytest.raises(PolicyRefused, match="who studio is"):
        network.perform(LEAVING, SIGHT, soon())


def test_the_gate_cannot_be_replaced():
    for name in ("perform", "undo", "identify", "_admit"):
        assert getattr(getattr(Network, name), "__final__", False)


def test_a_secret_is_not_shown():
    assert "s3cret" not in repr(Access(sphere="professional", account=STUDIO, secret="s3cret"))


def test_one_source_that_fails_harms_no_other():
    shelf = Shelf()
    shelf.show(BLOG, post("a"))
    shelf.fail(SECOND, Transient("asleep"))
    first, second = (Source(client="acme", network="web", address=at) for at in (BLOG, SECOND))
    answers = dict(shelf.fetch_many([(second, ""), (first, "then")]))
    assert str(answers[second]) == "asleep"
    assert answers[first] == shelf.shown[BLOG]
    assert shelf.cursors == ["", "then"]


def test_several_are_looked_at_side_by_side_as_long_as_somebody_listens():
    class Plaza(Shelf):
        def fetch_many(self, requests):
            return self._fetch_side_by_side(requests, at_once=2)

    plaza = Plaza()
    plaza.show(BLOG, post("a"))
    plaza.fail(SECOND, Transient("asleep"))
    wanted = [(Source(client="acme", network="web", address=at), "") for at in (BLOG, SECOND)]
    answers = dict(plaza.fetch_many(wanted))
    assert {at.address: type(answer).__name__ for at, answer in answers.items()} == {
        BLOG: "Batch",
        SECOND: "Transient",
    }
    looking = plaza.fetch_many(wanted * 9)
    next(looking)
    looking.close()


def test_a_network_refuses_what_it_does_not_do():
    class Quiet(Network):
        NETWORKS = ("quiet",)

    quiet = Quiet()
    with pytest.raises(NotImplementedError, match="Quiet watches nothing"):
        quiet.fetch(Source(client="acme", network="quiet", address="x"), "")
    with pytest.raises(NotImplementedError, match="Quiet hands nothing off"):
        quiet.handoff(None, None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match="Quiet has no accounts"):
        quiet.whoami()
    for asking in (quiet.look, quiet.read_back):
        with pytest.raises(NotImplementedError, match="Quiet performs nothing"):
            asking(LEAVING)
    with pytest.raises(NotImplementedError, match="Quiet performs nothing"):
        quiet._perform(LEAVING, SIGHT)
    with pytest.raises(NotImplementedError, match="Quiet takes nothing back"):
        quiet._undo(LEAVING, RECEIPT)
    with pytest.raises(PolicyRefused, match="without an account"):
        quiet.perform(LEAVING, SIGHT, soon())
    assert quiet.resolve("https://acme.example") == ()
    quiet.reread(post("a"))
    assert quiet.engagements(NOON) == ()
    assert quiet.count("Grüße") == 5
    quiet.close()
