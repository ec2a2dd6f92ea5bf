"""What clients did with my posts, or about me: each once, beside the contact that it is."""

from collections.abc import Collection

from sqlalchemy import Connection, insert, select, update

from netbot.model import Engagement, EngagementKind, Favour
from netbot.store import texts
from netbot.store.schema import engagements, touches


def known(tx: Connection, account: str, refs: Collection[str]) -> set[str]:
    """Which of those, by the network's own names, were kept before."""
    wanted = sorted(refs)
    found: set[str] = set()
    for start in range(0, len(wanted), texts.CHUNK):
        query = select(engagements.c.ref).where(
            engagements.c.account_id == account,
            engagements.c.ref.in_(wanted[start : start + texts.CHUNK]),
        )
        found.update(tx.scalars(query))
    return found


def keep(tx: Connection, account: str, engagement: Engagement, touch_id: int) -> int:
    """Remember what a client did, of which ``touch_id`` is the contact. Returns its number."""
    values = {
        "account_id": account,
        "ref": engagement.id,
        "touch_id": touch_id,
        "url": engagement.url or engagement.who_url,
        "object_url": engagement.object_url,
    }
    statement = insert(engagements).values(values).returning(engagements.c.id)
    born: int = tx.execute(statement).scalar_one()
    return born


def attach(tx: Connection, ids: Collection[int], suggestion: int) -> None:
    """Let a card list them."""
    mine = engagements.c.id.in_(ids)
    tx.execute(update(engagements).where(mine).values(suggestion_id=suggestion))


def of_cards(tx: Connection, cards: Collection[int]) -> dict[int, tuple[Favour, ...]]:
    """What each of those cards lists, oldest first."""
    query = (
        select(engagements, touches.c.client_id, touches.c.at, touches.c.kind, touches.c.text_sha)
        .join(touches, touches.c.id == engagements.c.touch_id)
        .where(engagements.c.suggestion_id.in_(cards))
        .order_by(touches.c.at, engagements.c.id)
    )
    found: dict[int, tuple[Favour, ...]] = {}
    for row in tx.execute(query).mappings().all():
        words = texts.get(tx, row["client_id"], (row["text_sha"],))
        favour = Favour(
            kind=EngagementKind(row["kind"]),
            at=row["at"],
            url=row["url"],
            object_url=row["object_url"],
            text=words.get(row["text_sha"], ""),
        )
        found[row["suggestion_id"]] = (*found.get(row["suggestion_id"], ()), favour)
    return found
