"""Trains the heads that netbot ships: ``make models`` writes ``netbot/rules/models/*.weights``.

Without chance: the same texts give the same bytes. Only training splits are read.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netbot.rules import meaning, scores
from netbot.rules.learner import Learner, tokens
from tests.quality import public

BITS = {"offence": 19, "bait": 18}
ROUNDS = 3
FOLDS = 5
STEPS = 12  # of Newton; after eight nothing changes any more
PULL = 0.1  # of the weights towards 0
EVEN = 1.6  # what the rarer kind weighs where words and meaning are put together
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


def train_sense(pairs: Sequence[public.Pair]) -> scores.Sense:
    """How much the meaning of a text adds to what its words say of offence.

    The head is asked about texts that it did not learn from, else it would be trusted too much.
    """
    import numpy as np

    encode = meaning.load_encoder()
    vectors = np.asarray(encode([text[: meaning.LONGEST] for text, _ in pairs]), dtype=float)
    wanted = np.asarray([want for _, want in pairs])
    order = np.random.default_rng(public.SEED).permutation(len(pairs))
    words, meant = np.zeros(len(pairs)), np.zeros(len(pairs))
    for fold in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, fold)
        learner = train("offence", [pairs[index] for index in rest])
        for index in fold:
            text = pairs[index][0]
            words[index] = learner.margin(learner.places(scores.clues(text, tokens(text))))
        weights = regress(vectors[rest], wanted[rest], weight=RARE, pull=PULL)
        meant[fold] = vectors[fold] @ weights[:-1] + weights[-1]
    share, add, bias = regress(np.c_[words, meant], wanted, weight=EVEN, pull=0.1)
    weights = regress(vectors, wanted, weight=RARE, pull=PULL)
    return scores.Sense(
        float(share), float(bias + add * weights[-1]), [float(add * each) for each in weights[:-1]]
    )


def regress(rows: Any, wanted: Any, *, weight: float, pull: float) -> Any:
    """Logistic regression by Newton's steps; the last number is the bias, which nothing pulls."""
    import numpy as np

    data = np.c_[rows, np.ones(len(rows))]
    counts = np.where(wanted, weight, 1.0)
    pulled = np.full(data.shape[1], pull)
    pulled[-1] = 0.0
    found = np.zeros(data.shape[1])
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-data @ found))
        slope = data.T @ (counts * (said - wanted)) + pulled * found
        bend = (data * (counts * said * (1 - said))[:, None]).T @ data + np.diag(pulled + 1e-9)
        found -= np.linalg.solve(bend, slope)
    return found


def main() -> None:
    """Train both heads, and what meaning adds."""
    offence = public.germeval("training")
    write("offence", offence)
    path = scores.MODELS / "offence.sense"
    path.write_bytes(train_sense(offence).pack())
    print(f"{path.name}: {path.stat().st_size} bytes")
    write("bait", public.clickbait()[0])


if __name__ == "__main__":
    main()
