"""What a server tells, in our words: addresses of people, statuses as posts, own texts found again.

Pure. Answers of strangers are read here: whatever is not as it should be is a ``ValueError``,
``TypeError``, ``KeyError`` or ``AttributeError``, which the port takes for an unusable answer.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from netbot.feedparse import plain
from netbot.feedparse.document import Entry
from netbot.feedparse.identity import canonical, identities
from netbot.feedparse.wording import folded, unescaped
from netbot.model import Engagement, EngagementKind, Post, Refused

#: A status or an account, as the library hands it over.
Told = Mapping[str, Any]

_HANDLE = re.compile(r"@?(?P<user>[\w.-]+)@(?P<host>[^@/\s]+)")
_PROFILE = re.compile(r"/(?:@|users/)(?P<user>[\w.-]+)(?:@(?P<host>[^@/\s]+))?/?")
_STATUS = re.compile(
    r"/(?:@[^/]+/(?P<a>\d+)|(?:@|users/)[^/]+/statuses/(?P<b>\w+)|notice/(?P<c>\w+))/?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Somebody's account: the server that knows it best, and the name there."""

    base: str  # https://host, or http://host:port
    user: str

    @classmethod
    def read(cls, written: str) -> Self:
        """From ``@acme@example.social`` or the address of a profile; raises ``Refused``."""
        written = written.strip()
        handle = _HANDLE.fullmatch(written)
        if handle:
            return cls(base=f"https://{handle['host'].lower()}", user=handle["user"])
        base, path = _split(written)
        profile = _PROFILE.fullmatch(path)
        if not base or not profile:
            raise Refused(
                f"{written!a} is no account on Mastodon: write it as @name@server, or give the"
                " address of the profile."
            )
        if profile["host"]:  # seen from another server
            base = f"https://{profile['host'].lower()}"
        return cls(base=base, user=profile["user"])

    def written(self) -> str:
        """As configuration files name it."""
        scheme, _, host = self.base.partition("://")
        return f"@{self.user}@{host}" if scheme == "https" else f"{self.base}/@{self.user}"


def base_of(url: str) -> str:
    """``https://host`` of an address, or ``http://host:port``; "" when it is none."""
    return _split(url)[0]


def status_place(url: str) -> tuple[str, str] | None:
    """The server of a status and its id there, by its address; None when that does not tell."""
    base, path = _split(url)
    match = _STATUS.fullmatch(path)
    return (base, match["a"] or match["b"] or match["c"]) if base and match else None


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "", ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return "", ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}", parts.path


def need(told: Told, name: str) -> str:
    """A value that must be there: the library gives None for whatever a server left out."""
    value = told[name]
    if value is None or value == "":
        raise ValueError(f"there is no {name}")
    return str(value)


def order(status: Told) -> tuple[int, str]:
    """Ids grow with time: numbers on Mastodon, words of one length elsewhere."""
    return by_age(need(status, "id"))


def by_age(id: str) -> tuple[int, str]:
    """A key by which ids sort from old to new."""
    return len(id), id


def posts(statuses: Iterable[Told]) -> tuple[Post, ...]:
    """Statuses as posts, in their order; boosts and what is not public are left out."""
    entries = {}
    for status in statuses:
        if not status.get("reblog") and need(status, "visibility") in {"public", "unlisted"}:
            entries[need(status, "uri")] = (_entry(status), status)
    by_place = {entry.url: status for entry, status in entries.values()}
    keyed = identities([entry for entry, _ in entries.values()])
    return tuple(_post(entry, by_place[entry.url]) for entry in keyed)


def readable(status: Told) -> Told:
    """The status, when it can be told as a post."""
    order(status)
    posts([status])
    return status


