"""From what a source shows to what waits in the queue."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.app.networks import load_policy
from netbot.engine import schedule, story
from netbot.engine.choices import account_for, offer
from netbot.engine.score import is_fresh, score
from netbot.model import (
    Account,
    Channel,
    Client,
    Gone,
    Post,
    RateLimited,
    Ruling,
    Source,
    StoredPost,
    SuggestionState,
    Transient,
    Verb,
    Verdict,
)
from netbot.network import Quiet
from netbot.store import posts, sources, suggestions
from netbot.store.posts import Known
from tests.house import ACME, BLOG, NOON, POLICY, SECOND, Day, days, hours, house, post

PASS = Verdict(ruling=Ruling.PASS, link=None)
SITE = Source(client="acme", network="web", address=BLOG)


def health(day: Day, address: str = BLOG):
    with day.store.read() as tx:
        return next(each for each in sources.everything(tx) if each.source.address == address)


def test_a_new_post_becomes_one_card(day):
    day.seeded().shelf.show(BLOG, post("a"))
    report = day.watch(NOON)
    (card,) = day.cards()
    assert (report.looked, report.new, report.suggested) == (2, 1, 1)
    assert (card.id, card.client, card.state) == ("professional-1", "acme", "waiting")
    assert (card.choice.verb, card.choice.account) == (Verb.COMMENT, "anna-web")
    assert card.choice.target_url == card.post.post.url == "https://acme.example/a"
    assert [choice.verb for choice in card.alternatives] == [Verb.SHARE]
    assert "[…]" in card.draft
    assert card.expires_at == NOON + hours(96)


def test_the_same_post_again_is_nothing_new(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    report = day.watch(NOON + hours(2))
    assert (report.new, report.changed, report.suggested) == (0, 0, 0)
    assert len(day.cards()) == 1


def test_a_seed_suggests_the_three_best_of_a_week(day):
    day.shelf.show(
        BLOG,
        *(post(f"p{age}", published_at=NOON - days(age)) for age in range(6)),
        post("old", published_at=NOON - days(8)),
        post("sad", text="Unser Gründer ist verstorben.", published_at=NOON - days(30)),
        cursor="c",
    )
    report = day.watch(NOON)
    assert (report.new, report.suggested) == (8, 3)
    titles = [card.post.post.title for card in day.cards()]
    assert sorted(title[-2:] for title in titles) == ["p0", "p1", "p2"]
    assert health(day).seeded_at == NOON


def test_after_a_pause_only_what_is_still_news_is_suggested(day):
    day.seeded().shelf.show(
        BLOG, *(post(f"p{age}", published_at=NOON - days(age)) for age in range(0, 20, 2))
    )
    report = day.watch(NOON)
    assert (report.new, report.suggested) == (10, 4)


def test_what_the_rules_refuse_or_skip_gets_no_card(day):
    day.seeded().shelf.show(
        BLOG,
        post("a", text="Alles über Glücksspiel im Netz."),
        post("b", text="Macht mit beim Gewinnspiel!"),
        post("c", text="Glücksspiel: der Gründer ist verstorben."),
    )
    assert day.watch(NOON).suggested == 0
    assert day.cards() == []


def test_a_moment_for_tact_offers_a_personal_gesture_only(day):
    day.seeded().shelf.show(
        BLOG, post("a"), post("b", text="Unser Gründer ist verstorben.", url="")
    )
    day.watch(NOON)
    (first,) = day.cards()
    assert (first.choice.verb, first.choice.account, first.alternatives) == (
        Verb.GESTURE,
        None,
        (),
    )
    assert first.draft == ""
    assert first.score.parts["moment"] == 10


def test_a_hesitating_rule_asks(day):
    day.seeded().shelf.show(BLOG, post("a", text="Studie: KI ersetzt bald alle Berufe."))
    day.watch(NOON)
    (card,) = day.cards()
    assert card.verdict.ruling is Ruling.ASK
    assert card.verdict.reasons[0].because == "willst du das unterstützen?"
    assert card.score.parts["folded"] == -2


def test_a_rule_may_propose_another_verb(day):
    day.seeded().shelf.show(BLOG, post("a", text="Wir haben eine Auszeichnung erhalten."))
    day.watch(NOON)
    (card,) = day.cards()
    assert (card.choice.verb, card.choice.network) == (Verb.SHARE, "linkedin")
    assert card.verdict.score.parts.items() <= card.score.parts.items()


def test_nothing_is_suggested_that_nobody_could_do(make_day):
    day = make_day(accounts=()).seeded()
    day.shelf.show(BLOG, post("a"), post("b", url=""))
    report = day.watch(NOON)
    assert (report.new, report.suggested) == (2, 0)


@pytest.mark.parametrize(
    "again",
    [
        post("a", keys=("id:new", "url:https://acme.example/a", "hash:new")),
        post("a", keys=("id:new", "url:new", "hash:a")),
        post("a", keys=("id:a", "url:new", "hash:new"), url="https://acme.example/moved"),
        post("a", keys=("id:a",), text="Neu gefasst.", title="Neu"),
    ],
)
def test_new_ids_addresses_and_texts_are_updates(day, again):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    day.shelf.show(BLOG, again)
    report = day.watch(NOON + hours(2))
    assert (report.new, report.suggested) == (0, 0)
    assert len(day.cards(NOON + hours(2))) == 1
    day.shelf.show(BLOG, post("a"), post("x", keys=again.keys))
    assert day.watch(NOON + hours(4)).new == 0


def test_an_edit_shows_on_the_card(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    day.shelf.show(BLOG, post("a", text="Studie: KI ersetzt bald alle Berufe."))
    assert day.watch(NOON + hours(2)).changed == 1
    (card,) = day.cards(NOON + hours(2))
    assert card.verdict.ruling is Ruling.ASK
    assert card.post.post.text.startswith("Studie")
    assert card.alternatives


def test_an_edit_against_the_values_takes_the_card_away(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    day.shelf.show(BLOG, post("a", text="Jetzt mit Glücksspiel."))
    day.watch(NOON + hours(2))
    assert day.cards(NOON + hours(2)) == []
    with day.store.read() as tx:
        assert suggestions.count(tx) == {SuggestionState.SUPERSEDED: 1}


def test_an_edit_that_turns_sad_leaves_the_personal_card(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    day.shelf.show(BLOG, post("a", text="Nachtrag: Unser Gründer ist gestern verstorben."))
    day.watch(NOON + hours(2))
    (card,) = day.cards(NOON + hours(2))
    assert card.choice.verb is Verb.GESTURE
    day.shelf.show(SECOND, post("z", title=card.post.post.title, published_at=NOON))
    day.watch(NOON + hours(4))
    assert day.cards(NOON + hours(4))[0].alternatives == ()


def test_a_sad_edit_of_an_old_post_makes_no_card(day):
    old = post("a", published_at=NOON)
    day.seeded().shelf.show(BLOG, old)
    day.watch(NOON)
    day.house = house(ACME, accounts=())
    later = NOON + days(3)
    day.shelf.show(
        BLOG, post("a", text="Unser Gründer ist verstorben.", published_at=NOON - days(30))
    )
    day.watch(later)
    assert day.cards(later) == []


@pytest.mark.parametrize("by", ["address", "text", "title"])
def test_a_story_on_two_sources_is_one_card(day, by):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    keys = {"address": "url:https://acme.example/a", "text": "hash:a", "title": "id:only"}
    title = "Neues aus der Werkstatt – a" if by == "title" else "Ganz anders"
    day.shelf.show(
        SECOND,
        post("second", keys=("id:second", keys[by]), title=title, url="https://second.example/a"),
    )
    report = day.watch(NOON + hours(2))
    assert (report.new, report.suggested) == (1, 0)
    (card,) = day.cards(NOON + hours(2))
    places = {choice.target_url for choice in (card.choice, *card.alternatives)}
    assert places == {"https://acme.example/a", "https://second.example/a"}


def test_two_stories_are_two_cards(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.shelf.show(SECOND, post("b", title="Etwas ganz anderes aus dem Verlag"))
    assert day.watch(NOON).suggested == 2


def test_a_story_that_a_source_tells_twice_is_one_card(day):
    day.shelf.show(BLOG, post("a", published_at=NOON - days(9)), post("b", text="x"))
    day.watch(NOON - days(1))
    with day.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM suggestions")
    day.shelf.show(
        SECOND,
        post("c", keys=("id:c", "hash:b")),
        post("d", keys=("id:d", "url:https://acme.example/b")),
    )
    report = day.watch(NOON)
    assert (report.new, report.suggested) == (2, 1)


def test_numbered_titles_in_two_places_are_two_stories(day):
    day.seeded()
    day.shelf.show(BLOG, post("a", title="Kontor-Podcast, Folge 58", text="Eine Müllerin kommt."))
    day.shelf.show(SECOND, post("b", title="Kontor-Podcast, Folge 57", text="Ein Bäcker kommt."))
    assert day.watch(NOON).suggested == 2


def test_a_story_whose_card_is_decided_gets_no_second(day):
    from netbot.engine import Skip
    from netbot.model import SkipReason

    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    day.decide("professional-1", Skip(reason=SkipReason.OTHER))
    day.shelf.show(SECOND, post("a", keys=("id:2", "hash:a")))
    assert day.watch(NOON + hours(2)).suggested == 0


def test_failures_are_remembered_and_harm_nobody_else(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.shelf.fail(SECOND, Transient("no route to second.example"))
    report = day.watch(NOON)
    assert (report.looked, report.suggested) == (2, 1)
    assert report.errors == {SECOND: "no route to second.example"}
    failed = health(day, SECOND)
    assert (failed.failures, failed.last_error) == (1, "no route to second.example")
    assert NOON + hours(1) <= failed.next_check <= NOON + hours(2)


def test_a_source_that_is_gone_is_never_asked_again(day):
    day.seeded().shelf.fail(SECOND, Gone("410"))
    day.watch(NOON)
    assert (health(day, SECOND).next_check, health(day, SECOND).gone_at) == (None, NOON)
    assert day.watch(NOON + days(30)).looked == 1


def test_a_server_that_asks_for_patience_gets_it(day):
    day.seeded().shelf.fail(SECOND, RateLimited("429", retry_after_s=7200))
    day.watch(NOON)
    assert health(day, SECOND).next_check == NOON + hours(2)


def test_what_this_version_cannot_watch_is_said(make_day):
    toot = Source(client="acme", network="mastodon", address="@acme@example.social")
    day = make_day(Client(id="acme", name="ACME", sources=(toot,)))
    report = day.watch(NOON)
    assert "cannot watch mastodon" in report.errors["@acme@example.social"]


def test_a_source_that_left_the_configuration_is_let_go(day):
    day.seeded()
    with day.store.read() as tx:
        watched = sources.everything(tx)[0]
    day.house = house(Client(id="other", name="Other"))
    from netbot.engine.absorb import absorb
    from netbot.network import Batch

    batch = Batch(posts=(post("a"),), cursor="")
    assert absorb(day.store, day.desk, watched, batch, NOON).new == 0
    assert day.watch(NOON).looked == 0


def test_a_look_can_be_cut_short_and_tells_how_far_it_is(day):
    seen: list[tuple[int, int]] = []
    report = day.watch(NOON, progress=lambda *at: seen.append(at), stopped=lambda: True)
    assert (report.looked, seen) == (1, [(1, 2)])


def test_the_cursor_is_handed_back(day):
    day.seeded().shelf.show(BLOG, cursor='{"etag": "W/\\"1\\""}')
    day.watch(NOON)
    day.watch(NOON + hours(2))
    assert day.shelf.cursors[-2:] == ['{"etag": "W/\\"1\\""}', ""]


@pytest.mark.parametrize(
    ("facts", "wish_s", "conditional", "expected_s"),
    [
        ({}, None, True, 3600),
        ({"min_interval_s": 60}, None, True, 1800),
        ({"min_interval_s": 60, "allow_hosts": ("acme.example",)}, None, True, 60),
        ({"min_interval_s": 60, "allow_hosts": ("acme.example",)}, None, False, 60),
        ({}, 7200, True, 7200),
        ({}, 10**12, True, 604_800),
        ({}, 60, True, 3600),
        ({}, None, False, 86_400),
        ({"min_interval_s": 200_000}, 60, True, 200_000),
    ],
)
def test_the_next_look_heeds_the_floor_and_the_servers_wish(facts, wish_s, conditional, expected_s):
    after = schedule.after_success(
        SITE, house(**facts), NOON, wish_s=wish_s, conditional=conditional, quiet=Quiet()
    )
    assert (after - NOON).total_seconds() == expected_s


def test_hosts_are_opted_in_with_or_without_port():
    local = Source(client="acme", network="web", address="http://127.0.0.1:8080/feed")
    six = Source(client="acme", network="web", address="http://[::1]:8080/feed")
    assert schedule.is_local(local, house(allow_hosts=("127.0.0.1",)))
    assert schedule.is_local(local, house(allow_hosts=("127.0.0.1:8080",)))
    assert schedule.is_local(six, house(allow_hosts=("[::1]:8080",)))
    assert not schedule.is_local(local, house(allow_hosts=("127.0.0.1:9090",)))


def test_a_retry_after_of_a_year_is_a_week():
    for asked_s, failures, expected in (
        (31_536_000, 1, days(7)),
        (1, 1, hours(1)),
        (7200, 1, hours(2)),
        (1, 3, hours(4)),
        (7200, 2, hours(2)),
        (1, 99, days(1)),
        (3 * 86_400, 99, days(3)),
    ):
        after = schedule.after_refusal(SITE, house(), NOON, asked_s, failures=failures)
        assert after - NOON == expected


def known(number: int) -> Known:
    return Known(post_id=number, story=number, title_sha="", body_sha="", url="")


def test_the_stronger_identity_has_the_post_and_a_copy_is_not_new():
    first, copy = post("a"), post("copy", keys=("id:copy", "hash:a"))
    found = story.sort([copy, first], {"id:a": known(1), "hash:a": known(1)})
    assert found.new == ()
    assert [post for _, post in found.changed] == [first]
    assert found.keys == {"url:https://acme.example/a": 1}


def test_a_story_needs_a_telling_title_and_nearness_in_time():
    def stored(**facts) -> StoredPost:
        return StoredPost(
            id=7, client="acme", source=SITE, story=7, first_seen_at=NOON, post=post("x", **facts)
        )

    title = "Unsere Ausstellung ist eröffnet"
    assert story.find(post("a", title=title), NOON, [stored(title=title)]) == 7
    late = stored(title=title, published_at=NOON - days(8))
    assert story.find(post("a", title=title), NOON, [late]) is None
    assert story.find(post("a", title="News"), NOON, [stored(title="News")]) is None
    text = "Über 200 Gäste kamen am Freitag in die alte Druckerei."
    untitled = stored(title="", text=text, published_at=None)
    assert story.find(post("a", title="", text=text), NOON, [untitled]) == 7


@given(st.permutations([post(name) for name in "abcde"]))
def test_the_order_of_a_feed_does_not_matter(shown):
    found = story.sort(shown, {"id:a": known(1), "url:https://acme.example/b": known(2)})
    assert {each.title[-1] for each in found.new} == set("cde")


def test_one_named_account_acts_and_of_several_nobody():
    two = (
        Account(id="one", network="mastodon", handle="@one"),
        Account(id="two", network="mastodon", handle="@two"),
    )
    assert account_for("mastodon", ACME, house(accounts=two)) is None
    named = Client(id="acme", name="ACME", accounts=("two",))
    assert account_for("mastodon", named, house(accounts=two)) == "two"
    assert account_for("mastodon", ACME, house(accounts=two[:1])) == "one"


ON_A_SITE = Account(
    id="acme-blog",
    network="wordpress",
    handle="anna",
    server="https://www.acme.example",
    platform_id="1",
)
MY_SITE = Account(
    id="mine", network="webmention", handle="a.example", server="https://a.example", platform_id="a"
)


def acts_on(shown: Post, *mine: Account) -> list[tuple[Verb, str | None, Channel]]:
    """What the real table offers about a post."""
    teller = StoredPost(id=1, client="acme", source=SITE, story=1, first_seen_at=NOON, post=shown)
    offered = offer([teller], ACME, house(accounts=mine), load_policy(), ())
    return [(choice.verb, choice.account, choice.channel) for choice in offered]


def test_an_account_of_one_site_is_for_its_posts_and_no_others():
    elsewhere = replace(ON_A_SITE, id="other-blog", server="https://other.example:8443")
    comment = (Verb.COMMENT, "acme-blog", Channel.API)
    assert acts_on(post("a"), ON_A_SITE, elsewhere) == [comment]
    assert acts_on(post("a", network="wordpress"), ON_A_SITE) == [comment]
    assert acts_on(post("a"), replace(ON_A_SITE, platform_id=None)) == [
        (Verb.COMMENT, "acme-blog", Channel.HANDOFF)
    ]
    assert acts_on(post("a"), elsewhere) == []
    assert acts_on(post("a", url="https://other.example:8443/a"), ON_A_SITE, elsewhere) == [
        (Verb.COMMENT, "other-blog", Channel.API)
    ]
    assert acts_on(post("a", url="https://acme.example:99999/"), ON_A_SITE) == []
    twice = replace(ON_A_SITE, id="again")
    assert acts_on(post("a"), ON_A_SITE, twice) == []


def test_an_own_site_answers_any_site_and_a_login_there_comes_first():
    by_name = Account(id="web", network="web", handle="Anna")
    assert acts_on(post("a"), by_name, MY_SITE, ON_A_SITE) == [
        (Verb.LIKE, "mine", Channel.API),
        (Verb.COMMENT, "acme-blog", Channel.API),
        (Verb.COMMENT, "web", Channel.HANDOFF),
        (Verb.COMMENT, "mine", Channel.API),
        (Verb.SHARE, "mine", Channel.API),
    ]
    toot = post("a", network="mastodon", url="https://example.social/@acme/1")
    assert acts_on(toot, by_name, MY_SITE) == []


def test_a_posts_own_network_comes_with_its_verbs_and_others_with_a_link():
    toot = post("a", network="mastodon", url="https://example.social/@acme/1")
    teller = StoredPost(id=1, client="acme", source=SITE, story=1, first_seen_at=NOON, post=toot)
    mine = (
        Account(id="studio", network="mastodon", handle="@studio"),
        Account(id="anna", network="linkedin", handle="anna"),
    )
    offered = offer([teller], ACME, house(accounts=mine), POLICY, ())
    assert [(choice.verb, choice.network) for choice in offered] == [
        (Verb.LIKE, "mastodon"),
        (Verb.SHARE, "linkedin"),
        (Verb.SHARE, "mastodon"),
    ]
    assert {choice.channel for choice in offered} == {Channel.HANDOFF}
    liked = Client(id="acme", name="ACME", verbs=(Verb.SHARE,))
    assert offer([teller], liked, house(accounts=mine), POLICY, ())[0].verb is Verb.SHARE
    assert offer([teller], liked, house(accounts=mine), POLICY, ("like", "dance"))[0].verb == "like"


def test_a_score_is_the_sum_of_its_parts():
    steady = Client(id="acme", name="ACME", cadence_days=30)
    touched = [NOON - days(60), NOON - days(3)]
    made = score(post("a", published_at=NOON - days(3.5)), PASS, steady, NOON, touched)
    assert made.parts == {"fresh": 1.5, "due": 0.1, "often": -0.5}
    assert made.total == 1.1
    assert score(post("a", published_at=None), PASS, steady, NOON, []).parts["due"] == 1
    assert score(post("a"), PASS, ACME, NOON, []).parts == {"fresh": 3.0}
    assert score(post("a", published_at=NOON - days(90)), PASS, ACME, NOON, []).total == 0


def test_what_has_no_date_counts_as_new():
    assert is_fresh(post("a", published_at=None), NOON)
    assert not is_fresh(post("a", published_at=NOON - days(7.1)), NOON)


def test_posts_keep_their_story(day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    with day.store.read() as tx:
        (teller,) = posts.tellers(tx, 1)
    assert teller.story == teller.id == 1
