import pytest

from netbot.model import Source, Transient
from netbot.network import Network
from tests.house import BLOG, SECOND, Shelf, post


def test_one_source_that_fails_harms_no_other():
    shelf = Shelf()
    shelf.show(BLOG, post("a"))
    shelf.fail(SECOND, Transient("asleep"))
    first, second = (Source(client="acme", network="web", address=at) for at in (BLOG, SECOND))
    answers = dict(shelf.fetch_many([(second, ""), (first, "then")]))
    assert str(answers[second]) == "asleep"
    assert answers[first] == shelf.shown[BLOG]
    assert shelf.cursors == ["", "then"]


def test_a_network_refuses_what_it_does_not_do():
    class Quiet(Network):
        NETWORKS = ("quiet",)

    quiet = Quiet()
    with pytest.raises(NotImplementedError, match="Quiet watches nothing"):
        quiet.fetch(Source(client="acme", network="quiet", address="x"), "")
    with pytest.raises(NotImplementedError, match="Quiet hands nothing off"):
        quiet.handoff(None, None)  # type: ignore[arg-type]
    assert quiet.resolve("https://acme.example") == ()
    quiet.reread(post("a"))
    assert quiet.count("Grüße") == 5
    quiet.close()
