"""Commands that stop a home, keep it and bring it back."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.paint import fold
from netbot.cli.place import HomeOption, JsonOption, Place, add, place
from netbot.model import NetbotError, UsageError
from netbot.text import Texts, translator

if TYPE_CHECKING:
    from netbot.ops.restore import Restored
    from netbot.pause import Pause

#: The passphrase for secrets in a backup, for scripts.
PASSPHRASE = "NETBOT_BACKUP_PASSPHRASE"


def register(root: typer.Typer) -> None:
    """Add these commands."""
    for command in (pause, resume, backup, restore):
        add(root, command)


def pause(
    why: Annotated[str, typer.Option("--why", help="A word for whoever finds it.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop everything that goes out, in all spheres.

    It stays so until you resume. Watching goes on.
    """
    here = place(home, as_json=as_json)
    app.sphere_names(here.home)
    stopped = app.pause(here.home, why, clock.now())
    here.answer(wire.pause(stopped), "\n".join(tell_pause(stopped, home_texts(here.home))))


def resume(
    old_is_off: Annotated[
        bool,
        typer.Option("--old-is-off", help="The home that this one came from no longer runs."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let what was decided go out again."""
    here = place(home, as_json=as_json)
    app.sphere_names(here.home)
    _ = home_texts(here.home).get
    found = app.paused(here.home)
    if found and found.former_home and not old_is_off and sys.stdin.isatty() and not here.json:
        question = _("This home came from a backup. Is the old one off for good?")
        old_is_off = typer.confirm(question, default=False)
    ended = app.resume(here.home, old_is_off=old_is_off)
    said = _("netbot goes on.") if ended else _("netbot was not paused.")
    here.answer({"version": wire.VERSION, "paused": None}, said)


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Without it, netbot-DATE.zip in this folder.")
    ] = None,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="With the secrets, under a passphrase.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the whole home into one file.

    netbot may be at work meanwhile.
    """
    from netbot.ops.backup import back_up

    here = place(home, as_json=as_json)
    app.sphere_names(here.home)
    now = clock.now()
    target = (file or Path(f"netbot-{now:%Y-%m-%d-%H%M%S}.zip")).absolute()
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}: make it first")
    _ = home_texts(here.home).get
    passphrase = _ask_passphrase(_("A passphrase for the secrets"), twice=True) if secrets else None
    manifest = back_up(here.home, target, now, passphrase)
    value = {
        "version": wire.VERSION,
        "file": str(target),
        "home": manifest.home,
        "files": len(manifest.files),
        "secrets": manifest.has_secrets,
    }
    lines = [_("{file}: {count} files").format(file=target, count=len(manifest.files))]
    if not secrets:
        lines += fold(_("Secrets are not in it; --secrets takes them along, under a passphrase."))
    here.answer(value, "\n".join(lines))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `netbot backup` wrote.")],
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave sealed secrets out.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a home together from a backup.

    In a new folder; it begins paused.
    """
    from netbot.ops.restore import restore as put_back

    here = place(home, as_json=as_json)
    if not file.is_file():
        raise UsageError(f"there is no file {file}")

    def ask() -> str:
        return _ask_passphrase("Passphrase of this backup", twice=False)

    done = put_back(file, here.home, clock.now(), None if without_secrets else ask)
    value = {
        "version": wire.VERSION,
        "home": str(here.home),
        "made_at": done.manifest.made_at,
        "unsure": done.unsure,
        "pending": done.pending,
        "secrets": done.secrets,
        "paused": wire.pause(app.paused(here.home)),
    }
    here.answer(value, "\n".join(_tell_restored(here, done)))


def home_texts(home: Path) -> Texts:
    """What netbot says of the home as a whole: in the language of its first sphere, if that is
    known without reading its files anew.
    """
    try:
        with app.open_sphere(home, app.sphere_names(home)[0], clock.now()) as sphere:
            return translator(sphere.house.language)
    except (NetbotError, OSError):  # to be stopped, a home need not be well
        return translator("en")


def tell_pause(pause: "Pause | None", texts: Texts) -> list[str]:
    """What to say of a pause, in lines; nothing when there is none."""
    if pause is None:
        return []
    _ = texts.get
    since = f"{pause.since:%Y-%m-%d %H:%M} UTC" if pause.since else "?"
    lines = fold(_("Paused since {time}: nothing goes out.").format(time=since))
    if pause.why:
        lines += fold(pause.why, "  ")
    if pause.former_home:
        said = _("This home came from a backup. When the old one is off for good: {command}")
        return lines + fold(said.format(command="netbot resume --old-is-off"))
    return lines + fold(_("To go on: {command}").format(command="netbot resume"))


def _tell_restored(here: Place, done: "Restored") -> list[str]:
    texts = home_texts(here.home)
    _ = texts.get
    made_at = done.manifest.made_at
    lines = [_("{home} is back as of {time}.").format(home=here.home, time=made_at)]
    if done.unsure:
        said = texts.plural(
            "{n} act was under way then: look whether it arrived.",
            "{n} acts were under way then: look whether they arrived.",
            done.unsure,
        )
        lines += fold(said.format(n=done.unsure))
    if done.pending:
        said = texts.plural(
            "{n} approved act waits; the old home may have done it since: look first.",
            "{n} approved acts wait; the old home may have done them since: look first.",
            done.pending,
        )
        lines += fold(said.format(n=done.pending))
    return lines + tell_pause(app.paused(here.home), texts)


def _ask_passphrase(question: str, *, twice: bool) -> str:
    """From the environment, else from the terminal; it never stands in a log."""
    from netbot import log

    said = os.environ.get(PASSPHRASE, "")
    if not said:
        if not sys.stdin.isatty():
            raise UsageError(f"no terminal to ask for a passphrase: set {PASSPHRASE}")
        said = str(typer.prompt(question, hide_input=True, confirmation_prompt=twice, err=True))
    log.hide(said)
    return said
