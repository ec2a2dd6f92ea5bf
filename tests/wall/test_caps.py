"""Ten thousand approvals at once, two who send them side by side, and caps that hold."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from netbot import engine
from netbot.engine import Hall
from netbot.model import (
    Account,
    ActionState,
    Choice,
    Client,
    Identity,
    Outcome,
    StoreError,
    Verb,
    hash_approval,
)
from netbot.network import Access
from netbot.store import Store, accounts, acts, performed, schema, texts
from tests.actor import API, Stage, open_policy
from tests.house import NOON, days, hours, house

APPROVALS = 10_000
ROUNDS = 4 * int(os.environ.get("NETBOT_SOAK", "1"))
CAPS = {Verb.LIKE: 6, Verb.SHARE: 2}
PER_CLIENT = 2
POLICY = {"mastodon": open_policy(caps=CAPS, per_client=PER_CLIENT)}
ACCOUNTS = tuple(
    Account(id=f"studio-{n}", network="mastodon", handle=f"@{n}@a.example", platform_id=str(n))
    for n in range(4)
)
CLIENTS = tuple(Client(id=f"client-{n}", name=f"Client {n}") for n in range(50))
POST = {
    "id": 1,
    "client_id": "client-0",
    "source_id": 1,
    "story_id": 1,
    "network": "web",
    "url": "",
    "title_sha": "",
    "body_sha": "",
    "kind": "original",
    "tags": [],
    "links": 0,
    "media": 0,
    "keys": [],
    "first_seen_at": NOON,
}
CARD = {
    "story_id": 1,
    "post_id": 1,
    "alternatives": [],
    "verdict_sha": "",
    "draft_sha": "",
    "score": {"total": 0.0, "parts": {}},
    "total": 0.0,
    "state": "approved",
    "created_at": NOON,
    "expires_at": NOON + days(99),
}


def approve(n: int) -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
    """The rows that one click leaves behind: card, decision and act."""
    account, client = ACCOUNTS[n % len(ACCOUNTS)].id, CLIENTS[n % len(CLIENTS)].id
    verb = Verb.LIKE if n % 3 else Verb.SHARE
    url = f"https://a.example/{n}"
    choice = Choice(verb=verb, target_url=url, account=account, network="mastodon", channel=API)
    act = {
        "verb": verb.value,
        "account_id": account,
        "network": "mastodon",
        "channel": "api",
    }
    card = CARD | act | {"id": n, "client_id": client, "target_url": url}
    bound = act | {
        "id": n,
        "suggestion_id": n,
        "outcome": Outcome.APPROVED.value,
        "target_sha": texts.sha256(url),
        "text_sha": texts.sha256(""),
    }
    digest = hash_approval("professional", choice, ACCOUNTS[n % len(ACCOUNTS)], "", "p")
    decision = bound | {"post_sha": "p", "approval_hash": digest, "decided_at": NOON}
    outbox = bound | {
        "decision_id": n,
        "client_id": client,
        "state": ActionState.PENDING.value,
        "not_before": NOON,
        "expires_at": NOON + days(99),
        "created_at": NOON,
        "changed_at": NOON,
        "key": f"{n:032x}",
    }
    return card, decision, outbox


def fill(store: Store) -> None:
    rows = [approve(n) for n in range(1, APPROVALS + 1)]
    kept = {(act["client_id"], str(card["target_url"])) for card, _, act in rows}
    kept |= {(client.id, "") for client in CLIENTS}
    with store.write() as tx:
        for account in ACCOUNTS:
            identity = Identity(platform_id=str(account.platform_id), handle=account.handle)
            accounts.pin(tx, account, identity, "mark", NOON)
        source = {"id": 1, "client_id": "client-0", "network": "web", "address": "x"}
        tx.execute(schema.sources.insert(), [source])
        tx.execute(schema.posts.insert(), [POST])
        tx.execute(
            schema.texts.insert(),
            [
                {
                    "sha256": texts.sha256(body),
                    "client_id": client,
                    "body": body,
                    "created_at": NOON,
                }
                for client, body in kept
            ],
        )
        for table, place in ((schema.suggestions, 0), (schema.decisions, 1), (schema.outbox, 2)):
            tx.execute(table.insert(), [row[place] for row in rows])


def stages() -> dict[str, Stage]:
    made = {}
    for account in ACCOUNTS:
        access = Access(sphere="professional", account=account, secret="")
        made[account.id] = Stage(access, platform_id=str(account.platform_id))
        made[account.id].identify()
    return made


def send_all(store: Store, hall: Hall, now) -> int:
    """Rounds until nothing is due any more; returns how many acts left."""
    actors, sent = stages(), 0
    while True:
        try:
            done = engine.send(store, hall, actors, now)
        except StoreError:  # the other one was quicker with an act
            continue
        sent += done.sent
        if not (done.sent or done.waiting):
            return sent


def test_ten_thousand_approvals_never_exceed_a_cap(tmp_path: Path):
    """Side by side: as two who hold the executor lock never are, and still no cap is passed."""
    hall = Hall(house=house(*CLIENTS, accounts=ACCOUNTS), policy=POLICY, handoffs={})
    sent = 0
    with Store(f"sqlite:///{tmp_path}/netbot.db", "professional") as store:
        fill(store)
        for turn in range(ROUNDS):
            now = NOON + hours(7) * turn
            with ThreadPoolExecutor(2) as both:
                sent += sum(both.map(lambda _, at=now: send_all(store, hall, at), range(2)))
        with store.read() as tx:
            done = performed.after(tx, NOON - days(1))
            left = acts.count(tx)
    assert len(done) == sent == APPROVALS - left[ActionState.PENDING]
    assert sent >= ROUNDS // 4 * len(ACCOUNTS) * sum(CAPS.values())
    for each in done:
        day = [one for one in done if each.at - days(1) < one.at <= each.at]
        mine = [one for one in day if one.account == each.account]
        for verb, cap in CAPS.items():
            assert sum(one.verb is verb for one in mine) <= cap
        assert sum(one.client == each.client for one in day) <= PER_CLIENT
