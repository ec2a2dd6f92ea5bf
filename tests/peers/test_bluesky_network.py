"""The whole way on a real Bluesky network: from a client's post to their like of mine."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from netbot import app, engine
from netbot.engine import Approve, Undo
from netbot.model import (
    Account,
    Action,
    ActionState,
    Barred,
    EngagementKind,
    Gone,
    NetworkError,
    Post,
    Source,
    Suggestion,
    Verb,
)
from netbot.networks.bluesky import Bluesky
from netbot.networks.bluesky.records import COLLECTIONS
from netbot.store import accounts, acts
from tests.blueskies import Studio
from tests.peers.skies import Skies
from tests.processes.running import wait_for

pytestmark = pytest.mark.e2e

SPHERE = "professional"
MINE = "anna-muster"
STORIES = {
    "acme-gmbh": "Unser Glossar der Fachwörter ist fertig, nach zwei langen Jahren.",
    "bernd-kurse": "Der neue Kurs über gute Protokolle beginnt im Frühjahr in Kassel.",
    "clara-strom": "Wie wir unsere Werkstatt auf Solarstrom umgestellt haben: ein Bericht.",
}
ANSWER = "Danke für den Bericht, @clara-strom.test! Das Größte daran: https://studio.example/strom"

DECISIONS = {
    "acme-gmbh": Approve(verb=Verb.LIKE),
    "bernd-kurse": Approve(verb=Verb.SHARE),
    "clara-strom": Approve(verb=Verb.COMMENT, text=ANSWER),
}


@pytest.fixture(scope="module")
def skies() -> Iterator[Skies]:
    with Skies() as up:
        yield up


@pytest.fixture(scope="module")
def members(skies: Skies) -> dict[str, Any]:
    """Everybody's own app, by name."""
    return {name: skies.join(name) for name in (MINE, *STORIES)}


@pytest.fixture
def sphere(tmp_path: Path, skies: Skies, members: dict[str, Any]) -> Iterator[app.Sphere]:
    """A home in which the human has confirmed the account."""
    hosts = [each.removeprefix("http://") for each in (skies.pds, skies.appview)]
    settings = {"rules": {"shipped": False}, "watch": {"allow_hosts": hosts}}
    mine = {"id": "studio", "network": "bluesky", "handle": f"@{MINE}.test", "server": skies.pds}
    clients = [
        {
            "id": name,
            "name": name.upper(),
            "sources": [{"network": "bluesky", "address": f"{skies.appview}/profile/{name}.test"}],
        }
        for name in STORIES
    ]
    (tmp_path / "config").mkdir()
    for name, content in (
        ("netbot", settings | {"queue": {"undo_window_s": 0}}),
        (SPHERE, {"accounts": [mine], "clients": clients}),
    ):
        (tmp_path / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
    secret = tmp_path / "secrets" / SPHERE / "studio.token"
    secret.parent.mkdir(parents=True)
    made = members[MINE].com.atproto.server.create_app_password({"name": "netbot"})
    secret.write_text(made.password, encoding="utf-8")
    secret.chmod(0o600)
    with app.open_sphere(tmp_path, SPHERE, datetime.now(UTC), secrets=True) as opened:
        pin(opened)
        yield opened


@pytest.fixture
def studio(skies: Skies, members: dict[str, Any]) -> Studio:
    """The account, as a sphere's process holds it."""
    own = members[MINE]
    account = Account(
        id="studio",
        network="bluesky",
        handle=f"@{MINE}.test",
        platform_id=own._session.did,
        server=skies.pds,
    )
    name = f"netbot-{len(own.com.atproto.server.list_app_passwords().passwords)}"
    made = own.com.atproto.server.create_app_password({"name": name})
    return Studio(account, secret=made.password)


def pin(sphere: app.Sphere) -> None:
    actor = sphere.actors["studio"]
    assert actor.access is not None
    known = actor.identify()
    with sphere.store.write() as tx:
        mark, now = actor.access.mark, datetime.now(UTC)
        accounts.pin(tx, sphere.house.accounts[0], known, mark, now)
    assert sphere.actors  # and the house knows the pin


def publish(member: Any, text: str) -> str:
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now()}
    return str(member.app.bsky.feed.post.create(member._session.did, record).uri)


