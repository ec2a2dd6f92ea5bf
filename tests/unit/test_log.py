import base64
import io
import json
import logging
import subprocess
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot import log
from netbot.log import Redactor

SECRET = 'tök3n/with "quotes" & more'


@pytest.fixture(autouse=True)
def _logging_as_before():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
def out():
    return io.StringIO()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_json_line_an_event_with_time_in_utc_and_the_facts(out):
    log.configure("info", stream=out, sphere="professional")

    log.info("source watched", client="acme", new=3, seen=True, cursor=None)

    (line,) = lines(out)
    assert str(line.pop("at")).endswith("Z")
    assert line == {
        "event": "source watched",
        "level": "info",
        "sphere": "professional",
        "client": "acme",
        "new": 3,
        "seen": True,
        "cursor": None,
    }


def test_percent_signs_in_an_event_are_text(out):
    log.configure(stream=out)
    log.warning("100 %s full")
    assert lines(out)[0]["event"] == "100 %s full"


def test_the_level_decides_what_is_written(out):
    log.configure("warning", stream=out)
    log.debug("a")
    log.info("b")
    log.warning("c")
    log.error("d")
    assert [(line["level"], line["event"]) for line in lines(out)] == [
        ("warning", "c"),
        ("error", "d"),
    ]


def test_an_error_carries_its_traceback_in_the_same_line(out):
    log.configure(stream=out)
    log.hide("hunter2-hunter2")
    try:
        int("hunter2-hunter2")
    except ValueError as error:
        log.error("tick failed", cause=error)
    (line,) = lines(out)
    assert "Traceback" in str(line["exception"])
    assert "ValueError: invalid literal for int() with base 10: '***'" in str(line["exception"])


def test_what_libraries_log_takes_the_same_way_and_says_whose_it_is(out):
    log.configure(stream=out)
    logging.getLogger("some.library").warning("%d things at %s", 3, "https://u:p@x.example/")
    (line,) = lines(out)
    assert line["logger"] == "some.library"
    assert line["event"] == "3 things at https://***@x.example/"


def test_a_terminal_gets_readable_lines_and_json_only_on_request():
    terminal = Terminal()
    log.configure(stream=terminal)
    log.info("source watched", client="acme")
    assert "source watched" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")

    terminal = Terminal()
    log.configure(stream=terminal, json=True)
    log.info("source watched", client="acme")
    assert lines(terminal)[0]["client"] == "acme"


def test_configuring_again_replaces_the_stream(out):
    second = io.StringIO()
    log.configure(stream=out)
    log.configure(stream=second)
    log.info("once")
    assert out.getvalue() == ""
    assert len(lines(second)) == 1


def test_a_hidden_value_appears_in_no_fact_however_it_is_nested(out):
    log.configure(stream=out)
    log.hide(SECRET)
    log.info(
        f"got {SECRET}",
        url=f"https://x.example/?q={quote(SECRET, safe='')}",
        headers={"Authorization": [f"Bearer {SECRET}"]},
        thing=ValueError(SECRET),
    )
    written = json.dumps(lines(out), ensure_ascii=False)
    assert "tök3n" not in written
    assert quote("tök3n") not in written
    assert "Bearer ***" in written


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://anna:pass@x.example/feed", "https://***@x.example/feed"),
        ("https://anna@x.example/feed", "https://***@x.example/feed"),
        ("https://x.example/@anna", "https://x.example/@anna"),
        ("https://x.example/?a=1&token=abc&b=2", "https://x.example/?a=1&token=***&b=2"),
        ("https://x.example/?Access_Token=abc#f", "https://x.example/?Access_Token=***#f"),
        ("mail anna@x.example please", "mail anna@x.example please"),
    ],
)
def test_credentials_in_addresses_are_masked(text, masked):
    assert Redactor().text(text) == masked


def test_values_too_short_to_be_secret_stay():
    redactor = Redactor()
    redactor.hide("")
    redactor.hide("abc")
    assert redactor.text("abc abc") == "abc abc"


secrets = st.text(min_size=4, max_size=40).filter(lambda text: "*" not in text)


@given(secret=secrets, before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_hidden_value_survives_neither_in_the_clear_nor_url_encoded(secret, before, after):
    redactor = Redactor()
    redactor.hide(secret)
    assert secret not in redactor.text(before + secret + after)
    assert quote(secret, safe="") not in redactor.text("x=" + quote(secret, safe=""))


@given(secret=secrets, before=st.binary(max_size=20), after=st.binary(max_size=20))
def test_a_hidden_value_inside_base64_is_masked_at_every_offset(secret, before, after):
    redactor = Redactor()
    redactor.hide(secret)
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    assert log.MASK in redactor.text(encoded)


def test_importing_the_log_loads_no_library():
    code = "import sys, netbot.log; sys.exit('structlog' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
