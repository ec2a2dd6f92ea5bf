"""Trains the heads that netbot ships: ``make models`` writes ``netbot/rules/models/*.weights``.

Without chance: the same texts give the same bytes. Only training splits are read.
"""

import random
from collections.abc import Sequence
from pathlib import Path

from netbot.rules import scores
from netbot.rules.learner import Learner, tokens
from tests.quality import public

BITS = {"offence": 19, "bait": 18}
ROUNDS = 3
RARE = 2.0  # what a text of the rarer kind weighs, where kinds are not equally frequent


def train(name: str, pairs: Sequence[public.Pair]) -> Learner:
    """Learn from all texts, in another order each round."""
    learner = Learner(BITS[name])
    rare = RARE if sum(wanted for _, wanted in pairs) < 0.45 * len(pairs) else 1.0
    read = [(learner.places(scores.clues(text, tokens(text))), wanted) for text, wanted in pairs]
    for number in range(ROUNDS):
        random.Random(public.SEED + number).shuffle(read)
        for places, wanted in read:
            learner.learn(places, wanted, rare if wanted else 1.0)
    return learner


def write(name: str, pairs: Sequence[public.Pair], folder: Path = scores.MODELS) -> None:
    """Train one head and write its weights."""
    path = folder / f"{name}.weights"
    path.write_bytes(scores.pack(train(name, pairs).weights))
    print(f"{path.name}: {len(pairs)} texts, {path.stat().st_size} bytes")


def main() -> None:
    """Train both heads."""
    write("offence", public.germeval("training"))
    write("bait", public.clickbait()[0])


if __name__ == "__main__":
    main()
