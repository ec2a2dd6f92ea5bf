"""Commands about tokens: what lets programs read or propose, and nothing else."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.light import LightGroup
from netbot.cli.paint import align
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place
from netbot.model import UsageError
from netbot.text import RIGHTS, SPHERES, Texts

if TYPE_CHECKING:
    from netbot.cli.place import Place
    from netbot.store.door import Token

group = typer.Typer(cls=LightGroup, no_args_is_help=True)


def token_add(
    name: Annotated[str, typer.Argument(help="What you call the program that will use it.")],
    right: Annotated[str, typer.Option("--right", help="read, propose or feed.")] = "read",
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token for one sphere. It is shown once, and none can approve."""
    from netbot.app import tokens
    from netbot.store.door import Right

    here = place(home, sphere, as_json=as_json)
    if right not in RIGHTS:
        raise UsageError(f"“{right}” is no right: say --right {', '.join(RIGHTS)}")
    if len(here.spheres) > 1:
        raise UsageError("a token opens one sphere: say which with --sphere")
    [only] = here.spheres
    made = tokens.make(here.home, name=name, sphere=only, right=Right(right), now=clock.now())
    addresses = made.addresses(app.read_config(here.home).web.front)
    _ = _texts(here).get
    lines = [_("This is shown once:"), *(addresses or (made.secret,))]
    value = _token(made.token) | {"token": made.secret, "addresses": list(addresses)}
    here.answer(value, "\n".join(lines))


def token_list(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """List the tokens: for which program, which sphere, what they open, when last used."""
    from netbot.app import tokens

    here = place(home, sphere, as_json=as_json)
    found = [each for each in tokens.everything(here.home) if each.sphere in here.spheres]
    texts = _texts(here)
    rows = [_row(each, texts) for each in found]
    told = "\n".join(align(rows)) if rows else texts.get("No token yet.")
    here.answer({"version": wire.VERSION, "tokens": [_token(each) for each in found]}, told)


def token_remove(
    id: Annotated[int, typer.Argument(help="Its number, as `netbot token list` shows it.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a token: from now on it opens nothing."""
    from netbot.app import tokens

    here = place(home, as_json=as_json)
    tokens.revoke(here.home, id)
    told = _texts(here).get("Token {id} opens nothing any more.").format(id=id)
    here.answer({"version": wire.VERSION, "removed": id}, told)


def _texts(here: "Place") -> Texts:
    from netbot.cli.keeping import home_texts

    return home_texts(here.home)


def _row(token: "Token", texts: Texts) -> tuple[str, ...]:
    _ = texts.get
    used = _("last used {day}").format(day=f"{token.used_at:%Y-%m-%d}") if token.used_at else ""
    sphere = _(SPHERES.get(token.sphere, token.sphere))
    return (str(token.id), token.name, sphere, _(RIGHTS[token.right.value]), used)


def _token(token: "Token") -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "sphere": token.sphere,
        "right": token.right.value,
        "made_at": wire.moment(token.made_at),
        "used_at": wire.moment(token.used_at),
    }


add(group, token_add, "add")
add(group, token_list, "list")
add(group, token_remove, "remove")
