"""Public sets of texts to train on and to measure with; they lie where NETBOT_DATASETS says.

None of them is part of this project: ``docs/quality.md`` says where they come from.
"""

import csv
import gzip
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

Pair = tuple[str, bool]  # a text, and whether it is what is looked for

VARIABLE = "NETBOT_DATASETS"
SEED = 2026


def folder() -> Path:
    """Where the sets lie; ends the program where nobody says."""
    named = os.environ.get(VARIABLE)
    if not named or not Path(named).is_dir():
        sys.exit(
            f"{VARIABLE} names no folder: set it to the one that holds germeval2018/, hatecheck/"
            " and clickbait/ (docs/quality.md says where to get them)."
        )
    return Path(named)


def germeval(part: str) -> list[Pair]:
    """German tweets, offensive or not; ``part`` is training or test."""
    path = folder() / "germeval2018" / f"germeval2018.{part}.txt"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row[0].replace("|LBR|", " "), row[1] == "OFFENSE") for row in rows if len(row) == 3]


def hatecheck(language: str) -> list[Pair]:
    """Cases that tell hateful from harmless, for measuring only; ``language`` is de or en."""
    name = {"de": "mhc_de.csv", "en": "hatecheck_en.csv"}[language]
    with (folder() / "hatecheck" / name).open(encoding="utf-8", newline="") as file:
        return [(row["test_case"], row["label_gold"] == "hateful") for row in csv.DictReader(file)]


def clickbait() -> tuple[list[Pair], list[Pair]]:
    """English headlines, bait or not: four fifths to train on, one to measure with."""
    pairs: list[Pair] = []
    for name, wanted in (("clickbait_data.gz", True), ("non_clickbait_data.gz", False)):
        with gzip.open(folder() / "clickbait" / name, "rt", encoding="utf-8") as file:
            pairs += [(line.strip(), wanted) for line in file if line.strip()]
    random.Random(SEED).shuffle(pairs)
    cut = len(pairs) * 4 // 5
    return pairs[:cut], pairs[cut:]


def averages(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """The official F of GermEval 2018 (of mean precision and mean recall) and macro F1, in %.

    Each pair is (is, was said).
    """
    precisions, recalls, singles = [], [], []
    for kind in (True, False):
        right = sum(is_ and said for is_, said in _flip(pairs, kind))
        said_so = sum(said for _, said in _flip(pairs, kind))
        are_so = sum(is_ for is_, _ in _flip(pairs, kind))
        precisions.append(right / said_so if said_so else 0.0)
        recalls.append(right / are_so if are_so else 0.0)
        singles.append(_harmonic(precisions[-1], recalls[-1]))
    official = _harmonic(sum(precisions) / 2, sum(recalls) / 2)
    return 100 * official, 50 * sum(singles)


def accuracy(pairs: Sequence[tuple[bool, bool]]) -> float:
    """The share of right answers in %; each pair is (is, was said)."""
    return 100 * sum(is_ == said for is_, said in pairs) / len(pairs)


def _flip(pairs: Sequence[tuple[bool, bool]], kind: bool) -> list[tuple[bool, bool]]:
    return [(is_ is kind, said is kind) for is_, said in pairs]


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
