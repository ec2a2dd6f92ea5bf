"""Verdicts, scores and choices as JSON and back."""

import json
from dataclasses import asdict
from typing import Any

from netbot.model import Channel, Choice, Measure, Reason, Ruling, Score, Verb, Verdict


def choice_to_json(choice: Choice) -> dict[str, Any]:
    """A choice as the queue's JSON shows it."""
    return {
        "verb": choice.verb.value,
        "target_url": choice.target_url,
        "account": choice.account,
        "network": choice.network,
        "channel": choice.channel.value,
    }


def choice_from_json(value: dict[str, Any]) -> Choice:
    """The choice that ``choice_to_json`` wrote."""
    return Choice(
        verb=Verb(value["verb"]),
        target_url=value["target_url"],
        account=value["account"],
        network=value["network"],
        channel=Channel(value["channel"]),
    )


def verdict_to_text(verdict: Verdict) -> str:
    """A verdict as JSON text; it quotes the post, so it is kept among the texts."""
    return json.dumps(
        {
            "ruling": verdict.ruling.value,
            "link": verdict.link,
            "reasons": [_reason_to_json(reason) for reason in verdict.reasons],
            "suggest": list(verdict.suggest),
            "score": score_to_json(verdict.score),
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def verdict_from_text(text: str) -> Verdict:
    """The verdict that ``verdict_to_text`` wrote; one without reasons when it was forgotten."""
    if not text:
        return Verdict(ruling=Ruling.PASS, link=None)
    value = json.loads(text)
    return Verdict(
        ruling=Ruling(value["ruling"]),
        link=value["link"],
        reasons=tuple(map(_reason_from_json, value["reasons"])),
        suggest=tuple(value["suggest"]),
        score=score_from_json(value["score"]),
    )


def score_to_json(score: Score) -> dict[str, Any]:
    """A score as the queue's JSON shows it."""
    return {"total": score.total, "parts": dict(score.parts)}


def score_from_json(value: dict[str, Any]) -> Score:
    """The score that ``score_to_json`` wrote."""
    return Score(total=value["total"], parts=value["parts"])


def _reason_to_json(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "file": reason.file,
        "line": reason.line,
        "matched": reason.matched,
        "because": reason.because,
        "ruling": reason.ruling.value,
        "link": reason.link,
        "conviction": reason.conviction,
        **({"measured": list(map(asdict, reason.measured))} if reason.measured else {}),
    }


def _reason_from_json(value: dict[str, Any]) -> Reason:
    measured = tuple(Measure(**each) for each in value.get("measured", ()))
    return Reason(**{**value, "ruling": Ruling(value["ruling"]), "measured": measured})
