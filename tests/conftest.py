"""What holds for every test: no skipping, no surroundings, no guessing."""

import os

import pytest
from hypothesis import settings

SOAK = int(os.environ.get("NETBOT_SOAK", "1"))  # `make soak` multiplies the counts

settings.register_profile(
    "netbot", deadline=None, derandomize=SOAK == 1, max_examples=100 * SOAK, database=None
)
settings.load_profile("netbot")

for name in [name for name in os.environ if name.startswith("NETBOT_") and name != "NETBOT_SOAK"]:
    del os.environ[name]


@pytest.fixture(scope="session")
def soak() -> int:
    """How many times the usual count a test that kills, fuzzes or repeats should run."""
    return SOAK


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Make a skipped test a failed run: what cannot be shown here is not shown."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("\nA skipped test fails the run: make it run, or remove it.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
