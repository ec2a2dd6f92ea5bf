"""How politely a feed reader reads, in the columns by which owners of blogs judge it.

The columns are those of Rachel Kroll's feed reader behaviour project (rachelbythebay.com/fs).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

#: Between two requests at one feed, and between a download and one that would repeat it.
ANY_TWO = timedelta(hours=1)
TWO_DOWNLOADS = timedelta(hours=24)

_POLITE_AGENT = re.compile(r"[\w.-]+/\d[\w.]* .*\+?https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came in, and how it was answered."""

    method: str
    path: str  # with the query
    headers: Mapping[str, str]  # names in lower case
    status: int  # 0 when the connection was dropped
    at: datetime | None = None
    answered: Mapping[str, str] = field(default_factory=dict)  # headers as they were sent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderScore:
    """What one reader did; every number but the first is a fault."""

    requests: int = 0
    unconditional: int = 0  # more than one a feed, of a server that gives validators
    wrong_validators: int = 0  # other than the server's own last words, byte for byte
    too_soon: int = 0  # after the request before it
    cookies: int = 0
    referrers: int = 0
    queries: int = 0  # something added to the address
    no_gzip: int = 0  # gzip was not asked for
    shy_agent: int = 0  # the User-Agent lacks name, version or an address to write to

    @property
    def faults(self) -> int:
        """All of them; 0 is perfect."""
        return sum(getattr(self, each.name) for each in fields(self)[1:])


def score(requests: Sequence[Asked]) -> dict[str, ReaderScore]:
    """The score of each reader, by its User-Agent."""
    agents: dict[str, dict[str, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    for asked in requests:
        feed = asked.path.partition("?")[0]
        agents[asked.headers.get("user-agent", "")][feed].append(asked)
    return {agent: _sum(map(_score_feed, feeds.values())) for agent, feeds in agents.items()}


def _sum(scores: Iterator[ReaderScore]) -> ReaderScore:
    totals: dict[str, int] = defaultdict(int)
    for each in scores:
        for column in fields(each):
            totals[column.name] += getattr(each, column.name)
    return ReaderScore(**totals)


def _score_feed(requests: Sequence[Asked]) -> ReaderScore:
    """One reader at one feed."""
    etags, dates = _last_words(requests, "ETag"), _last_words(requests, "Last-Modified")
    offered = [bool(etag or date) for etag, date in zip(etags, dates, strict=True)]
    blank = [not _validators(asked) for asked in requests]
    return ReaderScore(
        requests=len(requests),
        unconditional=sum(map(all, zip(blank, offered, strict=True))),
        wrong_validators=_count_wrong(requests, "if-none-match", etags)
        + _count_wrong(requests, "if-modified-since", dates),
        too_soon=_count_too_soon(requests),
        cookies=_count(requests, "cookie"),
        referrers=_count(requests, "referer"),
        queries=sum("?" in asked.path for asked in requests),
        no_gzip=sum("gzip" not in asked.headers.get("accept-encoding", "") for asked in requests),
        shy_agent=sum(
            not _POLITE_AGENT.match(asked.headers.get("user-agent", "")) for asked in requests
        ),
    )


def _last_words(requests: Sequence[Asked], name: str) -> list[str]:
    """For each request the validator that the reader had been given before; "" for none."""
    words, last = [], ""
    for asked in requests:
        words.append(last)
        if asked.status == 200:
            last = asked.answered.get(name, "")
        elif asked.status == 304:
            last = asked.answered.get(name, "") or last
    return words


def _validators(asked: Asked) -> bool:
    return "if-none-match" in asked.headers or "if-modified-since" in asked.headers


def _count_wrong(requests: Sequence[Asked], name: str, given: Sequence[str]) -> int:
    return sum(
        name in asked.headers and asked.headers[name] != last
        for asked, last in zip(requests, given, strict=True)
    )


def _count_too_soon(requests: Sequence[Asked]) -> int:
    last: datetime | None = None
    loaded: datetime | None = None
    found = 0
    for asked in requests:
        at = asked.at
        if at is None:
            continue
        hasty = last is not None and at - last < ANY_TWO
        repeats = not _validators(asked) and loaded is not None and at - loaded < TWO_DOWNLOADS
        found += hasty or repeats
        last, loaded = at, at if asked.status == 200 else loaded
    return found


def _count(requests: Sequence[Asked], name: str) -> int:
    return sum(name in asked.headers for asked in requests)


def page(requests: Sequence[Asked]) -> bytes:
    """The scores as a page with one table."""
    root = Element("html", lang="en")
    SubElement(SubElement(root, "head"), "title").text = "Reader score"
    body = SubElement(root, "body")
    SubElement(body, "h1").text = "Reader score"
    table = SubElement(body, "table")
    columns = [column.name for column in fields(ReaderScore)]
    _row(table, "th", ["reader", *(name.replace("_", " ") for name in columns), "faults"])
    for agent, found in score(requests).items():
        figures = [str(getattr(found, name)) for name in columns]
        _row(table, "td", [agent or "(no name)", *figures, str(found.faults)])
    markup: str = tostring(root, encoding="unicode", method="html")
    return f"<!doctype html>\n{markup}\n".encode()


def _row(table: Element, tag: str, cells: Sequence[str]) -> None:
    row = SubElement(table, "tr")
    for cell in cells:
        SubElement(row, tag).text = cell
