import resource
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot import config
from netbot.model import ConfigError, NetbotError
from netbot.yamlfile import loads
from netbot.yamlfile.writing import Editing, insert

ENTRY = {
    "id": "nu",
    "name": "Nu: Übersetzer #1",
    "tags": ("key-client", "no"),
    "sources": ["https://nu.example/feed?x=1#y"],
}
DATA = {**ENTRY, "tags": ["key-client", "no"]}
LINES = """\
  - id: nu
    name: 'Nu: Übersetzer #1'
    tags: [key-client, no]
    sources:
      - https://nu.example/feed?x=1#y
"""
FLOW = (
    "{id: nu, name: 'Nu: Übersetzer #1', tags: [key-client, no],"
    " sources: [https://nu.example/feed?x=1#y]}"
)


def added(text):
    return insert(text, "clients", ENTRY, name="config/professional.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", f"clients:\n{LINES}"),
        ("# mine", f"# mine\n\nclients:\n{LINES}"),
        ("accounts: []\n", f"accounts: []\n\nclients:\n{LINES}"),
        ("---\n", f"---\n\nclients:\n{LINES}"),
        ("---\naccounts: []\n...\n", f"---\naccounts: []\n\nclients:\n{LINES}...\n"),
        ("clients:", f"clients:\n{LINES}"),
        ("clients: # few\n", f"clients: # few\n{LINES}"),
        ("clients: []  # none\n", f"clients:  # none\n{LINES}"),
        ("clients: null\nweb: x\n", f"clients:\n{LINES}web: x\n"),
        ("clients:\n#  - id: a\n", f"clients:\n#  - id: a\n{LINES}"),
        ("clients:\n\n# mail\ndigest: x\n", f"clients:\n{LINES}\n# mail\ndigest: x\n"),
        ("clients:\n# mail\ndigest: x\n", f"clients:\n{LINES}# mail\ndigest: x\n"),
        ("clients:\n  - id:\n# mail\nx: y\n", f"clients:\n  - id:\n{LINES}# mail\nx: y\n"),
        ("clients:\n  # - a\n# b\nc: x\n", f"clients:\n  # - a\n{LINES}# b\nc: x\n"),
        ("clients:\n  - id: a", f"clients:\n  - id: a\n{LINES}"),
        ("clients:\n  - {id: a}  # A\nx: y\n", f"clients:\n  - {{id: a}}  # A\n{LINES}x: y\n"),
        ("clients:\n  - id: a\n#    b: c\n", f"clients:\n  - id: a\n#    b: c\n{LINES}"),
        ("\ufeffclients:\n", f"\ufeffclients:\n{LINES}"),
        ("clients:\r\n  - id: a\r\nx: y\r\n", None),
        ("clients:\n  - id: a\n    b: |+\n      c\n\nx: y\n", None),
        ("clients:\n  - id: a\n    sources:\n      - b\n      -\n", None),
        ("clients: [{id: a}]  # A\n", f"clients: [{{id: a}}, {FLOW}]  # A\n"),
        ("clients: [\n  {id: a},  # A\n]\n", f"clients: [\n  {{id: a}}, {FLOW},  # A\n]\n"),
        ("clients: [\n # none\n]\n", f"clients: [{FLOW}\n # none\n]\n"),
        ("{}", f"{{clients: [{FLOW}]}}"),
        ("{accounts: []}", f"{{accounts: [], clients: [{FLOW}]}}"),
        ("{clients: [{id: a}]}", f"{{clients: [{{id: a}}, {FLOW}]}}"),
        ("{clients: , a: b}", f"{{clients: [{FLOW}] , a: b}}"),
    ],
)
def test_the_new_entry_stands_last_and_in_the_style_of_the_file(old, new):
    changed = added(old)
    if new is not None:
        assert changed == new
    data = loads(changed, name="f").data
    assert data["clients"][-1] == DATA
    before = loads(old, name="f").data or {}
    assert data == before | {"clients": [*(before.get("clients") or []), DATA]}


def test_the_indent_and_the_blank_lines_of_the_list_are_kept():
    old = "clients:\n-   id: a\n\n-   id: b\n    # note\n\nweb: x\n"
    assert added(old) == (
        "clients:\n-   id: a\n\n-   id: b\n    # note\n\n"
        "-   id: nu\n    name: 'Nu: Übersetzer #1'\n    tags: [key-client, no]\n"
        "    sources:\n      - https://nu.example/feed?x=1#y\n"
        "\nweb: x\n"
    )


def test_line_ends_are_those_of_the_file():
    changed = added("clients:\r\n  - id: a\r\nx: y\r\n")
    assert changed.count("\n") == changed.count("\r\n")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_files_of_a_new_home_keep_all_they_say(language):
    for text in config.starter(language, "Anna").values():
        changed = added(added(text))
        assert changed.replace(LINES, "") in {text, f"{text}\nclients:\n"}


@pytest.mark.parametrize("text", ["clients: acme\n", "- clients\n", "clients: {acme: x}\n"])
def test_what_is_no_list_stays_as_it_is(text):
    with pytest.raises(ConfigError, match="“clients” must be a list"):
        added(text)


def test_a_broken_file_is_named():
    with pytest.raises(ConfigError, match=r"config/professional.yaml:1:"):
        added("clients: [\n")


