"""Cards: what waits for the human, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, func, insert, select, update

from netbot.model import (
    LOOK_IN,
    Choice,
    Favour,
    Post,
    Score,
    Source,
    StoredPost,
    Suggestion,
    SuggestionState,
    UnknownId,
    Verb,
    Verdict,
)
from netbot.store import codec, engagements, posts, texts
from netbot.store.schema import decisions, suggestions
from netbot.store.schema import posts as post_table
from netbot.text import mark

_LOOK_IN = f"%#{LOOK_IN}-%"

#: A moment for tact lies on top, then come thank-yous, then what clients publish.
_LANE = case({Verb.GESTURE.value: 0, Verb.THANK.value: 1}, value=suggestions.c.verb, else_=2)
_ORDER = (_LANE, suggestions.c.total.desc(), suggestions.c.id)

OPEN = (SuggestionState.WAITING, SuggestionState.SNOOZED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A suggestion that is about to be born."""

    post: StoredPost  # id 0: no post; story 0: other cards may tell the story of that post
    choice: Choice
    alternatives: tuple[Choice, ...]
    verdict: Verdict
    score: Score
    text: str
    expires_at: datetime


#: SQLite looks for no number of so many digits (sqlite.org/datatype3.html).
TOO_LONG = 19


def number(sphere: str, id: str) -> int:
    """The row behind ``<sphere>-<n>``. Raises ``UnknownId`` for anything else."""
    head, _, tail = id.rpartition("-")
    if head != sphere or not (tail.isascii() and tail.isdigit() and len(tail) < TOO_LONG):
        raise UnknownId(
            id,
            mark("{card} is no card of {sphere}: `netbot queue` shows those that wait"),
            card=id,
            sphere=sphere,
        )
    return int(tail)


def insert_suggestion(tx: Connection, draft: Draft, now: datetime) -> int:
    """Put a card in the queue. Returns its number."""
    verdict = codec.verdict_to_text(draft.verdict)
    texts.put(tx, draft.post.client, (verdict, draft.text), now)
    values = {
        "client_id": draft.post.client,
        "story_id": draft.post.story or None,
        "post_id": draft.post.id or None,
        "verb": draft.choice.verb.value,
        "target_url": draft.choice.target_url,
        "account_id": draft.choice.account,
        "network": draft.choice.network,
        "channel": draft.choice.channel.value,
        "alternatives": [codec.choice_to_json(choice) for choice in draft.alternatives],
        "verdict_sha": texts.sha256(verdict),
        "draft_sha": texts.sha256(draft.text),
        "score": codec.score_to_json(draft.score),
        "total": draft.score.total,
        "state": SuggestionState.WAITING.value,
        "created_at": now,
        "expires_at": draft.expires_at,
    }
    born: int = tx.execute(
        insert(suggestions).values(values).returning(suggestions.c.id)
    ).scalar_one()
    return born


def reconsider(
    tx: Connection, sphere: str, id: str, verdict: Verdict, alternatives: tuple[Choice, ...]
) -> None:
    """Let a waiting card say what the rules say now, and where else the story stands."""
    row = suggestions.c.id == number(sphere, id)
    client, at = tx.execute(
        select(suggestions.c.client_id, suggestions.c.created_at).where(row)
    ).one()
    text = codec.verdict_to_text(verdict)
    texts.put(tx, client, (text,), at)
    tx.execute(
        update(suggestions)
        .where(row)
        .values(
            verdict_sha=texts.sha256(text),
            alternatives=[codec.choice_to_json(choice) for choice in alternatives],
        )
    )


def get(tx: Connection, sphere: str, id: str) -> Suggestion:
    """The card of that id. Raises ``UnknownId``."""
    found = _load(tx, sphere, suggestions.c.id == number(sphere, id))
    if not found:
        raise UnknownId(
            id, mark("there is no card {card}: `netbot queue` shows those that wait"), card=id
        )
    return found[0]


def of_story(tx: Connection, sphere: str, story: int) -> list[Suggestion]:
    """Every card that was ever made of a story, oldest first."""
    return _load(tx, sphere, suggestions.c.story_id == story)


def of_source(tx: Connection, sphere: str, source_id: int) -> Suggestion | None:
    """The newest card about a post of that source."""
    mine = select(post_table.c.id).where(post_table.c.source_id == source_id)
    newest = select(func.max(suggestions.c.id)).where(suggestions.c.post_id.in_(mine))
    found = _load(tx, sphere, suggestions.c.id == newest.scalar_subquery())
    return found[0] if found else None


def told(tx: Connection, stories: Collection[int]) -> set[int]:
    """Which of those stories have ever had a card."""
    wanted = sorted(stories)
    found: set[int] = set()
    for start in range(0, len(wanted), texts.CHUNK):
        chunk = wanted[start : start + texts.CHUNK]
        query = select(suggestions.c.story_id).where(suggestions.c.story_id.in_(chunk))
        found.update(tx.scalars(query))
    return found


