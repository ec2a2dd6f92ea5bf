"""The part of Mastodon's API that the stand-in speaks: which request means what, and does what."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl, urlsplit

from netbot.demo import entities
from netbot.demo.answering import Answer
from netbot.demo.entities import Teller
from netbot.demo.instance import Complaint, Instance, Person, Status

_MOST = 40  # statuses a page (docs.joinmastodon.org/methods/accounts)
_WRITES = {
    "post": ("POST", re.compile(r"/api/v1/statuses")),
    "delete": ("DELETE", re.compile(r"/api/v1/statuses/(\w+)")),
    "favourite": ("POST", re.compile(r"/api/v1/statuses/(\w+)/favourite")),
    "unfavourite": ("POST", re.compile(r"/api/v1/statuses/(\w+)/unfavourite")),
    "reblog": ("POST", re.compile(r"/api/v1/statuses/(\w+)/reblog")),
    "unreblog": ("POST", re.compile(r"/api/v1/statuses/(\w+)/unreblog")),
}
_READS = {
    "instance": ("GET", re.compile(r"/api/v[12]/instance/?")),
    "verify": ("GET", re.compile(r"/api/v1/accounts/verify_credentials")),
    "lookup": ("GET", re.compile(r"/api/v1/accounts/lookup")),
    "account": ("GET", re.compile(r"/api/v1/accounts/(\d+)")),
    "timeline": ("GET", re.compile(r"/api/v1/accounts/(\d+)/statuses")),
    "status": ("GET", re.compile(r"/api/v1/statuses/(\w+)")),
    "context": ("GET", re.compile(r"/api/v1/statuses/(\w+)/context")),
    "search": ("GET", re.compile(r"/api/v2/search")),
    "notifications": ("GET", re.compile(r"/api/v1/notifications")),
}
_PRIVATE = {*_WRITES, "verify", "search", "notifications"}  # need a token


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood."""

    verb: str
    id: str  # of the status or account it is about; "" for none
    params: Mapping[str, str]
    types: tuple[str, ...]  # of notifications that are wanted
    token: str
    key: str  # Idempotency-Key
    person: Person | None = None

    @property
    def is_write(self) -> bool:
        """Whether it is to change something."""
        return self.verb in _WRITES

    @property
    def is_private(self) -> bool:
        """Whether it needs a token."""
        return self.verb in _PRIVATE

    @property
    def caller(self) -> Person:
        """Whoever holds the token."""
        if self.person is None:
            raise Complaint(401, "This method requires an authenticated user")
        return self.person


def understand(method: str, target: str, headers: Message, body: bytes) -> Call | None:
    """The request as a call of the API; None when the API has no such call."""
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if "json" in headers.get("Content-Type", ""):
        pairs += json.loads(body).items()
    else:
        pairs += parse_qsl(body.decode(), keep_blank_values=True)
    for verb, (known, pattern) in (_WRITES | _READS).items():
        match = pattern.fullmatch(parts.path)
        if match and method == known:
            return Call(
                verb=verb,
                id=match[1] if pattern.groups else "",
                params=dict(pairs),
                types=tuple(value for name, value in pairs if name == "types[]"),
                token=headers.get("Authorization", "").removeprefix("Bearer "),
                key=headers.get("Idempotency-Key", ""),
            )
    return None


def write(instance: Instance, call: Call) -> tuple[Status, Status | None, bool]:
    """Do it: what it made or touched, what it was about, and whether anything has changed.

    Raises ``Complaint``.
    """
    return _WRITERS[call.verb](instance, call)


def read(instance: Instance, teller: Teller, call: Call) -> Answer:
    """Tell it. Raises ``Complaint``."""
    return _READERS[call.verb](instance, teller, call)


def _post(instance: Instance, call: Call) -> tuple[Status, Status | None, bool]:
    status, is_new = instance.write(
        call.caller,
        call.params.get("status", ""),
        parent=call.params.get("in_reply_to_id"),
        key=call.key,
        visibility=call.params.get("visibility"),
        language=call.params.get("language"),
        spoiler=call.params.get("spoiler_text", ""),
    )
    return status, status.parent, is_new


def _delete(instance: Instance, call: Call) -> tuple[Status, Status | None, bool]:
    status = instance.delete(call.caller, call.id)
    return status, status, True


