"""Who was kind to us: what the network tells of others and our own posts."""

import html
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from netbot.feedparse import plain
from netbot.model import Engagement, EngagementKind
from netbot.networks.bluesky.asking import Told, need, query
from netbot.networks.bluesky.telling import moment, page_of, text_of

if TYPE_CHECKING:
    from atproto_client.client.raw import ClientRaw as Api

_PAGE = 100  # the most that one request brings
_MOST_PAGES = 10
_KINDS = {
    "like": EngagementKind.LIKE,
    "repost": EngagementKind.SHARE,
    "reply": EngagementKind.REPLY,
    "quote": EngagementKind.MENTION,
    "mention": EngagementKind.MENTION,
    "follow": EngagementKind.FOLLOW,
}
_SPOKEN = {"reply", "quote", "mention"}


def engagements(ask: Callable[..., Any], since: datetime, pages: str) -> Sequence[Engagement]:
    """All since then, oldest first; ``pages`` is where people read posts."""
    found: list[Engagement] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        told, cursor, is_past = ask(lambda api, at=cursor: _page(api, at, since, pages))
        found += told
        if is_past or not cursor:
            break
    found.reverse()  # the network lists the newest first
    return sorted(found, key=lambda each: each.at)


def _page(
    api: "Api", cursor: str | None, since: datetime, pages: str
) -> tuple[list[Engagement], str | None, bool]:
    """What one page tells, where the next begins, and whether this one reached the past."""
    from atproto_client import models

    params = models.AppBskyNotificationListNotifications.Params(
        reasons=list(_KINDS), limit=_PAGE, cursor=cursor
    )
    told = query(api, "app.bsky.notification.listNotifications", params)
    notices = [each for each in told["notifications"] if each.get("reason") in _KINDS]
    read = [_engagement(each, pages) for each in notices]
    recent = [each for each in read if each.at >= since]
    return recent, told.get("cursor"), len(recent) < len(read)


def _engagement(notice: Told, pages: str) -> Engagement:
    author, reason, uri = notice["author"], need(notice, "reason"), need(notice, "uri")
    handle = need(author, "handle")
    is_spoken = reason in _SPOKEN
    return Engagement(
        id=uri,
        kind=_KINDS[reason],
        at=moment(need(notice, "indexedAt")),
        handle=f"@{handle}",
        who_url=f"{pages}/profile/{handle}",
        name=plain.to_line(html.escape(str(author.get("displayName") or ""))),
        object_url=page_of(str(notice.get("reasonSubject") or ""), pages),
        url=page_of(uri, pages) if is_spoken else "",
        text=text_of(notice["record"]) if is_spoken else "",
    )
