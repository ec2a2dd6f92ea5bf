"""The parse child: documents in by standard input, JSON out, until the input ends.

It is crash-only. Nothing is caught here: whatever a document breaks ends the process, and the
parent starts another for the next document.
"""

import json
import math
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from netbot.feedparse.parser import ANSWER, REQUEST
from netbot.feedparse.read import read_document

# What one document leaves behind must not be missing for the next.
_MOST_GROWTH_BYTES = 48 * 1024**2


def _read_document(body: bytes, facts: Mapping[str, str]) -> bytes:
    return read_document(body, facts["content_type"], facts["url"]).to_json()


def _list_page(body: bytes, facts: Mapping[str, str]) -> bytes:
    from netbot.feedparse.listing import list_page

    return list_page(body, facts["content_type"], facts["url"]).to_json()


def _open_letter(body: bytes, _facts: Mapping[str, str]) -> bytes:
    from netbot.feedparse.mail import open_letter

    return open_letter(body).to_json()


def _ask_robots(body: bytes, facts: Mapping[str, str]) -> bytes:
    from netbot.feedparse.robots import ask_robots

    return ask_robots(body, facts["url"], facts["agent"]).to_json()


#: Who reads what; all but feeds are rare, and their libraries are fetched when needed.
READERS: Mapping[str, Callable[[bytes, Mapping[str, str]], bytes]] = {
    "document": _read_document,
    "page": _list_page,
    "mail": _open_letter,
    "robots": _ask_robots,
}


def serve(requests: BinaryIO, answers: BinaryIO, cpu_s: int) -> None:
    """Answer every request, each with ``cpu_s`` seconds of processor time."""
    enough = _space_bytes() + _MOST_GROWTH_BYTES
    while head := requests.read(REQUEST.size):
        facts_size, body_size = REQUEST.unpack(head)
        facts = json.loads(requests.read(facts_size))
        body = requests.read(body_size)
        _allow_cpu(cpu_s)
        answer = READERS[facts["kind"]](body, facts)
        answers.write(ANSWER.pack(len(answer), _space_bytes() > enough) + answer)
        answers.flush()


def _space_bytes() -> int:
    """The address space in use; 0 where the system does not tell (and does not limit it either)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _allow_cpu(seconds: int) -> None:
    """Let the kernel end this process after so much more processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def main() -> None:
    """Take limits from the command line: seconds of processor time a document, bytes of memory."""
    cpu_s, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A library that prints must not speak into the pipe.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin.buffer, answers, cpu_s)


if __name__ == "__main__":
    main()
