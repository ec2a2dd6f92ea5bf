"""One sphere's secrets: where they may stand, and that nobody else's are among them."""

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netbot import log
from netbot.config import names
from netbot.config.secrets import LONGEST, Secrets
from netbot.config.surroundings import require_clean
from netbot.model import PolicyRefused, UsageError

TOKEN = "a-token-of-the-studio"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("professional", "private"):
        (tmp_path / "data" / name).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def laid_down(tmp_path: Path) -> Path:
    """What a container engine would mount."""
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def put(path: Path, text: str = TOKEN, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_each_place_is_looked_at_in_turn(home, laid_down):
    variable = "NETBOT_PROFESSIONAL__MY_STUDIO__TOKEN"
    file = "secrets/professional/my-studio.token"

    def look(**environ: str) -> tuple[str | None, str]:
        secrets = Secrets(home, "professional", environ, container=laid_down)
        return secrets.get("my-studio"), secrets.where("my-studio")

    assert look() == (None, file)
    laid = put(laid_down / "netbot_professional_my-studio_token", "the container's\n", 0o444)
    assert look() == ("the container's", str(laid))
    put(home / file, "the home's\n")
    assert look() == ("the home's", file)
    named = put(home / "elsewhere", " the file's ")
    environ = {f"{variable}_FILE": "elsewhere"}
    assert look(**environ) == ("the file's", f"{variable}_FILE (elsewhere)")
    environ[f"{variable}_FILE"] = str(named)
    assert look(**environ, **{variable: "  "})[0] == "the file's"
    assert look(**environ, **{variable: "the variable's"}) == ("the variable's", variable)


def test_what_was_read_is_masked_and_never_shown(home):
    environ = {"NETBOT_PRIVATE__ME__TOKEN": "something-quite-secret"}
    secrets = Secrets(home, "private", environ)
    assert secrets.get("me") == "something-quite-secret"
    assert log.redact("<something-quite-secret>") == "<***>"
    assert "quite" not in f"{secrets!r} {secrets} {[secrets]}"
    assert not hasattr(secrets, "__dict__")
    with pytest.raises(TypeError, match="stay in the process"):
        pickle.dumps(secrets)


@pytest.mark.parametrize(
    "wrong",
    ["../private/me", "..", ".", "", "a/b", "a_b", "A", "a--b", "-a", "a-", "a\0", "ä", "a.token"],
)
def test_a_name_that_leads_elsewhere_is_none(wrong, home):
    with pytest.raises(UsageError, match="no account's id"):
        Secrets(home, "private", {}).get(wrong)
    with pytest.raises(UsageError, match="is no sphere"):
        Secrets(home, wrong, {})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o777])
def test_what_others_can_read_is_refused_with_the_line_that_closes_it(mode, home):
    path = put(home / "secrets/private/me.token", mode=mode)
    environ = {"NETBOT_PRIVATE__YOU__TOKEN_FILE": str(path)}
    for name in ("me", "you"):
        with pytest.raises(PolicyRefused, match=f"chmod 600 {path}"):
            Secrets(home, "private", environ).get(name)


def test_the_folders_are_closed(home):
    for folder in (home / "secrets", home / "secrets" / "private"):
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    Secrets(home, "private", {})
    Secrets(home, "professional", {})
    for name in ("", "private", "professional"):
        assert (home / "secrets" / name).stat().st_mode & 0o777 == 0o700


def test_no_link_leads_out_of_the_sphere(home, laid_down):
    theirs = put(home / "secrets/professional/me.token")
    mine = home / "secrets" / "private"
    outside = put(home / "outside")
    foreign_mount = put(laid_down / "netbot_professional_me_token")
    mine.mkdir()
    for number, target in enumerate((theirs, outside, Path("../professional/me.token"))):
        (mine / f"link-{number}.token").symlink_to(target)
    environ = {
        "NETBOT_PRIVATE__FILE__TOKEN_FILE": str(theirs),
        "NETBOT_PRIVATE__DOTS__TOKEN_FILE": "secrets/private/../professional/me.token",
        "NETBOT_PRIVATE__MOUNT__TOKEN_FILE": str(foreign_mount),
    }
    secrets = Secrets(home, "private", environ, container=laid_down)
    for name in ("link-0", "link-1", "link-2", "file", "dots", "mount"):
        with pytest.raises(PolicyRefused, match="may be another sphere's"):
            secrets.get(name)
    put(mine / "store" / "one", "my own token")
    (mine / "me.token").symlink_to("store/one")
    assert secrets.get("me") == "my own token"


def test_a_folder_that_is_another_spheres_holds_nothing(home):
    put(home / "secrets/professional/me.token")
    (home / "secrets" / "private").symlink_to("professional")
    with pytest.raises(PolicyRefused, match="may be another sphere's"):
        Secrets(home, "private", {}).get("me")


