"""What an approval binds: the bytes that the human saw. Pure."""

import hashlib
import json

from netbot.model.values import Account, Choice, Post


def hash_post(post: Post) -> str:
    """SHA-256, hex, of a post as it is shown."""
    return _digest({"title": post.title, "text": post.text, "url": post.url})


def hash_approval(
    sphere: str, choice: Choice, account: Account | None, text: str, post_sha: str
) -> str:
    """SHA-256, hex, over canonical JSON of everything that makes the act what it is.

    ``post_sha`` is what ``hash_post`` gave for the post as it was shown.
    """
    return _digest(
        {
            "sphere": sphere,
            "network": choice.network,
            "account": choice.account,
            "platform_id": account.platform_id if account else None,
            "verb": choice.verb.value,
            "target": choice.target_url,
            "text": text,
            "media": [],
            "post": post_sha,
        }
    )


def _digest(value: object) -> str:
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
