"""A letter as a post of the one who sent it."""

from datetime import UTC, datetime, timedelta

from netbot.feedparse import Letter
from netbot.model import Post

#: Clocks of senders go wrong by less than this.
_FUTURE = timedelta(days=1)


def belongs(letter: Letter, address: str) -> bool:
    """Whether a source's address names the letter's sender, its list, or the sender's domain."""
    wanted = address.strip().strip("<>").lower()
    domain = letter.sender.rpartition("@")[2]
    return wanted in {letter.sender, letter.list_id, f"@{domain}"} - {"", "@"}


def newsletter(letter: Letter, now: datetime) -> Post:
    """The letter as something published on the web, where it can be read."""
    entry = letter.entry
    return Post(
        network="web",
        url=entry.url,
        title=entry.title,
        text=entry.text,
        keys=entry.keys,
        author=entry.author,
        language=entry.language,
        published_at=sent_at(letter, now),
        links=entry.links,
    )


def sent_at(letter: Letter, now: datetime) -> datetime | None:
    """When it was sent, says the sender; None where that cannot be."""
    if letter.entry.published is None:
        return None
    date = datetime.fromisoformat(letter.entry.published).astimezone(UTC)
    return None if date > now + _FUTURE else date
