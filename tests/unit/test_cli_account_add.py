"""Adding an account: a real child tries each secret out, at a server that knows whose it is."""

import difflib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from netbot import app, clock
from netbot.demo.faults import Fault, Mishap
from netbot.demo.mastodon import MastodonServer
from netbot.demo.mastodonapi import Call
from netbot.store import accounts
from tests.check import tree
from tests.imapserver import PASSWORD, USER, ImapServer
from tests.unit.test_cli_adding import Terminal

STUDIO, ANNA = "canary-of-the-studio-4711", "canary-of-anna-4712"

PROFESSIONAL = """\
# Whom I work for.
accounts:
  # the name under blogs
  - {id: anna-web, network: web, handle: Anna Muster}  # as it stands on my card

clients: []   # none yet
"""


class Watched(MastodonServer):
    """Does something whenever it is asked."""

    when_asked: Callable[[], object] = staticmethod(lambda: None)

    def answer(self, call: Call) -> Any:
        self.when_asked()
        return super().answer(call)


@pytest.fixture
def server() -> Iterator[Watched]:
    with Watched() as server:
        server.add_account("studio", token=STUDIO)
        server.add_account("anna", token=ANNA)
        yield server


@pytest.fixture
def mine(anew, server: MastodonServer) -> Any:
    """Commands on a home of two spheres that may ask that server."""
    config = anew.home / "config"
    config.mkdir(parents=True)
    (config / "netbot.yaml").write_text(json.dumps({"watch": {"allow_hosts": ["127.0.0.1"]}}))
    (config / "professional.yaml").write_text(PROFESSIONAL, encoding="utf-8")
    (config / "private.yaml").write_text("accounts: []\n", encoding="utf-8")
    return anew


@pytest.fixture
def add(mine, server: MastodonServer, tmp_path: Path) -> Any:
    """Adds @studio on that server, with a secret from a file; more words win."""

    def add(secret: str, *words: str, sphere: str = "professional") -> Any:
        file = tmp_path / "pasted"
        file.write_text(secret)
        return mine(*command(server, "studio", sphere), "--secret-file", str(file), *words)

    return add


def command(server: MastodonServer, name: str, sphere: str = "professional") -> list[str]:
    handle = f"@{name}@{server.host}"
    told = ["--handle", handle, "--server", server.url(), "--sphere", sphere]
    return ["account", "add", "mastodon", *told]


@contextmanager
def piped(mine: Any, server: MastodonServer, name: str, *words: str) -> Iterator[Any]:
    """The command as a process of its own, with pipes."""
    with subprocess.Popen(
        [sys.executable, "-m", "netbot", *command(server, name), *words, "--home", str(mine.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tree.ROOT)},
    ) as running:
        yield running


def config(mine: Any, sphere: str = "professional") -> str:
    return Path(mine.home, "config", f"{sphere}.yaml").read_text(encoding="utf-8")


def secrets(mine: Any) -> dict[str, str]:
    folder = mine.home / "secrets"
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def confirmed(mine: Any) -> dict[str, str | None]:
    told = mine("account", "list", "--json").json["accounts"]
    return {each["id"]: each["platform_id"] for each in told}


def test_an_account_is_added_whole(mine, add, server):
    told = add(STUDIO + "\n", "--yes")
    assert (told.code, told.err) == (0, "")
    assert "Account studio-mastodon is written into" in told.out
    assert f"It is @studio@{server.host} (" in told.out
    assert f"Its secret is in {mine.home}/secrets/professional/studio-mastodon.token;" in told.out
    assert STUDIO not in told.out
    assert secrets(mine) == {"professional/studio-mastodon.token": STUDIO}
    file = mine.home / "secrets/professional/studio-mastodon.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert confirmed(mine)["studio-mastodon"] is not None
    assert mine("account", "check", "studio-mastodon").code == 0


def test_the_change_to_the_file_is_minimal(mine, add, server):
    assert add(STUDIO, "--yes").code == 0
    old, new = PROFESSIONAL.splitlines(), config(mine).splitlines()
    changed = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    assert changed == [
        "+   - id: studio-mastodon",
        "+     network: mastodon",
        f"+     handle: '@studio@{server.host}'",
        f"+     server: {server.url()}",
    ]