def test_what_would_read_differently_is_left_to_the_human():
    with pytest.raises(ConfigError, match=r"f:2:1: “clients” cannot be added to safely") as caught:
        insert("a: b\nclients: []\n", "clients", {"since": date(2019, 4, 1)}, name="f")
    assert "  - since: 2019-04-01\n" in str(caught.value)


def test_a_text_that_a_new_line_would_change_is_left_alone():
    with pytest.raises(ConfigError, match="cannot be added to safely"):
        added("clients:\n  - name: |\n      ends with the file")


# Files as people write them: every part of each in any order and style.
COMMENTS = st.sampled_from(["", "# a line\n", "\n", "\n# – two –\n#   lines\n\n", "    # deep\n"])
ITEM = st.sampled_from(
    [
        "- id: a{n}\n  name: 'A: {n}'  # why\n",
        "- {id: a{n}, name: A}\n",
        "-   id: a{n}\n    sources:\n    - x\n    - y\n",
        "- id: a{n}\n  name: >-\n    long\n    text\n",
        "- id: a{n}\n#   cadence_days: 60\n  name: A\n",
        "- id: a{n}\n  tags: [x,\n    y]   # tags\n",
        "- id: a{n}\n  since:\n",
    ]
)


@st.composite
def lists(draw):
    """A section in lines, its entries at one indent, comments between them."""
    margin = draw(st.sampled_from(["", "  ", "    "]))
    parts = [draw(st.sampled_from(["clients:\n", "clients: # mine\n", '"clients":\n']))]
    for number, item in enumerate(draw(st.lists(ITEM, max_size=4))):
        lines = item.replace("{n}", str(number)).splitlines(keepends=True)
        parts += [margin + line for line in lines]
        parts.append(draw(COMMENTS))
    return "".join(parts)


@st.composite
def files(draw):
    sections = ["accounts:\n  - {id: me}  # me\n", "digest: {at: '08:00'}\n"]
    sections += draw(st.lists(lists(), max_size=1))
    body = "".join(draw(COMMENTS) + part for part in draw(st.permutations(sections)))
    body += draw(COMMENTS)
    body = body.rstrip("\n") if draw(st.booleans()) else body
    return body.replace("\n", "\r\n") if draw(st.booleans()) else body


@given(files(), st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()))
def test_whatever_the_file_its_lines_stay_and_only_new_ones_come(text, name):
    changed = insert(text, "clients", {**ENTRY, "name": name}, name="f")
    kept, came = text.splitlines(keepends=True), changed.splitlines(keepends=True)
    differ = (n for n, line in enumerate(kept) if came[n] != line)
    place = next(differ, len(kept))
    if place < len(kept) and came[place].rstrip() == kept[place].rstrip():
        place += 1  # the last line had no end
    tail = len(kept) - place
    assert [line.rstrip() for line in came[:place]] == [line.rstrip() for line in kept[:place]]
    assert came[len(came) - tail :] == kept[place:]
    assert loads(changed, name="f").data["clients"][-1]["name"] == name


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "professional.yaml"
    path.write_text("clients:\n", encoding="utf-8")
    return path


def test_a_file_is_replaced_with_its_mode_and_nothing_is_left_beside_it(file):
    file.chmod(0o640)
    editing = Editing.begin(file, name="f")
    editing.save(editing.insert("clients", ENTRY))
    assert file.read_text(encoding="utf-8") == f"clients:\n{LINES}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_link_stays_a_link(file, tmp_path):
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    Editing.begin(link, name="f").save("clients: []\n")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "clients: []\n"


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(file):
    editing = Editing.begin(file, name="f")
    file.write_text("clients: [] # theirs\n", encoding="utf-8")
    with pytest.raises(NetbotError, match="changed by somebody else"):
        editing.save("clients: [] # mine\n")
    assert file.read_text(encoding="utf-8") == "clients: [] # theirs\n"


def test_a_file_that_is_not_there_or_not_text_is_named(file):
    with pytest.raises(NetbotError, match="f cannot be read: No such file"):
        Editing.begin(file.with_name("other.yaml"), name="f")
    file.write_bytes(b"clients: # \xff\n")
    with pytest.raises(ConfigError, match="f:1:12"):
        Editing.begin(file, name="f").insert("clients", ENTRY)


def test_a_full_disk_leaves_the_file_as_it_was_and_nothing_beside_it(file):
    editing = Editing.begin(file, name="f")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, limits[1]))
    try:
        with pytest.raises(NetbotError, match="f cannot be written: File too large"):
            editing.save("clients: []\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.read_text(encoding="utf-8") for path in file.parent.iterdir()] == ["clients:\n"]


def test_a_folder_in_its_place_is_named(file):
    editing = Editing.begin(file, name="f")
    file.unlink()
    file.mkdir()
    with pytest.raises(NetbotError, match="f cannot be written: Is a directory"):
        editing.save("clients: []\n")


def test_a_file_that_vanished_is_not_made_anew(file):
    editing = Editing.begin(file, name="f")
    file.unlink()
    with pytest.raises(NetbotError, match="f cannot be written: No such file"):
        editing.save("clients: []\n")
    assert list(file.parent.iterdir()) == []
