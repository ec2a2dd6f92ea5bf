"""Every condition of the language, the chain, and what must hold whatever the rules are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbot import rules
from netbot.model import Account, Client, Context, Post, Ruling, Source
from netbot.rules import lines

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
CLIENT = Client(
    id="acme",
    name="ACME",
    language="de",
    tags=("key-client",),
    sources=(
        Source(client="acme", network="web", address="https://acme.example/feed.xml"),
        Source(client="acme", network="web", address="https://other.example/feed.xml"),
        Source(client="acme", network="mastodon", address="@acme@social.example"),
    ),
)
CONTEXT = Context(now=NOW, client=CLIENT, account=Account(id="me", network="web", handle="I"))


def post(text="", **given):
    return Post(**({"network": "web", "url": "", "title": "", "keys": ("k",)} | given), text=text)


def load(folder, text):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "a.yaml").write_text(text, encoding="utf-8")
    return rules.load(home=folder, sphere=None, shipped=False)


def one(folder, when, **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return load(folder, f"never:\n  - {{name: r, when: {when}, because: b{extra}}}\n")


def refuses(loaded, given, context=CONTEXT):
    return rules.judge(given, loaded, context).ruling is Ruling.REFUSE


CONDITIONS = [
    ("{phrase: plötzlich und unerwartet}", post("Ploetzlich  und UNERWARTET."), post("plötzlich")),
    ("{exact: Preis}", post("der Preis"), post("die Preise")),
    ("{regex: '(?i)nr\\. \\d+'}", post("Nr. 7"), post("Nr. x")),
    ("{regex: [a1, b2]}", post("x b2"), post("a b")),
    ("{phrase: x, in: title}", post("a", title="x"), post("x")),
    ("{phrase: x, in: author}", post(author="von X"), post("x")),
    ("{phrase: x y, in: tags}", post(tags=("a", "x y")), post(tags=("x", "y"))),
    ("{phrase: shop, in: url}", post(url="https://a.example/shop"), post("shop")),
    ("{regex: '^x', in: [author, url]}", post(author="xy"), post("x")),
    ("{author: [anna, Bo]}", post(author="ANNA"), post(author="Anna M")),
    (
        "{source: 'https://acme.example/feed.xml'}",
        post(url="https://acme.example/1"),
        post(url="https://other.example/1"),
    ),
    ("{source: '@acme@social.example'}", post(network="mastodon"), post()),
    ("{network: mastodon}", post(network="mastodon"), post()),
    (
        "{domain: acme.example}",
        post(url="https://www.blog.acme.example/1"),
        post(url="https://xacme.example"),
    ),
    ("{domain: acme.example}", post(url="https://acme.example"), post(url="https://[broken")),
    ("{language: en}", post(language="en_GB"), post("the cat is on the roof")),
    (
        "{age: '< 3 days'}",
        post(published_at=NOW - timedelta(days=2)),
        post(published_at=NOW - timedelta(days=3)),
    ),
    ("{age: '> 3 days'}", post(published_at=NOW - timedelta(days=4)), post()),
    ("{length: '> 4'}", post("abcde"), post("  abcd  ")),
    ("{links: 2}", post("http://a.example HTTPS://b.example"), post("http://a.example")),
    ("{links: '> 2'}", post(links=3), post(links=2)),
    ("{hashtags: 1}", post("so #fein"), post("so a#fein #")),
    ("{mentions: 1}", post("hallo @anna"), post("an anna@acme.example")),
    ("{emoji: '>= 2'}", post("🎉 ☕"), post("🎉")),
    ("{capitals: '> 0.5'}", post("AAa"), post("123")),
    ("{media: 0}", post("x"), post("x", media=1)),
    ("{kind: [reply, share]}", post(kind="share"), post()),
    ("{phrase: a, length: '< 4'}", post("a b"), post("a bcd")),
    ("{all: [{phrase: a}, {phrase: b}]}", post("b a"), post("a")),
    ("{any: [{phrase: a}, {phrase: b}]}", post("b"), post("c")),
    ("{any: [{phrase: a}, {kind: reply}]}", post(kind="reply"), post("c")),
    ("{none: [{phrase: a}, {phrase: b}]}", post("c"), post("a")),
    ("{phrase: a, unless: {phrase: b}}", post("a"), post("a b")),
    ("{any: [{all: [{phrase: a}, {none: [{phrase: b}]}]}, {exact: c}]}", post("a"), post("a b")),
    ("{all: [{phrase: a}, {phrase: b, near: 2}]}", post("a x b"), post("a x x b")),
    ("{all: [{phrase: a}, {regex: 'b', near: 2}]}", post("b x a"), post("a", title="b")),
    ("{phrase: '+++'}", post("Eil+++meldung"), post("++")),
]


@pytest.mark.parametrize(("when", "yes", "no"), CONDITIONS, ids=[each[0] for each in CONDITIONS])
def test_condition(tmp_path, when, yes, no):
    loaded = one(tmp_path, when)
    assert refuses(loaded, yes)
    assert not refuses(loaded, no)


def test_unless_excuses_only_what_stands_near(tmp_path):
    loaded = one(tmp_path, "{phrase: wette}", unless="{phrase: sucht, near: 2}")
    assert not refuses(loaded, post("wette und sucht"))
    assert refuses(loaded, post("sucht a b c wette"))
    assert refuses(loaded, post("wette und sucht, a b c d, noch eine wette"))


@pytest.mark.parametrize(
    ("text", "language"),
    [("wir sind mit dem Team da", "de"), ("the team is with us", "en"), ("hm", "")],
)
def test_language_is_guessed_where_nobody_declares_it(tmp_path, text, language):
    loaded = one(tmp_path, "{language: [de, en]}")
    context = Context(now=NOW)
    assert refuses(loaded, post(text), context) is bool(language)
    assert refuses(one(tmp_path, "{language: de}"), post(text), context) is (language == "de")


def test_source_needs_a_client(tmp_path):
    loaded = one(tmp_path, "{source: '@acme@social.example'}")
    assert not refuses(loaded, post(network="mastodon"), Context(now=NOW))


def test_the_source_of_a_post_is_known_where_it_was_watched(tmp_path):
    loaded = one(tmp_path, "{source: 'https://acme.example/feed.xml'}")
    there, elsewhere = (
        Source(client="acme", network="web", address=f"https://acme.example/{path}")
        for path in ("feed.xml", "jobs.xml")
    )
    assert refuses(loaded, post(), Context(now=NOW, source=there))
    assert not refuses(loaded, post(), Context(now=NOW, source=elsewhere))


@pytest.mark.parametrize(
    "scope",
    ["{clients: acme}", "{tags: [x, Key-Client]}", "{networks: web}", "{accounts: me}"],
)
def test_rule_for_somebody(tmp_path, scope):
    loaded = one(tmp_path, "{phrase: a}", **{"for": scope})
    stranger = Context(now=NOW, client=Client(id="other", name="O"))
    assert refuses(loaded, post("a"))
    assert not refuses(loaded, post("a", network="x"), stranger)
    assert not refuses(loaded, post("a", network="x"), Context(now=NOW))


def test_rule_ends_after_its_last_day(tmp_path):
    assert refuses(one(tmp_path, "{phrase: a}", expires="2026-11-02"), post("a"))
    assert not refuses(one(tmp_path, "{phrase: a}", expires="2026-11-01"), post("a"))


CHAIN = """\
never: [{name: n, when: {phrase: never}, because: "{match}!", conviction: "So nicht."}]
hesitate: [{name: h, when: {phrase: ask}, because: b, suggest: [comment]}]
champion:
  - {name: c1, when: {phrase: good}, suggest: [like, share]}
  - {name: c2, when: {phrase: good}, suggest: [like, comment], because: b}