def like(member: Any, uri: str) -> str:
    [post] = wait_for(lambda: member.get_posts([uri]).posts, "what is to be liked")
    about = {"uri": uri, "cid": str(post.cid)}
    record = {"$type": "app.bsky.feed.like", "subject": about, "createdAt": _now()}
    return str(member.app.bsky.feed.like.create(member._session.did, record).uri)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cards(sphere: app.Sphere, now: datetime) -> dict[str, Suggestion]:
    """What waits, by client."""
    found = engine.queue(sphere.store, sphere.house, now, everything=True).cards
    return {card.client: card for card in found}


def send(sphere: app.Sphere, now: datetime) -> engine.Dispatch:
    able = engine.vouch(sphere.store, sphere.house, sphere.actors, now)
    return engine.send(sphere.store, sphere.hall, able, now)


def test_from_a_clients_post_to_their_like_of_mine(skies, members, sphere):
    began = datetime.now(UTC) - timedelta(seconds=5)
    for name, text in STORIES.items():
        publish(members[name], text)
    wait_until_shown(skies, STORIES)
    watched = engine.watch(sphere.store, sphere.networks, sphere.desk, datetime.now(UTC))
    assert (watched.looked, watched.suggested, watched.errors) == (3, 3, {})
    waiting = cards(sphere, datetime.now(UTC))
    assert {name: card.post.post.text for name, card in waiting.items()} == STORIES

    studio, own = members[MINE], members[MINE]._session.did
    for number, (name, approve) in enumerate(DECISIONS.items()):
        now = datetime.now(UTC) + timedelta(minutes=5 * number)
        engine.decide(sphere.store, sphere.hall, waiting[name].id, approve, now)
        assert send(sphere, now).sent == 1
    [liked] = studio.app.bsky.feed.like.list(own).records.values()
    [repost] = studio.app.bsky.feed.repost.list(own).records.values()
    [(answer, reply)] = studio.app.bsky.feed.post.list(own).records.items()
    assert skies.page(liked.subject.uri) == waiting["acme-gmbh"].choice.target_url
    assert skies.page(repost.subject.uri) == waiting["bernd-kurse"].choice.target_url
    assert skies.page(reply.reply.parent.uri) == waiting["clara-strom"].choice.target_url
    assert reply.text == ANSWER
    assert len(reply.facets) == 2

    actor = sphere.actors["studio"]
    performed = performed_acts(sphere)
    for action, ref in performed:
        seen = actor.read_back(action)
        assert seen is not None
        assert (seen.ref, seen.found) == (ref, True)

    like(members["clara-strom"], answer)
    told = wait_for(lambda: actor.engagements(began), "the client's like")
    assert [(each.kind, each.handle) for each in told] == [
        (EngagementKind.LIKE, "@clara-strom.test")
    ]
    assert told[0].object_url.endswith(skies.page(answer).removeprefix(skies.appview))

    later = datetime.now(UTC) + timedelta(minutes=20)
    for name in STORIES:
        engine.decide(sphere.store, sphere.hall, waiting[name].id, Undo(), later)
    assert send(sphere, later).taken_back == 3
    for action, _ in performed:
        assert actor.read_back(action) is None
    assert not studio.app.bsky.feed.like.list(own).records
    assert not studio.app.bsky.feed.repost.list(own).records
    assert not studio.app.bsky.feed.post.list(own).records


