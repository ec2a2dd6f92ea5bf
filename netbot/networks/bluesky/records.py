"""What we write: records whose names follow from the act, so that the same act is one record."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from netbot.model import Action, Verb
from netbot.networks.bluesky.telling import LIKE, POST, REPOST

if TYPE_CHECKING:
    from atproto_client import models

#: Where a record of each verb is kept.
COLLECTIONS: Mapping[Verb, str] = {
    Verb.LIKE: LIKE,
    Verb.SHARE: REPOST,
    Verb.COMMENT: POST,
    Verb.RECOMMEND: POST,
}

_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"  # atproto.com/specs/tid
# The names that apps give hold the time of writing, in microseconds. Ours all say 2023 to 2025:
# so they are valid, and what the human writes by hand comes before them in every list.
_FIRST = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_SPAN = 3 * 365 * 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The post that an act is about, as far as our record names it."""

    uri: str
    cid: str
    root: tuple[str, str]  # uri and cid of the first post of its conversation
    quotable: bool = True  # may be shown within a post of ours
    people: Mapping[str, str] = field(default_factory=dict)  # DID of each handle in our text

    @classmethod
    def read(cls, told: str) -> Self:
        """From ``Sight.target``."""
        values = json.loads(told)
        return cls(**values | {"root": tuple(values["root"])})

    def told(self) -> str:
        """For ``Sight.target``."""
        return json.dumps(asdict(self))


def rkey_of(key: str) -> str:
    """The name of the record of an act: 13 letters that follow from the act's key."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    tid = (_FIRST + (number >> 10) % _SPAN) << 10 | number % 1024
    return "".join(_LETTERS[tid >> shift & 31] for shift in range(60, -1, -5))


def uri_of(action: Action, did: str) -> str:
    """The network's name of the record of an act."""
    return f"at://{did}/{COLLECTIONS[action.choice.verb]}/{rkey_of(action.key)}"


def handles_in(text: str) -> list[str]:
    """Whom a text mentions, in small letters."""
    from atproto_client.utils import facet_detection

    found = (mention.handle.lower() for mention in facet_detection.detect_mentions(text))
    return list(dict.fromkeys(found))


def record_of(action: Action, target: Target) -> Any:
    """Exactly what was approved; the same each time."""
    from atproto_client import models

    # The moment from which it might leave: near enough to when it does, and always the same.
    at = action.not_before.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    subject = models.ComAtprotoRepoStrongRef.Main(uri=target.uri, cid=target.cid)
    match action.choice.verb:
        case Verb.LIKE:
            return models.AppBskyFeedLike.Record(created_at=at, subject=subject)
        case Verb.SHARE:
            return models.AppBskyFeedRepost.Record(created_at=at, subject=subject)
    facts: dict[str, Any] = {}
    if action.choice.verb is Verb.COMMENT:
        uri, cid = target.root
        root = models.ComAtprotoRepoStrongRef.Main(uri=uri, cid=cid)
        facts["reply"] = models.AppBskyFeedPost.ReplyRef(parent=subject, root=root)
    elif target.quotable:
        facts["embed"] = models.AppBskyEmbedRecord.Main(record=subject)
    return models.AppBskyFeedPost.Record(
        created_at=at, text=action.text, facets=_facets(action.text, target.people) or None, **facts
    )


def _facets(text: str, people: Mapping[str, str]) -> "list[models.AppBskyRichtextFacet.Main]":
    """The places in a text, in bytes of UTF-8, that lead somewhere: without them, nothing does."""
    from atproto_client import models
    from atproto_client.utils import facet_detection

    facets = list(facet_detection.detect_facets(text))
    for mention in facet_detection.detect_mentions(text):
        did = people.get(mention.handle.lower())
        if did:
            where = models.AppBskyRichtextFacet.ByteSlice(
                byte_start=mention.byte_start, byte_end=mention.byte_end
            )
            who = models.AppBskyRichtextFacet.Mention(did=did)
            facets.append(models.AppBskyRichtextFacet.Main(features=[who], index=where))
    return sorted(facets, key=lambda facet: facet.index.byte_start)
