import ast
from pathlib import Path

import pytest

from tests.check import shape


def test_functions_are_counted_with_their_docstrings_and_inner_ones():
    outer = 'def a():\n    """Say."""\n    def b():\n        pass\n\n'
    source = outer + "class C:\n    async def d(self): ...\n"
    found = shape.functions(Path("x.py"), ast.parse(source))
    assert sorted((f.name, f.lines) for f in found) == [("a", 4), ("b", 2), ("d", 1)]


@pytest.mark.parametrize(
    ("handler", "broad"),
    [
        ("except ValueError:", 0),
        ("except (OSError, KeyError):", 0),
        ("except:", 1),
        ("except Exception:", 1),
        ("except (KeyError, BaseException) as error:", 1),
    ],
)
def test_handlers_that_catch_everything_are_found(handler, broad):
    assert shape.broad_excepts(ast.parse(f"try:\n    a()\n{handler}\n    b()\n")) == broad


def test_suppressing_everything_counts_as_a_handler():
    assert shape.broad_excepts(ast.parse("with contextlib.suppress(Exception): a()")) == 1
    assert shape.broad_excepts(ast.parse("with suppress(OSError): a()")) == 0


def test_percentile_is_the_nearest_rank():
    assert shape.percentile(range(1, 101), 0.95) == 95
    assert shape.percentile([7], 0.95) == 7


def test_a_ring_of_imports_is_named():
    assert shape.import_cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(shape.import_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def test_a_function_that_is_too_long_is_a_problem():
    long = shape.Function(file=Path("x.py"), line=1, name="a", lines=shape.LONGEST + 1)
    assert any("longest" in problem for problem in shape.judge_functions([long]))
