"""Posts written for this project, and what the shipped rules make of them.

``moment`` are posts that no stranger should cheer, ``nonsense`` those not worth a card,
``ordinary`` those that deserve one. Of each a part in other words was set aside before the rules
were written, and another, ``unseen``, was written when they were done: only their figures are
looked at while rules change, never their posts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from netbot import rules
from netbot.rules.loading import Rules

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PARTS = {
    "": "used for tuning",
    "-set-aside": "set aside before tuning",
    "-unseen": "written after tuning",
}
STOPPED = ("refuse", "skip")


@dataclass(frozen=True, slots=True)
class Judged:
    """A post of a set and the answer to it."""

    post: dict[str, Any]
    answer: dict[str, Any]

    @property
    def is_stopped(self) -> bool:
        """Whether it gets no card for public acts."""
        return bool(self.answer["verdict"] in STOPPED)

    @property
    def is_moment(self) -> bool:
        """Whether the moment is named as the reason."""
        return bool(self.answer["link"] == "moment")

    def __str__(self) -> str:
        said = ", ".join(f"{r['rule']} „{r['matched']}“" for r in self.answer["rules"])
        title = f"{self.post['title']} || " if "title" in self.post else ""
        return f"{self.post['id']}: {said or 'nothing'}: {title}{self.post['text']}"


def read_set(name: str) -> list[dict[str, Any]]:
    """The posts of ``moment``, ``nonsense``, ``ordinary``, or of ``…-set-aside``."""
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def judge_set(name: str, loaded: Rules) -> list[Judged]:
    """Judge each post as ``netbot rules judge`` would."""
    return [
        Judged(post, rules.judge_line(json.dumps(post), loaded, NOW)) for post in read_set(name)
    ]


def found(judged: Iterable[Judged], link: str) -> float:
    """The share that this link of the chain stopped, 0 to 1."""
    hits = [_spoke(each, link) for each in judged]
    return sum(hits) / len(hits)


def stopped(judged: Iterable[Judged]) -> float:
    """The share that got no card, 0 to 1."""
    hits = [each.is_stopped for each in judged]
    return sum(hits) / len(hits)


def _spoke(judged: Judged, link: str) -> bool:
    return any(reason["file"] == f"shipped/{link}.yaml" for reason in judged.answer["rules"])
