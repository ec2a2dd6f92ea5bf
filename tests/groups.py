"""Runs groups of tests (folders of ``tests/``) one after the other: ``groups.py unit crash``.

Says at the end how long each took. The rooms named in WHOLE must be covered to the last branch
by the unit tests alone.
"""

import re
import subprocess
import sys
from collections import Counter
from time import monotonic

OPTIONS = {
    "unit": ["--numprocesses=2", "--cov", "--cov-report="],
    "browser": ["--numprocesses=2", "--dist=loadfile"],
    "crash": ["--numprocesses=2"],
    "networks": ["--numprocesses=2"],
    "processes": ["--numprocesses=2"],
    "reading": ["--numprocesses=2"],
    "simulation": ["--numprocesses=2"],
    "wall": ["--numprocesses=2"],
}
WHOLE = ("model", "network", "rules", "store", "engine")  # modules or packages of netbot
COUNTS = re.compile(r"(\d+) (passed|failed|error|skipped)")


def run_group(group: str) -> tuple[int, str]:
    """Run one group, print what pytest prints; its exit status and its closing line."""
    command = [sys.executable, "-m", "pytest", f"tests/{group}", *OPTIONS.get(group, [])]
    print(f"\n{group}", flush=True)
    closing = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pytest:
        assert pytest.stdout is not None
        for line in pytest.stdout:
            print(line, end="", flush=True)
            closing = line.strip("= \n") or closing
    return pytest.returncode, closing


def report_coverage() -> int:
    """Print what the unit tests leave out; non-zero when that is anything in WHOLE."""
    report = [sys.executable, "-m", "coverage", "report"]
    whole = ",".join(f"netbot/{name}.py,netbot/{name}/*" for name in WHOLE)
    subprocess.run(report, check=False)
    print(f"\nwhole: {', '.join(WHOLE)}", flush=True)
    return subprocess.run(
        [*report, f"--include={whole}", "--fail-under=100"], check=False
    ).returncode


def main(groups: list[str]) -> int:
    """Run every group even when one fails; 1 when any did."""
    failed, rows, total = 0, [], Counter[str]()
    for group in groups:
        started = monotonic()
        status, closing = run_group(group)
        failed |= status
        rows.append(f"{monotonic() - started:7.1f} s  {group:<10} {closing}")
        total.update({word: int(n) for n, word in COUNTS.findall(closing)})
        if group == "unit":
            failed |= report_coverage()
    print("\n" + "\n".join(rows))
    wrong = total["failed"] + total["error"]
    print(f"{total['passed']} passed, {wrong} failed, {total['skipped']} skipped")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
