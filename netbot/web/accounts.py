"""My accounts in one sphere: what each may do, as whom it was confirmed, and what holds it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from netbot import app, engine
from netbot.model import Account, Channel
from netbot.network import NetworkPolicy
from netbot.store import accounts as store
from netbot.store import performed
from netbot.store.accounts import Known
from netbot.text import VERBS
from netbot.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One account."""

    account: Account
    known: Known | None  # None: nobody has confirmed whose secret it has
    by_netbot: Sequence[str]  # what it may do, in words
    by_hand: Sequence[str]
    why: str  # the network's terms
    can_have_secret: bool
    resting_until: datetime | None  # only while it rests
    last_act: datetime | None
    spent: str  # of its budget within 30 days; "" where nothing costs anything
    budget: str


def accounts(visit: Visit) -> Response:
    """Every account of the sphere, and how to add one."""
    return visit.render("accounts.html", rows=[*_rows(visit)], problem="")


def _rows(visit: Visit) -> list[Row]:
    with visit.sphere.store.read() as tx:
        known, last = store.load(tx), performed.last_of_accounts(tx)
        spent = {each.id: engine.spent(tx, each.id, visit.now) for each in _mine(visit)}
    return [
        _row(
            visit,
            account,
            known.get(account.id) if account.platform_id else None,
            last.get(account.id),
            spent[account.id],
        )
        for account in _mine(visit)
    ]


def _mine(visit: Visit) -> Sequence[Account]:
    return visit.sphere.house.accounts


def _row(
    visit: Visit, account: Account, known: Known | None, last_act: datetime | None, spent: int
) -> Row:
    policy = visit.sphere.policy.get(account.network)
    resting = known.resting_until if known else None
    costs = bool(spent or (policy and policy.cost_micros))
    return Row(
        account=account,
        known=known,
        by_netbot=_verbs(visit, policy, Channel.API) if known else (),
        by_hand=_by_hand(visit, policy, is_known=known is not None),
        why=policy.why if policy else "",
        can_have_secret=account.network in app.keyed_networks(),
        resting_until=resting if resting and resting > visit.now else None,
        last_act=last_act,
        spent=engine.dollars(spent) if costs else "",
        budget=engine.dollars(account.budget_micros),
    )


def _by_hand(visit: Visit, policy: NetworkPolicy | None, *, is_known: bool) -> Sequence[str]:
    """What the network takes from people only, or from programs that it knows, and ours is none."""
    mine = _verbs(visit, policy, Channel.HANDOFF)
    return mine if is_known else (*_verbs(visit, policy, Channel.API), *mine)


def _verbs(visit: Visit, policy: NetworkPolicy | None, channel: Channel) -> tuple[str, ...]:
    verbs = policy.verbs.items() if policy else ()
    return tuple(visit.texts.get(VERBS[verb]) for verb, by in verbs if by is channel)
