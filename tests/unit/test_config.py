"""Configurations that are right: what they become, what they warn of, what a home starts with."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbot import config
from netbot.app.networks import load_policy
from netbot.config.addresses import handle_key, source_key
from netbot.config.stored import house_from_json, house_to_json
from netbot.model import Account, Client, ConfigError, Digest, House, Problem, Source, Verb

REPO = Path(__file__).parents[2]
NETWORKS = ("linkedin", "mastodon", "web", "x")

NETBOT = """\
language: de
time_zone: Europe/Berlin
queue: {daily_limit: 7, undo_window_s: 90}
watch:
  min_interval_s: 1
  allow_hosts: [127.0.0.1, "localhost:8000", "::1", "[::1]:8000"]
disk: {watch_free_mb: 300, act_free_mb: 0}
web: {host: "::1", port: 9000, base_url: https://netbot.example}
rules: {shipped: false}
"""

PROFESSIONAL = """\
digest:
  {at: "08:00", to: anna@example.com, server: "smtp.example.com:587", user: anna, notify: [phone]}
accounts:
  - {id: studio, network: mastodon, handle: "@studio@example.social"}
  - {id: anna-web, network: web, handle: Anna Muster}
clients:
  - id: acme
    name: ACME Übersetzer GmbH
    language: de
    tags: [key-client, no]
    cadence_days: 60
    since: 2019
    accounts: [studio]
    verbs: [share, comment]
    sources:
      - https://acme.example/feed.xml
      - {network: mastodon, address: "@acme@example.social"}
"""


@pytest.fixture
def load(tmp_path):
    """Write files into a home's config and load it."""

    def write_and_load(files, environ=None):
        (tmp_path / "config").mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "config" / name).write_text(text, encoding="utf-8")
        return config.load(tmp_path, networks=NETWORKS, environ=environ or {})

    return write_and_load


def test_every_key_arrives_in_the_house(load):
    loaded = load({"netbot.yaml": NETBOT, "professional.yaml": PROFESSIONAL})
    assert loaded.houses == {
        "professional": House(
            sphere="professional",
            language="de",
            time_zone="Europe/Berlin",
            daily_limit=7,
            digest=Digest(
                to="anna@example.com",
                sender="anna@example.com",
                server="smtp.example.com:587",
                user="anna",
                notify=("phone",),
                front="https://netbot.example/",
                opens_elsewhere=True,
            ),
            undo_window_s=90,
            min_interval_s=1,
            allow_hosts=("127.0.0.1", "localhost:8000", "::1", "[::1]:8000"),
            watch_free_mb=300,
            act_free_mb=0,
            shipped_rules=False,
            accounts=(
                Account(id="studio", network="mastodon", handle="@studio@example.social"),
                Account(id="anna-web", network="web", handle="Anna Muster"),
            ),
            clients=(
                Client(
                    id="acme",
                    name="ACME Übersetzer GmbH",
                    language="de",
                    tags=("key-client", "no"),
                    cadence_days=60,
                    accounts=("studio",),
                    verbs=(Verb.SHARE, Verb.COMMENT),
                    sources=(
                        Source(
                            client="acme", network="web", address="https://acme.example/feed.xml"
                        ),
                        Source(client="acme", network="mastodon", address="@acme@example.social"),
                    ),
                    since="2019",
                ),
            ),
        )
    }
    assert loaded.web == config.Web(host="::1", port=9000, base_url="https://netbot.example")
    assert loaded.warnings == ()


def test_a_sphere_alone_has_the_defaults(load):
    loaded = load({"private.yaml": "accounts:\nclients:\n"})
    assert loaded.houses == {"private": House(sphere="private")}
    assert loaded.web == config.Web()


def test_files_are_hashed_as_they_stand(load):
    loaded = load({"netbot.yaml": NETBOT, "private.yaml": "", ".hidden.yaml": ":"})
    assert loaded.files == {
        "config/netbot.yaml": hashlib.sha256(NETBOT.encode()).hexdigest(),
        "config/private.yaml": hashlib.sha256(b"").hexdigest(),
    }


def test_a_home_without_config_says_what_to_run(tmp_path):
    with pytest.raises(ConfigError, match="config:1:1: there is no sphere"):
        config.load(tmp_path, networks=NETWORKS, environ={})


@pytest.mark.parametrize("admitting", ["private", "professional", "both"])
def test_a_source_may_be_in_two_spheres_when_one_of_them_says_so(load, admitting):
    files = {}
    for name, other in (("private", "professional"), ("professional", "private")):
        also = f", also_in: [{other}]" if admitting in {name, "both"} else ""
        source = f'{{address: "https://choir.example/feed"{also}}}'
        files[f"{name}.yaml"] = f"clients: [{{id: choir, name: Choir, sources: [{source}]}}]"
    loaded = load(files)
    assert set(loaded.houses) == {"private", "professional"}


