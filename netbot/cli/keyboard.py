"""What a terminal is for ``netbot review``: keys, questions, the own editor and the own browser."""

import os

import typer

from netbot.model import UsageError


def read_key() -> str:
    """One key; "" when there will be no more."""
    try:
        return typer.getchar()
    except EOFError:
        return ""


def read_line() -> str:
    """The first character of a line, for those who switched single keys off; "" at the end."""
    try:
        return input().strip()[:1] or " "
    except EOFError:
        return ""


def ask(question: str) -> str:
    """A line, which may be empty. Raises ``typer.Abort`` when the human gives up."""
    answer: str = typer.prompt(question, default="", show_default=False)
    return answer


def open_page(url: str) -> None:
    """Open an address in the own browser; over ssh there is none on this side, and it is read."""
    import webbrowser

    far = "SSH_CONNECTION" in os.environ
    if not far or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


def edit(editor: str, text: str) -> str:
    """What the human made of ``text`` in the own editor. Raises ``UsageError``."""
    import shlex
    import subprocess
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "netbot.txt"
        file.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(file)], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise UsageError(f"the editor “{editor}” did not work ({error}): set EDITOR") from error
        return file.read_text(encoding="utf-8", errors="replace")
