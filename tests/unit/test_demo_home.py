from datetime import UTC, datetime
from pathlib import Path

import pytest

from netbot import config, rules, yamlfile
from netbot.demo import story
from netbot.demo.home import served_at, write_home
from netbot.draft import language_of
from netbot.model import Client, Context, Post, Ruling, UsageError
from netbot.networks import policy
from netbot.rules.schema import RuleFile

BASE = "http://127.0.0.1:8123"


@pytest.fixture(params=["de", "en"])
def home(tmp_path, request):
    write_home(tmp_path / "home", BASE, language=request.param)
    return tmp_path / "home"


def load(home: Path) -> config.Config:
    return config.load(home, networks=policy.load().keys(), environ={})


def test_the_configuration_is_free_of_errors_and_warnings(home):
    loaded = load(home)
    assert loaded.warnings == ()
    assert sorted(loaded.houses) == ["private", "professional"]
    assert loaded.web.port == 8470


def test_the_house_is_set_for_a_demonstration(home):
    house = load(home).houses["professional"]
    assert house.time_zone == "Europe/Berlin"
    assert (house.daily_limit, house.min_interval_s) == (12, 1)
    assert house.allow_hosts == ("127.0.0.1:8123",)
    assert house.shipped_rules


def test_german_unless_said_otherwise(tmp_path):
    write_home(tmp_path, f"{BASE}/")
    assert load(tmp_path).houses["private"].language == "de"
    assert served_at(tmp_path) == BASE


def test_every_blog_is_watched_once_and_in_its_own_sphere(home):
    watched = {
        (sphere, client.id, client.name, client.language, source.address)
        for sphere, house in load(home).houses.items()
        for client in house.clients
        for source in client.sources
    }
    names = {client: name for _, client, name, _, _ in watched}
    assert watched == {
        (blog.sphere, blog.client, names[blog.client], blog.language, BASE + blog.feed_path)
        for blog in story.blogs().values()
    }
    assert {blog.name for blog in story.blogs().values()} >= set(names.values())


def test_each_sphere_has_accounts_of_its_own(home):
    houses = load(home).houses
    accounts = {sphere: house.accounts for sphere, house in houses.items()}
    professional = [account.network for account in accounts["professional"]]
    assert professional == ["web", "linkedin", "mastodon"]
    assert [account.network for account in accounts["private"]] == ["web", "mastodon"]
    handles = [account.handle for both in accounts.values() for account in both]
    assert len(set(handles)) == len(handles)


def test_no_name_of_one_sphere_stands_in_the_other(home):
    files = {
        sphere: (home / "config" / f"{sphere}.yaml").read_text()
        for sphere in ("professional", "private")
    }
    assert "achtkerzen" not in files["professional"]
    assert "apiermond" not in files["private"]


def test_the_values_are_rules(home):
    file = home / "rules" / "values.yaml"
    values, problems = yamlfile.validate(yamlfile.load(file, name="values.yaml"), RuleFile)
    assert problems == []
    assert values is not None
    assert [rule.name for rule in values.never or ()] == ["gambling"]
    every = [*(values.never or ()), *(values.hesitate or ()), *(values.champion or ())]
    assert all(rule.because for rule in every)
    assert len(every) == 6


def test_both_languages_hold_the_same_values(tmp_path):
    names = []
    for language in ("de", "en"):
        write_home(tmp_path / language, BASE, language=language)
        document = yamlfile.load(tmp_path / language / "rules" / "values.yaml")
        names.append(
            [(kind, rule["name"]) for kind in document.data for rule in document.data[kind]]
        )
    assert names[0] == names[1]


def test_a_demo_may_move_to_another_port(home):
    write_home(home, "http://127.0.0.1:9000")
    assert served_at(home) == "http://127.0.0.1:9000"
    assert load(home).houses["private"].allow_hosts == ("127.0.0.1:9000",)


@pytest.mark.parametrize("folder", ["config", "rules"])
def test_a_home_of_ones_own_is_left_alone(tmp_path, folder):
    own = tmp_path / folder / "netbot.yaml"
    own.parent.mkdir()
    own.write_bytes(b"language: \xff\n")
    with pytest.raises(UsageError, match="empty folder"):
        write_home(tmp_path, BASE)
    assert own.read_bytes() == b"language: \xff\n"
    assert [path.name for path in tmp_path.iterdir()] == [folder]


def test_what_is_no_demo_is_not_served(tmp_path):
    with pytest.raises(UsageError, match="netbot demo --home"):
        served_at(tmp_path)


def as_post(told: story.Telling) -> Post:
    return Post(
        network="web",
        url=BASE + told.path,
        title=told.title,
        text=" ".join(told.paragraphs),
        keys=("id:1",),
        author=told.author,
        published_at=told.published_at,
    )


def test_the_language_of_every_post_is_guessed_right():
    house = {blog.id: blog.language for blog in story.blogs().values()}
    for told in story.posts(datetime(2026, 11, 21, tzinfo=UTC)):
        client = Client(id=told.blog, name=told.blog)
        assert language_of(as_post(told), client, "fr") == house[told.blog], told.path


RULED = {
    "spam": (Ruling.SKIP, "nonsense"),
    "nonsense": (Ruling.SKIP, "nonsense"),
    "death": (Ruling.SKIP, "moment"),
    "against-values": (Ruling.REFUSE, "values"),
    "hesitate": (Ruling.ASK, "values"),
}


def test_the_rules_say_of_every_post_what_it_was_written_for(tmp_path):
    now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    for language in ("de", "en"):
        write_home(tmp_path / language, BASE, language=language)
        values = rules.load(home=tmp_path / language, sphere="professional", cache=tmp_path)
        assert [one for one in rules.examples(values) if "values" in str(one)] == []
        for told in story.posts(now):
            verdict = rules.judge(as_post(told), values, Context(now=now))
            expected = RULED.get(told.kind, (Ruling.PASS, None))
            assert (verdict.ruling, verdict.link) == expected, told.path
            praised = told.kind in {"award", "milestone", "new-book", "job-ad", "two-sources"}
            assert bool(verdict.suggest) or not praised, told.path
