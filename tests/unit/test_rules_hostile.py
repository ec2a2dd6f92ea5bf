"""A thousand hostile expressions on hostile texts: each is refused with a reason, or runs."""

import json
import os
import random
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbot.rules.patterns import MAX_MATCHES, Pattern, compile_pattern
from netbot.rules.sieve import Sieve

COUNT = 1000 * int(os.environ.get("NETBOT_SOAK", "1"))
GUARD_S = 300 * int(os.environ.get("NETBOT_SOAK", "1"))  # of CPU; a child that hangs is killed

ATOMS = ["a", "aa", "ä", r"\w", r"\W", r"\d", ".", "[a-z]", r"[^\W\d]", "(a|a)", "(a|ab)", r"\pL"]
ENDINGS = ["*", "+", "?", "{2,}", "{1,9}", "{5}", "*?", "+?", "{0,20}", ""]
TRICKS = [
    *("(a+)+$", "(a|aa)+$", "(.*)*x", "(.*a){20}", "((a*)*)*b", r"(\w+\s?)+!", "(x+x+)+y"),
    *("(", ")", "[", "a{1001}", "a{2,1}", "(?=a)", r"(a)\1", r"\b\b", r"a\bc", "(?P<a", "*a"),
    *("a{1000}b", "(a{0,999}){1}b", "(?:a{30}){30}b", "(ä|a){500}x"),
    *(r"[\b]", r"\Qx", "(?i", "[z-a]", r"\p{Nowhere}", "a**", "x" * 1025, "(" * 500, "[[:alpha:]"),
    *(r"\x{110000}", "(?:" * 200 + "a" + ")" * 200, "|".join("ab" * 3 for _ in range(200)), ""),
]
TEXTS = ["a" * 600 + "!", "ä" * 200 + "ab" * 100 + "\n", "x y " * 50, "", "\0a\ud800"]

CHILD = """
import json, sys
from netbot.rules.patterns import compile_pattern
patterns, texts = json.load(sys.stdin)
refused = []
for source in patterns:
    try:
        pattern = compile_pattern(source)
    except ValueError as error:
        refused.append([source, str(error)])
        continue
    for text in texts:
        for start, end in pattern.find(text):
            assert 0 <= start < end <= len(text), (source, start, end)
print(json.dumps(refused))
"""


def hostile(chance, depth=0):
    """An expression with repetitions of repetitions."""
    if depth > 2 or chance.random() < 0.3:
        return chance.choice(ATOMS) + chance.choice(ENDINGS)
    parts = [hostile(chance, depth + 1) for _ in range(chance.randint(1, 3))]
    inner = chance.choice(["", "|"]).join(parts)
    return f"({chance.choice(['', '?:'])}{inner}){chance.choice(ENDINGS)}"


def expressions():
    chance = random.Random(20261121)
    made = [f"{hostile(chance)}{chance.choice('b!xä ')}" for _ in range(COUNT)]
    return [*TRICKS, *made]


def be_quick():
    """The kernel ends the child when it has used up its time."""
    resource.setrlimit(resource.RLIMIT_CPU, (GUARD_S, GUARD_S))


def test_none_of_a_thousand_hangs():
    sources = expressions()
    run = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([sources, TEXTS]),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=be_quick,
    )
    assert (run.returncode, run.stderr) == (0, "")
    refused = dict(json.loads(run.stdout))
    assert {"(", "a{1001}", "(?=a)", r"(a)\1", r"a\bc", "a**", "x" * 1025} <= refused.keys()
    assert all(reason.strip() for reason in refused.values())
    assert len(refused) < len(sources) / 2


def test_as_many_matches_as_there_are_words_of_a_book_are_enough():
    found = list(compile_pattern("[^b]*b|a").find("a" * 20_000))
    assert len(found) == MAX_MATCHES
    assert found[-1] == (MAX_MATCHES - 1, MAX_MATCHES)


SOURCES = [
    *("(?i)größe", r"\bübel\b", "a+b", "[xyz]{2}", r"\d+ ?€", "ja|nein", r"(?i)stra(?:ß|ss)e", "."),
    *("^ab", "b$", r"\W!", "(?i)kilo", "ſ", r"\w+ab", "(?s)a.b", "a b"),
]
LETTERS = st.sampled_from("abxyzjneinßsSſKkGRÖößüÜel 12€!\n\u212a-")


@settings(max_examples=200)
@given(text=st.text(LETTERS, max_size=30), chosen=st.sets(st.sampled_from(SOURCES)))
def test_the_sieve_keeps_every_expression_that_matches(text, chosen):
    patterns: list[Pattern] = [compile_pattern(source) for source in sorted(chosen)]
    kept = Sieve([pattern.rewritten for pattern in patterns]).pass_through(text)
    matching = {number for number, each in enumerate(patterns) if list(each.find(text))}
    assert matching <= kept <= set(range(len(patterns)))


def test_the_sieve_holds_back_what_cannot_match():
    sieve = Sieve([f"wort{number}" for number in range(1000)])
    assert sieve.pass_through("nur wort7 und wort70") == {7, 70}


@pytest.mark.parametrize("found", [None, []])
def test_where_the_sieve_fails_everything_passes(found):
    sieve = Sieve(["a", "b"])
    sieve._filter = SimpleNamespace(Match=lambda text, potential: found)
    assert sieve.pass_through("x") == {0, 1}