def test_nothing_is_kept_of_what_was_not_confirmed(mine, add):
    told = add(STUDIO)
    assert told.code == 3
    assert "Nothing was kept: add --yes" in told.out
    assert config(mine) == PROFESSIONAL
    assert secrets(mine) == {}


def test_a_secret_of_somebody_else_is_refused_and_gone(mine, add, server):
    told = add(ANNA, "--yes")
    assert told.code == 5
    assert f"is for @anna@{server.host}" in told.out
    assert f"--handle @anna@{server.host}" in told.out
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_a_secret_that_nobody_takes_is_refused_and_gone(mine, add, server):
    server.revoke(STUDIO)
    told = add(STUDIO, "--yes", "--json")
    assert (told.code, told.json["account"]["state"]) == (1, "fails")
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})
    assert STUDIO not in told.out + told.err


def test_no_secret_shows_how_to_come_by_one(mine, add, server):
    told = add("", "--yes")
    assert told.code == 2
    assert f"1. Open {server.url()}/settings/applications and choose" in told.err
    assert add("short", "--yes").code == 2
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_a_file_that_cannot_be_read_is_told(mine, add, tmp_path):
    told = add("", "--secret-file", str(tmp_path / "none"))
    assert (told.code, "holds no secret that can be read" in told.err) == (2, True)


def test_a_handle_of_another_sphere_is_refused(mine, add, server):
    assert add(STUDIO, "--yes").code == 0
    told = add(STUDIO, "--yes", sphere="private")
    assert told.code == 2
    assert "also stands in config/private.yaml" in told.err
    assert config(mine, "private") == "accounts: []\n"
    assert set(secrets(mine)) == {"professional/studio-mastodon.token"}


def test_a_secret_is_replaced_only_when_that_is_meant(mine, add, server):
    assert add(STUDIO, "--yes").code == 0
    before = config(mine)
    server.add_account("studio", token="the-next-of-the-studio")
    told = add("the-next-of-the-studio", "--yes")
    assert told.code == 2
    assert "has a secret in secrets/professional/studio-mastodon.token: --replace" in told.err
    (mine.home / "secrets/professional/studio-mastodon.session").write_text("of the old one")
    assert add("the-next-of-the-studio", "--replace").code == 0  # the same account: no question
    assert secrets(mine) == {"professional/studio-mastodon.token": "the-next-of-the-studio"}
    assert config(mine) == before
    assert add(ANNA, "--replace", "--yes").code == 5
    assert secrets(mine) == {"professional/studio-mastodon.token": "the-next-of-the-studio"}


def test_a_variable_counts_first(mine, add, monkeypatch):
    monkeypatch.setenv("NETBOT_PROFESSIONAL__STUDIO_MASTODON__TOKEN", STUDIO)
    told = add(STUDIO, "--yes", "--replace")
    assert (told.code, "counts first: change it there" in told.err) == (2, True)


def test_an_account_of_ones_hands_needs_no_secret(mine):
    named = ["--handle", "anna-muster", "--sphere", "professional"]
    told = mine("account", "add", "linkedin", *named)
    assert told.code == 0
    assert "You act there yourself" in told.out
    assert "id: anna-muster-linkedin" in config(mine)
    again = mine("account", "add", "linkedin", *named)
    assert (again.code, "stands there already, as anna-muster-linkedin" in again.err) == (2, True)
    other = mine("account", "add", "linkedin", *named, "--id", "second")
    assert (other.code, "id: second" in config(mine)) == (0, True)


def test_where_netbot_could_act_one_may_prefer_ones_hands(mine, add):
    told = add("", "--by-hand", "--json")
    assert (told.code, told.json["account"]["state"]) == (0, "by hand")
    assert secrets(mine) == {}
    assert add(STUDIO, "--yes").code == 0  # the account stands, its secret comes later
    assert confirmed(mine)["studio-mastodon"] is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mastodom", "--handle", "x"], "Did you mean “mastodon”?"),
        (["mastodon", "--handle", "studio"], "write it, like @you@social.example"),
        (["linkedin"], "say with --handle who you are on linkedin"),
        (["mastodon", "--handle", "@a@b.example", "--server", "b.example"], "config/professional"),
        (["mastodon", "--handle", "@a@b.example", "--id", "Ä"], "“studio”"),
    ],
)
def test_what_cannot_be_is_said_before_any_secret_is_asked_for(mine, words, said):
    told = mine("account", "add", *words, "--sphere", "professional")
    assert (told.code, said in told.err) == (2, True)
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_nobody_guesses_the_sphere(mine):
    told = mine("account", "add", "linkedin", "--handle", "anna")
    assert (told.code, "--sphere professional or --sphere private" in told.err) == (2, True)


