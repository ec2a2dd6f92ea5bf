"""Posts as remembered: identities, stories and texts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from netbot.model import Post, Source, StoredPost
from netbot.store import texts
from netbot.store.schema import post_keys, posts, sources
from netbot.store.schema import texts as text_table

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one source's identities lead to."""

    post_id: int
    story: int
    title_sha: str
    body_sha: str
    url: str


def known(tx: Connection, source_id: int, keys: Collection[str]) -> dict[str, Known]:
    """Which of ``keys`` that source has shown before, and the posts they stand for."""
    query = select(post_keys.c.key, posts).join(posts, posts.c.id == post_keys.c.post_id)
    return {
        row["key"]: Known(
            post_id=row["id"],
            story=row["story_id"],
            title_sha=row["title_sha"],
            body_sha=row["body_sha"],
            url=row["url"],
        )
        for chunk in _chunks(keys)
        for row in tx.execute(
            query.where(post_keys.c.source_id == source_id, post_keys.c.key.in_(chunk))
        ).mappings()
    }


def has_any(tx: Connection, source_id: int) -> bool:
    """Whether that source has ever shown a post."""
    query = select(posts.c.id).where(posts.c.source_id == source_id).limit(1)
    return tx.scalar(query) is not None


def stories(
    tx: Connection, client: str, keys: Collection[str], *, other_than: int
) -> dict[str, int]:
    """The stories which ``keys`` tell on the client's sources other than that one."""
    query = (
        select(post_keys.c.key, posts.c.story_id)
        .join(posts, posts.c.id == post_keys.c.post_id)
        .where(posts.c.client_id == client, posts.c.source_id != other_than)
        .order_by(posts.c.id.desc())
    )
    return {
        row.key: row.story_id
        for chunk in _chunks(keys)
        for row in tx.execute(query.where(post_keys.c.key.in_(chunk)))
    }


def insert_posts(
    tx: Connection,
    source_id: int,
    client: str,
    new: Sequence[tuple[Post, int | None]],
    now: datetime,
    *,
    aside: bool = False,
) -> list[int]:
    """Remember new posts, each with the story it tells (None: one of its own). Returns ids.

    Those put ``aside`` wait for the human to say whether they are new.
    """
    if not new:
        return []
    texts.put(tx, client, [body for post, _ in new for body in (post.title, post.text)], now)
    rows = [
        _values(post)
        | {
            "client_id": client,
            "source_id": source_id,
            "story_id": story,
            "first_seen_at": now,
            "quarantined_at": now if aside else None,
        }
        for post, story in new
    ]
    statement = insert(posts).returning(posts.c.id, sort_by_parameter_order=True)
    born = list(tx.scalars(statement, rows))
    tx.execute(
        update(posts)
        .where(posts.c.source_id == source_id, posts.c.story_id.is_(None))
        .values(story_id=posts.c.id)
    )
    add_keys(
        tx,
        source_id,
        {key: number for (post, _), number in zip(new, born, strict=True) for key in post.keys},
    )
    return born


def update_post(tx: Connection, id: int, client: str, post: Post, now: datetime) -> None:
    """Remember how a known post reads now."""
    texts.put(tx, client, (post.title, post.text), now)
    values = _values(post)
    if post.published_at is None:
        del values["published_at"]
    tx.execute(update(posts).where(posts.c.id == id).values(**values, edited_at=now))


def mark_gone(tx: Connection, id: int, now: datetime) -> None:
    """A post no longer stands where it stood."""
    tx.execute(update(posts).where(posts.c.id == id).values(gone_at=now))


def add_keys(tx: Connection, source_id: int, keys: Mapping[str, int]) -> None:
    """Let identities lead to posts; those the source has shown before stay as they are."""
    taken = known(tx, source_id, keys)
    rows = [
        {"source_id": source_id, "key": key, "post_id": post_id}
        for key, post_id in keys.items()
        if key not in taken
    ]
    if rows:
        tx.execute(insert(post_keys), rows)


def by_ids(tx: Connection, ids: Collection[int]) -> dict[int, StoredPost]:
    """The posts of those ids."""
    return {post.id: post for chunk in _chunks(ids) for post in _load(tx, posts.c.id.in_(chunk))}


def at_url(tx: Connection, url: str) -> StoredPost | None:
    """The newest post that stands at an address."""
    return next(iter(reversed(_load(tx, posts.c.url == url))), None)


def tellers(tx: Connection, story: int) -> list[StoredPost]:
    """Every post that tells a story, in the order in which they were seen."""
    return _load(tx, posts.c.story_id == story)


def recent(
    tx: Connection, client: str, *, since: datetime, other_than: int | None = None
) -> list[StoredPost]:
    """The client's posts first seen since then, except those of one source."""
    where = (posts.c.client_id == client) & (posts.c.first_seen_at >= since)
    if other_than is not None:
        where &= posts.c.source_id != other_than
    return _load(tx, where)


def since(tx: Connection, start: datetime) -> list[StoredPost]:
    """Every client's posts first seen since then."""
    return _load(tx, posts.c.first_seen_at >= start)


def newest(tx: Connection, *, limit: int) -> list[StoredPost]:
    """The last posts that were seen, of all clients, oldest first."""
    ids = tx.scalars(select(posts.c.id).order_by(posts.c.id.desc()).limit(limit))
    return _load(tx, posts.c.id.in_(list(ids)))


