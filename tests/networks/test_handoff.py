from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.model import (
    Account,
    Action,
    ActionState,
    Channel,
    Choice,
    Handoff,
    Refused,
    Verb,
)
from netbot.networks.handoff import MAX_URL, Handoffs

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ACCOUNT = Account(id="studio", network="mastodon", handle="@studio@example.social")
BLOG = "https://blog.example/schrift-und-raum?seite=2"
TEXT = "Die alte Presse läuft & läuft: 100 % Freude"
LINKED = f"{TEXT}\n\n{BLOG}"
BLOG_ENCODED = "https%3A%2F%2Fblog.example%2Fschrift-und-raum%3Fseite%3D2"
TEXT_ENCODED = "Die%20alte%20Presse%20l%C3%A4uft%20%26%20l%C3%A4uft%3A%20100%20%25%20Freude"

HOME_POSTS = {
    "web": BLOG,
    "wordpress": BLOG,
    "webmention": BLOG,
    "mastodon": "https://other.example/@acme/111",
    "bluesky": "https://bsky.app/profile/did:plc:abc/post/3k",
    "x": "https://x.com/acme/status/42",
    "reddit": "https://www.reddit.com/r/de/comments/1/titel/",
    "linkedin": "https://www.linkedin.com/feed/update/urn:li:activity:7/",
    "xing": "https://www.xing.com/discover/detail-activities/8",
    "facebook": "https://www.facebook.com/acme/posts/9",
    "instagram": "https://www.instagram.com/p/Cx/",
    "threads": "https://www.threads.com/@acme/post/Dx",
    "youtube": "https://www.youtube.com/watch?v=abc",
    "github": "https://github.com/acme/acme/releases/tag/v1",
    "devto": "https://dev.to/acme/a-post-1",
    "hackernews": "https://news.ycombinator.com/item?id=1",
    "medium": "https://medium.com/@acme/a-post-1f",
    "substack": "https://acme.substack.com/p/a-post",
}

AUTHORIZE = (
    "https://example.social/authorize_interaction?uri=https%3A%2F%2Fother.example%2F%40acme%2F111"
)

#: What differs from "open the post and paste": (network, verb, text) -> address and what it holds.
OWN_POSTS = {
    ("web", Verb.COMMENT, TEXT): (f"{BLOG}#respond", False),
    ("wordpress", Verb.COMMENT, TEXT): (f"{BLOG}#respond", False),
    ("mastodon", Verb.LIKE, ""): (AUTHORIZE, False),
    ("mastodon", Verb.SHARE, ""): (AUTHORIZE, False),
    ("mastodon", Verb.COMMENT, TEXT): (AUTHORIZE, False),
    ("x", Verb.LIKE, ""): ("https://x.com/intent/like?tweet_id=42", False),
    ("x", Verb.SHARE, ""): ("https://x.com/intent/retweet?tweet_id=42", False),
    ("x", Verb.COMMENT, TEXT): (
        f"https://x.com/intent/tweet?in_reply_to=42&text={TEXT_ENCODED}",
        True,
    ),
    ("x", Verb.COMMENT, ""): ("https://x.com/intent/tweet?in_reply_to=42", False),
    ("x", Verb.SHARE, TEXT): (
        f"https://x.com/intent/tweet?text={TEXT_ENCODED}&url=https%3A%2F%2Fx.com%2Facme%2Fstatus%2F42",
        True,
    ),
}

#: Where a blog post is passed on without a word of one's own.
LINK_SHARES = {
    "mastodon": f"https://example.social/share?text={BLOG_ENCODED}",
    "bluesky": f"https://bsky.app/intent/compose?text={BLOG_ENCODED}",
    "x": f"https://x.com/intent/tweet?url={BLOG_ENCODED}",
    "reddit": f"https://www.reddit.com/submit?url={BLOG_ENCODED}",
    "linkedin": f"https://www.linkedin.com/sharing/share-offsite/?url={BLOG_ENCODED}",
    "xing": f"https://www.xing.com/spi/shares/new?url={BLOG_ENCODED}",
    "facebook": f"https://www.facebook.com/sharer/sharer.php?u={BLOG_ENCODED}",
    "threads": f"https://www.threads.com/intent/post?url={BLOG_ENCODED}",
    "hackernews": f"https://news.ycombinator.com/submitlink?u={BLOG_ENCODED}",
    "telegram": f"https://t.me/share/url?url={BLOG_ENCODED}",
    "whatsapp": f"https://api.whatsapp.com/send?text={BLOG_ENCODED}",
    "threema": f"threema://compose?text={BLOG_ENCODED}",
    "mail": f"mailto:?body={BLOG_ENCODED}",
}

