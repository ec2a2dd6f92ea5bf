"""Commands about my accounts: which there are, and for whom their secrets really are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Sphere, wire
from netbot.cli.light import LightGroup
from netbot.cli.paint import align, bold, local_time, sphere_name
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    Place,
    SphereOption,
    add,
    is_terminal,
    place,
    texts_of,
)
from netbot.cli.sending import WORST_FIRST, brought, send
from netbot.config.addresses import handle_key
from netbot.model import Account, House, Identity, NetworkError, UnknownId, UsageError
from netbot.text import Texts, mark

if TYPE_CHECKING:
    from netbot.network import Network
    from netbot.store.accounts import Known

#: What is said of each state after a check, and the exit code that it means.
TOLD = {
    "by hand": (mark("you act there yourself; netbot needs no secret"), 0),
    "no secret": (mark("has no secret; to let netbot act, put it into {secret}"), 0),
    "fails": (mark("could not be asked: {problem}"), 1),
    "new": (mark("is {found} ({platform_id}), not confirmed yet; add --yes if that is you"), 3),
    "misnamed": (
        mark(
            "is {found} ({platform_id}), but the configuration says {handle}; correct one of the"
            " two: the handle, or the secret in {secret}"
        ),
        5,
    ),
    "other": (
        mark(
            "the secret in {secret} is for {found} ({platform_id}), but this account was"
            " confirmed as {pinned}. Put the right secret there; if you mean to change the"
            " account, add --repin"
        ),
        5,
    ),
    "frozen": (
        mark("is {found}, as confirmed, but frozen: {problem}; add --yes to let it act again"),
        5,
    ),
    "well": (mark("is {found} ({platform_id}), as confirmed"), 0),
}

#: What the human is asked before a state becomes ``well``.
ASKED = {
    "new": mark("{account}: the secret in {secret} is for {found} ({platform_id}). Is that you?"),
    "misnamed": mark(
        "{account}: the secret in {secret} is for {found} ({platform_id}), but the configuration"
        " says {handle}. Is that you nevertheless?"
    ),
    "other": mark(
        "{account}: from now on {found} ({platform_id}) instead of {pinned}. Do you mean that?"
    ),
    "frozen": mark("{account} was frozen: {problem}. May it act again?"),
}

account_app = typer.Typer(cls=LightGroup, no_args_is_help=True, rich_markup_mode=None)


def register(root: typer.Typer) -> None:
    """Add these commands."""
    add(account_app, account_list, "list")
    add(account_app, account_check, "check")
    root.add_typer(account_app, name="account", help="The names under which you act.")


def account_list(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """List your accounts, and as whom each was confirmed."""
    here = place(home, sphere, as_json=as_json)
    items, pages = [], []
    for opened in here.each():
        known, _ = known_accounts(opened), texts_of(opened).get
        rows = [(_("account"), _("network"), _("handle"), _("confirmed"))]
        for account in opened.house.accounts:
            seen = known.get(account.id) if account.platform_id else None
            items.append(_entry(opened.name, account, seen))
            told = _tell_pin(seen, opened.house, texts_of(opened))
            rows.append((account.id, account.network, account.handle, told))
        heading = bold(sphere_name(opened.name, texts_of(opened)))
        pages.append("\n".join([heading, *(f"  {line}" for line in align(rows))]))
    here.answer({"version": wire.VERSION, "accounts": items}, "\n\n".join(pages))


def account_check(
    id: Annotated[str | None, typer.Argument(help="Only this account.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm what is shown, unasked.")] = False,
    repin: Annotated[
        bool, typer.Option("--repin", help="Accept that it is another account than before.")
    ] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask each network whose secret you gave.

    netbot acts only as whom you confirmed.
    """
    here = place(home, sphere, as_json=as_json)
    if id is not None:
        here = replace(here, sphere=_sphere_of_account(id, here))
    outcomes = send(here, "account-check", *filter(None, [id]), secrets=True)
    items, lines, codes = [], [], [outcome.code for outcome in outcomes]
    for outcome in brought(outcomes):
        with here.open(outcome.sphere) as opened:
            texts = texts_of(opened)
            for found in outcome.value:
                item = settle(opened, found, here, yes=yes, repin=repin)
                told, code = TOLD[item["state"]]
                codes.append(2 if id is not None and item["state"] == "no secret" else code)
                lines.append(f"{item['id']}: {texts.get(told).format(**item)}")
                items.append(item)
    here.answer({"version": wire.VERSION, "accounts": items}, "\n".join(lines))
    raise typer.Exit(min(codes, key=WORST_FIRST.index))


def check_here(here: Place, id: str = "") -> tuple[list[dict[str, Any]], str, int]:
    """The errand: ask the networks of the one sphere of ``here``, with its secrets."""
    [name] = here.spheres
    with app.open_sphere(here.home, name, clock.now(), fresh=True, secrets=True) as opened:
        return (
            [
                _check(opened, account)
                for account in opened.house.accounts
                if id in {"", account.id}
            ],
            "",
            0,
        )