nonsense: [{name: s, when: {phrase: spam}, because: b}]
moment: [{name: m, when: {phrase: grief}, because: b}]
"""


VERDICTS = {
    "nothing": ("pass", None, (), 0),
    "good": ("pass", None, ("like", "share", "comment"), 2),
    "good ask": ("ask", "values", ("like", "comment", "share"), 2),
    "good grief": ("skip", "moment", ("gesture",), 0),
    "spam grief": ("skip", "nonsense", (), 0),
    "never spam grief ask good": ("refuse", "values", (), 0),
}


@pytest.mark.parametrize(("text", "expected"), VERDICTS.items())
def test_strictest_link_decides(tmp_path, text, expected):
    verdict = rules.judge(post(text), load(tmp_path, CHAIN), CONTEXT)
    assert (verdict.ruling, verdict.link, verdict.suggest, verdict.score.total) == expected


def test_every_rule_that_spoke_is_told(tmp_path):
    text = "never spam grief ask good"
    verdict = rules.judge(post(text), load(tmp_path, CHAIN), CONTEXT)
    assert [reason.rule for reason in verdict.reasons] == ["n", "s", "m", "h", "c1", "c2"]
    first = verdict.reasons[0]
    assert (first.because, first.conviction) == ("never!", "So nicht.")
    assert (first.file, first.line) == ("rules/a.yaml", 1)
    assert verdict.reasons[4].because == ""


def test_facts_match_nothing_to_quote(tmp_path):
    verdict = rules.judge(post("x"), one(tmp_path, "{length: 1}"), CONTEXT)
    assert verdict.reasons[0].matched == ""


def test_examples_ask_their_own_rule_alone(tmp_path):
    loaded = load(
        tmp_path,
        "never:\n"
        "  - {name: n, when: {phrase: a}, because: b, for: {clients: x}, expires: 2020-01-01,\n"
        "     examples: {refuse: [a, {title: a}], pass: [b], ask: [a]}}\n"
        "champion:\n"
        "  - {name: c, when: {phrase: a}, examples: {endorse: [a, b], pass: [a, b]}}\n",
    )
    found = [(f.rule, f.line, f.wanted, f.got) for f in rules.examples(loaded)]
    assert found == [("n", 3, "ask", "refuse"), ("c", 5, "endorse", "pass")]


WORDS = ["alpha", "Größe", "über", "Straße", "delta", "U\u0308bel"]
SECTIONS = st.sampled_from(["never", "hesitate", "champion", "nonsense", "moment"])
RULE_SETS = st.lists(st.tuples(SECTIONS, st.sampled_from(WORDS)), max_size=6)
TEXTS = st.lists(st.sampled_from([*WORDS, "x", "–", "GRÖSSE"]), max_size=8).map(" ".join)
EACH = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def load_set(folder, chosen):
    text = ""
    for section in sorted({section for section, _ in chosen}):
        text += f"{section}:\n"
        for own, word in chosen:
            if own == section:
                name = f"{section}-{WORDS.index(word)}"
                text += f"  - {{name: {name}, when: {{phrase: {word}}}, because: b}}\n"
    return load(folder, text)


def unique(chosen):
    return list(dict.fromkeys(chosen))


@EACH
@given(chosen=RULE_SETS, text=TEXTS, data=st.data())
def test_order_of_rules_never_matters(tmp_path, chosen, text, data):
    chosen = unique(chosen)
    shuffled = data.draw(st.permutations(chosen))
    first = rules.judge(post(text), load_set(tmp_path, chosen), CONTEXT)
    second = rules.judge(post(text), load_set(tmp_path, shuffled), CONTEXT)
    tell = [(r.rule, r.matched, r.because) for r in first.reasons]
    assert tell == [(r.rule, r.matched, r.because) for r in second.reasons]
    assert (first.ruling, first.link, first.suggest, first.score) == (
        second.ruling,
        second.link,
        second.suggest,
        second.score,
    )


@EACH
@given(chosen=RULE_SETS, text=TEXTS, word=st.sampled_from(WORDS))
def test_a_further_refusal_never_lets_more_pass(tmp_path, chosen, text, word):
    before = rules.judge(post(text), load_set(tmp_path, unique(chosen)), CONTEXT)
    after = rules.judge(post(text), load_set(tmp_path, unique([*chosen, ("never", word)])), CONTEXT)
    assert after.ruling.strictness >= before.ruling.strictness
    assert set(after.suggest) <= set(before.suggest)


@EACH
@given(chosen=RULE_SETS, title=TEXTS, text=TEXTS)
def test_what_matched_stands_in_the_post(tmp_path, chosen, title, text):
    verdict = rules.judge(post(text, title=title), load_set(tmp_path, unique(chosen)), CONTEXT)
    for reason in verdict.reasons:
        assert reason.matched
        assert reason.matched in title or reason.matched in text


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return one(tmp_path_factory.mktemp("quick"), "{phrase: böse}")


def test_line_is_judged_with_all_it_says(tmp_path):
    loaded = one(
        tmp_path,
        "{author: Bo, language: de, domain: a.example, network: x, age: '< 3 days'}",
        **{"for": "{clients: acme, tags: t}"},
    )
    line = (
        '{"id": 7, "text": "", "title": null, "author": "bo", "language": "de", "network": "x",'
        ' "url": "https://a.example/", "published_at": "2026-11-01", "client": "acme",'
        ' "tags": ["t"]}'
    )
    assert rules.judge_line(line, loaded, NOW)["verdict"] == "refuse"


def test_half_a_character_does_no_harm(quick):
    answer = rules.judge_line('{"text": "b\\u00f6se \\ud83d"}', quick, NOW)
    assert answer["rules"][0]["matched"] == "böse"


@pytest.mark.parametrize(
    ("line", "id", "says"),
    [
        ("", None, "not JSON"),
        ("[1]", None, "not an object"),
        ('{"id": 1}', 1, '"text" is missing'),
        ('{"id": 1, "text": null}', 1, '"text" needs'),
        ('{"id": 1, "text": 7}', 1, '"text" needs'),
        ('{"id": 1, "text": "", "title": []}', 1, '"title" needs'),
        ('{"id": 1, "text": "", "tags": "x"}', 1, '"tags" needs'),
        ('{"id": 1, "text": "", "tags": [1]}', 1, '"tags" needs'),
        ('{"id": 1, "text": "", "published_at": "soon"}', 1, '"published_at" needs'),
        ('{"id": 1, "text": "", "published_at": "0001-01-01T00:00+05:00"}', 1, '"published_at"'),
        ("[" * 100_000, None, "nested"),
    ],
)
def test_bad_line_is_answered_with_an_error(quick, line, id, says):
    answer = lines.judge_json(line, quick, NOW)
    assert answer["id"] == id
    assert says in answer["error"]