MESSENGERS = {"telegram", "whatsapp", "threema", "mail"}

#: Those whose text has to carry the link, and those that take both.
IN_TEXT = {"mastodon", "bluesky", "whatsapp", "threema", "mail"}
BESIDE_TEXT = {"x", "threads", "telegram"}


def hand(
    network: str, verb: Verb, target: str, text: str = "", account: Account | None = ACCOUNT
) -> Handoff:
    choice = Choice(
        verb=verb, target_url=target, account="me", network=network, channel=Channel.HANDOFF
    )
    action = Action(
        id=1,
        suggestion="professional-1",
        client="acme",
        choice=choice,
        text=text,
        approval_hash="0" * 64,
        post_sha="0" * 64,
        key="0" * 32,
        state=ActionState.PENDING,
        created_at=NOW,
        not_before=NOW,
        expires_at=NOW + timedelta(hours=48),
        changed_at=NOW,
    )
    return Handoffs(network).handoff(action, account)


def test_whatever_has_no_posts_of_its_own_passes_on_links():
    inlets = {"mailbox", "page"}  # what comes in there stands elsewhere
    assert set(Handoffs.NETWORKS) - HOME_POSTS.keys() == MESSENGERS | inlets


@pytest.mark.parametrize("network", HOME_POSTS)
@pytest.mark.parametrize(
    ("verb", "text"),
    [
        (Verb.LIKE, ""),
        (Verb.SHARE, ""),
        (Verb.SHARE, TEXT),
        (Verb.COMMENT, ""),
        (Verb.COMMENT, TEXT),
        (Verb.GESTURE, ""),
    ],
)
def test_every_verb_about_a_post_at_home(network, verb, text):
    post = HOME_POSTS[network]
    plain = (post, False)
    if network == "mastodon" and verb is not Verb.GESTURE:
        plain = (AUTHORIZE, False)
    if network in {"web", "wordpress"} and verb is Verb.COMMENT:
        plain = (f"{post}#respond", False)
    url, prefilled = OWN_POSTS.get((network, verb, text), plain)
    assert hand(network, verb, post, text) == Handoff(url=url, text=text, prefilled=prefilled)


@pytest.mark.parametrize("network", Handoffs.NETWORKS)
def test_a_link_is_passed_on_without_words(network):
    handoff = hand(network, Verb.SHARE, BLOG)
    in_text = network in IN_TEXT
    assert handoff == Handoff(
        url=LINK_SHARES.get(network, BLOG), text=BLOG if in_text else "", prefilled=in_text
    )


@pytest.mark.parametrize("network", Handoffs.NETWORKS)
def test_a_recommendation_has_text_and_link(network):
    handoff = hand(network, Verb.RECOMMEND, BLOG, TEXT)
    if network == "mail":
        assert parse_qs(urlsplit(handoff.url).query)["body"] == [LINKED.replace("\n", "\r\n")]
        assert "%0D%0A%0D%0A" in handoff.url
        assert handoff.prefilled
    elif network in IN_TEXT:
        assert parse_qs(urlsplit(handoff.url).query)["text"] == [LINKED]
        assert (handoff.text, handoff.prefilled) == (LINKED, True)
    elif network in BESIDE_TEXT:
        assert parse_qs(urlsplit(handoff.url).query) == {"text": [TEXT], "url": [BLOG]}
        assert (handoff.text, handoff.prefilled) == (TEXT, True)
    else:
        url = LINK_SHARES.get(network, BLOG)
        assert handoff == Handoff(url=url, text=TEXT, prefilled=False)


@pytest.mark.parametrize("network", ["x", "threads", "mastodon", "bluesky"])
def test_a_link_that_the_text_holds_is_not_added_again(network):
    handoff = hand(network, Verb.RECOMMEND, BLOG, f"Lesetipp: {BLOG}")
    assert parse_qs(urlsplit(handoff.url).query) == {"text": [f"Lesetipp: {BLOG}"]}
    assert handoff.text == f"Lesetipp: {BLOG}"


