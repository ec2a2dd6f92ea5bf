"""The parse child: documents in by standard input, JSON out, until the input ends.

It is crash-only. Nothing is caught here: whatever a document breaks ends the process, and the
parent starts another for the next document.
"""

import json
import math
import os
import resource
import sys
from typing import BinaryIO

from netbot.feedparse.parser import ANSWER, REQUEST
from netbot.feedparse.read import read_document


def serve(requests: BinaryIO, answers: BinaryIO, cpu_s: int) -> None:
    """Answer every request, each with ``cpu_s`` seconds of processor time."""
    while head := requests.read(REQUEST.size):
        facts_size, body_size = REQUEST.unpack(head)
        facts = json.loads(requests.read(facts_size))
        body = requests.read(body_size)
        _allow_cpu(cpu_s)
        answer = read_document(body, facts["content_type"], facts["url"]).to_json()
        answers.write(ANSWER.pack(len(answer)) + answer)
        answers.flush()


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