def showing(
    tx: Connection,
    sphere: str,
    now: datetime,
    *,
    quiet: Collection[str] = (),
    limit: int | None = None,
) -> list[Suggestion]:
    """The cards that a human may decide now, best first: no expired one, no sleeping one.

    Of clients who are ``quiet`` only those that propose something personal.
    """
    return _load(tx, sphere, _showing(now) & ~_public(quiet), limit=limit)


def line(
    tx: Connection,
    sphere: str,
    now: datetime,
    *,
    quiet: Collection[str] = (),
    limit: int | None = None,
) -> list[str]:
    """The ids of what ``showing`` shows, for who needs no more of them."""
    query, asked = (_LINE, {}) if limit is None else (_SHORT_LINE, {"limit": limit})
    found = tx.scalars(query, {"now": now, "quiet": [*quiet], **asked})
    return [f"{sphere}-{each}" for each in found]


def count_showing(tx: Connection, now: datetime, *, quiet: Collection[str] = ()) -> int:
    """How many cards a human may decide now; ``quiet`` as in ``showing``."""
    return tx.scalar(_HOW_MANY, {"now": now, "quiet": [*quiet]}) or 0


def waiting_for(tx: Connection, now: datetime, *, quiet: Collection[str] = ()) -> dict[str, int]:
    """How many cards a human may decide now, by client; ``quiet`` as in ``showing``."""
    query = select(suggestions.c.client_id, func.count()).where(_showing(now) & ~_public(quiet))
    return dict(row for row in tx.execute(query.group_by(suggestions.c.client_id)))


def held_back(tx: Connection, sphere: str, client: str, since: datetime) -> list[Suggestion]:
    """The client's open cards that had not expired by then, but for the personal ones."""
    still_open = _is_open() & (suggestions.c.expires_at > since)
    return _load(tx, sphere, _public([client]) & still_open)


def has_gesture(tx: Connection, client: str, since: datetime) -> bool:
    """Whether a card that proposes something personal was made for the client since then."""
    query = select(suggestions.c.id).where(
        suggestions.c.client_id == client,
        suggestions.c.verb == Verb.GESTURE.value,
        suggestions.c.target_url.not_like(_LOOK_IN),
        suggestions.c.created_at >= since,
    )
    return tx.execute(query.limit(1)).first() is not None


def open_thanks(tx: Connection, sphere: str, client: str) -> Suggestion | None:
    """The client's thank-you card that is not decided yet, expired ones included; or None."""
    still_open = suggestions.c.state.in_([state.value for state in OPEN])
    mine = (suggestions.c.client_id == client) & (suggestions.c.verb == Verb.THANK.value)
    return next(iter(_load(tx, sphere, mine & still_open)), None)


def reword(tx: Connection, card: Suggestion, draft: str, score: Score, now: datetime) -> None:
    """Let an open card propose other words, and weigh otherwise."""
    texts.put(tx, card.client, (draft,), now)
    tx.execute(
        update(suggestions)
        .where(suggestions.c.id == int(card.id.rpartition("-")[2]))
        .values(draft_sha=texts.sha256(draft), score=codec.score_to_json(score), total=score.total)
    )


def decided_at(tx: Connection, sphere: str, id: str) -> datetime:
    """When a human last decided about a card that was decided."""
    query = select(decisions.c.decided_at).where(decisions.c.suggestion_id == number(sphere, id))
    at: datetime = tx.execute(query.order_by(decisions.c.id.desc()).limit(1)).scalar_one()
    return at


def rescore(tx: Connection, sphere: str, scores: Mapping[str, Score]) -> None:
    """Let cards, by id, stand elsewhere in the queue; what was decided meanwhile stays."""
    for card, score in scores.items():
        row = (suggestions.c.id == number(sphere, card)) & _is_open()
        values = {"score": codec.score_to_json(score), "total": score.total}
        tx.execute(update(suggestions).where(row).values(values))


def open_cards(tx: Connection, sphere: str) -> list[Suggestion]:
    """Every card that waits or sleeps, best first."""
    return _load(tx, sphere, _is_open())


def count(tx: Connection) -> Mapping[SuggestionState, int]:
    """How many cards are in each state."""
    query = select(suggestions.c.state, func.count()).group_by(suggestions.c.state)
    return {SuggestionState(state): total for state, total in tx.execute(query)}


def decided_between(tx: Connection, start: datetime, end: datetime) -> int:
    """How many different cards a human decided in that time (end exclusive)."""
    return tx.scalar(_DECIDED, {"start": start, "end": end}) or 0