@pytest.mark.parametrize(
    ("network", "bare"),
    [
        ("mail", "mailto:"),
        ("threema", "threema://compose"),
        ("whatsapp", "https://api.whatsapp.com/"),
    ],
)
def test_what_is_too_long_for_an_address_is_pasted(network, bare):
    handoff = hand(network, Verb.RECOMMEND, BLOG, "ü" * 2000)
    assert (handoff.url, handoff.prefilled) == (bare, False)
    assert BLOG in handoff.text


def test_on_an_own_site_one_writes_there_with_the_link():
    mine = Account(id="site", network="webmention", handle="s.example", server="https://s.example")
    handoff = hand("webmention", Verb.LIKE, BLOG, account=mine)
    assert handoff == Handoff(url="https://s.example", text=BLOG, prefilled=False)
    assert hand("webmention", Verb.SHARE, BLOG, TEXT, mine).text == LINKED


def test_on_a_network_without_pages_of_its_own_the_post_is_opened():
    for verb in Verb:
        assert hand("guestbook", verb, BLOG, TEXT) == Handoff(url=BLOG, text=TEXT, prefilled=False)


@pytest.mark.parametrize(
    "target",
    [
        "https://x.com/acme",
        "https://x.com/acme/status/abc",
        "https://evil.example/acme/status/42",
        "https://x.com.evil.example/acme/status/42",
        "https://evilx.com/acme/status/42",
        "https://x.com/acme/status/42evil",
    ],
)
@pytest.mark.parametrize("verb", [Verb.LIKE, Verb.COMMENT])
def test_no_intent_for_what_is_no_status_of_x(target, verb):
    assert hand("x", verb, target, "a") == Handoff(url=target, text="a", prefilled=False)


@pytest.mark.parametrize(
    "target",
    [
        "https://twitter.com/acme/status/42",
        "https://mobile.twitter.com/acme/statuses/42?s=20",
        "https://x.com/i/web/status/42/photo/1",
        "http://www.x.com/i/status/42",
    ],
)
def test_statuses_of_x_have_many_addresses(target):
    assert hand("x", Verb.LIKE, target).url == "https://x.com/intent/like?tweet_id=42"


@pytest.mark.parametrize(
    "path",
    [
        "/@a/1",
        "/@a@b.example/1",
        "/users/a/statuses/1",
        "/@a/statuses/01J",
        "/notes/9x",
        "/notice/A1",
    ],
)
def test_statuses_of_the_fediverse_are_boosted_at_home(path):
    url = hand("mastodon", Verb.SHARE, f"https://other.example{path}").url
    assert url.startswith("https://example.social/authorize_interaction?uri=")


@pytest.mark.parametrize(
    "account",
    [
        None,
        *(
            Account(id="a", network="mastodon", handle=handle)
            for handle in (
                "",
                "studio",
                "@studio",
                "@@",
                "@a@evil.example/path",
                "@a@evil.example?x",
                "@a@evil.example#x",
                "@a@user@evil.example",
                "@a@evil example",
                "@a@evil\\.example",
                "@a@",
            )
        ),
    ],
)
@pytest.mark.parametrize("verb", [Verb.LIKE, Verb.RECOMMEND])
def test_mastodon_needs_a_server_in_the_handle(account, verb):
    with pytest.raises(Refused):
        hand("mastodon", verb, BLOG, account=account)


def test_an_idn_server_is_shown_in_punycode():
    account = Account(id="a", network="mastodon", handle="anna@bücher.example")
    url = hand("mastodon", Verb.LIKE, BLOG, account=account).url
    assert urlsplit(url).netloc == "xn--bcher-kva.example"


def test_a_server_that_is_named_beside_the_handle_is_the_one_opened():
    account = Account(
        id="a", network="mastodon", handle="@a@example.social", server="https://web.example.social"
    )
    url = hand("mastodon", Verb.LIKE, BLOG, account=account).url
    assert urlsplit(url).netloc == "web.example.social"


def test_the_box_for_an_answer_on_mastodon_names_the_author_already():
    target = HOME_POSTS["mastodon"]
    for text in ("@acme@other.example Danke, @b@c.example!", "Danke, @b@c.example!"):
        assert hand("mastodon", Verb.COMMENT, target, text).text == "Danke, @b@c.example!"
    named = "@acme@other.example liest gern."
    assert hand("mastodon", Verb.RECOMMEND, target, named).text.startswith(named)