def _entry(status: Told) -> Entry:
    content = str(status["content"] or "")
    text = plain.to_text(content)
    warning = plain.to_line(str(status.get("spoiler_text") or ""))
    uri, names = need(status, "uri"), status.get("tags") or []
    marks = len(names) + len(status.get("mentions") or [])
    return Entry(
        guid=uri,
        url=plain.absolute(str(status.get("url") or uri), ""),
        text=f"{warning}\n\n{text}" if warning else text,
        author=plain.to_line(name_of(status["account"])),
        language=_language(status.get("language")),
        published=_moment(status["created_at"]).isoformat(),
        tags=tuple(plain.to_line(str(tag["name"])) for tag in names),
        links=max(0, plain.count_links(content) - marks),
        media=len(status.get("media_attachments") or []),
    )


def _post(entry: Entry, status: Told) -> Post:
    parent = status.get("in_reply_to_id")
    return Post(
        network="mastodon",
        url=entry.url,
        title="",
        text=entry.text,
        keys=entry.keys,
        author=entry.author,
        language=entry.language,
        published_at=_moment(status["created_at"]),
        kind="reply" if parent else "original",
        in_reply_to=_sibling(status, str(parent)) if parent else None,
        tags=entry.tags,
        links=entry.links,
        media=entry.media,
    )


def _sibling(status: Told, parent: str) -> str | None:
    """The address of what a status answers, when that is by the same author."""
    author = status["account"]
    if str(status.get("in_reply_to_account_id")) != need(author, "id"):
        return None
    return f"{need(author, 'url')}/{parent}"


def name_of(account: Told) -> str:
    """What somebody is called."""
    return str(account.get("display_name") or need(account, "username"))


def _language(declared: Any) -> str | None:
    return declared if isinstance(declared, str) and declared else None


def _moment(at: Any) -> datetime:
    if not isinstance(at, datetime):
        raise TypeError(f"{at!r} is no time")
    return at.astimezone(UTC)


#: What a server calls what somebody did.
NOTICES = {
    "favourite": EngagementKind.LIKE,
    "reblog": EngagementKind.SHARE,
    "mention": EngagementKind.MENTION,
    "follow": EngagementKind.FOLLOW,
}


def engagement(notice: Told, own_id: str) -> Engagement:
    """A notification as what somebody did; an answer to me is one, wherever it stands."""
    kind, who = NOTICES[need(notice, "type")], notice["account"]
    mine = url = text = ""
    if kind is EngagementKind.MENTION:
        status = notice["status"]
        url, text = need(status, "url"), plain.to_text(str(status["content"] or ""))
        if str(status.get("in_reply_to_account_id")) == own_id:
            kind = EngagementKind.REPLY
    elif kind is not EngagementKind.FOLLOW:
        mine = need(notice["status"], "url")
    profile = need(who, "url")
    return Engagement(
        id=need(notice, "id"),
        kind=kind,
        at=_moment(notice["created_at"]),
        handle=f"@{need(who, 'username')}@{urlsplit(profile).netloc}",
        who_url=profile,
        name=plain.to_line(name_of(who)),
        object_url=mine,
        url=url,
        text=text,
    )


def is_at(status: Told, url: str) -> bool:
    """Whether this is the status of that address."""
    wanted = canonical(url)
    return bool(wanted) and wanted in {
        canonical(str(status.get("url") or "")),
        canonical(need(status, "uri")),
    }


def says(status: Told, text: str, link: str = "") -> bool:
    """Whether a status is what became of ``text``, and holds ``link`` if one is given.

    Servers wrap links, hide the server in mentions, trim blanks and escape marks: none of these
    makes another text of it.
    """
    content = str(status["content"] or "")
    if link and link not in unquote(unescaped(content)):
        return False
    return folded(plain.to_text(content)) == folded(text)


def digest_of(statuses: Sequence[Told]) -> list[list[str]]:
    """What tells two looks apart: ids, and when each was last changed."""
    return [
        [need(each, "id"), str(each.get("edited_at") or ""), str(each["content"])]
        for each in statuses
    ]
