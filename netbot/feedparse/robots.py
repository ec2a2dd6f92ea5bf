"""What a site's robots.txt says to programs (RFC 9309)."""

from netbot.feedparse.document import Permission

#: RFC 9309 §2.5 wants half a mebibyte read at least; nobody writes more.
LONGEST = 500 * 1024


def ask_robots(body: bytes, url: str, agent: str) -> Permission:
    """Whether ``agent`` may ask for ``url``, and how long it shall wait between two questions."""
    from protego import Protego

    rules = Protego.parse(body[:LONGEST].decode("utf-8", "replace"))
    delay_s = rules.crawl_delay(agent) or 0.0
    return Permission(allowed=rules.can_fetch(url, agent), delay_s=max(0.0, delay_s))
