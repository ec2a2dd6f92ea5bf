"""Every network that the demo plays, one line each."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

from netbot.demo import home as demo_home
from netbot.demo.onmastodon import OnMastodon
from netbot.demo.scene import Scene
from netbot.demo.serving import is_free

SCENES: tuple[type[Scene], ...] = (OnMastodon,)

#: How long a client rests between two nice things, in seconds.
NICE_EVERY_S = 45


@contextmanager
def played(home: Path, kinds: Sequence[type[Scene]] = SCENES) -> Iterator[Sequence[Scene]]:
    """The scenes at work, each where it stood before in that home, if nobody else does now."""
    with ExitStack() as stage:
        ports = {kind: demo_home.port_of(home, kind.NETWORK) for kind in kinds}
        free = {kind: port if is_free(port) else 0 for kind, port in ports.items()}
        yield [stage.enter_context(kind(free[kind])) for kind in kinds]


@contextmanager
def kindness(scenes: Sequence[Scene], *, every_s: float = NICE_EVERY_S) -> Iterator[None]:
    """Let clients do something nice now and then."""
    over = Event()

    def go_on() -> None:
        while not over.wait(every_s):
            for scene in scenes:
                scene.be_nice()

    friend = Thread(target=go_on, name="kindness", daemon=True)
    friend.start()
    try:
        yield
    finally:
        over.set()
        friend.join()
