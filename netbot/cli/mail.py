"""The morning mail, to be looked at and to be tried."""

from email.message import EmailMessage
from typing import Annotated, Any

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.place import HomeOption, JsonOption, Place, SphereOption, add, place, texts_of
from netbot.cli.sending import brought, end, send
from netbot.config.names import MAIL


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, digest)


def digest(
    mail: Annotated[bool, typer.Option("--send", help="Send it now, whatever the hour.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the morning mail as it would be now."""
    from netbot.digest import compose

    here = place(home, sphere, as_json=as_json)
    if mail:
        outcomes = send(here, "digest", secrets=True)
        values = [{"sphere": each.sphere, **each.value} for each in brought(outcomes)]
        lines = [each.text for each in brought(outcomes)]
        here.answer({"version": wire.VERSION, "mails": values}, "\n".join(lines))
        end(outcomes)
        return
    values, pages = [], []
    for opened in here.each():
        made = compose(opened, clock.now())
        values.append(_mail_to_json(opened.name, made))
        pages.append(_tell(made) if made else texts_of(opened).get("No mail: nothing waits."))
    here.answer({"version": wire.VERSION, "mails": values}, "\n\n".join(pages))


def digest_here(here: Place) -> tuple[dict[str, Any], str, int]:
    """The errand: send the mail of the one sphere of ``here`` now."""
    from netbot.digest import compose, post

    [name] = here.spheres
    with app.open_sphere(here.home, name, clock.now(), fresh=True, secrets=True) as opened:
        made, settings = compose(opened, clock.now()), opened.house.digest
        _ = texts_of(opened).get
        if made is None or settings is None:
            return {"sent": False, "to": None}, _("No mail: nothing waits."), 0
        post(made, settings, opened.secrets.get(MAIL) if settings.user else None)
        told = _("Sent to {address}.").format(address=settings.to)
        return {"sent": True, "to": settings.to}, told, 0


def _mail_to_json(sphere: str, mail: EmailMessage | None) -> dict[str, Any]:
    if mail is None:
        return {"sphere": sphere, "subject": None, "text": None}
    return {"sphere": sphere, "subject": str(mail["Subject"]), "text": _body(mail)}


def _tell(mail: EmailMessage) -> str:
    return f"{mail['Subject']}\n\n{_body(mail)}"


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()).strip() if part is not None else ""
