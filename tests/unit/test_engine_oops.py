"""A wrong approval, in each state and channel: what helps, and what the log keeps of it."""

from dataclasses import replace
from typing import Any

import pytest

from netbot import draft
from netbot.claims import Claims
from netbot.engine import (
    HELPS,
    Approve,
    Help,
    Remedy,
    confirm,
    correct,
    deleting,
    done_by_hand,
    remedy,
    thank,
    voices,
)
from netbot.model import (
    About,
    Account,
    ActionState,
    Amends,
    Channel,
    Choice,
    Face,
    PolicyRefused,
    Receipt,
    Source,
    UnknownId,
    UsageError,
    Verb,
)
from netbot.networks import policy as shipped
from netbot.store import acts, journal, touches
from tests.actor import STUDIO, ActingDay
from tests.house import ACME, BLOG, NOON, Day, days, policy, post

S = ActionState
WORDS = "Glückwunsch zur neuen Werkstatt."
SITE = Account(id="site", network="wordpress", handle="anna", server="https://acme.example")


@pytest.fixture
def acting(values):
    made = ActingDay(values)
    yield made
    made.store.close()


def walk(day: Day, card: str, *states: ActionState) -> None:
    """Bring the card's act along, as sending, hands and answers would."""
    with day.store.write() as tx:
        for state in states:
            action = acts.latest(tx, "professional", card)
            assert action is not None
            moved = acts.move(tx, action, state, NOON)
            if state is S.SENT and action.state is S.SENDING:
                url = "https://a.example/r1"
                acts.receive(tx, moved, Receipt(ref="r1", url=url), NOON)


def by_api(day: ActingDay, *states: ActionState, verb: Verb = Verb.LIKE) -> str:
    (card,) = day.tell("a")
    day.decide(card.id, Approve(verb=verb, text=None if verb is Verb.LIKE else WORDS))
    walk(day, card.id, *states)
    return card.id


def by_hand(day: Day, *states: ActionState, verb: Verb = Verb.COMMENT) -> str:
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    (card,) = day.cards()
    day.decide(card.id, Approve(verb=verb, text=WORDS))
    walk(day, card.id, *states)
    return card.id


def helped(day: Day, card: str, now=NOON) -> Remedy:
    return remedy(day.store, day.hall, card, now)


def mend(day: Day, card: str, kind: Amends, text: str = "", **facts: Any) -> Any:
    hall = replace(day.hall, face=Face.PAGE)
    return correct(day.store, hall, card, kind, NOON, text=text, **facts)


BY_API = {
    (): Help.STOP,
    (S.WITHDRAWN,): Help.NOTHING,
    (S.SENDING,): Help.WAIT,
    (S.SENDING, S.FAILED): Help.NOTHING,
    (S.SENDING, S.UNSURE): Help.LOOK,
    (S.SENDING, S.SENT): Help.TAKE_BACK,
    (S.SENDING, S.SENT, S.UNDOING): Help.WAIT,
    (S.SENDING, S.SENT, S.UNDOING, S.UNDONE): Help.NOTHING,
    (S.SENDING, S.SENT, S.UNDOING, S.UNDO_UNSURE): Help.LOOK,
}
BY_HAND = {
    (): Help.STOP,
    (S.WITHDRAWN,): Help.NOTHING,
    (S.HANDED_OFF,): Help.IN_HAND,
    (S.HANDED_OFF, S.DECLINED): Help.NOTHING,
}
#: In these nobody but the user can have seen anything.
UNSEEN = {(), (S.WITHDRAWN,), (S.SENDING,), (S.SENDING, S.FAILED), (S.HANDED_OFF, S.DECLINED)}


@pytest.mark.parametrize(("states", "helps"), [*BY_API.items()])
def test_what_netbot_sends_is_helped_in_each_state(acting, states, helps):
    card = by_api(acting, *states)
    found = helped(acting, card)
    assert found.help is helps
    assert bool(found.apology) == (states not in UNSEEN)
    assert bool(found.steps) == (states not in UNSEEN and states[-1] is not S.UNDONE)
    assert HELPS[found.help]


@pytest.mark.parametrize(("states", "helps"), [*BY_HAND.items()])
def test_what_is_done_by_hand_is_helped_in_each_state(day, states, helps):
    found = helped(day, by_hand(day, *states))
    assert found.help is helps
    assert bool(found.apology) == bool(found.steps) == (states not in UNSEEN)


def test_every_state_of_an_act_is_among_these():
    ends = {states[-1] for states in (*BY_API, *BY_HAND) if states}
    assert ends | {S.PENDING, S.CONFIRMED} == set(ActionState)


def test_what_netbot_sent_stands_where_its_receipt_says(acting):
    found = helped(acting, by_api(acting, S.SENDING, S.SENT))
    assert found.place == "https://a.example/r1"
    assert found.facts == {"handle": "@studio@a.example"}


def test_what_is_being_taken_back_needs_patience(acting):
    card = by_api(acting, S.SENDING, S.SENT)
    action = helped(acting, card).action
    with acting.store.write() as tx:
        acts.want_back(tx, action, NOON)
    assert helped(acting, card).help is Help.WAIT


