"""Adding by address: posts by ``propose`` and ``/add``, clients by whatever address they have."""

from pathlib import Path

import pytest

from netbot import config
from netbot.demo.blogserver import BlogServer
from netbot.fetch import Request, fetch_all
from netbot.fetch.closed import CLOSED
from netbot.model import ConfigError, Refused
from netbot.networks.feed import feed_of_profile
from netbot.networks.handoff import network_of
from netbot.networks.policy import load
from netbot.web import create
from tests.caller import PORT, Caller
from tests.newsite import sample

SPHERE = """\
accounts:
  - {id: my-web, network: web, handle: Anna Muster}
  - {id: my-li, network: linkedin, handle: anna}
clients:
  - id: acme
    name: ACME
    sources: [https://acme.example/feed.xml]
  - id: mira
    name: Mira Kern
    look_in_days: 14
    sources: [{network: linkedin, address: https://www.linkedin.com/in/mira-kern}]
"""


@pytest.fixture
def server():
    with BlogServer() as blog:
        yield blog


@pytest.fixture
def home(tmp_path: Path, server) -> Path:
    (tmp_path / "config").mkdir()
    hosts = f"watch: {{allow_hosts: ['127.0.0.1:{server.port}']}}\nrules: {{shipped: false}}\n"
    (tmp_path / "config/netbot.yaml").write_text(hosts)
    (tmp_path / "config/professional.yaml").write_text(SPHERE)
    return tmp_path