def move(
    tx: Connection,
    sphere: str,
    id: str,
    state: SuggestionState,
    *,
    snoozed_until: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Bring a card into another state."""
    values: dict[str, Any] = {"state": state.value, "snoozed_until": snoozed_until}
    if expires_at is not None:
        values["expires_at"] = expires_at
    row = suggestions.c.id == number(sphere, id)
    tx.execute(update(suggestions).where(row).values(**values))


def expire(tx: Connection, now: datetime, *, quiet: Collection[str] = ()) -> int:
    """Let cards whose time has passed rest. Returns how many.

    Those of clients who are ``quiet`` keep lying there unseen: it may have been a false alarm.
    """
    waiting = suggestions.c.state == SuggestionState.WAITING.value
    passed = waiting & (suggestions.c.expires_at <= now) & ~_public(quiet)
    return _sweep(tx, passed, SuggestionState.EXPIRED)


def wake(tx: Connection, now: datetime) -> int:
    """Let snoozed cards wait again when their time has come. Returns how many."""
    return _sweep(
        tx,
        (suggestions.c.state == SuggestionState.SNOOZED.value)
        & (suggestions.c.snoozed_until <= now),
        SuggestionState.WAITING,
    )


def _showing(now: Any) -> Any:
    awake = (suggestions.c.state == SuggestionState.WAITING.value) | (
        (suggestions.c.state == SuggestionState.SNOOZED.value)
        & (suggestions.c.snoozed_until <= now)
    )
    return awake & (suggestions.c.expires_at > now)


def _is_open() -> Any:
    return suggestions.c.state.in_([state.value for state in OPEN])


def _public(clients: Any) -> Any:
    """What would not be right now for these clients: all but a personal word."""
    impersonal = suggestions.c.target_url.like(_LOOK_IN)
    other = (suggestions.c.verb != Verb.GESTURE.value) | impersonal
    return suggestions.c.client_id.in_(clients) & other


#: Asked several times by every request, so put together once.
_FREE = _showing(bindparam("now")) & ~_public(bindparam("quiet", expanding=True))
_LINE = select(suggestions.c.id).where(_FREE).order_by(*_ORDER)
_SHORT_LINE = _LINE.limit(bindparam("limit"))
_HOW_MANY = select(func.count()).select_from(suggestions).where(_FREE)
_DECIDED = select(func.count(decisions.c.suggestion_id.distinct())).where(
    decisions.c.decided_at >= bindparam("start"), decisions.c.decided_at < bindparam("end")
)


def _sweep(tx: Connection, where: Any, state: SuggestionState) -> int:
    values = {"state": state.value, "snoozed_until": None}
    return tx.execute(update(suggestions).where(where).values(values)).rowcount


def _load(tx: Connection, sphere: str, where: Any, *, limit: int | None = None) -> list[Suggestion]:
    query = select(suggestions).where(where).order_by(*_ORDER).limit(limit)
    rows = tx.execute(query).mappings().all()
    found = posts.by_ids(tx, {row["post_id"] for row in rows if row["post_id"]})
    without = {row["id"] for row in rows if not row["post_id"] or row["verb"] == Verb.THANK}
    favours = engagements.of_cards(tx, without) if without else {}
    bodies = _bodies(tx, rows)
    return [_suggestion(sphere, row, found, bodies, favours.get(row["id"], ())) for row in rows]


def _occasion(row: RowMapping, favours: Sequence[Favour]) -> StoredPost:
    """What stands where others have a post: the words that came with what the client did."""
    place, client = row["target_url"], row["client_id"]
    return StoredPost(
        id=0,
        client=client,
        source=Source(client=client, network=row["network"], address=place),
        story=0,
        first_seen_at=row["created_at"],
        post=Post(
            network=row["network"],
            url=place,
            title="",
            text="\n\n".join(favour.text for favour in favours if favour.text),
            keys=(f"url:{place}",),
            published_at=favours[-1].at if favours else None,
        ),
    )


def _bodies(tx: Connection, rows: Collection[RowMapping]) -> dict[tuple[str, str], str]:
    shas = ("verdict_sha", "draft_sha")
    return texts.of_clients(tx, ((row["client_id"], row[sha]) for row in rows for sha in shas))


def _suggestion(
    sphere: str,
    row: RowMapping,
    found: Mapping[int, StoredPost],
    bodies: Mapping[tuple[str, str], str],
    favours: tuple[Favour, ...],
) -> Suggestion:
    client = row["client_id"]
    choice = codec.choice_from_json(
        {**row, "account": row["account_id"]}  # the other names are those of the columns
    )
    return Suggestion(
        id=f"{sphere}-{row['id']}",
        client=client,
        post=found[row["post_id"]] if row["post_id"] else _occasion(row, favours),
        choice=choice,
        alternatives=tuple(codec.choice_from_json(value) for value in row["alternatives"]),
        verdict=codec.verdict_from_text(bodies.get((client, row["verdict_sha"]), "")),
        score=codec.score_from_json(row["score"]),
        draft=bodies.get((client, row["draft_sha"]), ""),
        state=SuggestionState(row["state"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        snoozed_until=row["snoozed_until"],
        favours=favours,
    )
