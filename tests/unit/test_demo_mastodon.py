"""The stand-in Mastodon server itself, asked by the real client library."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from mastodon import (
    Mastodon,
    MastodonAPIError,
    MastodonError,
    MastodonNetworkError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonServerError,
    MastodonUnauthorizedError,
)

from netbot import clock
from netbot.demo import journal
from netbot.demo.faults import Fault, Mishap
from netbot.demo.instance import Complaint
from netbot.demo.mastodon import MastodonServer

TEXT = """Hallo @studio, der Bericht ist da: https://acme.example/berichte/2026/herbst/was-wir-lernten

A & B <kursiv>
zweite Zeile #Übersetzung"""


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as running:
        running.add_account("studio", token="studio-token", shown="Studio Muster")
        running.add_account("anna", token="anna-token")
        running.add_account("acme", shown="ACME Übersetzer")
        yield running


def client(
    server: MastodonServer, token: str | None = "studio-token", *, request_timeout: float = 5
) -> Mastodon:
    return Mastodon(
        access_token=token,
        api_base_url=server.url(),
        ratelimit_method="throw",
        request_timeout=request_timeout,
    )


def control(server: MastodonServer, command: str, **facts: Any) -> Any:
    """What a test in another process does."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", f"/_control/{command}", body=json.dumps(facts))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_it_tells_who_it_is_and_who_we_are(server):
    assert client(server).instance_v2().version == "4.4.3"
    assert client(server).account_verify_credentials().acct == "studio"
    acme = client(server, None).account_lookup(f"acme@{server.host}")
    assert acme.display_name == "ACME Übersetzer"
    assert client(server, None).account(acme.id).url == f"{server.url()}/@acme"
    for missing in (lambda api: api.account_lookup("nobody"), lambda api: api.account("12")):
        with pytest.raises(MastodonNotFoundError):
            missing(client(server, None))


def test_text_comes_as_html(server):
    status = client(server, None).status(server.publish("acme", TEXT))
    assert status.content.startswith('<p>Hallo <span class="h-card" translate="no"><a href="')
    assert '<span class="ellipsis">acme.example/berichte/2026/her</span>' in status.content
    assert "A &amp; B &lt;kursiv&gt;<br />zweite Zeile" in status.content
    assert [tag.name for tag in status.tags] == ["übersetzung"]
    assert [person.acct for person in status.mentions] == ["studio"]
    assert (status.favourited, status.edited_at) == (None, None)


def test_timelines_are_walked_page_by_page(server):
    ids = [server.publish("acme", f"Nachricht {number}") for number in range(7)]
    answer = server.publish("acme", "Gern, @anna!", parent=server.publish("anna", "Danke"))
    server.by_hand("acme", "reblog", server.publish("anna", "Noch etwas"))
    server.publish("acme", "nur für mich", visibility="private")
    api = client(server, None)
    acme = api.account_lookup("acme").id

    def page(**facts: Any) -> list[str]:
        return [str(each.id) for each in api.account_statuses(acme, **facts)]

    newest_first = [answer, *reversed(ids)]
    assert page(exclude_reblogs=True) == newest_first
    assert page(exclude_reblogs=True, exclude_replies=True) == newest_first[1:]
    assert len(page()) == 9
    assert page(min_id=ids[0], limit=2) == [ids[2], ids[1]]
    assert page(since_id=ids[0], limit=2, exclude_reblogs=True) == newest_first[:2]
    first = api.account_statuses(acme, limit=4, exclude_reblogs=True)
    rest = api.fetch_next(first) or []
    assert [str(each.id) for each in first + rest] == newest_first


def test_likes_and_boosts_are_a_state(server):
    about, api = server.publish("acme", TEXT), client(server)
    assert api.status_favourite(about).favourited
    assert api.status_favourite(about).favourites_count == 1
    boost = api.status_reblog(about)
    assert (str(boost.reblog.id), boost.reblog.reblogged) == (about, True)
    assert api.status_reblog(about).id == boost.id
    assert api.status_favourite(boost.id).id == about
    assert server.counts() == {
        ("studio-token", "favourite", about): 3,
        ("studio-token", "reblog", about): 2,
    }
    assert len(server.written(changed=True)) == 2
    assert not client(server, "anna-token").status(about).favourited
    assert not api.status_unreblog(about).reblogged
    assert not api.status_unfavourite(about).favourited
    assert [each.type for each in server_notices(server)] == ["reblog", "favourite"]


def server_notices(server: MastodonServer) -> Any:
    server.add_account("acme", token="acme-token")
    return client(server, "acme-token").notifications()


def test_a_reply_with_a_key_is_written_once_an_hour() -> None:
    at = [clock.now()]
    with MastodonServer(now=lambda: at[0]) as server:
        server.add_account("studio", token="studio-token")
        about, api = server.publish("acme", TEXT), client(server)

        def reply(key: str | None) -> str:
            made = api.status_post("Danke, @acme!", in_reply_to_id=about, idempotency_key=key)
            return str(made.id)

        assert reply("a") == reply("a") != reply("b")
        assert reply(None) != reply(None)
        first = server.written(key="a")[0]["ref"]
        at[0] += timedelta(minutes=61)
        assert reply("a") != first
        assert len(api.status_context(about).descendants) == 5
        assert [entry["changed"] for entry in server.written(verb="reply", key="a")] == [
            True,
            False,
            True,
        ]
        child = api.status_context(about).descendants[0]
        assert [str(each.id) for each in api.status_context(child.id).ancestors] == [about]


def test_mentions_are_told_to_whom_they_are_about(server):
    about = server.publish("studio", "Neues aus dem Studio")
    acme = server.add_account("acme")
    server.publish("acme", "Schön, @studio!", parent=about)
    server.by_hand("acme", "favourite", about)
    server.by_hand("anna", "favourite", about)
    api = client(server)
    assert [each.type for each in api.notifications()] == ["favourite", "favourite", "mention"]
    assert [each.type for each in api.notifications(types=["mention"])] == ["mention"]
    mine = api.notifications(account_id=acme, types=["mention", "favourite"])
    assert [each.account.acct for each in mine] == ["acme", "acme"]
    assert len(api.notifications(min_id=mine[-1].id)) == 2


def test_edits_and_deletions_show(server):
    about = server.publish("acme", TEXT)
    server.edit(about, "Doch anders")
    api = client(server)
    assert api.status(about).content == "<p>Doch anders</p>"
    assert api.status(about).edited_at is not None
    server.remove(about)
    for call in (api.status, api.status_favourite, api.status_context):
        with pytest.raises(MastodonNotFoundError):
            call(about)
    own = api.status_post("Von mir")
    with pytest.raises(MastodonNotFoundError):
        client(server, "anna-token").status_delete(own.id)
    assert api.status_delete(own.id).id == own.id
    with pytest.raises(MastodonNotFoundError):
        api.status(own.id)


@pytest.mark.parametrize("text", ["  ", "x" * 501, "x " + "https://a.example/b " * 21])
def test_texts_that_do_not_fit_are_refused(server, text):
    with pytest.raises(MastodonAPIError) as caught:
        client(server).status_post(text)
    assert caught.value.args[1] == 422
    assert server.written() == []


def test_a_long_link_and_a_mention_count_little(server):
    api = client(server)
    api.status_post("x" * 470 + " https://acme.example/" + "y" * 200)
    api.status_post("x" * 490 + " @studio@" + server.host + " ")
    assert len(server.written()) == 2


def test_a_status_elsewhere_has_an_id_of_its_own_here(server):
    with MastodonServer() as home:
        about = home.publish("acme", TEXT)
        server.befriend(home)
        [found] = client(server).search_v2(
            home.address(about), result_type="statuses", exclude_unreviewed=False
        )["statuses"]
        assert (str(found.id) != about, found.url) == (True, home.address(about))
        assert found.account.acct == f"acme@{home.host}"
        again = client(server).search_v2(found.uri, exclude_unreviewed=False).statuses
        assert [each.id for each in again] == [found.id]
        for unknown in (f"{home.url()}/@acme/1", "https://acme.example/"):
            assert client(server).search_v2(unknown, exclude_unreviewed=False).statuses == []
        client(server).status_favourite(found.id)
        assert [entry["url"] for entry in server.written()] == [home.address(about)]
        home.remove(about)
        with pytest.raises(MastodonNotFoundError):
            client(server).status(found.id)


def test_foreign_tokens_are_refused_and_remembered(server):
    about = server.publish("acme", TEXT)
    for api in (client(server, "stolen"), client(server, None)):
        with pytest.raises(MastodonUnauthorizedError):
            api.status_favourite(about)
    with pytest.raises(MastodonUnauthorizedError):
        client(server, "stolen").status(about)
    foreign = server.journal.entries(kind="foreign")
    assert [(entry["token"], entry["verb"]) for entry in foreign] == [
        ("stolen", "favourite"),
        ("stolen", "status"),
    ]
    server.revoke("studio-token")
    with pytest.raises(MastodonUnauthorizedError):
        client(server).account_verify_credentials()
    assert server.written() == []


@pytest.mark.parametrize(
    ("fault", "error", "written"),
    [
        (Fault(mishap=Mishap.LOST_REQUEST), MastodonNetworkError, 0),
        (Fault(mishap=Mishap.LOST_ANSWER), MastodonNetworkError, 1),
        (Fault(mishap=Mishap.CUT_ANSWER), MastodonNetworkError, 1),
        (Fault(mishap=Mishap.STALL), MastodonNetworkError, 0),
        (Fault(mishap=Mishap.STALL, applied=True), MastodonNetworkError, 1),
        (Fault(mishap=Mishap.GARBLED), MastodonAPIError, 1),
        (Fault(mishap=Mishap.STATUS, status=401), MastodonUnauthorizedError, 0),
        (Fault(mishap=Mishap.STATUS, status=404), MastodonNotFoundError, 0),
        (Fault(mishap=Mishap.STATUS, status=429, reset_s=60), MastodonRatelimitError, 0),
        (Fault(mishap=Mishap.STATUS, status=429), MastodonRatelimitError, 0),
        (Fault(mishap=Mishap.STATUS, status=503, applied=True), MastodonServerError, 1),
    ],
)
def test_what_goes_wrong(server, fault, error, written):
    about = server.publish("acme", TEXT)
    server.faults.plan(fault)
    with pytest.raises(error):
        client(server, request_timeout=0.3).status_favourite(about)
    assert (len(server.asked()), len(server.written())) == (1, written)
    assert client(server).status_favourite(about).favourited
    assert server.faults.left == 0


@pytest.mark.parametrize("status", [403, 409, 410, 422])
def test_refusals_carry_their_status(server, status):
    server.faults.plan(Fault(mishap=Mishap.STATUS, status=status, on="verify"))
    with pytest.raises(MastodonAPIError) as caught:
        client(server).account_verify_credentials()
    assert caught.value.args[1] == status


def test_a_dripping_answer_outlives_a_time_out_for_each_read(server):
    server.faults.plan(Fault(mishap=Mishap.DRIP, on="any", seconds=0.5))
    assert client(server, request_timeout=0.3).account_verify_credentials().acct == "studio"
    server.faults.plan(Fault(mishap=Mishap.DRIP, on="any"))
    server.closing.set()
    with pytest.raises(MastodonError):
        client(server).account_verify_credentials()


def test_a_schedule_lets_the_first_calls_through(server):
    about, api = server.publish("acme", TEXT), client(server)
    server.faults.plan(Fault(mishap=Mishap.STATUS, on="favourite", after=1, times=2))
    api.status_reblog(about)
    api.status_favourite(about)
    for _ in range(2):
        with pytest.raises(MastodonServerError):
            api.status_favourite(about)
    api.status_favourite(about)
    server.faults.plan(Fault(mishap=Mishap.LOST_REQUEST, times=9))
    server.faults.clear()
    api.status_favourite(about)


def test_what_was_written_may_show_late(server):
    about, api = server.publish("acme", TEXT), client(server)
    server.set_lag(2)
    assert api.status_favourite(about).id
    reply = api.status_post("Danke!", in_reply_to_id=about)
    api.status_reblog(about)
    assert not api.status(about).favourited
    with pytest.raises(Complaint):
        server.address(str(reply.id))
    assert [each.id for each in api.status_context(about).descendants] == [reply.id]
    seen = api.status(about)
    assert (seen.favourited, seen.reblogged) == (True, True)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("wrap", "/away?to=https%3A%2F%2Facme.example%2Fa"),
        ("squeeze", "zwei Wörter &amp;"),
        ("escape", "&amp;amp;"),
    ],
)
def test_a_server_may_change_the_text(server, change, shown):
    about = server.publish("acme", "zwei   Wörter & https://acme.example/a")
    server.changes = {change}
    assert shown in client(server).status(about).content


def test_tests_in_other_processes_steer_it(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    with MastodonServer(journal=file) as server:
        control(server, "add_account", name="studio", token="studio-token")
        about = control(server, "publish", name="acme", text=TEXT)["result"]
        assert control(server, "address", id=about)["result"] == server.address(about)
        control(server, "fault", mishap="lost answer", on="favourite")
        with pytest.raises(MastodonNetworkError):
            client(server).status_favourite(about)
        control(server, "fault", mishap="lost answer")
        control(server, "clear")
        control(server, "changes", changes=["wrap"])
        control(server, "set_lag", reads=1)
        client(server).status_favourite(about)
        written = control(server, "journal", kind="written")
        assert [entry["changed"] for entry in written] == [True, False]
        assert journal.select(journal.read(file), kind="written") == written
        assert "error" in control(server, "nonsense")
        assert "error" in control(server, "../elsewhere")
        server.journal.close()
        server.journal.close()
    with file.open("a") as half:
        half.write('{"n": 99')
    assert len(journal.read(file)) == 4
    assert journal.read(tmp_path / "none") == []


def test_what_the_api_has_not_is_not_found(server):
    with pytest.raises(MastodonNotFoundError):
        client(server).trending_tags()


def test_it_keeps_port_and_memory_over_a_restart(server):
    about, port = server.publish("acme", TEXT), server.port
    server.stop()
    server.stop()
    server.start()
    assert server.port == port
    assert str(client(server).status(about).id) == about
