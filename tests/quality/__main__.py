"""How good the rules and scores are: ``make quality`` prints every figure beside its peers.

What was learned comes from training splits, what is printed from test splits. 1 when a target
that netbot means to reach is missed.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from netbot import rules
from netbot.rules import scores
from netbot.rules.learner import tokens
from netbot.rules.loading import Rules
from tests.quality import deciders, peers, public, sets
from tests.quality.public import Pair

ROOT = Path(__file__).resolve().parents[2]


class Report:
    """Prints figures; remembers which target was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def head(self, title: str) -> None:
        """A heading."""
        print(f"\n{title}", flush=True)

    def row(self, who: str, figures: str) -> None:
        """Somebody's figures."""
        print(f"  {who:<38} {figures}", flush=True)

    def aim(self, what: str, got: float, wanted: float, *, most: bool = False) -> None:
        """A target, and by how much it is missed."""
        gap = got - wanted if most else wanted - got
        self.missed += gap > 0
        sign = "at most" if most else "at least"
        said = f"missed by {gap:.2f}" if gap > 0 else "met"
        self.row(f"target: {what} {sign} {wanted:g}", f"{said} ({got:.2f})")


def own(pairs: Sequence[Pair], name: str, language: str) -> peers.Answers:
    """What the shipped head says."""
    return [(want, scores.score("", text, language)[name] > 0.5) for text, want in pairs]


def by_words(pairs: Sequence[Pair]) -> peers.Answers:
    """What the shipped head says of offence where nobody tells it what a text means."""
    judge = scores.head("offence").judge
    return [(want, judge(text, tokens(text)) > 0.5) for text, want in pairs]


def both(answers: peers.Answers) -> str:
    """The two averages as text."""
    official, macro = public.averages(answers)
    return f"official F {official:5.2f}   macro F1 {macro:5.2f}"


def offence(report: Report) -> None:
    """GermEval 2018 and both HateChecks, all by what was trained on GermEval's training split."""
    training, test = public.germeval("training"), public.germeval("test")
    german, english = public.hatecheck("de"), public.hatecheck("en")
    parts = [("GermEval 2018", test), ("HateCheck German", german), ("HateCheck English", english)]
    with_pieces = peers.tfidf(training, *(pairs for _, pairs in parts))
    with_sentences = peers.sentences(training, *(pairs for _, pairs in parts))
    published = [
        "official F 76.8 best, 72.7 place 11 of 51",
        "macro F1 64.5 (e5), 57.0 (pieces)",
        "macro F1 57.7 (USE)",
    ]
    for index, (name, pairs) in enumerate(parts):
        answers = by_words(pairs)
        with_extra = own(pairs, "offence", "")
        report.head(f"{name}: {len(pairs)} texts, offensive or hateful")
        report.row("netbot, no extra", both(answers))
        report.row("netbot with the extra", both(with_extra))
        report.row("list of words", both(peers.word_list(pairs, "insult", "hate")))
        report.row("TF-IDF + logistic regression", both(with_pieces[index]))
        report.row("the same + sentence vectors", both(with_sentences[index]))
        report.row("published", published[index])
        if index == 0:
            report.aim("official F without extra", public.averages(answers)[0], 72.6)
            report.aim("official F with the extra", public.averages(with_extra)[0], 74.3)
        if index == 1:
            report.aim("macro F1 without extra", public.averages(answers)[1], 57)
            report.aim("macro F1 with the extra", public.averages(with_extra)[1], 65)


def bait(report: Report) -> None:
    """Clickbait headlines."""
    training, test = public.clickbait()
    report.head(f"Clickbait, English: {len(test)} headlines")
    report.row("netbot, no extra", f"accuracy {public.accuracy(own(test, 'bait', 'en')):.2f}")
    listed = public.accuracy(peers.word_list(test, "bait"))
    report.row("list of words", f"accuracy {listed:.2f}")
    (answers,) = peers.tfidf(training, test)
    report.row("TF-IDF + logistic regression", f"accuracy {public.accuracy(answers):.2f}")
    (answers,) = peers.sentences(training, test)
    got = public.accuracy(answers)
    report.row("the same + sentence vectors", f"accuracy {got:.2f}")
    report.row("published", "accuracy 97.9 (pieces), 99.0 (pieces + USE)")
    report.aim("accuracy with sentence vectors", got, 98.5)


def own_sets(report: Report, loaded: Rules) -> None:
    """The posts written for this project."""
    for part, title in sets.PARTS.items():
        moments = sets.judge_set(f"moment{part}", loaded)
        plain = sets.judge_set(f"ordinary{part}", loaded)
        empty = sets.judge_set(f"nonsense{part}", loaded)
        report.head(f"Own posts, {title}")
        for kind in sorted({each.post["kind"] for each in moments}):
            some = [each for each in moments if each.post["kind"] == kind]
            report.row(f"moment: {kind}", f"{sets.found(some, 'moment'):.3f} of {len(some)} seen")
        report.row("nonsense", f"{sets.found(empty, 'nonsense'):.3f} of {len(empty)} seen")
        report.row("ordinary", f"{sets.stopped(plain):.4f} of {len(plain)} stopped")
        report.aim("moments seen", sets.found(moments, "moment"), 0.95)
        report.aim("false alarms", sets.found(plain, "moment"), 0.03, most=True)
        report.aim("ordinary posts stopped", sets.stopped(plain), 0.01, most=True)


def learning(report: Report) -> None:
    """How soon the order of posts suits a user."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "rules").mkdir()
        shutil.copy(ROOT / "rules" / "values.example.yaml", Path(home) / "rules" / "values.yaml")
        loaded = rules.load(home=Path(home), sphere=None)
    judged = [*sets.judge_set("ordinary", loaded), *sets.judge_set("ordinary-set-aside", loaded)]
    told = deciders.stories([each.answer["score"]["total"] for each in judged])
    report.head(f"Learning: {deciders.USERS} simulated users, precision at {deciders.SHOWN}")
    curve = deciders.curve(told)
    for step, share in curve.items():
        beside = f"   rules alone {curve[0]:.3f}" if step else ""
        report.row(f"after {step} decisions" if step else "rules alone", f"{share:.3f}{beside}")


def pace(report: Report, loaded: Rules) -> None:
    """How long a post takes."""
    posts = sets.read_set("ordinary")
    started = process_time()
    for post in posts:
        scores.score(post.get("title", ""), post["text"], post["language"])
    scored = process_time()
    for post in posts:
        rules.judge_line(json.dumps(post), loaded, sets.NOW)
    judged = process_time()
    report.head(f"Pace, {len(posts)} posts, processor time")
    report.row("scores", f"{1000 * (scored - started) / len(posts):.2f} ms a post")
    report.row("judging", f"{1000 * (judged - scored) / len(posts):.2f} ms a post")


def main() -> int:
    """Print every figure."""
    public.folder()
    report = Report()
    loaded = rules.load(home=None, sphere=None)
    own_sets(report, loaded)
    learning(report)
    pace(report, loaded)
    offence(report)
    bait(report)
    print(f"\n{report.missed} targets missed")
    return int(report.missed > 0)


if __name__ == "__main__":
    sys.exit(main())