def test_a_file_that_changes_meanwhile_leaves_nothing_behind(mine, add, server):
    """The network answers, and by then somebody has edited the configuration."""
    path = mine.home / "config" / "professional.yaml"
    server.when_asked = lambda: path.write_text(PROFESSIONAL + "# edited\n", encoding="utf-8")
    told = add(STUDIO, "--yes")
    assert (told.code, "changed by somebody else" in told.err) == (1, True)
    assert config(mine) == PROFESSIONAL + "# edited\n"
    assert secrets(mine) == {}


def by_code(mine: Any, server: MastodonServer, name: str, *words: str) -> tuple[int, str, str]:
    """As somebody does who opens the address and pastes the code."""
    with piped(mine, server, name, "--code", *words) as running:
        said, url = running.stderr.readline(), running.stderr.readline().strip()
        assert url.startswith(f"{server.url()}/oauth/authorize?"), said + url
        out, err = running.communicate(f"{server.grant('studio', url)}\n", timeout=60)
        return running.returncode, out, err


def test_netbot_is_let_in_by_a_code(mine, server):
    ended, out, err = by_code(mine, server, "studio", "--yes")
    assert (ended, err) == (0, "")
    assert "and netbot acts as nobody else there" in out
    [(place, token)] = secrets(mine).items()
    assert place == "professional/studio-mastodon.token"
    assert token.startswith("granted-")
    assert token not in out
    assert mine("account", "check", "studio-mastodon").code == 0


def test_a_code_granted_by_another_account_is_refused(mine, server):
    ended, out, _ = by_code(mine, server, "anna", "--yes")
    assert (ended, "not for @anna@" in out) == (5, True)
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_a_code_that_was_used_is_no_code(mine, server):
    with piped(mine, server, "studio", "--code", "--yes") as running:
        _, err = running.communicate("no-such-code\n", timeout=60)
    assert (running.returncode, "each is good once" in err) == (1, True)
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_a_secret_may_come_by_a_pipe(mine, server):
    with piped(mine, server, "studio", "--yes") as running:
        out, err = running.communicate(f"{STUDIO}\n", timeout=60)
    assert (running.returncode, err) == (0, "")
    assert STUDIO not in out
    assert secrets(mine) == {"professional/studio-mastodon.token": STUDIO}


def test_a_mailbox_is_opened_with_the_password_and_checked_like_any_account(mine, tmp_path):
    file = tmp_path / "pasted"
    with ImapServer() as box:
        words = ["account", "add", "mailbox", "--handle", USER, "--sphere", "professional"]
        words += ["--server", box.url(), "--secret-file", str(file)]
        file.write_text("wrong-but-long-enough")
        told = mine(*words, "--yes")
        assert (told.code, told.err) == (1, "")
        assert "check the password" in told.out
        assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})
        file.write_text(PASSWORD)
        assert mine(*words, "--yes").code == 0
        assert secrets(mine) == {"professional/anna-mailbox.token": PASSWORD}
        told = mine("account", "check", "anna-mailbox")
        assert (told.code, "is anna (anna 127.0.0.1), as confirmed" in told.out) == (0, True)
        assert mine(*words, "--id", "other", "--yes").code == 0  # such as for another folder
        assert mine("account", "check", "other").code == 0
        (mine.home / "secrets/professional/anna-mailbox.token").unlink()
        told = mine("account", "check")
        assert "anna-mailbox: has no secret" in told.out
        assert "anna-web: you act there yourself" in told.out


@pytest.mark.parametrize("network", ["wordpress", "webmention", "mailbox"])
def test_an_account_of_one_place_needs_that_place(mine, network):
    handle = app.guide_to(network).example
    told = mine("account", "add", network, "--handle", handle, "--sphere", "professional")
    assert told.code == 2
    assert f"say with --server where that is, like {app.guide_to(network).server}" in told.err
    assert config(mine) == PROFESSIONAL