def test_too_much_text_goes_to_the_clipboard_and_the_link_stays():
    text = "ö" * 400
    assert hand("x", Verb.RECOMMEND, BLOG, text) == Handoff(
        url=LINK_SHARES["x"], text=text, prefilled=False
    )
    assert hand("x", Verb.COMMENT, HOME_POSTS["x"], text) == Handoff(
        url="https://x.com/intent/tweet?in_reply_to=42", text=text, prefilled=False
    )
    assert hand("bluesky", Verb.RECOMMEND, BLOG, text) == Handoff(
        url="https://bsky.app/", text=f"{text}\n\n{BLOG}", prefilled=False
    )


@pytest.mark.parametrize("network", sorted(LINK_SHARES.keys() - {"mail", "threema"}))
def test_an_address_that_fits_nowhere_goes_to_the_clipboard(network):
    target = f"{BLOG}&x={'=' * 1_500}"
    handoff = hand(network, Verb.SHARE, target)
    page = urlsplit(LINK_SHARES[network])
    assert handoff == Handoff(url=f"{page.scheme}://{page.netloc}/", text=target, prefilled=False)


@pytest.mark.parametrize(
    ("target", "opened"),
    [
        (f"https://blog.example/a?{'x' * MAX_URL}#b", "https://blog.example/a"),
        (f"https://blog.example/{'x' * MAX_URL}?b", "https://blog.example/"),
        (f"https://blog.example/a?{'x' * (MAX_URL - 23)}", None),
    ],
)
def test_a_post_with_a_long_address_is_opened_as_near_as_can_be(target, opened):
    assert hand("web", Verb.LIKE, target).url == (opened or target)
    assert hand("linkedin", Verb.COMMENT, target, "a").text == "a"


def test_a_long_post_of_the_fediverse_is_opened_itself():
    target = f"https://other.example/@acme/111?{'=' * 1_000}"
    assert hand("mastodon", Verb.LIKE, target).url == target


@pytest.mark.parametrize(
    ("target", "opened"),
    [
        ("https://blog.example/a#top", "https://blog.example/a#respond"),
        ("https://blog.example/a#respond", "https://blog.example/a#respond"),
        ("https://blog.example", "https://blog.example#respond"),
        ("HTTPS://Blog.Example:8443/Ä?ö", "https://blog.example:8443/%C3%84?%C3%B6#respond"),
    ],
)
def test_a_comment_on_a_blog_opens_its_form(target, opened):
    assert hand("web", Verb.COMMENT, target, TEXT).url == opened


@given(st.text(max_size=300))
def test_a_text_arrives_as_it_was_approved(text):
    handoff = hand("x", Verb.COMMENT, HOME_POSTS["x"], text)
    assert handoff.text == text
    if handoff.prefilled:
        assert parse_qs(urlsplit(handoff.url).query, keep_blank_values=True)["text"] == [text]


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("network", "text", "length"),
    [
        ("web", "Grüße", 5),
        ("mastodon", FAMILY, 1),
        ("mastodon", "Gern gelesen: https://blog.example/a", 14 + 23),
        ("mastodon", "@acme@example.social danke, a@b.example", 33 - 9),
        ("bluesky", "Grüße", 5),
        ("bluesky", "Gru\u0308ße", 5),
        ("bluesky", FAMILY, 1),
        ("bluesky", FLAG * 2, 2),
        ("bluesky", "\U0001f44d\U0001f3fd", 1),
        ("bluesky", "\u2764\ufe0f", 1),
        ("bluesky", "a\r\nb", 3),
        ("bluesky", "\u0e01\u0e33", 2),
        ("bluesky", "", 0),
        ("x", "Grüße", 5),
        ("x", "Gru\u0308ße", 5),
        ("x", "日本", 4),
        ("x", FAMILY, 2),
        ("x", FLAG, 2),
        ("x", "\U0001f525", 2),
        ("x", "\U0001f44d\U0001f3fd", 2),
        ("x", "„So“ – ja …", 12),
        ("x", "©", 1),
        ("x", f"Gern gelesen: https://blog.example/{'a' * 90}", 14 + 23),
        ("x", "http://a.example https://b.example", 23 + 1 + 23),
    ],
)
def test_each_network_counts_in_its_own_way(network, text, length):
    assert Handoffs(network).count(text) == length
