"""The morning mail, to be looked at and to be tried."""

from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.place import HomeOption, JsonOption, Place, SphereOption, add, place, texts_of
from netbot.cli.sending import brought, end, send
from netbot.config.names import MAIL
from netbot.model import NetbotError

if TYPE_CHECKING:
    from netbot.digest.notifying import Notification


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, digest)


def digest(
    mail: Annotated[bool, typer.Option("--send", help="Send it now, whatever the hour.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show today's morning mail and notification, or send them."""
    from netbot.digest import compose, summarise

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
        made, told = compose(opened, clock.now()), summarise(opened, clock.now())
        values.append(_mail_to_json(opened.name, made, told))
        shown = [*([_tell(made)] if made else []), *([_tell_short(told)] if told else [])]
        pages.append("\n\n".join(shown) or _why_none(opened))
    here.answer({"version": wire.VERSION, "mails": values}, "\n\n".join(pages))


def digest_here(here: Place) -> tuple[dict[str, Any] | None, str, int]:
    """The errand: send the mail and the notification of the one sphere of ``here`` now."""
    from netbot.digest import compose, notify, post, summarise

    [name] = here.spheres
    with app.open_sphere(here.home, name, clock.now(), fresh=True, secrets=True) as opened:
        made, told = compose(opened, clock.now()), summarise(opened, clock.now())
        settings, _ = opened.house.digest, texts_of(opened).get
        ways: dict[str, Callable[[], None]] = {}
        if made is not None and settings is not None:
            password = opened.secrets.get(MAIL) if settings.user else None
            ways[settings.to] = partial(post, made, settings, password)
        if told is not None and settings is not None:
            ways[", ".join(settings.notify)] = partial(notify, opened, told)
        if not ways:
            return {"sent": False, "to": None}, _why_none(opened), 0
        faults = {address: _try(send) for address, send in ways.items()}
        reached = [address for address, fault in faults.items() if fault is None]
        lines = [
            fault.told(_) if fault else _("Sent to {address}.").format(address=address)
            for address, fault in faults.items()
        ]
        code = max(fault.exit_code if fault else 0 for fault in faults.values())
        value = {"sent": True, "to": ", ".join(reached)} if reached else None
        return value, "\n".join(lines), code


def _why_none(sphere: app.Sphere) -> str:
    _ = texts_of(sphere).get
    if sphere.house.digest is None:
        told = _("No mail: none is asked for; “digest” in config/{sphere}.yaml does that.")
        return told.format(sphere=sphere.name)
    return _("No mail: nothing waits.")


def _try(send: Callable[[], None]) -> NetbotError | None:
    """What became of one of the two: the other goes out in any case."""
    try:
        send()
    except NetbotError as error:
        return error
    return None


def _mail_to_json(
    sphere: str, mail: EmailMessage | None, told: "Notification | None"
) -> dict[str, Any]:
    return {
        "sphere": sphere,
        "subject": str(mail["Subject"]) if mail else None,
        "text": _body(mail) if mail else None,
        "notification": {"title": told.title, "body": told.body} if told else None,
    }


def _tell(mail: EmailMessage) -> str:
    return f"{mail['Subject']}\n\n{_body(mail)}"


def _tell_short(told: "Notification") -> str:
    return f"{told.title}\n{told.body}"


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()).strip() if part is not None else ""