def _marking(act: str) -> Callable[[Instance, Call], tuple[Status, Status | None, bool]]:
    def mark(instance: Instance, call: Call) -> tuple[Status, Status | None, bool]:
        status, changed = getattr(instance, act)(call.caller, call.id)
        return status, status.boosted or status, changed

    return mark


_WRITERS: Mapping[str, Callable[[Instance, Call], tuple[Status, Status | None, bool]]] = {
    "post": _post,
    "delete": _delete,
    **{act: _marking(act) for act in ("favourite", "unfavourite", "reblog", "unreblog")},
}


def _timeline(instance: Instance, teller: Teller, call: Call) -> Answer:
    params = call.params
    mine = [
        each
        for each in instance.visible()
        if each.author.id == call.id
        and each.visibility in {"public", "unlisted"}
        and not (each.boosted and params.get("exclude_reblogs") == "1")
        and not (_is_to_another(each) and params.get("exclude_replies") == "1")
    ]
    limit = min(int(params.get("limit", 20)), _MOST)
    page = _page(mine, params, limit)
    links = []
    if page:
        place = f"{instance.base}/api/v1/accounts/{call.id}/statuses?limit={limit}"
        links = [
            f'<{place}&max_id={page[-1].id}>; rel="next"',
            f'<{place}&min_id={page[0].id}>; rel="prev"',
        ]
    headers = {"Link": ", ".join(links)} if links else {}
    return Answer(json=[teller.status(each) for each in page], headers=headers)


def _page(newest_first: list[Status], params: Mapping[str, str], limit: int) -> list[Status]:
    """``min_id`` gives the page next to it, ``since_id`` and ``max_id`` the newest one."""
    low = int(params.get("min_id") or params.get("since_id") or 0)
    high = int(params.get("max_id") or 10**30)
    within = [each for each in newest_first if low < int(each.id) < high]
    return within[-limit:] if "min_id" in params else within[:limit]


def _is_to_another(status: Status) -> bool:
    return status.parent is not None and status.parent.author is not status.author


def _lookup(instance: Instance, teller: Teller, call: Call) -> Answer:
    user, _, host = call.params.get("acct", "").removeprefix("@").partition("@")
    person = instance.find(user, host)
    if person is None:
        raise Complaint(404, "Record not found")
    return Answer(json=teller.account(person))


def _account(instance: Instance, teller: Teller, call: Call) -> Answer:
    for person in instance.people.values():
        if person.id == call.id:
            return Answer(json=teller.account(person))
    raise Complaint(404, "Record not found")


def _context(instance: Instance, teller: Teller, call: Call) -> Answer:
    status = instance.status(call.id)
    before: list[Status] = []
    after: list[Status] = []
    above = status.parent
    while above is not None:
        before.insert(0, above)
        above = above.parent
    family = {status.id}
    for each in reversed(list(instance.visible())):
        if each.parent is not None and each.parent.id in family:
            family.add(each.id)
            after.append(each)
    told = {"ancestors": before, "descendants": after}
    return Answer(json={name: [teller.status(one) for one in line] for name, line in told.items()})


def _search(instance: Instance, teller: Teller, call: Call) -> Answer:
    wanted = call.params.get("q", "")
    found = instance.resolve(wanted) if call.params.get("resolve") == "1" else None
    statuses = [teller.status(found)] if found else []
    return Answer(json={"accounts": [], "statuses": statuses, "hashtags": []})


def _notifications(instance: Instance, teller: Teller, call: Call) -> Answer:
    low = int(call.params.get("min_id") or call.params.get("since_id") or 0)
    high = int(call.params.get("max_id") or 10**30)
    by = call.params.get("account_id")
    found = [
        teller.notice(each)
        for each in reversed(instance.notices)
        if each.to is call.person
        and low < int(each.id) < high
        and (not call.types or each.kind in call.types)
        and by in {None, each.by.id}
    ]
    return Answer(json=found[: int(call.params.get("limit", 40))])


_READERS: Mapping[str, Callable[[Instance, Teller, Call], Answer]] = {
    "instance": lambda instance, _, __: Answer(json=entities.server(instance)),
    "verify": lambda _, teller, call: Answer(json=teller.own_account(call.caller)),
    "lookup": _lookup,
    "account": _account,
    "timeline": _timeline,
    "status": lambda instance, teller, call: Answer(json=teller.status(instance.status(call.id))),
    "context": _context,
    "search": _search,
    "notifications": _notifications,
}
