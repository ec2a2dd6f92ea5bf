"""German and English words in all their forms, as the real dictionaries give them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from netbot import rules, yamlfile
from netbot.model import Context, Post

DATA = Path(__file__).parent / "rules" / "words.yaml"
ENTRIES: list[dict[str, Any]] = yamlfile.load(DATA).data
PAIRS = [
    pytest.param(number, text, found, id=f"{entry['word']}-{'' if found else 'not-'}{text}")
    for number, entry in enumerate(ENTRIES)
    for found, texts in ((True, entry["found"]), (False, entry.get("missed", ())))
    for text in texts
]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def rule(number: int, entry: Mapping[str, Any]) -> str:
    compounds = ", compounds: true" if entry.get("compounds") else ""
    words = quoted(entry["word"])
    return f"  - {{name: rule-{number}, when: {{words: {words}{compounds}}}, because: b}}"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    lines = [rule(number, entry) for number, entry in enumerate(ENTRIES)]
    (home / "rules" / "words.yaml").write_text("never:\n" + "\n".join(lines), encoding="utf-8")
    return rules.load(home=home, sphere=None, shipped=False)


def test_there_are_sixty_pairs_and_more():
    assert len(PAIRS) >= 60


@pytest.mark.parametrize(("number", "text", "found"), PAIRS)
def test_word_is_found_in_its_forms_only(loaded, number, text, found):
    post = Post(network="web", url="", title="", text=text, keys=("k",))
    verdict = rules.judge(post, loaded, Context(now=datetime(2026, 11, 2, tzinfo=UTC)))
    spoke = {reason.rule: reason.matched for reason in verdict.reasons}
    assert (f"rule-{number}" in spoke) is found
    assert all(matched and matched in text for matched in spoke.values())