def wait_until_shown(skies: Skies, names: Any) -> None:
    """The window learns of new posts a moment later."""
    host = skies.appview.removeprefix("http://")
    port = Bluesky(allow_hosts=[host])
    for name in names:
        place = f"{skies.appview}/profile/{name}.test"
        source = Source(client=name, network="bluesky", address=place)
        wait_for(partial(_posts, port, source), f"{name}'s post")


def _posts(port: Bluesky, source: Source) -> tuple[Post, ...]:
    try:
        return port.fetch(source, "").posts
    except NetworkError:
        return ()


def performed_acts(sphere: app.Sphere) -> list[tuple[Action, str]]:
    """Every act that left, and what it left behind."""
    with sphere.store.read() as tx:
        sent = acts.in_state(tx, SPHERE, ActionState.SENT)
        receipts = [acts.receipt_of(tx, action) for action in sent]
    assert len(sent) == 3
    return [(action, each.ref) for action, each in zip(sent, receipts, strict=True) if each]


@pytest.mark.parametrize(
    ("verb", "text"),
    [
        (Verb.LIKE, ""),
        (Verb.SHARE, ""),
        (Verb.COMMENT, "Gern gelesen."),
        (Verb.RECOMMEND, "Lesenswert: {url}"),
    ],
)
def test_what_is_done_twice_is_one_record(skies, members, studio, verb, text):
    uri = publish(members["acme-gmbh"], f"Zum zweiten Mal: {verb}")
    url = skies.page(uri)
    action = studio.approved(verb, url, text.format(url=url), key=str(verb) * 4)
    wait_for(lambda: _is_shown(studio, action), "the post")
    first, second = studio.perform(action), studio.perform(action)
    assert first == second
    own = members[MINE]
    where = {"repo": own._session.did, "collection": COLLECTIONS[verb]}
    assert len(own.com.atproto.repo.list_records(where).records) == 1
    assert studio.port.read_back(action) == replace(first, found=True)
    studio.undo(action, first)
    assert studio.port.read_back(action) is None
    with pytest.raises(Gone):
        studio.undo(action, first)


def test_a_like_by_hand_is_seen_and_the_one_that_stands_is_taken_back(skies, members, studio):
    uri = publish(members["acme-gmbh"], "Von Hand gemocht")
    action = studio.approved(Verb.LIKE, skies.page(uri), key="b" * 32)
    wait_for(lambda: _is_shown(studio, action), "the post")
    mine = like(members[MINE], uri)
    done = wait_for(lambda: studio.port.look(action).done, "the like")
    assert (done.ref, done.found) == (mine, True)
    studio.undo(action, done)
    wait_for(lambda: studio.port.read_back(action) is None, "its end")


def _is_shown(studio: Studio, action: Action) -> bool:
    try:
        return studio.port.look(action).post is not None
    except Gone:
        return False


def test_what_a_network_does_not_know_is_told_apart(skies, members, studio):
    port = studio.port
    nowhere = studio.approved(Verb.LIKE, f"{skies.appview}/profile/nobody.test/post/3kaaaaaaaaa22")
    with pytest.raises(Gone):
        port.look(nowhere)
    with pytest.raises(Barred):
        Studio(studio.account, secret="wrong-word-for-it").port.whoami()
    stranger = Bluesky(allow_hosts=["localhost"])
    assert stranger.resolve(f"{skies.appview}/profile/nobody.test") == ()
    [hint] = stranger.resolve(f"{skies.appview}/profile/{members['acme-gmbh']._session.did}")
    assert hint.address == f"{skies.appview}/profile/acme-gmbh.test"


def test_it_listens_to_this_machine_only(skies):
    for place in (skies.pds, skies.appview):
        assert listeners(int(place.rpartition(":")[2])) == ["0100007F"]  # 127.0.0.1


def listeners(port: int) -> list[str]:
    """The addresses at which somebody listens on that port, as Linux writes them."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]:
            (address, _, number), state = line.split()[1].partition(":"), line.split()[3]
            if state == "0A" and int(number, 16) == port:
                found.append(address)
    return found