def test_an_account_named_settles_which_of_several(load):
    text = """\
accounts:
  - {id: one, network: mastodon, handle: "@a@example.social"}
  - {id: two, network: mastodon, handle: "@b@example.social"}
clients:
  - id: acme
    name: ACME
    accounts: [two]
    sources: [{network: mastodon, address: "@acme@example.social"}]
"""
    assert load({"private.yaml": text}).warnings == ()


def of_sites(home: Path, text: str) -> config.Config:
    """A house, read with all networks that there are."""
    (home / "config").mkdir()
    (home / "config/private.yaml").write_text(text, encoding="utf-8")
    return config.load(home, networks=load_policy().keys(), environ={})


def test_accounts_of_several_sites_are_no_choice_to_be_made(tmp_path):
    text = """\
accounts:
  - {id: acme-blog, network: wordpress, handle: anna, server: "https://acme.example"}
  - {id: choir-blog, network: wordpress, handle: anna, server: "https://choir.example"}
clients:
  - {id: acme, name: ACME, sources: ["https://acme.example/feed"]}
  - {id: choir, name: Choir, accounts: [acme-blog, choir-blog], sources: ["https://choir.example"]}
"""
    assert of_sites(tmp_path, text).warnings == ()


def test_an_account_of_a_site_says_which(tmp_path):
    text = """\
accounts:
  - {id: acme-blog, network: wordpress, handle: anna}
  - {id: mine, network: webmention, handle: anna.example}
"""
    with pytest.raises(ConfigError) as caught:
        of_sites(tmp_path, text)
    assert [str(each)[:30] for each in caught.value.problems] == [
        "config/private.yaml:2:30: such",
        "config/private.yaml:3:25: such",
    ]


WARNINGS = {
    "no source": (
        {"private.yaml": "clients: [{id: acme, name: ACME}]"},
        "config/private.yaml:1:16: “acme” has no sources: nothing is watched",
    ),
    "no name for blogs": (
        {"private.yaml": "clients: [{id: a, name: A, sources: ['https://a.example/']}]"},
        "config/private.yaml:1:16: nothing can be commented for “a”",
    ),
    "several accounts elsewhere": (
        {
            "private.yaml": "accounts:\n"
            "  - {id: one, network: x, handle: one}\n"
            "  - {id: two, network: x, handle: two}\n"
            "  - {id: me, network: web, handle: Anna}\n"
            "clients:\n"
            "  - {id: a, name: A, sources: ['https://a.example/']}\n"
        },
        "config/private.yaml:6:10: “a” names none of the several x accounts (one, two)",
    ),
    "in a hurry": (
        {"netbot.yaml": "watch: {min_interval_s: 60}", "private.yaml": ""},
        "config/netbot.yaml:1:25: below 1800 s this holds for hosts in allow_hosts only",
    ),
}


@pytest.mark.parametrize(("files", "warning"), WARNINGS.values(), ids=WARNINGS)
def test_what_may_not_be_meant_is_a_warning(load, files, warning):
    (found,) = load(files).warnings
    assert str(found).startswith(warning)


def test_a_secret_in_the_environment_without_account_is_a_warning(load):
    environ = {
        "NETBOT_HOME": "/x",
        "NETBOT_PROFESSIONAL__STUDIO__TOKEN": "s3cret",
        "NETBOT_PROFESSIONAL__ANNA_WEB__TOKEN_FILE": "/run/s3cret",
        "NETBOT_PROFESSIONAL__STUDO__TOKEN": "s3cret",
    }
    loaded = load({"professional.yaml": PROFESSIONAL}, environ)
    (found,) = loaded.warnings
    assert "NETBOT_PROFESSIONAL__STUDO__TOKEN belongs to no account" in str(found)
    assert "s3cret" not in str(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Acme.example/feed/", "http://www.acme.example/feed"),
        ("https://acme.example:443/feed", "https://acme.example./feed#news"),
        ("https://acme.example/?b=2&a=1&utm_medium=rss", "https://acme.example?a=1&b=2"),
        ("@Acme@example.social", "acme@example.social"),
    ],
)
def test_two_spellings_of_one_source(one, other):
    assert source_key("web", one) == source_key("web", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://acme.example/feed", "https://acme.example/Feed"),
        ("https://acme.example/?a=1", "https://acme.example/?a=2"),
        ("http://acme.example:8000/", "http://acme.example:8001/"),
        ("https://[acme/", "https://[bert/"),
    ],
)
def test_two_sources(one, other):
    assert source_key("web", one) != source_key("web", other)


def test_a_handle_belongs_to_its_network():
    assert handle_key("x", "@Anna ") == handle_key("x", "anna")
    assert handle_key("x", "anna") != handle_key("linkedin", "anna")


