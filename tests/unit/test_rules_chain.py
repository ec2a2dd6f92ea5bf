"""Dosage and network policy beside the rules, and what needs to be known before a rule speaks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbot import rules
from netbot.model import Client, Context, Dose, Post, Ruling, Verb

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
ACME = Client(id="acme", name="ACME", tags=("key-client",))
RULES = """\
topics:
  golf: {like: [Ein Loch in eins.], unlike: [Ein Loch im Socken.]}
never:
  - {name: n, when: {phrase: never}, because: b}
  - {name: for-acme, for: {clients: [acme]}, when: {phrase: client}, because: b}
hesitate:
  - {name: h, when: {phrase: ask}, because: b, suggest: [comment]}
  - {name: about-golf, when: {about: golf}, because: b, examples: {ask: [never tried]}}
  - {name: bait, when: {score: {bait: "> 0.8"}}, because: b}
  - {name: again, when: {duplicate: true}, because: b}
  - {name: first-time, when: {duplicate: false, phrase: fresh}, because: b}
champion:
  - {name: c, when: {phrase: good}, suggest: [like, share]}
  - {name: for-key, for: {tags: [key-client]}, when: {phrase: key}, suggest: [share]}
  - {name: on-web, for: {networks: [web]}, when: {phrase: web}}
nonsense:
  - {name: s, when: {phrase: spam}, because: b}
moment:
  - {name: m, when: {phrase: grief}, because: b}
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    (home / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    return rules.load(home=home, sphere=None, shipped=False)


def post(text):
    return Post(network="web", url="", title="", text=text, keys=("hash:1",))


def judge(loaded, text, **known):
    return rules.judge(post(text), loaded, Context(now=NOW, client=ACME, **known))


def days_ago(*days):
    return tuple(NOW - timedelta(days=each) for each in days)


def rulings(verdict):
    return {each.link: each.ruling.value for each in verdict.trace}


def test_every_link_has_its_say(loaded):
    verdict = judge(
        loaded, "never spam grief client", recent=days_ago(1, 2, 3), allowed=frozenset()
    )
    assert rulings(verdict) == {
        "nonsense": "skip",
        "moment": "skip",
        "values": "refuse",
        "client": "refuse",
        "dosage": "skip",
        "policy": "skip",
    }
    assert (verdict.ruling, verdict.link) == (Ruling.REFUSE, "values")


@pytest.mark.parametrize(
    ("text", "link"),
    [("client", "client"), ("spam grief", "nonsense"), ("ask", "values"), ("key web", None)],
)
def test_the_first_of_the_strictest_links_is_named(loaded, text, link):
    assert judge(loaded, text).link == link


def test_rules_for_clients_and_tags_are_the_clients_link(loaded):
    reasons = {each.rule: each.link for each in judge(loaded, "client key web good").reasons}
    assert reasons == {"for-acme": "client", "for-key": "client", "on-web": "values", "c": "values"}


@pytest.mark.parametrize(
    ("recent", "dose", "ruling"),
    [
        (days_ago(1, 2), Dose(), "pass"),
        (days_ago(1, 2, 6), Dose(), "skip"),
        (days_ago(1, 2, 7), Dose(), "pass"),
        (days_ago(-1, 1, 2), Dose(), "pass"),
        (days_ago(20), Dose(acts=1, days=30), "skip"),
        ((), Dose(), "pass"),
    ],
)
def test_enough_is_enough(loaded, recent, dose, ruling):
    verdict = judge(loaded, "good", recent=recent, dose=dose)
    assert rulings(verdict)["dosage"] == ruling
    assert verdict.link == (None if ruling == "pass" else "dosage")
    assert bool(verdict.suggest) is (ruling == "pass")


def test_a_moment_for_tact_is_stronger_than_the_dose(loaded):
    verdict = judge(loaded, "grief", recent=days_ago(1, 2, 3), allowed=frozenset())
    assert (verdict.link, verdict.suggest) == ("moment", ("gesture",))


def test_what_no_network_allows_is_not_proposed(loaded):
    assert judge(loaded, "good", allowed=frozenset({Verb.SHARE})).suggest == ("share",)
    nothing = judge(loaded, "good", allowed=frozenset())
    assert (nothing.ruling, nothing.link, nothing.suggest) == (Ruling.SKIP, "policy", ())
    assert nothing.score.total == 0


def test_asking_again_counts_what_has_happened_since(loaded):
    early = judge(loaded, "good")
    later = Context(now=NOW, client=ACME, recent=days_ago(1, 2, 3))
    late = rules.moderate(early, later)
    assert late == judge(loaded, "good", recent=later.recent)
    assert rules.moderate(replace(early, trace=()), Context(now=NOW)) == early


def test_times_of_contacts_are_utc():
    with pytest.raises(ValueError, match=r"recent\[0\]"):
        Context(now=NOW, recent=(NOW.replace(tzinfo=None),))


def test_a_rule_speaks_only_where_what_it_needs_is_known(loaded):
    assert [rule.name for rule in loaded.inactive] == ["about-golf"]
    assert judge(loaded, "fresh").reasons == ()
    assert rules.examples(loaded) == []

    def spoke(**known):
        return [each.rule for each in judge(loaded, "fresh", **known).reasons]

    assert spoke(scores={"bait": 0.9, "about golf": 0.4}) == ["bait"]
    assert spoke(scores={"bait": 0.8, "about golf": 0.5}) == ["about-golf"]
    assert spoke(seen=frozenset({"hash:1"})) == ["again"]
    assert spoke(seen=frozenset()) == ["first-time"]


SAID = ["never", "spam", "grief", "ask", "good", "key", "client", "x"]
WORDS = st.lists(st.sampled_from(SAID), max_size=5)
RECENT = st.lists(st.integers(0, 20), max_size=5).map(lambda days: days_ago(*days))
ALLOWED = st.none() | st.frozensets(st.sampled_from([Verb.LIKE, Verb.SHARE]))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, recent=RECENT, allowed=ALLOWED)
def test_every_verdict_has_a_rule_or_a_link_that_explains_it(loaded, words, recent, allowed):
    verdict = judge(loaded, " ".join(words), recent=recent, allowed=allowed)
    said = {each.link: each for each in verdict.trace}
    strictest = max(each.ruling.strictness for each in verdict.trace)
    assert verdict.ruling.strictness == strictest
    if verdict.ruling is Ruling.PASS:
        assert verdict.link is None
    else:
        link = said[verdict.link]
        told = [each for each in verdict.reasons if each.link == verdict.link]
        assert link.ruling is verdict.ruling
        assert link.because or verdict.ruling in {each.ruling for each in told}
    for each in verdict.reasons:
        assert each.ruling.strictness <= said[each.link].ruling.strictness