def test_what_is_no_secret_is_said(home):
    folder = home / "secrets" / "private"
    put(folder / "short.token", "abc")
    put(folder / "empty.token", "\n")
    put(folder / "large.token", "x" * (LONGEST + 1))
    put(folder / "binary.token").write_bytes(b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe")
    (folder / "folder.token").mkdir()
    os.mkfifo(folder / "pipe.token", 0o600)
    (folder / "gone.token").symlink_to("nowhere")
    environ = {"NETBOT_PRIVATE__BYTES__TOKEN": os.fsdecode(b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe")}
    secrets = Secrets(home, "private", environ)
    said = {
        "short": "fewer than 8",
        "empty": "fewer than 8",
        "large": "too large",
        "binary": "no text",
        "bytes": "no text",
        "folder": "Is a directory",
        "pipe": "fewer than 8",
        "gone": "No such file",
    }
    for name, words in said.items():
        with pytest.raises(UsageError, match=words):
            secrets.get(name)


def test_a_home_that_cannot_be_written_can_be_read(home):
    environ = {"NETBOT_PRIVATE__ME__TOKEN": TOKEN}
    (home / "secrets").write_text("in the way", encoding="utf-8")
    assert Secrets(home, "private", environ).get("me") == TOKEN


def test_a_mark_changes_with_the_secret_and_the_sphere_only(home):
    mine, again = (Secrets(home, "private", {}) for _ in range(2))
    theirs = Secrets(home, "professional", {})
    assert mine.mark(TOKEN) == again.mark(TOKEN)
    marks = {mine.mark(TOKEN), mine.mark(TOKEN + "x"), theirs.mark(TOKEN)}
    assert {len(mark) for mark in marks} == {64}
    assert len(marks) == 3
    key = home / "data" / "private" / "marks.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    assert mine.mark(TOKEN) not in marks


WORD = st.text("ab0", min_size=1, max_size=3)
NAME = st.lists(WORD, min_size=1, max_size=3).map("-".join)
SPHERE = NAME.filter(names.is_sphere)


@given(first=st.tuples(SPHERE, NAME), second=st.tuples(SPHERE, NAME))
def test_no_two_accounts_share_a_name_of_their_secrets(first, second):
    assume(first != second)
    for name in (names.variable, names.file, names.container_file):
        assert name(*first).casefold() != name(*second).casefold()
    files = {f"{names.variable(*each)}_FILE" for each in (first, second)}
    assert not files & {names.variable(*each) for each in (first, second)}
    same_sphere = first[0] == second[0]
    assert names.variable(*first).startswith(names.prefix(second[0])) == same_sphere


@given(mine=SPHERE, others=st.dictionaries(st.tuples(SPHERE, NAME), st.just(TOKEN), max_size=6))
def test_a_sphere_sees_no_variable_of_another(mine, others):
    environ = {names.variable(*each): value for each, value in others.items()}
    environ |= {f"{names.variable(*each)}_FILE": "/nowhere" for each in others}
    secrets = Secrets(Path("/nowhere"), mine, environ)
    own = {account for sphere, account in others if sphere == mine}
    asked = own | {account for _, account in others} | {"a", "b-0"}
    assert {account for account in asked if secrets.get(account)} == own


def test_nothing_that_a_library_would_read_lies_about(tmp_path):
    home, config, data = (tmp_path / name for name in ("home", "config", "data"))
    for folder in (home / ".config", config, data, tmp_path / "here"):
        folder.mkdir(parents=True)
    environ = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(config),
        "APPDATA": str(data),
        "NETBOT_SIDE_WORK__ME__TOKEN": "mine",
        "NETBOT_HOME": "fine",
    }
    here = tmp_path / "here"
    require_clean("side-work", environ, here)
    for folder in (here, home, home / ".config", config, data):
        path = put(folder / "praw.ini")
        with pytest.raises(PolicyRefused, match=str(path)):
            require_clean("side-work", environ, here)
        path.unlink()
    for name in (
        "praw_site",
        "PRAW_CLIENT_ID",
        "NETBOT_SIDE__ME__TOKEN",
        "NETBOT_X__Y__TOKEN_FILE",
    ):
        with pytest.raises(PolicyRefused, match=name) as refused:
            require_clean("side-work", environ | {name: "a-secret-value"}, here)
        assert "a-secret-value" not in str(refused.value)
    require_clean("side-work", {}, here)


@pytest.mark.parametrize(("sphere", "id"), [("a", "b-c"), ("a-b", "c")])
def test_how_secrets_are_called(sphere, id):
    assert names.file(sphere, id) == f"secrets/{sphere}/{id}.token"
    assert names.container_file(sphere, id) == f"netbot_{sphere}_{id}_token"
    assert names.ANY_VARIABLE.fullmatch(names.variable(sphere, id))


def test_what_a_network_hands_out_is_kept_for_the_owner_alone(home):
    secrets = Secrets(home, "private", {})
    drawer = secrets.drawer("me")
    assert drawer.read() == ""

    drawer.write("first session")
    drawer.write("second session, für später")

    path = home / "secrets/private/me.session"
    assert secrets.drawer("me").read() == "second session, für später"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "session" not in repr(drawer).replace("me.session", "").replace("SessionFile", "")
    assert [each.name for each in path.parent.iterdir()] == ["me.session"]

    path.chmod(0o644)
    with pytest.raises(PolicyRefused, match="chmod 600"):
        drawer.read()


def test_a_drawer_is_for_one_account_of_the_sphere_and_says_when_it_is_stuck(home):
    secrets = Secrets(home, "private", {})
    with pytest.raises(UsageError, match="no account's id"):
        secrets.drawer("../professional/me")

    (home / "secrets/private/me.session").symlink_to("../professional/me.session")
    with pytest.raises(PolicyRefused, match="another sphere's"):
        secrets.drawer("me")

    stuck = secrets.drawer("spare")
    (home / "secrets/private/me.session").unlink()
    (home / "secrets/private").rmdir()
    with pytest.raises(UsageError, match="cannot be written"):
        stuck.write("lost")
