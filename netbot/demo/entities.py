"""What a Mastodon server tells of its memory, in the JSON of its API."""

import html
import re
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from netbot.demo import toothtml
from netbot.demo.instance import LONGEST_TEXT, Instance, Notice, Person, Status

#: What a server may do to a text: wrap links in a redirect, make runs of blanks one, escape twice.
CHANGES = ("wrap", "squeeze", "escape")

VERSION = "4.4.3"

Json = dict[str, Any]


class Teller:
    """Tells as one server would, to one reader or to nobody in particular."""

    def __init__(
        self, instance: Instance, reader: Person | None, changes: Collection[str] = ()
    ) -> None:
        self._instance = instance
        self._reader = reader
        self._changes = changes
        shown = list(instance.visible())
        self._written = Counter(each.author.id for each in shown)
        self._replies = Counter(each.parent.id for each in shown if each.parent)
        self._boosts = Counter(each.boosted.id for each in shown if each.boosted)
        self._likes = Counter(status for _, status in instance.liked)

    def account(self, person: Person) -> Json:
        """An ``Account``."""
        local = person.home is self._instance
        host = person.home.base.partition("://")[2]
        return {
            "id": person.id,
            "username": person.name,
            "acct": person.name if local else f"{person.name}@{host}",
            "display_name": person.shown or person.name,
            "locked": False,
            "bot": False,
            "note": "",
            "url": person.url,
            "uri": person.uri,
            "created_at": "2022-11-20T00:00:00.000Z",
            "followers_count": 0,
            "following_count": 0,
            "statuses_count": self._written[person.id],
            "emojis": [],
            "fields": [],
        }

    def own_account(self, person: Person) -> Json:
        """A ``CredentialAccount``."""
        source = {"privacy": "public", "sensitive": False, "language": None, "note": ""}
        return self.account(person) | {"source": source, "role": {"id": "-99", "name": ""}}

    def status(self, status: Status) -> Json:
        """A ``Status``; with the reader's own marks when there is a reader."""
        words, parent = status.words, status.parent
        told = {
            "id": status.id,
            "uri": f"{status.uri}/activity" if status.boosted else status.uri,
            "url": f"{status.uri}/activity" if status.boosted else status.url,
            "created_at": stamp(status.created_at),
            "edited_at": stamp(words.edited_at) if words.edited_at else None,
            "in_reply_to_id": parent.id if parent else None,
            "in_reply_to_account_id": parent.author.id if parent else None,
            "sensitive": bool(words.spoiler),
            "spoiler_text": words.spoiler,
            "visibility": status.visibility,
            "language": status.language,
            "replies_count": self._replies[status.id],
            "reblogs_count": self._boosts[status.id],
            "favourites_count": self._likes[status.id],
            "content": self._content(status),
            "reblog": self.status(status.boosted) if status.boosted else None,
            "account": self.account(status.author),
            "media_attachments": [],
            "mentions": self._mentions(status),
            "tags": [self._tag(tag, status) for tag in toothtml.tags(words.text)],
            "emojis": [],
            "card": None,
            "poll": None,
        }
        return told | self._marks(status)

    def notice(self, notice: Notice) -> Json:
        """A ``Notification``."""
        return {
            "id": notice.id,
            "type": notice.kind,
            "created_at": stamp(notice.at),
            "account": self.account(notice.by),
            "status": self.status(notice.about),
        }

    def _marks(self, status: Status) -> Json:
        if self._reader is None:
            return {}
        about = status.boosted or status
        return {
            "favourited": self._instance.has_liked(self._reader, about),
            "reblogged": self._instance.has_boosted(self._reader, about),
            "muted": False,
            "bookmarked": False,
        }

    def _content(self, status: Status) -> str:
        """Formatted by the author's own server, as it reaches all others; then changed by ours."""
        home = status.author.home
        text = status.words.text
        if "squeeze" in self._changes:
            text = re.sub(r"[ \t\u00a0]+", " ", text)
        if "wrap" in self._changes:
            text = re.sub(r"https?://\S+", lambda link: _wrapped(home.base, link[0]), text)
        if "escape" in self._changes:
            text = html.escape(text)

        def page(user: str, host: str) -> str | None:
            person = home.find(user, host)
            return person.url if person else None

        return toothtml.to_html(text, home.base, page) if text else ""

    def _mentions(self, status: Status) -> list[Json]:
        home = status.author.home
        people = (home.find(user, host) for user, host in toothtml.names(status.words.text))
        told = (self.account(person) for person in people if person)
        return [{name: one[name] for name in ("id", "username", "acct", "url")} for one in told]

    @staticmethod
    def _tag(tag: str, status: Status) -> Json:
        return {"name": tag, "url": f"{status.author.home.base}/tags/{tag}"}


def server(instance: Instance) -> Json:
    """An ``Instance`` (v2), with what v1 has besides."""
    host = instance.base.partition("://")[2]
    return {
        "domain": host,
        "uri": host,
        "title": "Stand-in",
        "version": VERSION,
        "api_versions": {"mastodon": 6},
        "description": "An invented server.",
        "languages": ["de", "en"],
        "rules": [{"id": "1", "text": "Be nice.", "hint": ""}],
        "configuration": {
            "statuses": {
                "max_characters": LONGEST_TEXT,
                "characters_reserved_per_url": 23,
                "max_media_attachments": 4,
            }
        },
        "registrations": {"enabled": False, "approval_required": True},
        "urls": {},
    }


def stamp(at: datetime) -> str:
    """A time as Mastodon writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wrapped(base: str, link: str) -> str:
    return f"{base}/away?to={quote(link, safe='')}"
