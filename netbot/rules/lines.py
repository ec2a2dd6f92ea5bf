"""One JSON object a line in, one a line out: what ``netbot rules judge`` speaks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from netbot.model import Client, Context, Post, Ruling, Verdict
from netbot.rules import scores
from netbot.rules.judging import judge_reading
from netbot.rules.loading import Rules
from netbot.rules.reading import Reading

_TEXTS = ("title", "text", "author", "language", "url", "network", "client")


class _BadLine(ValueError):
    """A line that is JSON, but no post."""


def judge_json(line: str, rules: Rules, now: datetime) -> dict[str, Any]:
    """See ``netbot.rules.judge_line``."""
    name: Any = None
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            return _bad(None, "not an object: write one {…} a line")
        name = data.get("id")
        post, context = _post(data), _context(data, now)
    except json.JSONDecodeError as error:
        return _bad(None, f"not JSON: {error.msg} at column {error.colno}")
    except RecursionError:
        return _bad(None, "nested too deep")
    except _BadLine as error:
        return _bad(name, str(error))
    reading = Reading(post, context, rules.matcher, rules.topics)
    verdict = judge_reading(reading, rules)
    tone = {each: reading.scores[each] for each in scores.NAMES}
    return _answer(name, verdict, tone, rules.mute_without_history)


def _bad(id: Any, message: str) -> dict[str, Any]:
    return {"id": id, "error": message}


def _answer(
    id: Any, verdict: Verdict, tone: Mapping[str, float], inactive: Sequence[str]
) -> dict[str, Any]:
    """``inactive`` stands in it only where there are such rules."""
    parts = {**verdict.score.parts, **{name: round(each, 4) for name, each in tone.items()}}
    is_stopped = verdict.ruling.strictness > Ruling.ASK.strictness
    moved = 0.0 if is_stopped else scores.tone(tone)
    mute = {"inactive": list(inactive)} if inactive else {}
    return {
        "id": id,
        "verdict": verdict.ruling.value,
        "link": verdict.link,
        "rules": [
            {
                "rule": reason.rule,
                "file": reason.file,
                "line": reason.line,
                "matched": reason.matched,
                "because": reason.because,
                **({"measured": list(map(asdict, reason.measured))} if reason.measured else {}),
            }
            for reason in verdict.reasons
        ],
        "suggest": list(verdict.suggest),
        "score": {"total": round(verdict.score.total + moved, 2)} | parts,
        **mute,
    }


def _post(data: dict[str, Any]) -> Post:
    if "text" not in data:
        raise _BadLine('"text" is missing')
    texts = {name: _text(data, name) for name in _TEXTS}
    return Post(
        network=texts["network"] or "web",
        url=texts["url"],
        title=texts["title"],
        text=texts["text"],
        keys=("line:",),
        author=texts["author"],
        language=texts["language"] or None,
        published_at=_time(_text(data, "published_at")),
        tags=_tags(data),
    )


def _context(data: dict[str, Any], now: datetime) -> Context:
    name = _text(data, "client")
    client = Client(id=name, name=name, tags=_tags(data)) if name else None
    return Context(now=now, client=client)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None and name != "text":
        return ""
    if not isinstance(value, str):
        raise _BadLine(f'"{name}" needs text in quotes')
    return _whole(value)


def _tags(data: dict[str, Any]) -> tuple[str, ...]:
    tags = data.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise _BadLine('"tags" needs a list of texts')
    return tuple(map(_whole, tags))


def _whole(text: str) -> str:
    """Without the halves of characters that cut-off JSON escapes leave behind."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _time(written: str) -> datetime | None:
    """An ISO time; without a zone it counts as UTC."""
    if not written:
        return None
    try:
        time = datetime.fromisoformat(written)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = '"published_at" needs a time like 2026-11-02T08:00:00Z'
        raise _BadLine(message) from error