def test_what_netbot_cannot_take_back_is_deleted_by_hand(acting):
    card = by_api(acting, S.SENDING, S.SENT, verb=Verb.RECOMMEND)
    found = helped(acting, card)
    assert found.help is Help.DELETE
    assert found.steps == (deleting.BE_THERE, deleting.OWN_POST)


def test_what_only_the_human_has_seen_there_is_deleted_by_hand(acting):
    card = by_api(acting, S.SENDING, S.UNSURE, S.SENT)
    assert helped(acting, card).help is Help.DELETE


def test_a_comment_on_a_site_is_for_those_who_run_it(day):
    found = helped(day, by_hand(day, S.HANDED_OFF, S.CONFIRMED))
    assert found.help is Help.ASK
    assert found.steps == (deleting.BY_THE_SITE,)
    assert found.place == "https://acme.example/a"


def test_a_comment_by_program_on_a_site_as_well(make_day):
    day = make_day(accounts=(SITE,))
    entry = policy("wordpress", comment=Channel.API)
    day.policy = {"wordpress": replace(entry, about=About.SITE)}
    card = by_hand(day, S.SENDING, S.SENT)
    assert helped(day, card).help is Help.ASK
    assert voices(ACME, day.house, day.policy) == (SITE,)


def test_a_link_passed_on_is_found_among_ones_own_posts(day):
    found = helped(day, by_hand(day, S.HANDED_OFF, S.CONFIRMED, verb=Verb.SHARE))
    assert found.help is Help.DELETE
    assert found.place == "https://www.linkedin.com/in/me/recent-activity/all/"
    assert found.steps == (deleting.BE_THERE, deleting.OWN_POST)
    assert found.apology == (
        "Guten Tag, mein Weitergeben von „Neues aus der Werkstatt: a“ war ein Versehen: […]. "
        "Das tut mir leid."
    )


def test_what_is_personal_is_mended_by_a_word(make_day):
    page = Source(client="acme", network="linkedin", address="https://www.linkedin.com/in/acme")
    day = make_day(replace(ACME, handles=(page,))).seeded()
    card = thank(day.store, day.desk, "acme", NOON)
    day.decide(card.id, Approve(text="Danke!"))
    walk(day, card.id, S.HANDED_OFF, S.CONFIRMED)
    found = helped(day, card.id)
    assert (found.help, found.steps, found.place) == (Help.TALK, (), "")
    assert "meine Nachricht" in draft.apology(Verb.THANK, "", language="de")
    assert "my message was a mistake" in found.apology


def test_a_look_left_nothing_behind(make_day):
    page = "https://www.linkedin.com/in/mira"
    source = Source(client="acme", network="linkedin", address=page, look_in_days=14)
    day = make_day(replace(ACME, sources=(source,)))
    day.watch(NOON)
    (card,) = day.cards()
    day.decide(card.id, Approve())
    walk(day, card.id, S.HANDED_OFF, S.CONFIRMED)
    found = helped(day, card.id)
    assert (found.help, found.steps, found.place, found.apology) == (Help.NOTHING, (), "", "")
    assert done_by_hand(day.store, NOON) == []


def test_a_card_without_an_act_has_nothing_to_mend(acting):
    (card,) = acting.tell("a")
    with pytest.raises(PolicyRefused, match="nothing was approved here"):
        helped(acting, card.id)
    with pytest.raises(UnknownId):
        helped(acting, "professional-99")


def test_after_thirty_days_it_is_too_late(acting):
    card = by_api(acting, S.SENDING, S.SENT)
    assert helped(acting, card, NOON + days(30)).help is Help.TAKE_BACK
    with pytest.raises(PolicyRefused, match="more than 30 days ago"):
        helped(acting, card, NOON + days(31))
    with pytest.raises(PolicyRefused, match="more than 30 days ago"):
        correct(acting.store, acting.hall, card, Amends.DELETED, NOON + days(31))


@pytest.mark.parametrize(
    ("states", "after"),
    [
        ((S.HANDED_OFF,), S.DECLINED),
        ((S.HANDED_OFF, S.CONFIRMED), S.DECLINED),
    ],
)
def test_what_was_deleted_by_hand_is_closed_and_never_was_a_contact(day, tmp_path, states, after):
    (tmp_path / "data").mkdir()
    day.claims = Claims(tmp_path / "data", "professional")
    card = by_hand(day)
    walk(day, card, S.HANDED_OFF)
    if S.CONFIRMED in states:
        confirm(day.store, card, NOON)
    assert mend(day, card, Amends.DELETED).state is after
    with day.store.read() as tx:
        assert touches.of_client(tx, "professional", "acme", limit=9) == []
        assert acts.live_targets(tx) == set()
    other = Claims(tmp_path / "data", "private")
    other.take("https://acme.example/a")
    found = helped(day, card)
    assert (found.help, found.apology != "") == (Help.NOTHING, True)
    (done,) = found.corrections
    assert (done.kind, done.face, done.text, done.at) == (Amends.DELETED, Face.PAGE, "", NOON)