@pytest.fixture
def netbot(home, capsys):
    from netbot.cli.main import run

    def call(*words):
        code = run(["--home", str(home), *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def test_a_post_is_proposed_by_its_address(netbot):
    code, said = netbot("propose", "https://acme.example/blog/7", "--title", "Die neue Presse")
    assert (code, said) == (0, "professional-1 waits in the queue.\n")
    assert netbot("propose", "https://acme.example/blog/7?utm_source=x") == (0, said)
    assert "Die neue Presse" in netbot("queue")[1]


def test_whose_post_it_is_must_be_known(netbot):
    code, said = netbot("propose", "https://else.example/7")
    assert code == 2
    assert "--client ID" in said
    assert netbot("propose", "https://else.example/7", "--client", "nobody")[0] == 2
    assert netbot("propose", "https://else.example/7", "--client", "acme")[0] == 0


def test_a_trick_in_an_address_is_refused(netbot):
    code, said = netbot("propose", "https://a@b.example/", "--client", "acme")
    assert code == 2
    assert "no plain" in said


def test_a_bookmark_opens_a_form_and_only_the_button_adds(home):
    caller = Caller(create(home, port=PORT))
    first = caller.get("/add?url=https%3A%2F%2Facme.example%2Fblog%2F7&title=Presse")
    opened = caller.follow(first)
    form = opened.form("/professional/add")
    assert (form.fields["url"], form.fields["client"], form.fields["title"]) == (
        "https://acme.example/blog/7",
        "acme",
        "Presse",
    )
    assert caller.get("/professional").text.count("Presse") == 0
    card = caller.follow(caller.send(form))
    assert "Presse" in card.text


def test_a_form_of_somebody_else_adds_nothing(home):
    caller = Caller(create(home, port=PORT))
    form = caller.get("/professional/add?url=https://acme.example/x").form("/add")
    assert caller.send(form, token="x" * 43).status == 403
    assert caller.send(form, client="nobody").status == 422
    assert caller.send(form, url="javascript:alert(1)").status == 409
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert caller.ask("POST", form.action, fields=form.fields, headers=foreign).status == 403


def test_with_two_houses_the_address_or_the_human_tells_which(home):
    text = SPHERE.replace("acme", "other").replace("mira", "lena").replace("my-", "own-")
    text = text.replace("anna", "anna-p").replace("Anna Muster", "Anna privat")
    (home / "config/private.yaml").write_text(text)
    caller = Caller(create(home, port=PORT))
    known = caller.get("/add?url=https://other.example/7")
    assert known.headers["location"].startswith("/private/add?url=")
    asked = caller.get("/add?url=https://nowhere.example/7")
    ways = [link["href"] for link in asked.page.links if "/add?" in link["href"]]
    assert [way.split("/")[1] for way in ways] == ["professional", "private"]


# Clients


def sources(home):
    lines = (home / "config/professional.yaml").read_text().splitlines()
    return [line.strip(" -") for line in lines[len(SPHERE.splitlines()) :]]


def test_a_page_without_a_feed_becomes_a_client(home, server, netbot):
    server.put("/aktuelles", sample("article"), content_type="text/html")
    url = server.url("/aktuelles")
    code, said = netbot("client", "add", url)
    assert code == 1
    assert "--page" in said
    assert netbot("client", "add", url, "--page", "--name", "Eselsohr")[0] == 0
    assert {"network: page", f"address: {url}"} <= set(sources(home))


def test_a_newsletter_and_a_profile_become_clients_without_a_look(home, netbot):
    assert netbot("client", "add", "https://n.example", "--mailbox", "news@n.example")[0] == 0
    profile = "https://www.linkedin.com/in/lena-lang"
    assert netbot("client", "add", profile)[0] == 0
    assert netbot("client", "add", "https://quiet.example/", "--look-in-days", "30")[0] == 0
    written = sources(home)
    assert {"network: mailbox", "address: news@n.example"} <= set(written)
    assert {"network: linkedin", f"address: {profile}", "look_in_days: 14"} <= set(written)
    assert {"network: web", "address: https://quiet.example/", "look_in_days: 30"} <= set(written)
    assert "id: lena-lang" in written


@pytest.mark.parametrize(
    ("profile", "feed"),
    [
        ("https://github.com/acme", "https://github.com/acme.atom"),
        ("https://github.com/acme/press/", "https://github.com/acme/press/releases.atom"),
        ("https://medium.com/@acme", "https://medium.com/feed/@acme"),
        ("https://acme.medium.com", "https://acme.medium.com/feed"),
        ("https://acme.substack.com/", "https://acme.substack.com/feed"),
        ("https://dev.to/acme", "https://dev.to/feed/acme"),
        (
            "https://www.youtube.com/channel/UC0123456789012345678901",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789012345678901",
        ),
        ("https://acme.example/", ""),
    ],
)
def test_profiles_have_their_feeds(profile, feed):
    assert feed_of_profile(profile) == feed


@pytest.mark.parametrize(
    ("url", "network"),
    [
        ("https://de.linkedin.com/in/x", "linkedin"),
        ("https://x.com/a/status/1", "x"),
        ("https://b.example/@a/1", "mastodon"),
        ("https://notlinkedin.com/", "web"),
        ("https://youtu.be/x", "youtube"),
    ],
)
def test_an_address_tells_its_network(url, network):
    assert network_of(url) == network


# What is never asked


@pytest.mark.parametrize("host", [*CLOSED, *(f"de.{each}." for each in CLOSED), "WWW.XING.COM"])
def test_closed_networks_are_asked_for_nothing(host):
    def lookup(*_asked, **_more):
        raise AssertionError("somebody asked for its address")

    request = Request(url=f"https://{host}/in/somebody")
    [(_, answer)] = fetch_all([request], allow_hosts=[host, f"{host}:443"], lookup=lookup)
    assert isinstance(answer, Refused)
    assert "bars programs" in str(answer)


def test_no_redirect_leads_to_one(server):
    server.put("/", b"", status=302, headers={"Location": "https://www.linkedin.com/in/x"})
    [(_, answer)] = fetch_all([Request(url=server.url("/"))], allow_hosts=["127.0.0.1"])
    assert isinstance(answer, Refused)
    assert "linkedin.com" in str(answer)


def checked(home, old, new):
    (home / "config/professional.yaml").write_text(SPHERE.replace(old, new))
    return config.load(home, networks=load().keys(), environ={})


def test_a_closed_network_as_a_site_is_a_mistake_that_is_told(home):
    with pytest.raises(ConfigError, match="linkedin bars programs"):
        checked(home, "https://acme.example/feed.xml", '"https://www.linkedin.com/in/x"')


def test_a_profile_that_nobody_looks_at_is_told(home):
    [hint] = checked(home, "    look_in_days: 14\n", "").warnings
    assert "nobody looks" in hint.message
    profile = "{network: linkedin, address: https://www.linkedin.com/in/mira-kern}"
    found = checked(home, profile, '"https://m.example"')
    assert any("no profile to look in at" in each.message for each in found.warnings)


def test_a_short_word_for_mails_that_name_the_client(home):
    found = checked(home, "[https://acme.example/feed.xml]", "[{network: mailbox, address: xing}]")
    client = found.houses["professional"].client("acme")
    assert client is not None
    assert [source.address for source in client.sources] == ["xing: ACME"]


def test_a_folder_is_an_address(home):
    account = "{id: post, network: mailbox, handle: a, server: 'imaps://m.example/News'}"
    found = checked(home, "accounts:\n", f"accounts:\n  - {account}\n")
    assert found.houses["professional"].accounts[0].server == "imaps://m.example/News"
