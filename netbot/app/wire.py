"""Cards, acts, clients and sources as JSON: a contract that other people's scripts rely on."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from netbot.model import Action, Client, Favour, Handoff, House, Reason, Refused, Suggestion
from netbot.pause import Pause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netbot.rules.ranking import Because
    from netbot.store.sources import Watched

VERSION = 1

#: How much of a post a card quotes, in characters.
EXCERPT = 280


def excerpt(text: str) -> str:
    """The beginning of a post, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[:EXCERPT].rsplit(" ", 1)[0] + " …"


def moment(at: datetime | None) -> str | None:
    """An ISO 8601 time in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def item(card: Suggestion, house: House) -> dict[str, Any]:
    """One card of the queue."""
    client = house.client(card.client)
    post = card.post.post
    return {
        "id": card.id,
        "sphere": house.sphere,
        "client": card.client,
        "client_name": client.name if client else card.client,
        "network": card.choice.network,
        "account": card.choice.account,
        "verb": card.choice.verb.value,
        "channel": card.choice.channel.value,
        "target_url": card.choice.target_url,
        "title": post.title,
        "excerpt": excerpt(post.text),
        "language": post.language,
        "published_at": moment(post.published_at),
        "draft": card.draft,
        "verdict": card.verdict.ruling.value,
        "why": [reason(each) for each in card.verdict.reasons],
        "score": {"total": card.score.total, "parts": dict(card.score.parts)},
        "state": card.state.value,
        "alternatives": [
            {
                "verb": choice.verb.value,
                "target_url": choice.target_url,
                "account": choice.account,
                "channel": choice.channel.value,
                "network": choice.network,
            }
            for choice in card.alternatives
        ],
        "favours": [favour(each) for each in card.favours],
        "created_at": moment(card.created_at),
        "expires_at": moment(card.expires_at),
        "snoozed_until": moment(card.snoozed_until),
    }


def whole(
    card: Suggestion, house: House, action: Action | None, taste: "Sequence[Because]"
) -> dict[str, Any]:
    """One card in full: the whole post, what moved the card, and what became of it."""
    return item(card, house) | {
        "text": card.post.post.text,
        "taste": [asdict(each) for each in taste],
        "action": act(action) if action else None,
    }


def favour(done: Favour) -> dict[str, Any]:
    """One thing that the client did."""
    return {
        "kind": done.kind.value,
        "at": moment(done.at),
        "url": done.url,
        "object_url": done.object_url,
        "text": done.text,
    }


def reason(spoke: Reason) -> dict[str, Any]:
    """One rule that spoke."""
    return {
        "rule": spoke.rule,
        "file": spoke.file,
        "line": spoke.line,
        "matched": spoke.matched,
        "because": spoke.because,
        **({"measured": list(map(asdict, spoke.measured))} if spoke.measured else {}),
    }


def client(sphere: str, known: Client, last_touch: datetime | None) -> dict[str, Any]:
    """Somebody whom I work for."""
    return {
        "sphere": sphere,
        "id": known.id,
        "name": known.name,
        "status": known.status.value,
        "last_touch": moment(last_touch),
    }


def pause(since: Pause | None) -> dict[str, Any] | None:
    """Why nothing leaves the home; None when it is not paused."""
    if since is None:
        return None
    came_back = bool(since.former_home)
    return {"since": moment(since.since), "why": since.why, "restored": came_back}


def act(action: Action, handoff: Handoff | Refused | None = None) -> dict[str, Any]:
    """One act of the outbox, with what the human needs to perform it, or why that is refused."""
    value: dict[str, Any] = {
        "id": action.suggestion,
        "client": action.client,
        "verb": action.choice.verb.value,
        "network": action.choice.network,
        "account": action.choice.account,
        "channel": action.choice.channel.value,
        "target_url": action.choice.target_url,
        "text": action.text,
        "state": action.state.value,
        "approval_hash": action.approval_hash,
        "not_before": moment(action.not_before),
        "expires_at": moment(action.expires_at),
        "take_back": action.take_back,
        "note": action.note or None,
    }
    if isinstance(handoff, Refused):
        value["refused"] = str(handoff)
    elif handoff is not None:
        value["handoff"] = {
            "url": handoff.url,
            "text": handoff.text,
            "prefilled": handoff.prefilled,
        }
    return value


def source(watched: "Watched") -> dict[str, Any]:
    """One source and how the looks at it went."""
    return {
        "client": watched.source.client,
        "network": watched.source.network,
        "address": watched.source.address,
        "title": watched.title,
        "last_success": moment(watched.succeeded_at),
        "last_try": moment(watched.tried_at),
        "last_error": watched.last_error or None,
        "failures": watched.failures,
        "next_check": moment(watched.next_check),
        "gone": watched.gone_at is not None,
    }