def test_what_netbot_sent_and_the_human_deleted_is_undone(acting):
    card = by_api(acting, S.SENDING, S.SENT)
    assert helped(acting, card).may_be_deleted
    assert mend(acting, card, Amends.DELETED).state is S.UNDONE


@pytest.mark.parametrize("states", [(), (S.SENDING,), (S.SENDING, S.UNSURE)])
def test_nothing_is_deleted_that_is_not_known_to_stand_there(acting, states):
    card = by_api(acting, *states)
    assert not helped(acting, card).may_be_deleted
    with pytest.raises(PolicyRefused, match="nothing can be deleted there"):
        mend(acting, card, Amends.DELETED)
    with acting.store.read() as tx:
        assert journal.page(tx, "professional", limit=1)[0].corrections == ()


def test_an_apology_is_a_contact_of_its_own(day):
    card = by_hand(day, S.HANDED_OFF, S.CONFIRMED)
    with pytest.raises(PolicyRefused, match="still has a gap"):
        mend(day, card, Amends.APOLOGISED, helped(day, card).apology)
    mend(day, card, Amends.APOLOGISED, " Das war ein Versehen. ")
    with day.store.read() as tx:
        (touch,) = touches.of_client(tx, "professional", "acme", limit=9)
    assert (touch.kind, touch.text, touch.suggestion) == ("apology", "Das war ein Versehen.", None)


def test_a_note_needs_words(day):
    card = by_hand(day)
    with pytest.raises(UsageError, match="in a few words"):
        mend(day, card, Amends.NOTED, "  ")
    mend(day, card, Amends.NOTED, "Falsches Konto.")
    assert [each.text for each in helped(day, card).corrections] == ["Falsches Konto."]


# Steps


def choices():
    """Everything that any network allows."""
    for network, entry in shipped.load().items():
        for verb, channel in entry.verbs.items():
            if channel is not Channel.OFF:
                yield network, verb, True
        if entry.link is not Channel.OFF:
            yield network, Verb.SHARE, False


def choice(network: str, verb: Verb, account: str | None = "a") -> Choice:
    target = "https://acme.example/a"
    return Choice(
        verb=verb, target_url=target, account=account, network=network, channel=Channel.HANDOFF
    )


@pytest.mark.parametrize(("network", "verb", "stands_there"), [*choices()])
def test_every_act_that_a_network_allows_has_steps(network, verb, stands_there):
    asked = choice(network, verb)
    steps = deleting.steps(asked, stands_there=stands_there)
    assert len(steps) == (1 if asked.is_final else 2)
    assert all(step.format(handle="@anna") for step in steps)
    assert "@anna" in steps[0].format(handle="@anna") or asked.is_final


def test_words_differ_where_networks_do():
    def way(network: str, verb: Verb, *, stands_there: bool = True) -> str:
        return deleting.steps(choice(network, verb, None), stands_there=stands_there)[-1]

    assert "star once more" in way("mastodon", Verb.LIKE)
    assert "heart once more" in way("bluesky", Verb.LIKE)
    assert "“Like” once more" in way("linkedin", Verb.LIKE)
    assert "two arrows" in way("mastodon", Verb.SHARE)
    assert way("mastodon", Verb.SHARE, stands_there=False) == deleting.OWN_POST
    assert "for everybody" in way("whatsapp", Verb.SHARE, stands_there=False)
    assert "cannot be called back" in way("mail", Verb.SHARE, stands_there=False)
    assert "short while" in way("hackernews", Verb.COMMENT)
    assert way("webmention", Verb.LIKE) == deleting.OWN_SITE


@pytest.mark.parametrize(
    ("network", "handle", "server", "page"),
    [
        ("mastodon", "@studio@a.example", "", "https://a.example/@studio"),
        ("mastodon", "@studio", "https://b.example:8443/", "https://b.example:8443/@studio"),
        ("mastodon", "@studio", "", ""),
        ("bluesky", "anna.example", "", "https://bsky.app/profile/anna.example"),
        ("x", "@anna", "", "https://x.com/anna"),
        ("x", "@an/na?", "", "https://x.com/an%2Fna%3F"),
        ("x", "", "", ""),
        ("reddit", "", "", "https://www.reddit.com/user/me/"),
        ("mail", "anna@example.com", "", ""),
    ],
)
def test_ones_own_posts_are_found_by_the_handle(network, handle, server, page):
    account = Account(id="a", network=network, handle=handle, server=server)
    asked = choice(network, Verb.SHARE)
    assert deleting.own_page(asked, account, stands_there=False) == page


def test_without_an_account_nothing_is_ones_own():
    assert deleting.own_page(choice("x", Verb.RECOMMEND), None, stands_there=True) == ""
    asked = choice("x", Verb.LIKE)
    assert deleting.own_page(asked, STUDIO, stands_there=True) == asked.target_url


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("verb", Verb)
def test_an_apology_leaves_a_gap_for_what_went_wrong(verb, language):
    for title in ("Neues: „Brücken“", ""):
        words = draft.apology(verb, title, language=language)
        assert words.count(draft.GAP) == 1
        assert words[0].isupper()