def test_the_repo_is_a_home_with_the_english_starter():
    for name, text in config.starter("en").items():
        assert (REPO / name).read_text(encoding="utf-8") == text
    assert config.load(REPO, networks=NETWORKS, environ={}).warnings == ()


@pytest.mark.parametrize("language", ["de", "de-AT", "en", "fr"])
def test_a_starter_is_a_home_and_so_are_its_examples(language, tmp_path):
    files = config.starter(language, "Anna „die Laute“: Muster\n\x7f", time_zone="Europe/Vienna")
    assert list(files) == [
        "config/netbot.yaml",
        "config/private.yaml",
        "config/professional.yaml",
    ]
    (tmp_path / "config").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    house = config.load(tmp_path, networks=NETWORKS, environ={}).houses["professional"]
    assert house.language == ("de" if language.startswith("de") else "en")
    assert house.time_zone == "Europe/Vienna"
    assert [account.handle for account in house.accounts] == ["Anna „die Laute“: Muster"]
    assert house.clients == ()

    for name, text in files.items():
        example = re.sub(r"^#(?=  )", "", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(example, encoding="utf-8")
    loaded = config.load(tmp_path, networks=NETWORKS, environ={})
    assert [client.id for client in loaded.houses["professional"].clients] == ["acme"]
    assert [client.id for client in loaded.houses["private"].clients] == ["choir"]
    assert loaded.warnings == ()


def test_a_starter_speaks_the_language_asked_for():
    assert "Dein Name" in config.starter("de")["config/professional.yaml"]
    assert "Your Name" in config.starter("en", " ")["config/professional.yaml"]


def test_editors_get_a_schema_for_both_kinds_of_file():
    schemas = config.schema()
    assert json.loads(json.dumps(schemas)) == schemas
    assert set(schemas["netbot"]["properties"]) == {
        "language",
        "time_zone",
        "queue",
        "watch",
        "disk",
        "web",
        "rules",
    }
    assert set(schemas["sphere"]["properties"]) == {"digest", "accounts", "clients"}
    assert schemas["sphere"]["additionalProperties"] is False
    assert (
        "Cards a day"
        in schemas["netbot"]["$defs"]["QueuePart"]["properties"]["daily_limit"]["description"]
    )


TEXTS = st.text(max_size=20)
SOURCES = st.builds(Source, client=TEXTS, network=TEXTS, address=TEXTS)
CLIENTS = st.builds(
    Client,
    id=TEXTS,
    name=TEXTS,
    language=st.none() | TEXTS,
    tags=st.lists(TEXTS, max_size=2).map(tuple),
    cadence_days=st.none() | st.integers(),
    accounts=st.lists(TEXTS, max_size=2).map(tuple),
    verbs=st.lists(st.sampled_from(Verb), max_size=2).map(tuple),
    sources=st.lists(SOURCES, max_size=2).map(tuple),
    since=st.none() | TEXTS,
)
ACCOUNTS = st.builds(Account, id=TEXTS, network=TEXTS, handle=TEXTS, platform_id=st.none() | TEXTS)
HOUSES = st.builds(
    House,
    sphere=TEXTS,
    shipped_rules=st.booleans(),
    allow_hosts=st.lists(TEXTS, max_size=2).map(tuple),
    accounts=st.lists(ACCOUNTS, max_size=2).map(tuple),
    clients=st.lists(CLIENTS, max_size=2).map(tuple),
)


@given(HOUSES)
def test_a_house_comes_back_from_json_as_it_was(house):
    text = house_to_json(house)
    assert house_from_json(text) == house
    assert house_to_json(house_from_json(text)) == text


def test_a_house_written_by_another_version_is_read():
    house = house_from_json('{"sphere":"private","moon":"full","clients":[{"id":"a","name":"A"}]}')
    assert house == House(sphere="private", clients=(Client(id="a", name="A"),))


def test_the_stored_configuration_needs_nothing_heavy():
    code = (
        "import sys, netbot.config.stored; "
        "print([name for name in ('pydantic', 'ruamel', 'asyncio') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@settings(deadline=None)
@given(
    st.integers(0, len(PROFESSIONAL)),
    st.integers(0, 30),
    st.text(alphabet="a:-[]{}'\"#&*!|>%@ \n\t010", max_size=6),
)
def test_a_damaged_file_is_a_house_or_problems(tmp_path_factory, start, length, put):
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    text = PROFESSIONAL[:start] + put + PROFESSIONAL[start + length :]
    (home / "config" / "professional.yaml").write_text(text, encoding="utf-8")
    lines, problems = text.count("\n") + 1, _problems_of(home)
    assert all(problem.file == "config/professional.yaml" for problem in problems)
    assert all(problem.line <= lines + 1 for problem in problems)


def _problems_of(home: Path) -> tuple[Problem, ...]:
    try:
        return config.load(home, networks=NETWORKS, environ={}).warnings
    except ConfigError as error:
        return error.problems
