"""Newsletters and notification mails: whose they are, what they say, and that nothing is asked."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from netbot.model import Account, Barred, NetworkError, Refused, Source, Transient
from netbot.network import Access
from netbot.networks.mailbox import Mailbox
from tests.imapserver import PASSWORD, USER, ImapServer
from tests.networks import contract
from tests.postbag import (
    HEADLINE,
    NEWSLETTERS,
    NOTIFICATIONS,
    STORY,
    WHEN,
    mail,
    part,
    service,
    story,
)


def access(server: str, *, secret: str = PASSWORD) -> Access:
    account = Account(id="post", network="mailbox", handle=USER, server=server)
    return Access(sphere="professional", account=account, secret=secret, allow_hosts=("127.0.0.1",))


class Stage(contract.Stage):
    """For the contract of all networks: mail that was sent stays as it is."""

    edits = False

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server = Postman()

    def open(self, given: Access | None, *, timeout_s: float = 10.0) -> Mailbox:
        return Mailbox(access(self.server.box.url()), timeout_s=timeout_s)

    def publish(self, text: str) -> str:
        url: str = self.server.send(text)
        return url

    def edit(self, url: str, text: str) -> None:
        raise NotImplementedError("nobody edits a mail")

    def remove(self, url: str) -> None:
        raise NotImplementedError("nobody takes a mail back")

    def source(self) -> Source:
        return Source(client="acme", network="mailbox", address="news@acme.example")


class Postman:
    """Brings letters into the box."""

    def __init__(self) -> None:
        self.box = ImapServer()

    def start(self) -> None:
        self.box.__enter__()

    def stop(self) -> None:
        self.box.__exit__(None, None, None)

    def send(self, text: str) -> str:
        number = len(self.box.mails) + 1
        url = f"https://acme.example/mail/{number}"
        page = part("text/html", service(story(f"Brief {number}", text), online=url))
        self.box.put(mail("news@acme.example", f"Brief {number}", page, id=f"{number}@acme"))
        return url


@pytest.fixture
def box():
    with ImapServer() as server:
        yield server


@pytest.fixture
def opened():
    """Opens mailboxes that are closed in the end."""
    made: list[Mailbox] = []

    def open_mailbox(*given, **facts):
        made.append(Mailbox(*given, **facts))
        return made[-1]

    yield open_mailbox
    for each in made:
        each.close()


def source(address: str = "news@acme.example", client: str = "acme") -> Source:
    return Source(client=client, network="mailbox", address=address)


def drop(folder, **letters):
    for name, raw in letters.items():
        (folder / f"{name}.eml").write_bytes(raw)


def test_the_mail_server_says_whose_a_password_is_and_shows_no_mail(box, opened):
    found = opened(access(box.url())).identify()
    assert (found.handle, found.platform_id) == (USER, f"{USER} 127.0.0.1")
    assert not [heard for heard in box.heard if "FETCH" in heard or "SEARCH" in heard]
    with pytest.raises(Barred, match="check the password"):
        opened(access(box.url(), secret="wrong")).identify()
    with pytest.raises(Refused, match="no folder Elsewhere"):
        opened(access(box.url("Elsewhere"))).identify()
    with pytest.raises(Barred, match="without its password"):
        opened().identify()


@pytest.mark.parametrize("name", sorted(NEWSLETTERS))
def test_a_newsletter_becomes_a_post(tmp_path, opened, name):
    sent = NEWSLETTERS[name]
    drop(tmp_path, a=sent.raw)
    [post] = opened(folder=tmp_path).fetch(source(sent.source), "").posts
    assert (post.title, post.url, post.network) == (sent.title, sent.url, "web")
    assert sent.says in " ".join(post.text.split())
    assert post.published_at == WHEN
    for unwanted in ("abmelden", "Browser", "Vorschau", "invalid", "4711"):
        assert unwanted not in post.text
    assert "4711" not in post.url


@pytest.mark.parametrize("name", sorted(NOTIFICATIONS))
def test_a_notification_becomes_a_post_of_whom_it_names(tmp_path, opened, name):
    sent = NOTIFICATIONS[name]
    drop(tmp_path, a=sent.raw)
    port = opened(folder=tmp_path)
    [post] = port.fetch(source(sent.source), "").posts
    assert (post.title, post.url, post.network) == (sent.title, sent.url, sent.network)
    assert sent.says in " ".join(post.text.split())
    assert not any(word in post.url for word in ("midToken", "geheim", "reader", "mid="))
    assert port.fetch(source(f"{sent.network}: Nobody Inc"), "").posts == ()
    assert port.fetch(source("linkedin: Brigitte Sonst"), "").posts == ()


def test_the_legal_form_makes_no_difference(tmp_path, opened):
    drop(tmp_path, a=NOTIFICATIONS["facebook page post"].raw)
    assert opened(folder=tmp_path).fetch(source("facebook: ACME Übersetzer AG"), "").posts


def test_a_mail_about_no_post_is_none(tmp_path, opened):
    page = service("<p>ACME Übersetzer GmbH hat dein Profil angesehen</p>")
    drop(
        tmp_path,
        a=mail("x@linkedin.com", "Wer dich angesehen hat", part("text/html", page), id="1"),
    )
    assert opened(folder=tmp_path).fetch(source("linkedin: ACME Übersetzer GmbH"), "").posts == ()


def test_who_only_claims_to_be_a_network_is_not_believed(tmp_path, opened):
    raw = NOTIFICATIONS["linkedin company post"].raw.replace(
        b"@linkedin.com", b"@linkedin.com.evil"
    )
    drop(tmp_path, a=raw)
    assert opened(folder=tmp_path).fetch(source("linkedin: ACME Übersetzer GmbH"), "").posts == ()


@pytest.mark.parametrize("address", ["news@acme.example", "NEWS@ACME.EXAMPLE", "@acme.example"])
def test_a_sender_can_be_named_in_several_ways(tmp_path, opened, address):
    drop(tmp_path, a=NEWSLETTERS["plain text"].raw)
    port = opened(folder=tmp_path)
    assert len(port.fetch(source(address), "").posts) == 1
    assert port.fetch(source("other@acme.example"), "").posts == ()


def test_the_same_files_are_no_news(tmp_path, opened):
    drop(tmp_path, a=NEWSLETTERS["plain text"].raw, b=NEWSLETTERS["archived at"].raw)
    port = opened(folder=tmp_path)
    first = port.fetch(source(), "")
    second = port.fetch(source(), first.cursor)
    assert (len(first.posts), second.changed) == (2, False)
    drop(tmp_path, c=NEWSLETTERS["iso-8859-1"].raw)
    assert len(port.fetch(source(), second.cursor).posts) == 3
    (tmp_path / "c.eml").unlink()
    (tmp_path / "notes.txt").write_text("no mail")
    (tmp_path / "lost.eml").symlink_to(tmp_path / "nowhere")
    assert len(port.fetch(source(), second.cursor).posts or first.posts) == 2


def test_one_mail_twice_is_one_post(tmp_path, opened):
    raw = NEWSLETTERS["plain text"].raw
    drop(tmp_path, a=raw, b=raw.replace(b"Subject", b"X-Copied: yes\r\nSubject"))
    assert len(opened(folder=tmp_path).fetch(source(), "").posts) == 1


HOSTILE = {
    "nothing": b"",
    "no mail": bytes(range(256)) * 40,
    "a thousand layers": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(300)
    ),
    "a thousand parts": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    + b"--x\r\nContent-Type: text/plain\r\n\r\nhallo\r\n" * 1000,
    "a header of a megabyte": b"Subject: " + b"=?utf-8?q?" + b"=41" * 300_000 + b"?=\r\n\r\nhallo",
    "open brackets": b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>" * 20_000,
    "links without end": b"Content-Type: text/html\r\n\r\n"
    + b'<a href="https://a.example/">a</a>' * 20_000,
    "broken base64": b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!==",
    "a date out of time": b"Date: Mon, 99 Foo 99999999 99:99:99 +9999\r\n\r\nhallo",
    "a year too late": b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n\r\nhallo",
    "odd encodings": b"Subject: =?nope?b?AAAA?= =?utf-8?b?a?=\r\nX: =?utf-8?q?=00?=\r\n\r\nhi",
    "scripts": b'Content-Type: text/html\r\n\r\n<a href="javascript:alert()">x</a><script>1',
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_mail_harms_no_other(tmp_path, opened, name):
    raw = b"From: news@acme.example\r\nMessage-ID: <h@h>\r\n" + HOSTILE[name]
    drop(tmp_path, a=raw, b=NEWSLETTERS["archived at"].raw)
    posts = opened(folder=tmp_path).fetch(source(), "").posts
    assert HEADLINE in [post.title for post in posts]
    assert all(post.url.startswith("https://") or not post.url for post in posts)
    assert all("alert" not in post.text for post in posts)


# By IMAP


def test_a_folder_is_read_without_a_trace(box, opened):
    for name in ("plain text", "archived at"):
        box.put(NEWSLETTERS[name].raw)
    port = opened(access(box.url()))
    answers = dict(port.fetch_many([(source(), ""), (source("neuigkeiten.acme.example"), "")]))
    assert len(answers[source()].posts) == 2
    assert answers[source("neuigkeiten.acme.example")].posts == ()
    words = " ".join(box.heard)
    assert [line.split()[0] for line in box.heard].count("LOGIN") == 1
    assert "EXAMINE" in words
    assert "BODY.PEEK[]" in words
    for changing in ("SELECT", "STORE", "EXPUNGE", "APPEND", "COPY", "BODY[]"):
        assert changing not in words


def test_each_mail_is_fetched_once(box, opened):
    port = opened(access(box.url()))
    box.put(NEWSLETTERS["plain text"].raw)
    first = port.fetch(source(), "")
    assert port.fetch(source(), first.cursor).posts == ()
    box.put(NEWSLETTERS["archived at"].raw)
    second = port.fetch(source(), first.cursor)
    assert [post.url for post in second.posts] == [NEWSLETTERS["archived at"].url]
    fetched = [line for line in box.heard if line.startswith("UID FETCH")]
    assert len(fetched) == 2


def test_a_new_source_reads_what_another_has_read_before(box, opened):
    port = opened(access(box.url()))
    box.put(NEWSLETTERS["plain text"].raw)
    box.put(NEWSLETTERS["english"].raw)
    known = port.fetch(source(), "").cursor
    both = dict(port.fetch_many([(source(), known), (source("hello@harbour.example"), "")]))
    assert both[source()].posts == ()
    assert len(both[source("hello@harbour.example")].posts) == 1


def test_a_box_that_counts_anew_is_read_anew(box, opened):
    port = opened(access(box.url()))
    box.put(NEWSLETTERS["plain text"].raw)
    cursor = port.fetch(source(), "").cursor
    box.validity = 78
    assert port.fetch(source(), cursor).changed is False  # the same letter, by its own number
    assert len([line for line in box.heard if line.startswith("UID FETCH")]) == 2


@pytest.mark.parametrize(
    ("misbehave", "error"), [("drip", Transient), ("drop", Transient), ("garbage", NetworkError)]
)
def test_a_server_in_trouble_is_an_error_in_time(box, opened, misbehave, error):
    box.put(NEWSLETTERS["plain text"].raw)
    box.misbehave = misbehave
    with pytest.raises(error):
        opened(access(box.url()), timeout_s=0.5).fetch(source(), "")


def test_a_wrong_password_is_told_and_not_shown(box, opened):
    with pytest.raises(Barred, match="check the password") as caught:
        opened(access(box.url(), secret="falsches-wort")).fetch(source(), "")
    assert "falsches-wort" not in str(caught.value)


@pytest.mark.parametrize(
    "server",
    ["imap://mail.example/INBOX", "https://mail.example", "", "imap://127.0.0.2:1/INBOX"],
)
def test_no_server_is_spoken_to_in_the_clear(opened, server):
    with pytest.raises(Refused):
        opened(access(server)).fetch(source(), "")


def test_a_folder_that_is_not_there_is_told(box, opened):
    with pytest.raises(Refused, match="no folder"):
        opened(access(box.url("Nirgends"))).fetch(source(), "")


def test_a_server_that_is_not_there_is_told(opened):
    with pytest.raises(Transient):
        opened(access("imap://127.0.0.1:1/INBOX")).fetch(source(), "")


@pytest.mark.parametrize("cursor", ["", "x", "[]", "null", '{"uid": "a"}', '{"uid": 1}'])
def test_a_cursor_that_cannot_be_read_is_as_good_as_none(tmp_path, opened, cursor):
    drop(tmp_path, a=NEWSLETTERS["plain text"].raw)
    assert len(opened(folder=tmp_path).fetch(source(), cursor).posts) == 1


def test_a_mail_from_the_future_has_no_date(tmp_path, opened):
    late = mail("news@acme.example", "Später", part("text/plain", STORY), id="9")
    later = format_datetime(datetime(2099, 1, 1, tzinfo=UTC)).encode()
    drop(tmp_path, a=late.replace(format_datetime(WHEN).encode(), later))
    [post] = opened(folder=tmp_path).fetch(source(), "").posts
    assert post.published_at is None
