"""``netbot review``: what each key does, first with scripted keys, then at a real terminal."""

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import typer

from netbot import app, clock
from netbot.cli.review import Session
from netbot.model import ActionState, Suggestion, SuggestionState
from netbot.store import acts, suggestions, touches
from netbot.text import translator


class Human:
    """Somebody with a list of keys to press, answers to give, and a browser that takes notes."""

    def __init__(self, sphere: app.Sphere) -> None:
        self.sphere = sphere
        self.opened: list[str] = []
        self.asked: list[str] = []

    def review(
        self,
        keys: Sequence[str],
        answers: Sequence[str] = (),
        elapsed_s: Callable[[], float] | None = None,
    ) -> bool:
        return self.sit(keys, answers, elapsed_s).run()

    def sit(
        self,
        keys: Sequence[str],
        answers: Sequence[str] = (),
        elapsed_s: Callable[[], float] | None = None,
    ) -> Session:
        pressed, said = iter(keys), iter(answers)

        def ask(question: str) -> str:
            self.asked.append(question)
            answer = next(said, None)
            if answer is None:
                raise typer.Abort
            return answer

        return Session(
            sphere=self.sphere,
            texts=translator("en"),
            read_key=lambda: next(pressed, ""),
            ask=ask,
            open_page=self.opened.append,
            elapsed_s=elapsed_s or map(float, count()).__next__,
        )

    def card(self, number: int) -> Suggestion:
        with self.sphere.store.read() as tx:
            return suggestions.get(tx, self.sphere.name, f"{self.sphere.name}-{number}")

    def act(self, number: int) -> Any:
        with self.sphere.store.read() as tx:
            action = acts.latest(tx, self.sphere.name, f"{self.sphere.name}-{number}")
        return action.state if action else None


@pytest.fixture
def human(netbot) -> Iterator[Human]:
    """At the private sphere's two cards: number 2, then number 1."""
    with app.open_sphere(netbot.home, "private", clock.now()) as sphere:
        yield Human(sphere)


@pytest.fixture(autouse=True)
def no_editor(monkeypatch):
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)


def test_quitting_decides_nothing(human, capsys):
    for keys in (["q"], ["\x04"], []):
        assert human.review(keys) is False
    assert human.card(2).state is SuggestionState.WAITING
    out = capsys.readouterr().out
    assert out.count("private-2 ") == 3
    assert "a approve · e edit" in out


def test_moving_goes_round(human, capsys):
    human.review(["j", "j", "k", "q"])
    lines = capsys.readouterr().out.splitlines()
    shown = [line.split()[0] for line in lines if " · " in line and line.endswith("/2")]
    assert [line[-9:] for line in shown] == ["private-2", "private-1", "private-2", "private-1"]


def test_an_unknown_key_shows_the_keys(human, capsys):
    human.review(["?", "q"])
    assert capsys.readouterr().out.count("a approve · e edit") == 2


def test_skipping_asks_why(human, capsys):
    assert human.review(["s", "x", "s", "3", "s", "6"]) is True
    assert human.card(2).state is SuggestionState.SKIPPED
    assert human.card(1).state is SuggestionState.SKIPPED
    out = capsys.readouterr().out
    assert "  3 not the moment" in out
    assert "private-2: skipped." in out
    assert "private: All caught up." in out
    assert "Not meant so? netbot undo private-1" in out


def test_later_asks_until_when(human, capsys):
    human.review(["h", "h", "h", "q"], ["someday", "tomorrow"])
    assert human.card(2).state is SuggestionState.SNOOZED
    assert human.card(1).state is SuggestionState.WAITING
    out, err = capsys.readouterr()
    assert "“someday” is no date" in err
    assert "private-2: comes back later (20" in out


def test_giving_up_a_question_keeps_the_card(human):
    human.review(["h", "e", "q"])
    assert len(human.asked) == 2
    assert human.card(2).state is SuggestionState.WAITING


def test_a_gap_cannot_be_approved_but_an_edited_text_can(human, capsys):
    human.review(["a", "e", "a", "d", "q"], ["  Ich komme gern.  "])
    out, err = capsys.readouterr()
    assert "still has a gap" in err
    assert "→ Ich komme gern." in out
    assert "Paste this text:\n    Ich komme gern." in out
    assert "private-2: done." in out
    assert human.opened == [f"{human.card(2).choice.target_url}#respond"]
    assert human.act(2) is ActionState.CONFIRMED


@pytest.mark.parametrize(
    ("key", "state"), [("x", ActionState.DECLINED), ("l", ActionState.HANDED_OFF)]
)
def test_an_act_not_done_or_done_later(human, key, state):
    human.review(["e", "a", key, "q"], ["Ich komme gern."])
    assert human.act(2) is state