def has_earlier(tx: Connection, keys: Collection[str], *, than: int | None) -> bool:
    """Whether an older post than that one (None: any at all) has one of these identities."""
    query = select(post_keys.c.post_id).where(post_keys.c.key.in_(list(keys)))
    if than is not None:
        query = query.where(post_keys.c.post_id < than)
    return tx.execute(query.limit(1)).first() is not None


def latest(tx: Connection, client: str, *, limit: int) -> list[StoredPost]:
    """The client's newest posts that still stand, one a story, newest first.

    A post without a date counts from when it was first seen; of those seen together, feeds show
    the newest first.
    """
    appeared = func.coalesce(posts.c.published_at, posts.c.first_seen_at)
    first = func.min(posts.c.id)
    query = (
        select(first)
        .where(posts.c.client_id == client, posts.c.gone_at.is_(None))
        .group_by(posts.c.story_id)
        .order_by(func.max(appeared).desc(), first)
        .limit(limit)
    )
    ids = list(tx.scalars(query))
    found = by_ids(tx, ids)
    return [found[each] for each in ids]


def aside(tx: Connection, source_id: int) -> list[StoredPost]:
    """The posts of a source that wait for the human's word, oldest first."""
    return _load(tx, (posts.c.source_id == source_id) & posts.c.quarantined_at.is_not(None))


def count_aside(tx: Connection) -> dict[int, int]:
    """How many posts of each source wait so, by its number."""
    asked = select(sources.c.id).where(sources.c.quarantined_at.is_not(None))
    query = select(posts.c.source_id, func.count()).where(
        posts.c.source_id.in_(asked), posts.c.quarantined_at.is_not(None)
    )
    return dict(row for row in tx.execute(query.group_by(posts.c.source_id)))


def release(tx: Connection, source_id: int) -> None:
    """The human has spoken: no post of that source waits any longer."""
    where = (posts.c.source_id == source_id) & posts.c.quarantined_at.is_not(None)
    tx.execute(update(posts).where(where).values(quarantined_at=None))


def rhythm(
    tx: Connection, *, last: int, since: datetime | None = None
) -> dict[int, list[datetime]]:
    """When the last posts of each source appeared, by its number, newest first.

    A post without a date counts from when it was first seen. Sources with a post that appeared
    after ``since`` are left out: of theirs, not all have to be looked through.
    """
    appeared = func.coalesce(posts.c.published_at, posts.c.first_seen_at)
    rank = func.row_number().over(partition_by=posts.c.source_id, order_by=appeared.desc())
    told = select(posts.c.source_id, appeared.label("at"), rank.label("rank"))
    if since is not None:
        mine = posts.c.source_id == sources.c.id
        news = select(posts.c.id).where(mine, appeared > since).order_by(posts.c.id.desc())
        silent = select(sources.c.id).where(news.limit(1).scalar_subquery().is_(None))
        told = told.where(posts.c.source_id.in_(silent))
    ranked = told.subquery()
    query = select(ranked.c.source_id, ranked.c.at).where(ranked.c.rank <= last)
    found: dict[int, list[datetime]] = {}
    for source_id, at in tx.execute(query.order_by(ranked.c.source_id, ranked.c.rank)):
        found.setdefault(source_id, []).append(at)
    return found


_TITLE, _BODY = text_table.alias("title"), text_table.alias("body")
_WHOLE = (
    select(
        posts,
        sources.c.network.label("source_network"),
        sources.c.address,
        _TITLE.c.body.label("title"),
        _BODY.c.body.label("text"),
    )
    .join(sources, sources.c.id == posts.c.source_id)
    .outerjoin(
        _TITLE,
        (_TITLE.c.sha256 == posts.c.title_sha) & (_TITLE.c.client_id == posts.c.client_id),
    )
    .outerjoin(
        _BODY, (_BODY.c.sha256 == posts.c.body_sha) & (_BODY.c.client_id == posts.c.client_id)
    )
    .order_by(posts.c.id)
)


def _load(tx: Connection, where: Any) -> list[StoredPost]:
    return [_stored(row) for row in tx.execute(_WHOLE.where(where)).mappings()]


def _stored(row: RowMapping) -> StoredPost:
    post = Post(
        network=row["network"],
        url=row["url"],
        title=row["title"] or "",
        text=row["text"] or "",
        keys=tuple(row["keys"]),
        author=row["author"],
        language=row["language"],
        published_at=row["published_at"],
        kind=row["kind"],
        in_reply_to=row["in_reply_to"],
        tags=tuple(row["tags"]),
        links=row["links"],
        media=row["media"],
    )
    source = Source(client=row["client_id"], network=row["source_network"], address=row["address"])
    return StoredPost(
        id=row["id"],
        client=row["client_id"],
        source=source,
        story=row["story_id"],
        first_seen_at=row["first_seen_at"],
        post=post,
        gone=row["gone_at"] is not None,
        aside=row["quarantined_at"] is not None,
    )


def _values(post: Post) -> dict[str, Any]:
    return {
        "network": post.network,
        "url": post.url,
        "title_sha": texts.sha256(post.title),
        "body_sha": texts.sha256(post.text),
        "author": post.author,
        "language": post.language,
        "published_at": post.published_at,
        "kind": post.kind,
        "in_reply_to": post.in_reply_to,
        "tags": list(post.tags),
        "links": post.links,
        "media": post.media,
        "keys": list(post.keys),
    }


def _chunks(values: Iterable[Key]) -> list[list[Key]]:
    wanted = list(values)
    return [wanted[start : start + texts.CHUNK] for start in range(0, len(wanted), texts.CHUNK)]
