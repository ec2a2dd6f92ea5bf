"""A worker: one sphere's daemon process, with two jobs and nothing else in its hands."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from netbot import app, clock, engine, log
from netbot.app import Sphere
from netbot.model import ConfigError
from netbot.store import houses

#: How often a worker asks which sources are due, in seconds.
WATCH_EVERY_S = 60

#: How often it looks for cards to wake and acts to perform, in seconds.
PERFORM_EVERY_S = 2

#: After SIGTERM a job may take this long to finish; whatever it had committed stays.
GRACE_S = 12

#: A heartbeat older than this means that a job hangs, in seconds.
STALE_S = {"watch": 600, "perform": 60}


class Worker:
    """The jobs of one sphere. They run in threads of their own; each does one thing at a time."""

    def __init__(self, sphere: Sphere) -> None:
        self.sphere = sphere
        self.stopping = threading.Event()
        self._seen = app.fingerprint(sphere.home, sphere.name)

    def watch(self) -> None:
        """Read changed files, then look at what is due."""
        self._tick("watch", self._watch)

    def perform(self) -> None:
        """Let time have its say on cards and approvals."""
        self._tick("perform", lambda now: engine.settle(self.sphere.store, now) and "")

    def _tick(self, job: str, work: Callable[[datetime], object]) -> None:
        """Run a job, and write down how it ended: a tick never ends the worker."""
        note, ok = "", True
        try:
            note = str(work(clock.now()) or "")
        except Exception as error:  # noqa: BLE001
            log.error("job failed", cause=error, job=job)
            note, ok = f"{type(error).__name__}: {error}"[:500], False
        with self.sphere.store.write() as tx:
            houses.beat(tx, job, clock.now(), ok=ok, note=note)

    def _watch(self, now: datetime) -> str:
        problem = self._reread(now)
        report = engine.watch(
            self.sphere.store,
            self.sphere.networks,
            self.sphere.desk,
            now,
            stopped=self.stopping.is_set,
        )
        if report.looked:
            log.info(
                "watched",
                sources=report.looked,
                new=report.new,
                changed=report.changed,
                suggested=report.suggested,
                failed=len(report.errors),
            )
        for address, error in report.errors.items():
            log.warning("source failed", address=address, error=error)
        return problem

    def _reread(self, now: datetime) -> str:
        """Take over changed files; a mistake in them keeps what was good, and says so."""
        seen = app.fingerprint(self.sphere.home, self.sphere.name)
        if seen == self._seen:
            return ""
        try:
            self.sphere.refresh(now)
        except ConfigError as error:
            log.error("configuration has errors; the last good one stays", problems=str(error))
            return f"configuration: {error}"[:500]
        self._seen = seen
        log.info("configuration read anew")
        return ""


def work(home: Path, name: str) -> None:
    """Be the worker of a sphere until SIGTERM.

    Raises ``StoreError`` when another process works for it, ``ConfigError`` when there is no good
    configuration to work by.
    """
    log.configure(sphere=name)
    with (
        _open(home, name) as sphere,
        sphere.store.alone("executor", wait=False),
    ):
        worker = Worker(sphere)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stopping.set())
        _ = sphere.rules  # a mistake in them is told now, not at the first tick
        _run(worker)


def _open(home: Path, name: str) -> Sphere:
    """Open by the files of now; a mistake in them leaves the last good configuration."""
    try:
        return app.open_sphere(home, name, clock.now(), fresh=True)
    except ConfigError as error:
        log.error("configuration has errors; the last good one stays", problems=str(error))
        return app.open_sphere(home, name, clock.now())


def _run(worker: Worker) -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(timezone="UTC")
    every_s = max(1, min(WATCH_EVERY_S, worker.sphere.house.min_interval_s))
    for job, seconds in ((worker.watch, every_s), (worker.perform, PERFORM_EVERY_S)):
        scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            next_run_time=clock.now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    log.info("worker started", watch_every_s=every_s)
    worker.stopping.wait()
    log.info("worker stops")
    ending = threading.Thread(target=scheduler.shutdown, daemon=True)
    ending.start()
    ending.join(GRACE_S)
    if ending.is_alive():  # a look that waits for a slow server has nothing half-done
        log.warning("a look was cut short")
        os._exit(0)


def find_faults(sphere: Sphere, now: datetime) -> list[str]:
    """What is wrong with a sphere's worker; empty when both jobs beat and end well."""
    with sphere.store.read() as tx:
        beats = {beat.job: beat for beat in houses.pulse(tx)}
    faults = []
    for job, stale_s in STALE_S.items():
        beat = beats.get(job)
        if beat is None:
            faults.append(f"{sphere.name}: the {job} job has never run; start `netbot run`")
        elif now - beat.at > timedelta(seconds=stale_s):
            faults.append(f"{sphere.name}: the {job} job has been silent since {beat.at:%F %T} UTC")
        elif not beat.ok:
            faults.append(f"{sphere.name}: the {job} job failed: {beat.note}")
    return faults
