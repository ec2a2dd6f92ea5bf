"""Real peers, one of each a run."""

from collections.abc import Iterator

import pytest

from tests.peers.wordpress import WordPress


@pytest.fixture(scope="session")
def wordpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """A blog that is up."""
    with WordPress(tmp_path_factory.mktemp("wordpress")) as blog:
        yield blog


@pytest.fixture
def blog(wordpress: WordPress) -> Iterator[WordPress]:
    """An empty blog."""
    yield wordpress
    wordpress.clear()