def test_where_no_codes_are_given_none_is_asked_for(mine):
    words = ["--handle", "anna", "--sphere", "professional", "--code"]
    assert mine("account", "add", "linkedin", *words).code == 0  # a code opens nothing by hand


class Person(Terminal):
    """Somebody at a terminal, and whoever looks over their shoulder."""

    def __init__(self, home: Path, *words: str) -> None:
        super().__init__(home, "account", "add", *words, "--sphere", "professional")
        self.shown = ""

    def answer(self, question: str, text: str) -> None:
        while question not in self.seen:
            self.seen += os.read(self.screen, 4096).decode(errors="replace")
        self.shown += self.seen
        super().answer(question, text)

    def end(self) -> int:
        code = super().end()
        self.shown += self.seen
        return code


def test_at_a_terminal_netbot_guides(mine, server):
    person = Person(mine.home, "mastodon", "--server", server.url())
    person.answer("Your handle there", f"@studio@{server.host}\n")
    person.answer("Let netbot in by your browser?", "n\n")
    person.answer("the access token: ", f"{STUDIO}\n")
    person.answer("Is that you?", "y\n")
    assert person.end() == 0
    assert f"1. Open {server.url()}/settings/applications" in person.shown
    assert STUDIO not in person.shown
    assert secrets(mine) == {"professional/studio-mastodon.token": STUDIO}


def test_at_a_terminal_a_place_that_is_needed_is_asked_for(mine):
    with ImapServer() as box:
        person = Person(mine.home, "mailbox")
        person.answer("Your handle there", f"{USER}\n")
        person.answer("Your server there, like imaps://mail.example.com", f"{box.url()}\n")
        person.answer("the mail password: ", f"{PASSWORD}\n")
        person.answer("Is that you?", "y\n")
        assert person.end() == 0
    assert "2. Many services give out app passwords" in person.shown
    assert secrets(mine) == {"professional/anna-mailbox.token": PASSWORD}


def test_at_a_terminal_a_code_is_enough(mine, server):
    person = Person(mine.home, "mastodon", "--server", server.url())
    person.answer("Your handle there", f"@studio@{server.host}\n")
    person.answer("Let netbot in by your browser?", "\n")
    person.answer("the code: ", "")
    url = re.search(r"http://\S+/oauth/authorize\S+", person.shown)
    assert url is not None
    code = server.grant("studio", url[0])
    os.write(person.screen, f"{code}\n".encode())
    person.answer("Is that you?", "n\n")
    assert person.end() == 3
    assert code not in person.shown
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_whoever_goes_away_leaves_nothing_behind(mine, server):
    person = Person(mine.home, "mastodon", "--server", server.url())
    person.answer("Your handle there", f"@studio@{server.host}\n")
    person.answer("Let netbot in by your browser?", "n\n")
    person.answer("the access token: ", f"{STUDIO}\n")
    person.answer("Is that you?", "\x04")
    assert person.end() == 130
    assert (config(mine), secrets(mine)) == (PROFESSIONAL, {})


def test_a_frozen_account_thaws_with_a_new_secret_that_is_confirmed(mine, add):
    assert add(STUDIO, "--yes").code == 0
    with app.open_sphere(mine.home, "professional", clock.now()) as sphere:
        with sphere.store.write() as tx:
            accounts.freeze(tx, "studio-mastodon", clock.now(), "barred")
    told = add(STUDIO, "--replace")
    assert (told.code, "is frozen: barred. Nothing was kept" in told.out) == (5, True)
    assert add(STUDIO, "--replace", "--yes").code == 0
    assert mine("account", "check").code == 0


def test_no_secret_is_ever_told(mine, add, server):
    """However it ends, on screen, in files and in the database there is no trace of it."""
    server.faults.plan(Fault(on="verify", mishap=Mishap.GARBLED, body=f"<{STUDIO}>"))
    said = [add(STUDIO, "--yes"), add(STUDIO), add(ANNA, "--yes"), add(STUDIO, "--yes")]
    assert [told.code for told in said] == [1, 3, 5, 0]
    for secret in (STUDIO, ANNA):
        assert not [told for told in said if secret in told.out + told.err]
        kept = [path for path in (mine.home / "data").rglob("*") if path.is_file()]
        assert kept
        assert not [path for path in kept if secret.encode() in path.read_bytes()]
    assert set(secrets(mine)) == {"professional/studio-mastodon.token"}
