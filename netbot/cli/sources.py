"""Commands about the places where clients publish."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import clock
from netbot.app import Sphere, wire
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place, texts_of
from netbot.model import UsageError
from netbot.text import Texts

if TYPE_CHECKING:
    from netbot.engine import SourceProblem

app = typer.Typer(no_args_is_help=True)

AddressArgument = Annotated[
    str, typer.Argument(help="The source's address, as it stands in the configuration.")
]


def problem_to_json(problem: "SourceProblem") -> dict[str, Any]:
    """One problem, for scripts."""
    return {
        "kind": problem.kind.value,
        "client": problem.source.client,
        "address": problem.source.address,
        "since": wire.moment(problem.since),
        "what": problem.what.format(**problem.facts),
        "mend": problem.mend.format(**problem.facts),
    }


def tell_problem(problem: "SourceProblem", texts: Texts) -> str:
    """What is wrong and, below, what mends it."""
    what = texts.get(problem.what).format(**problem.facts)
    return f"{what}\n  {texts.get(problem.mend).format(**problem.facts)}"


def problems(
    home: HomeOption = None, sphere: SphereOption = None, as_json: JsonOption = False
) -> None:
    """List the sources that need you, and what mends each.

    Exit 3 when there are any.
    """
    from netbot import engine

    here = place(home, sphere, as_json=as_json)
    items, lines = [], []
    for opened in here.each():
        for problem in engine.problems(opened.store, opened.house, clock.now()):
            items.append({"sphere": opened.name} | problem_to_json(problem))
            lines.append(tell_problem(problem, texts_of(opened)))
    here.answer({"version": wire.VERSION, "items": items}, "\n".join(lines))
    if items:
        raise typer.Exit(3)


def settle(
    address: AddressArgument,
    are_new: Annotated[
        bool | None, typer.Option("--new/--old", help="New ones are judged, old ones rest.")
    ] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether posts that were set aside are new.

    That happens when a feed shows many at once that it may have shown before.
    """
    if are_new is None:
        raise UsageError("say what the posts are: --new, or --old")
    here = place(home, sphere, as_json=as_json)
    made = [count for opened in here.each() for count in _settle(opened, address, are_new=are_new)]
    if not made:
        raise UsageError(
            f"no posts of {address} wait for an answer; `netbot source problems` says what does"
        )
    value = {"version": wire.VERSION, "address": address, "suggested": sum(made)}
    here.answer(value, f"{address}: {'new' if are_new else 'old'}, {sum(made)} in the queue")


def _settle(sphere: Sphere, address: str, *, are_new: bool) -> list[int]:
    """Answer for every source of that address; how many cards each answer made."""
    from netbot import engine

    now = clock.now()
    return [
        engine.settle_source(sphere.store, sphere.desk, problem.id, now, are_new=are_new)
        for problem in engine.problems(sphere.store, sphere.house, now)
        if problem.kind is engine.ProblemKind.QUARANTINED and problem.source.address == address
    ]


for _command in (problems, settle):
    add(app, _command)
