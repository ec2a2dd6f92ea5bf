"""What a hostile feed may write where an address belongs."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.model import Account, Action, ActionState, Channel, Choice, Handoff, Refused, Verb
from netbot.networks.handoff import FORMS, Handoffs, plain_address

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ACCOUNT = Account(id="studio", network="mastodon", handle="@studio@example.social")
TEXT = "Gern gelesen"
OUR_HOSTS = {urlsplit(form.page.format(server="example.social")).netloc for form in FORMS.values()}


def hand(network: str, verb: Verb, target: str) -> Handoff:
    choice = Choice(
        verb=verb, target_url=target, account="me", network=network, channel=Channel.HANDOFF
    )
    action = Action(
        id=1,
        suggestion="professional-1",
        client="acme",
        choice=choice,
        text=TEXT,
        approval_hash="0" * 64,
        post_sha="0" * 64,
        key="0" * 32,
        state=ActionState.PENDING,
        created_at=NOW,
        not_before=NOW,
        expires_at=NOW,
        changed_at=NOW,
    )
    return Handoffs(network).handoff(action, ACCOUNT)


REFUSED = [
    "",
    " ",
    "blog.example/a",
    "/a",
    "//evil.example/a",
    "///evil.example/a",
    "\\\\evil.example\\a",
    "/\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://",
    "https://?a",
    "https://#a",
    "https://:443/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://blog.example/%0aalert(1)",
    "javascript&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://blog.example/a",
    "blob:https://blog.example/1",
    "about:blank",
    "view-source:https://blog.example/",
    "intent://scan/#Intent;scheme=zxing;end",
    "mailto:a@blog.example",
    "at://did:plc:abc/app.bsky.feed.post/3k",
    "feed:https://blog.example/a",
    "https://user@blog.example/a",
    "https://user:pass@blog.example/a",
    "https://blog.example@evil.example/a",
    "https://blog.example:443@evil.example/a",
    "https://blog.example%40evil.example/a",
    "https://blog.example%2f@evil.example/",
    "https://blog.example%2fevil.example/",
    "https://blog.example%00.evil.example/",
    "https://blog.example%0d%0aLocation:%20https://evil.example/",
    "https://blog.example\\@evil.example/",
    "https://blog.example\\.evil.example/",
    "https://blog.example/\\evil.example",
    "https:\\\\evil.example/a",
    "https://blog.example/a\r\nLocation: https://evil.example",
    "https://blog.example/a\n",
    "https://blog.example/a\x00",
    "https://blog.example/a b",
    " https://blog.example/a",
    "https://blog.example/a\u00a0",
    "https://blog.example/\u202egpj.exe",
    "https://blog.example/\u2066a\u2069",
    "https://blog.example/\u200ba",
    "https://\u202eelpmaxe.golb/a",
    "https://blog\u200b.example/a",
    "https://blog\u00ad.example/a",
    "https://blog.example\uff0fevil.example/",
    "https://blog.example\u2044evil.example/",
    "https://blog.example\uff1f.evil.example/",
    "https://blog.example\uff03.evil.example/",
    "https://blog.example\uff20evil.example/",
    "https://blog.example\u2215evil.example/",
    "https://blog..example/",
    "https://.blog.example/",
    "https://-blog.example/",
    "https://blog.example:99999/",
    "https://blog.example:port/",
    "https://[::1/",
    "https://[evil.example]/",
    "https://[fe80::1%25eth0]/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://1.2.3.4.5/",
    f"https://{'a' * 64}.example/",
    f"https://{'a.' * 150}example/",
    f"https://{'ü' * 60}.example/",
    "https://blog.example;evil.example/",
    "https://blog.example,evil.example/",
    "https://blog.example&evil.example/",
    "https://blog!.example/",
    "tel:+491701234567",
    "sms:+491701234567?body=x",
    "ms-word:ofe|u|https://evil.example/a.docx",
    "search-ms:query=x&crumb=location:evil.example",
    "chrome://settings",
    "ws://blog.example/a",
    "jar:https://evil.example/a!/",
    "ht\ntps://blog.example/",
    "https\uff1a//evil.example/",
    "\ufeffhttps://blog.example/",
    "https://blog.example/\u061ca",
    "https://blog.example/\u2028a",
    "https://blog.example/\u2060a",
    "https://blog.example/\u180ea",
    "https://blog.example/\ue000a",
    "https://blog.example/\U000e0041",
    "https://:secret@blog.example/",
    "https://%65vil.example/",
    "https://blog.example\u2024\u2024evil.example/",
    "https://[::ffff:127.0.0.1%eth0]/",
    "https://[1:2:3]/",
    "https://300.1.1.1/",
    "https://0x7f000001/",
    "https://blog.example|evil.example/",
    "https://blog.example^evil.example/",
    "https://<script>/",
]

OPENED = [
    ("https://blog.example//evil.example/", "blog.example"),
    ("https://blog.example/@evil.example", "blog.example"),
    ("https://blog.example/?u=https://evil.example", "blog.example"),
    ("https://blog.example/#@evil.example", "blog.example"),
    ("https://blog.example?@evil.example", "blog.example"),
    ("https://blog.example#@evil.example", "blog.example"),
    ("https://blog.example/%0d%0aLocation:%20x", "blog.example"),
    ("https://blog.example/%5cevil.example", "blog.example"),
    ("https://blog.example/%E2%80%AEa", "blog.example"),
    ("https://blog.example/a&text=evil&url=https://evil.example", "blog.example"),
    ('https://blog.example/"><script>alert(1)</script>', "blog.example"),
    ("https://blog.example/%zz", "blog.example"),
    ("https://blog.example./a", "blog.example."),
    ("https://BLOG.example:443/a", "blog.example:443"),
    ("https://blog.example:/a", "blog.example"),
    ("https://p\u0430yp\u0430l.example/", "xn--pypl-53dc.example"),
    ("https://fa\u00df.example/", "xn--fa-hia.example"),
    ("https://BÜCHER.example/", "xn--bcher-kva.example"),
    ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
    ("https://\uff45vil.example/", "evil.example"),
    ("https://blog\u3002example/", "blog.example"),
    ("https://a_b.example/", "a_b.example"),
    ("http://127.0.0.1:8080/a", "127.0.0.1:8080"),
    ("http://[::1]:8080/a", "[::1]:8080"),
    ("http://localhost/a", "localhost"),
]


def test_there_are_tricks_enough():
    assert len(set(REFUSED)) >= 100


@pytest.mark.parametrize("target", REFUSED)
def test_tricks_are_refused_everywhere(target):
    for network in Handoffs.NETWORKS:
        for verb in Verb:
            with pytest.raises(Refused):
                hand(network, verb, target)


@pytest.mark.parametrize(("target", "host"), OPENED)
def test_only_the_posts_own_host_or_ours_is_opened(target, host):
    for network in Handoffs.NETWORKS:
        for verb in Verb:
            url = hand(network, verb, target).url
            assert urlsplit(url).netloc in {host} | OUR_HOSTS
            assert url.isascii()
            assert not set(url) & set(' "<>\\\r\n\t')


@given(st.text())
def test_whatever_is_written_is_plain_or_refused(text):
    try:
        url = plain_address(f"https://blog.example{text}")
    except Refused:
        return
    assert url.isascii()
    assert plain_address(url) == url


@given(st.text())
def test_whatever_follows_the_host_cannot_change_it(text):
    try:
        url = plain_address(f"https://blog.example/{text}")
    except Refused:
        return
    assert urlsplit(url).netloc == "blog.example"
