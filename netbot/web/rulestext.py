"""The text of a rule file, with what is wrong in its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from netbot.app.rulebook import Rulebook, files_of
from netbot.model import ConfigError, NetbotError, Problem
from netbot.web.deeds import CONFLICT, UNFIT, stale
from netbot.web.visit import Visit

#: A longer text than this, in characters, is changed in an editor: forms have their limit.
LONGEST = 60_000


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong, and the line in which it is."""

    problem: Problem
    line: str


def text(visit: Visit) -> Response:
    """The file that the address names, ``mine.yaml`` without one."""
    book = Rulebook.open(visit.sphere, visit.request.query_params.get("file", ""))
    return _show(visit, book, book.text)


def write(visit: Visit) -> Response:
    """Save the text, if every rule in it can be used."""
    book, typed = _sent(visit)
    try:
        book.load(typed)
        if visit.form.get("seen") != book.mark:
            return _show(visit, book, typed, is_other=True, status=CONFLICT)
        book.save(typed)
    except ConfigError as error:
        return _show(visit, book, typed, problems=error.problems, status=UNFIT)
    except NetbotError as error:
        return _show(visit, book, typed, problem=visit.explain(error), status=CONFLICT)
    return visit.go(f"/rules/text?file={book.name}&saved=1")


def keep(visit: Visit) -> Response:
    """A form that is not of this process: nothing is saved, and no word is lost."""
    book, typed = _sent(visit)
    return _show(visit, book, typed, problem=stale(visit), status=403)


def _sent(visit: Visit) -> tuple[Rulebook, str]:
    """Browsers send line ends as two characters; the file keeps its own."""
    book = Rulebook.open(visit.sphere, visit.form.get("file", ""))
    typed = visit.form.get("text", "").replace("\r\n", "\n")
    typed = typed if typed.endswith("\n") or not typed else f"{typed}\n"
    return book, typed.replace("\n", "\r\n") if "\r\n" in book.text else typed


def _show(
    visit: Visit,
    book: Rulebook,
    shown: str,
    *,
    problem: str = "",
    problems: Sequence[Problem] = (),
    is_other: bool = False,
    status: int = 200,
) -> Response:
    readable = shown.encode(errors="surrogateescape").decode(errors="replace")
    lines = {book.name: shown.splitlines()}
    return visit.render(
        "rules_text.html",
        status=status,
        book=book,
        text=readable,
        files=files_of(visit.sphere.home, visit.sphere.name),
        is_long=len(shown) > LONGEST or "\ufffd" in readable,
        is_other=is_other,
        saved=visit.request.query_params.get("saved") == "1",
        problem=problem,
        remarks=[Remark(each, _line(lines, each)) for each in problems],
    )


def _line(lines: dict[str, list[str]], problem: Problem) -> str:
    found = lines.get(problem.file, [])
    return found[problem.line - 1].strip() if problem.line <= len(found) else ""
