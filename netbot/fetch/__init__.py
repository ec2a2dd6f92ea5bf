"""Guarded HTTP: asks many addresses politely and at once, and yields what each answered.

The only place with an event loop. Every dial passes the guard, every answer has limits, and no
cookie, referrer or proxy of the environment takes part.
"""

from netbot.fetch.answers import Answer, Hop, NotFound, Request, http_date, retry_after_s, shown
from netbot.fetch.client import USER_AGENT, Limits, fetch_all
from netbot.fetch.exchange import Call, Reply, exchange, refusal
from netbot.fetch.links import Link, links

__all__ = [
    "USER_AGENT",
    "Answer",
    "Call",
    "Hop",
    "Limits",
    "Link",
    "NotFound",
    "Reply",
    "Request",
    "exchange",
    "fetch_all",
    "http_date",
    "links",
    "refusal",
    "retry_after_s",
    "shown",
]