def test_an_act_for_later_by_hand(human, capsys):
    human.review(["e", "a", "h", "q"], ["Ich komme gern.", "tomorrow"])
    assert human.act(2) is ActionState.HANDED_OFF
    assert "private-2: Again 20" in capsys.readouterr().out
    assert human.review(["s", "6"]) is True
    out = " ".join(capsys.readouterr().out.split())
    assert "1 of 1" not in out
    assert "by hand, again 20" in out
    assert "Done before? netbot done private-2" in out


def test_leaving_the_question_when_again_leaves_the_act_in_hand(human):
    human.review(["e", "a", "h", "q"], ["Ich komme gern."])
    assert human.act(2) is ActionState.HANDED_OFF


def test_at_the_end_what_is_left_by_hand_comes_once_more(human, capsys):
    human.review(["e", "a", "-", "s", "6", "-"], ["Ich komme gern."])
    assert human.act(2) is ActionState.HANDED_OFF
    assert "By hand · 1 of 1" in capsys.readouterr().out
    assert human.review(["q"]) is False
    assert human.review(["h"]) is True
    assert human.review(["h"], ["never"]) is True
    assert "“never” is no date" in capsys.readouterr().err
    assert human.review(["d"]) is True
    assert human.act(2) is ActionState.CONFIRMED


def test_a_contact_is_noted_and_taken_back(human, capsys):
    human.review(["i", "z", "i", "i", "q"], ["yesterday", "Met", "", "", "tomorrow"])
    out, err = capsys.readouterr()
    assert out.count("Noted: you were in touch with") == 2
    assert out.count("No longer noted:") == 1
    assert "“tomorrow” is no date" in err
    with human.sphere.store.read() as tx:
        found = touches.of_client(tx, "private", human.card(2).client, limit=9)
    assert [(touch.kind, touch.text) for touch in found] == [("contact", "")]


def test_at_the_end_it_says_how_the_last_deed_is_taken_back(human, capsys):
    client = human.card(1).client
    session = human.sit(["s", "6", "i"], ["today", ""])
    session.run()
    human.sphere.house = replace(human.sphere.house, daily_limit=1)
    session.run()
    assert f"Not meant so? netbot note {client} --undo" in capsys.readouterr().out


def test_searching_leads_to_the_next_card_that_has_the_words(human, capsys):
    title = human.card(1).post.post.title.split()[0]
    name = human.sphere.house.client(human.card(1).client).name
    human.review(["/", "q"], [title])
    assert "private-1: waits for you." in capsys.readouterr().out
    human.review(["/", "/", "q"], ["nowhere at all", name])
    out = capsys.readouterr().out
    assert "Nothing found" in out
    assert f"{human.card(1).client}  {name}" in out


def test_the_lane_is_said_when_it_changes(human, capsys):
    human.review(["j", "j", "q"])
    assert capsys.readouterr().out.count("React to clients") == 1


def test_own_keys(human, capsys):
    human.sphere.house = replace(human.sphere.house, keys={"skip": "y"})
    human.review(["s", "y", "6", "q"])
    assert human.card(2).state is SuggestionState.SKIPPED
    assert "y skip" in capsys.readouterr().out


def test_what_is_wrong_stands_at_the_end(human, capsys):
    with human.sphere.store.write() as tx:
        tx.exec_driver_sql("UPDATE sources SET gone_at = tried_at, next_check = NULL")
    human.review(["s", "6", "s", "6"])
    assert "is gone" in capsys.readouterr().out


def test_taking_back_brings_the_card_back(human, capsys):
    human.review(["z", "e", "a", "d", "z", "z", "q"], ["Ich komme gern."])
    out, err = capsys.readouterr()
    assert "nothing was decided in this session yet" in err
    assert "private-2: in your hands." in out
    assert "private-2: waits for you." in out
    assert human.card(2).state is SuggestionState.WAITING
    assert human.act(2) is ActionState.DECLINED
    assert out.splitlines()[-1] == "→ Ich komme gern."


def test_why_and_the_original(human, capsys):
    human.review(["w", "o", "q"])
    assert "No rule spoke" in capsys.readouterr().out
    assert human.opened == [human.card(2).post.post.url]


def test_why_with_a_rule(netbot, capsys):
    with app.open_sphere(netbot.home, "professional", clock.now()) as sphere:
        Human(sphere).review(["w", "q"])
    said = capsys.readouterr().out
    assert re.search(r"shipped/moment\.yaml:\d+ bereavement „nehmen Abschied von“", said)


