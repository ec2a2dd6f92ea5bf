"""P8 and P9: taking in posts, and the page of those that wait, beside bare SQLite."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.table import Row, cpu_s
from netbot.engine import story
from netbot.model import Channel, Post, Source, SuggestionState, Verb
from netbot.store import Store, posts, schema, sources, suggestions

POSTS = 10_000
CARDS, WAITING, PAGE = 200_000, 4_000, 50
ROUNDS = 3
_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_BARE = "INSERT INTO bare VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def measure() -> Iterator[Row]:
    """Posts of which half are known; then fifty cards of many."""
    with tempfile.TemporaryDirectory() as folder:
        yield _upsert(Path(folder))
        yield _page(Path(folder))


def _upsert(folder: Path) -> Row:
    shown = [_post(number) for number in range(POSTS)]
    ours, bare = [], []
    for number in range(ROUNDS):
        with Store(f"sqlite:///{folder / f'{number}.db'}", "bench") as store:
            _take_in(store, shown[::2])
            ours.append(cpu_s(partial(_take_in, store, shown), rounds=1))
        with sqlite3.connect(folder / f"bare-{number}.db") as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE bare (key TEXT PRIMARY KEY, url, title, text, at)")
            _take_in_bare(database, shown[::2])
            bare.append(cpu_s(partial(_take_in_bare, database, shown), rounds=1))
    return Row(
        quantity=f"P8 {POSTS:,} posts, half known, with three keys, texts and stories",
        netbot=f"{min(ours):.2f} s",
        beside=f"sqlite3, one table {min(bare):.2f} s",
        value=min(ours) / min(bare),
        unit="x",
        target=1.5,
    )


def _source_id(store: Store) -> int:
    source = Source(client="acme", network="web", address="https://acme.example/feed")
    with store.write() as tx:
        return sources.align(tx, [source], _NOW)[0].id


def _take_in(store: Store, shown: Sequence[Post]) -> None:
    """What the engine does with a batch, but for judging it."""
    source_id = _source_id(store)
    keys = {key for post in shown for key in post.keys}
    with store.write() as tx:
        sorting = story.sort(shown, posts.known(tx, source_id, keys))
        new = [(post, None) for post in sorting.new]
        posts.insert_posts(tx, source_id, "acme", new, _NOW)


def _take_in_bare(database: sqlite3.Connection, shown: Sequence[Post]) -> None:
    rows = [
        (post.keys[0], post.url, post.title, post.text, str(post.published_at)) for post in shown
    ]
    with database:
        database.executemany(_BARE, rows)


def _post(number: int) -> Post:
    url = f"https://acme.example/{number}"
    return Post(
        network="web",
        url=url,
        title=f"Post {number}",
        text=f"{number} " + "What there is to tell about it. " * 30,
        keys=(f"id:{number}", f"url:{url}", f"hash:{number:064}"),
        published_at=_NOW,
    )


def _page(folder: Path) -> Row:
    path = folder / "cards.db"
    with Store(f"sqlite:///{path}", "bench") as store:
        _fill(store)
        ours = cpu_s(lambda: _show(store, 20)) / 20
    bare = _bare_page_s(path)
    return Row(
        quantity=f"P9 {PAGE} cards of {CARDS:,}, {WAITING:,} of them waiting, with posts and texts",
        netbot=f"{ours * 1000:.2f} ms",
        beside=f"sqlite3, rows alone {bare * 1000:.2f} ms",
        value=ours / bare,
        unit="x",
        target=2.0,
    )


def _show(store: Store, times: int) -> None:
    for _ in range(times):
        with store.read() as tx:
            assert len(suggestions.showing(tx, store.sphere, _NOW, limit=PAGE)) == PAGE


def _bare_page_s(path: Path) -> float:
    query = (
        "SELECT * FROM suggestions WHERE state = 'waiting' AND expires_at > ?"
        " ORDER BY total DESC, id LIMIT ?"
    )
    now = _NOW.isoformat(timespec="microseconds")
    with sqlite3.connect(path) as database:
        return (
            cpu_s(lambda: [database.execute(query, (now, PAGE)).fetchall() for _ in range(20)]) / 20
        )


def _fill(store: Store) -> None:
    """Many cards that were skipped, and some that wait; of each story one."""
    source_id = _source_id(store)
    with store.write() as tx:
        born = posts.insert_posts(
            tx, source_id, "acme", [(_post(number), None) for number in range(WAITING)], _NOW
        )
        rows = [_card(number, born[number % WAITING]) for number in range(CARDS)]
        tx.execute(schema.suggestions.insert(), rows)
        tx.exec_driver_sql("ANALYZE")


def _card(number: int, post_id: int) -> dict[str, object]:
    state = SuggestionState.WAITING if number < WAITING else SuggestionState.SKIPPED
    return {
        "client_id": "acme",
        "story_id": post_id,
        "post_id": post_id,
        "verb": Verb.COMMENT.value,
        "target_url": f"https://acme.example/{number}",
        "account_id": None,
        "network": "web",
        "channel": Channel.HANDOFF.value,
        "alternatives": [],
        "verdict_sha": "",
        "draft_sha": "",
        "score": {"total": number % 997, "parts": {}},
        "total": float(number % 997),
        "state": state.value,
        "created_at": _NOW,
        "expires_at": _NOW + timedelta(days=7),
    }