def _check(opened: Sphere, account: Account) -> dict[str, Any]:
    if account.network in app.acting_networks():
        return ask(opened, account, opened.actors.get(account.id))
    reader = opened.reader(account)
    try:
        return ask(opened, account, reader)
    finally:
        if reader is not None:
            reader.close()


def ask(opened: Sphere, account: Account, actor: "Network | None") -> dict[str, Any]:
    """One account, with the network's answer; the secret is not in it."""
    item = {
        "sphere": opened.name,
        "account": account.id,
        "id": account.id,
        "network": account.network,
        "handle": account.handle,
        "secret": opened.secrets.where(account.id),
        "found": None,
        "platform_id": None,
        "problem": None,
    }
    if actor is None or actor.access is None:
        able = account.network in app.keyed_networks()
        return item | {"state": "no secret" if able else "by hand"}
    try:
        identity = actor.identify()
    except NetworkError as error:
        return item | {"state": "fails", "problem": str(error)}
    seen = {"found": identity.handle, "platform_id": identity.platform_id}
    return item | seen | {"state": "new", "mark": actor.access.mark}


def settle(
    opened: Sphere, found: dict[str, Any], here: Place, *, yes: bool, repin: bool
) -> dict[str, Any]:
    """What the check of an account comes to, written down if the human confirms it."""
    account = opened.house.account(found["id"])
    secret_mark = found.pop("mark", "")
    item = found | compare_with(opened, found)
    if account is None or item["platform_id"] is None:
        return item
    state = item["state"]
    unasked = yes and state != "misnamed"
    if state == "well" or (
        (state != "other" or repin) and (unasked or confirms(opened, item, here))
    ):
        identity = Identity(platform_id=item["platform_id"], handle=item["found"])
        pin(opened, account, identity, secret_mark, clock.now())
        return item | {"state": "well", "problem": None}
    return item


def compare_with(opened: Sphere, item: dict[str, Any]) -> dict[str, Any]:
    """Whether the network's answer, if any, is what was confirmed, or at least what is claimed."""
    mine = opened.house.account(item["id"])
    known = known_accounts(opened).get(item["id"]) if mine and mine.platform_id else None
    if item["platform_id"] is None:
        return {"pinned": None}
    return {"pinned": known and f"{known.handle} ({known.platform_id})"} | _compare(item, known)


def _compare(item: dict[str, Any], known: "Known | None") -> dict[str, Any]:
    if known and known.platform_id != item["platform_id"]:
        return {"state": "other"}
    if known and known.frozen_at:
        return {"state": "frozen", "problem": known.note}
    if known:
        return {"state": "well"}
    same = handle_key(item["network"], item["found"]) == handle_key(item["network"], item["handle"])
    return {"state": "new" if same else "misnamed"}


def confirms(opened: Sphere, item: dict[str, Any], here: Place) -> bool:
    """Ask the human, if there is one to ask."""
    if here.json or not is_terminal():
        return False
    question = texts_of(opened).get(ASKED[item["state"]]).format(**item)
    return typer.confirm(question, default=False)


def pin(
    opened: Sphere, account: Account, identity: Identity, secret_mark: str, now: datetime
) -> None:
    """Write down whom a secret is for, because the human said so."""
    from netbot.store import accounts

    with opened.store.write() as tx:
        accounts.pin(tx, account, identity, secret_mark, now)


def _sphere_of_account(id: str, here: Place) -> str:
    """The one sphere that has the account; netbot never guesses which of two is meant."""
    houses = app.read_config(here.home).houses
    found = [name for name, house in houses.items() if house.account(id)]
    if here.sphere in found:
        return here.sphere
    if here.sphere is not None or not found:
        raise UnknownId(id, f"there is no account {id}: `netbot account list` shows them")
    if len(found) > 1:
        raise UsageError(f"{id} stands in {' and '.join(found)}: say which with --sphere")
    return found[0]


def known_accounts(opened: Sphere) -> "Mapping[str, Known]":
    """What is remembered of each account, by id."""
    from netbot.store import accounts

    with opened.store.read() as tx:
        return accounts.load(tx)


def _entry(sphere: str, account: Account, known: "Known | None") -> dict[str, Any]:
    return {
        "sphere": sphere,
        "id": account.id,
        "network": account.network,
        "handle": account.handle,
        "platform_id": account.platform_id,
        "checked_at": wire.moment(known.checked_at) if known else None,
        "resting_until": wire.moment(known.resting_until) if known else None,
        "frozen_at": wire.moment(known.frozen_at) if known else None,
        "note": (known.note or None) if known else None,
    }


def _tell_pin(known: "Known | None", house: House, texts: Texts) -> str:
    _ = texts.get
    if known is None:
        return "–"
    if known.frozen_at:
        return _("frozen: {note}").format(note=known.note)
    at = known.checked_at
    return f"{known.handle} ({known.platform_id}), {local_time(at, house) if at else '–'}"