def test_a_key_before_anybody_could_read_decides_nothing(human, capsys):
    ticks = iter([0.0, 0.1, 0.3, 5.0])
    human.review(["s", "s", "s", "6", "q"], elapsed_s=lambda: next(ticks, 6.0))
    assert capsys.readouterr().out.count("1 nonsense") == 1
    assert human.card(2).state is SuggestionState.SKIPPED


def test_the_own_editor(human, monkeypatch, tmp_path, capsys):
    script = tmp_path / "my editor.py"
    script.write_text(
        "import pathlib, sys\nf = pathlib.Path(sys.argv[1])\n"
        "f.write_text(f.read_text().replace('[…]', 'Was spielt ihr?'))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} '{script}'")
    human.review(["e", "a", "d", "q"])
    assert "Was spielt ihr?" in capsys.readouterr().out
    assert human.act(2) is ActionState.CONFIRMED


@pytest.mark.parametrize("editor", ["/nowhere/editor", "false", "'"])
def test_an_editor_that_does_not_work(human, monkeypatch, capsys, editor):
    monkeypatch.setenv("VISUAL", editor)
    human.review(["e", "q"])
    assert f"the editor “{editor}” did not work" in capsys.readouterr().err
    assert human.card(2).state is SuggestionState.WAITING


class Terminal:
    """``netbot review`` at a pseudo-terminal."""

    def __init__(self, home: str) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-m", "netbot", "review", "--home", home]
        environ = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
        self.process = subprocess.Popen(
            [*command, "--sphere", "private"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def expect(self, words: str, *, press: str = "") -> str:
        """What was shown up to these words; ``press`` is tried again until they come."""
        for _ in range(300):
            if words in self.seen:
                before, _, self.seen = self.seen.partition(words)
                return before
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode()
            elif press:
                os.write(self.master, press.encode())
        raise AssertionError(f"{words!r} never came, but {self.seen!r}")

    def end(self, press: str) -> int:
        """Press a key until the process has ended; its exit code."""
        for _ in range(300):
            os.write(self.master, press.encode())
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(0.1)
        raise AssertionError(f"{press!r} did not end it")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(netbot) -> Iterator[Terminal]:
    made = Terminal(str(netbot.home))
    yield made
    made.close()


def test_at_a_real_terminal(netbot, terminal):
    terminal.expect("a approve · e edit")
    terminal.expect("private-2")
    terminal.expect("waits for you.")
    terminal.expect("6 other", press="s")
    terminal.expect("private-2: skipped.", press="6")
    terminal.expect("private-1: waits for you.")
    assert terminal.end("q") == 0
    assert netbot("show", "private-2").out.endswith("private-2: skipped.\n")
    assert netbot("show", "private-1").out.endswith("private-1: waits for you.\n")


def test_without_single_keys_a_line_is_read(netbot):
    settings = netbot.home / "config" / "netbot.yaml"
    settings.write_text(settings.read_text().replace("web: {", "web: {keys: false, "))
    app.open_sphere(netbot.home, "private", clock.now(), fresh=True).close()
    terminal = Terminal(str(netbot.home))
    terminal.expect("waits for you.")
    terminal.expect("6 other", press="skip\n")
    terminal.expect("private-2: skipped.", press="6\n")
    assert terminal.end("quit\n") == 0
    terminal.close()


@pytest.mark.parametrize(
    ("place", "opened"),
    [
        ({}, True),
        ({"SSH_CONNECTION": "a"}, False),
        ({"SSH_CONNECTION": "a", "DISPLAY": ":0"}, True),
    ],
)
def test_over_ssh_no_browser_is_started_on_the_other_side(tmp_path, place, opened):
    note = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {note}\n')
    script.chmod(0o700)
    environ = {"PATH": os.environ["PATH"], "BROWSER": f"{script} %s", "PYTHONPATH": "."}
    code = "from netbot.cli.keyboard import open_page; open_page('https://acme.example/a')"
    subprocess.run([sys.executable, "-c", code], env=environ | place, check=True)
    assert note.exists() is opened


def test_ctrl_c_at_a_real_terminal(netbot, terminal):
    terminal.expect("private-2")
    terminal.expect("waits for you.")
    assert terminal.end("\x03") == 130
    assert netbot("show", "private-2").out.endswith("private-2: waits for you.\n")


def test_never_again_skips_the_card_and_writes_a_rule(human, capsys):
    human.review(["n", "x", "n", "2", "q"])
    told = " ".join(capsys.readouterr().out.split())
    assert "Never again: 1 this topic · 2 " in told
    assert "Written into rules/private/mine.yaml." in told
    assert human.card(2).state is SuggestionState.SKIPPED
    assert (human.sphere.home / "rules" / "private" / "mine.yaml").exists()
